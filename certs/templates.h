/*
 * templates: the ASN.1 of PKCS#10 requests (RFC 2986) and of certificates
 * (RFC 5280) as templates of our own, for certs and scep.
 *
 * They differ from OpenSSL's types in two ways. Names and SubjectPublicKeyInfo stay
 * bytes, so nothing decodes a key that nobody asked for. And what is signed keeps
 * its encoding, so a signature can be verified over the bytes that came.
 *
 * An ASN1_STRING that is called a SEQUENCE below holds the whole encoding, tag and
 * length included.
 */
#ifndef CERTS_TEMPLATES_H
#define CERTS_TEMPLATES_H

#include "base/buf.h"
#include <openssl/asn1t.h>
#include <openssl/x509.h>

/* SubjectPublicKeyInfo, RFC 5280 4.1.2.7 */
struct asn1_spki {
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *key;
};

/* RSAPublicKey, RFC 8017 A.1.1 */
struct asn1_rsa {
	BIGNUM *n;
	BIGNUM *e;
};

/* CertificationRequestInfo, RFC 2986 4.1; keeps its encoding */
struct asn1_request_info {
	ASN1_ENCODING enc;
	ASN1_INTEGER *version;
	ASN1_STRING *subject; /* SEQUENCE */
	ASN1_STRING *spki;    /* SEQUENCE */
	STACK_OF(X509_ATTRIBUTE) * attributes;
};

/* CertificationRequest, RFC 2986 4.2 */
struct asn1_request {
	struct asn1_request_info *info;
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *signature;
};

/* TBSCertificate, RFC 5280 4.1; keeps its encoding. v1 and odd serials are read. */
struct asn1_tbs {
	ASN1_ENCODING enc;
	ASN1_INTEGER *version; /* NULL: v1 */
	ASN1_INTEGER *serial;
	X509_ALGOR *signature;
	ASN1_STRING *issuer; /* SEQUENCE */
	X509_VAL *validity;
	ASN1_STRING *subject; /* SEQUENCE */
	ASN1_STRING *spki;    /* SEQUENCE */
	ASN1_BIT_STRING *issuer_unique_id;
	ASN1_BIT_STRING *subject_unique_id;
	STACK_OF(X509_EXTENSION) * extensions;
};

/* Certificate, RFC 5280 4.1 */
struct asn1_certificate {
	struct asn1_tbs *tbs;
	X509_ALGOR *algorithm;
	ASN1_BIT_STRING *signature;
};

/* IssuerAndSerialNumber, RFC 5652 10.2.4 */
struct asn1_issuer_serial {
	ASN1_STRING *issuer; /* SEQUENCE */
	ASN1_INTEGER *serial;
};

DECLARE_ASN1_ITEM(asn1_spki)
DECLARE_ASN1_ITEM(asn1_rsa)
DECLARE_ASN1_ITEM(asn1_request_info)
DECLARE_ASN1_ITEM(asn1_request)
DECLARE_ASN1_ITEM(asn1_tbs)
DECLARE_ASN1_ITEM(asn1_certificate)
DECLARE_ASN1_ITEM(asn1_issuer_serial)

/*
 * One value of that type, all of `der` and nothing behind it; NULL: it is not one
 * (the error queue is empty). Free it with ASN1_item_free and the same item.
 */
void *template_read(struct bytes der, const ASN1_ITEM *item);
void *template_new(const ASN1_ITEM *item); /* out of memory aborts */
/* Appends the DER. False: a field that is not optional is missing. */
bool template_write(const void *value, const ASN1_ITEM *item, struct buf *out);

/* The content of an ASN1_STRING; the whole encoding for a SEQUENCE. Borrowed. */
struct bytes template_bytes(const ASN1_STRING *string);
/* Sets a SEQUENCE field to an encoding that exists already. */
void template_set_sequence(ASN1_STRING **field, struct bytes der);

#endif
