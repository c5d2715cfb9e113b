/*
 * cms: the parts of CMS (RFC 5652) that SCEP uses, as ASN.1 templates of our own.
 *
 * OpenSSL's CMS_* functions add signingTime, sort, and decode keys again and
 * again; the templates give every byte to the caller. Reading takes DER and
 * indefinite-length BER, constructed octet strings included; writing is DER.
 * This header is for server/scep alone; others use message, certrep and bag.
 *
 * What is a CHOICE, or must keep its bytes or its order (certificates, names,
 * signer infos, signed attributes, recipients) is an ASN1_TYPE that holds the
 * element's whole encoding as it was received: any_bytes reads it, any_push and
 * any_of make it.
 *
 * Certificates and IssuerAndSerialNumber are in certs/templates.h. For each struct
 * here there are x_new, x_free, d2i_x and i2d_x, as for OpenSSL's own types.
 */
#ifndef SCEP_CMS_H
#define SCEP_CMS_H

#include "base/buf.h"
#include <openssl/asn1t.h>
#include <openssl/x509.h>
#include <stdint.h>

/* clang-format off */
/* ContentInfo, RFC 5652 3 */
struct content_info {
	ASN1_OBJECT *content_type;
	ASN1_TYPE *content;
};

/* IssuerAndSubject, RFC 8894 3.3.3 */
struct issuer_subject {
	ASN1_TYPE *issuer;
	ASN1_TYPE *subject;
};

/* EncapsulatedContentInfo, RFC 5652 5.2; econtent NULL: left out */
struct encap_content_info {
	ASN1_OBJECT *content_type;
	ASN1_OCTET_STRING *econtent;
};

/* SignedData, RFC 5652 5.1; certificates keep their order, unlike a DER SET */
struct signed_data {
	int32_t version;
	STACK_OF(X509_ALGOR) *digest_algorithms;
	struct encap_content_info *encap;
	STACK_OF(ASN1_TYPE) *certificates; /* NULL: left out */
	STACK_OF(ASN1_TYPE) *crls;         /* NULL: left out */
	STACK_OF(ASN1_TYPE) *signer_infos;
};

/* SignerInfo, RFC 5652 5.3. signed_attrs keeps its order: sorting is the caller's. */
struct signer_info {
	int32_t version;
	ASN1_TYPE *sid; /* IssuerAndSerialNumber (a SEQUENCE) or [0] subjectKeyIdentifier */
	X509_ALGOR *digest_algorithm;
	STACK_OF(ASN1_TYPE) *signed_attrs; /* NULL: left out */
	X509_ALGOR *signature_algorithm;
	ASN1_OCTET_STRING *signature;
	STACK_OF(ASN1_TYPE) *unsigned_attrs; /* NULL: left out */
};

/* KeyTransRecipientInfo, RFC 5652 6.2.1 */
struct key_trans {
	int32_t version;
	ASN1_TYPE *rid; /* as sid of a SignerInfo */
	X509_ALGOR *key_algorithm;
	ASN1_OCTET_STRING *encrypted_key;
};

/* EncryptedContentInfo, RFC 5652 6.1 */
struct encrypted_content_info {
	ASN1_OBJECT *content_type;
	X509_ALGOR *content_algorithm;
	ASN1_OCTET_STRING *encrypted_content; /* NULL: left out */
};

/* EnvelopedData, RFC 5652 6.1 */
struct enveloped_data {
	int32_t version;
	STACK_OF(ASN1_TYPE) *originator_info; /* NULL: left out */
	STACK_OF(ASN1_TYPE) *recipient_infos;
	struct encrypted_content_info *encrypted;
	STACK_OF(ASN1_TYPE) *unprotected_attrs; /* NULL: left out */
};

DECLARE_ASN1_FUNCTIONS_name(struct content_info, content_info)
DECLARE_ASN1_FUNCTIONS_name(struct issuer_subject, issuer_subject)
DECLARE_ASN1_FUNCTIONS_name(struct encap_content_info, encap_content_info)
DECLARE_ASN1_FUNCTIONS_name(struct signed_data, signed_data)
DECLARE_ASN1_FUNCTIONS_name(struct signer_info, signer_info)
DECLARE_ASN1_FUNCTIONS_name(struct key_trans, key_trans)
DECLARE_ASN1_FUNCTIONS_name(struct encrypted_content_info, encrypted_content_info)
DECLARE_ASN1_FUNCTIONS_name(struct enveloped_data, enveloped_data)

extern const char oid_data[];           /* "1.2.840.113549.1.7.1" */
extern const char oid_signed_data[];    /* "1.2.840.113549.1.7.2" */
extern const char oid_enveloped_data[]; /* "1.2.840.113549.1.7.3" */
/* clang-format on */

/* One element from its encoding; NULL: not one whole element. Yours. */
ASN1_TYPE *any_of(struct bytes der);
/* Encoding of a constructed element (SEQUENCE, [0] ..); empty for others. Borrowed. */
struct bytes any_bytes(const ASN1_TYPE *any);
/* Content of a [0] IMPLICIT OCTET STRING (a sid or rid by key identifier), or empty. */
struct bytes any_key_id(const ASN1_TYPE *any);
/* Appends a copy to *list, which is made when NULL. */
bool any_push(STACK_OF(ASN1_TYPE) * *list, struct bytes der);

struct bytes string_bytes(const ASN1_STRING *string); /* borrowed; NULL: empty */
bool bytes_equal(struct bytes a, struct bytes b);

/* This algorithm, with NULL parameters. */
bool algorithm_set(X509_ALGOR *algorithm, int nid);

/* ContentInfo of this type around `content` (DER), appended. */
bool content_info_wrap(const char *oid, struct bytes content, struct buf *out);
/* The content, yours to free; NULL: not a ContentInfo of this type. */
ASN1_TYPE *content_info_unwrap(const char *oid, struct bytes der);

/* Attribute, RFC 5652 5.3: one value of universal tag `tag`, content octets given. */
bool attribute_push(
    STACK_OF(ASN1_TYPE) * *attrs, const char *oid, int tag, struct bytes content);
/* An Attribute whose value is an OBJECT IDENTIFIER. */
bool attribute_push_oid(STACK_OF(ASN1_TYPE) * *attrs, const char *oid, const char *value);
/* First value of the first attribute with this OID, yours to free; NULL: none. */
ASN1_TYPE *attribute_find(const STACK_OF(ASN1_TYPE) * attrs, const char *oid);
/* Into the order of a DER SET OF (X.690 11.6). */
void attributes_sort(STACK_OF(ASN1_TYPE) * attrs);
/* What is signed: the attributes as a SET OF, in the order they have (RFC 5652 5.4). */
bool attributes_set_of(const STACK_OF(ASN1_TYPE) * attrs, struct buf *out);

#endif
