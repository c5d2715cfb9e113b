/*
 * describe_inner: what the parts of describe share. For describe*.c alone.
 */
#ifndef SCEP_DESCRIBE_INNER_H
#define SCEP_DESCRIBE_INNER_H

#include "certs/templates.h"
#include "scep/cms.h"
#include "scep/describe.h"

#define LIST_MAX    64 /* elements shown of a list; the rest is counted */
#define NESTING_MAX 4  /* SignedData inside SignedData inside .. */

#define NOT_PKI_MESSAGE (-2) /* a SignedData without any of SCEP's attributes */

/* Whose rules apply. */
enum side { SIDE_CLIENT, SIDE_SERVER };

/* One description while it is made. All is borrowed. */
struct description {
	const struct describe_aids *aids;
	enum side side;
	int message_type;                      /* as sent; -1: none; or NOT_PKI_MESSAGE */
	int status;                            /* pkiStatus; -1: none */
	const struct signed_data *outer;       /* its certificates; NULL: none */
	const struct asn1_certificate *signer; /* NULL: not known */
	unsigned nesting;
};

/* The rule of whoever sent this. */
const char *rule_of(const struct description *d, const char *client, const char *server);

/* show.c: values, each a new child of `parent`, borrowed. */
struct fact *
show_object(struct fact *parent, const char *label, const ASN1_OBJECT *object);
struct fact *
show_algorithm(struct fact *parent, const char *label, const X509_ALGOR *algorithm);
struct fact *show_name(struct fact *parent, const char *label, struct bytes der);
struct fact *
show_integer(struct fact *parent, const char *label, const ASN1_INTEGER *integer);
struct fact *show_time(struct fact *parent, const char *label, const ASN1_TIME *time);
struct fact *show_octets(struct fact *parent, const char *label, struct bytes octets);
/* "rsaEncryption, 2048 bits" */
struct fact *show_key(struct fact *parent, struct bytes spki);
struct fact *show_extensions(
    struct fact *parent, const char *label, const STACK_OF(X509_EXTENSION) * extensions);
/* Type and value of any ASN.1 value into a fact that is there. */
void show_value(struct fact *fact, const ASN1_TYPE *value);
/* "1.2.3" and "sha256"; yours. The name is the OID where there is none. */
char *object_oid(const ASN1_OBJECT *object);
char *object_name(const ASN1_OBJECT *object);
char *name_text(struct bytes der); /* "CN=host1, O=Example"; yours */
const char *tag_name(int tag);     /* "PrintableString"; NULL: not a universal tag */
/* Counts what is left out of a list of `count`. */
void show_rest(struct fact *parent, int count);
/* C-41 or its counterpart when the bytes are BER and not DER. */
void check_der(const struct description *d, struct fact *fact, struct bytes sent);

/* describe_cert.c */
struct asn1_certificate *certificate_read(struct bytes der); /* NULL: it is none */
void certificate_free(struct asn1_certificate *certificate);
struct fact *describe_certificate(const struct description *d, struct fact *parent,
    const char *label, struct bytes der);
void check_signer(const struct description *d, struct fact *fact);
bool is_self_signed(const struct asn1_certificate *certificate);
/* Bits of keyUsage (KU_KEY_ENCIPHERMENT ..); UINT32_MAX: there is no such extension. */
uint32_t key_usage(const struct asn1_certificate *certificate);
/* "CA", "RA encryption" ..; never NULL. */
const char *certificate_role(const struct asn1_certificate *certificate);
bool describe_crl(struct fact *parent, const char *label, struct bytes der);

/* describe_csr.c. False: not a CertificationRequest; nothing was added. */
bool describe_csr(const struct description *d, struct fact *parent, struct bytes der);

/* describe_attributes.c: signed attributes in the order of the bytes, and findings */
void describe_attributes(
    const struct description *d, struct fact *parent, const struct signer_info *signer);
/* The number in a text attribute; -1: absent, or not a number. */
int attribute_number(const struct signer_info *signer, const char *oid);

/* describe_envelope.c. False: not an EnvelopedData; nothing was added. */
bool
describe_envelope(const struct description *d, struct fact *parent, struct bytes der);

/* describe_signed.c. False: not a SignedData, or too many inside each other; nothing
   was added. */
bool describe_signed(const struct description *d, struct fact *parent, struct bytes der);

/* describe_aids.c: what sid or rid names, of the outer certificates and those given.
   NULL: not known. certificate_free it. */
struct asn1_certificate *
known_certificate(const struct description *d, const ASN1_TYPE *name);

#endif
