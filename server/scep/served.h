/*
 * served: what GetCACert and GetCACaps hold, in all the forms that a scenario's `ca` may
 * want (docs/scenario-format.md, ca). The zeroed wish is what NDES sends.
 */
#ifndef SCEP_SERVED_H
#define SCEP_SERVED_H

#include "certs/pki.h"
#include "scep/capabilities.h"

#define SERVED_CERTIFICATES_MAX 16

enum served_bag { SERVED_PKCS7, SERVED_DER, SERVED_PEM, SERVED_EMPTY };
enum served_crl { SERVED_CRL_NONE, SERVED_CRL_WITH };
enum served_encoding { SERVED_ENCODING_DER, SERVED_ENCODING_BER };
enum served_caps_end {
	SERVED_END_LF,
	SERVED_END_CRLF,
	SERVED_END_COMMA,
	SERVED_END_BLANK_LF
};
enum served_caps_last { SERVED_LAST_NONE, SERVED_LAST_END };
enum served_caps_case { SERVED_CASE_USUAL, SERVED_CASE_LOWER, SERVED_CASE_UPPER };
enum served_caps_mark { SERVED_MARK_NONE, SERVED_MARK_UTF8 };

/* A key of the scenario file each; the enum of its name has the words in their order. */
struct served_forms {
	unsigned bag;
	unsigned crl; /* lies in a bag alone: not beside der or pem */
	unsigned encoding;
	unsigned caps_end;
	unsigned caps_last;
	unsigned caps_case;
	unsigned caps_mark;
};

struct served_wish {
	const char *const *certificates; /* words, in the order wanted */
	size_t certificate_count;        /* 0: as the pki has them */
	struct served_forms forms;
	time_t now; /* thisUpdate of the CRL; 0: when the pki was made */
};

/* False: no such key, or no such word of it; `forms` is as before. */
bool served_form_set(struct served_forms *forms, const char *key, const char *word);
/* Whether `certificates` may hold it. */
bool served_certificate_is_known(const char *word);
/*
 * Appends the body of GetCACert. `*content_type` is static:
 * application/x-x509-ca-ra-cert, or application/x-x509-ca-cert for one certificate alone.
 * That is with bag der and pem, which have the first of the certificates, and with bag
 * pkcs7 of a pki without RA as long as there is one certificate and no CRL. Bag empty is
 * a bag without certificates. An encoding in BER has indefinite lengths around the
 * certificates, or of a certificate alone. A CRL, and the first expired or foreign
 * certificate, are private-key operations.
 */
bool served_ca(const struct pki *pki, const struct served_wish *wish, struct buf *out,
    const char **content_type, struct err *err);
/* Appends the body of GetCACaps. */
void served_caps(
    const struct capabilities *caps, const struct served_forms *forms, struct buf *out);

#endif
