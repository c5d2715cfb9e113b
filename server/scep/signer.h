/*
 * signer: the certificate that a pkiMessage was signed with, and its signature.
 *
 * Certificates are read by template, no key decoded. Any version is taken, and any serial
 * number: real clients send version 1 certificates with serial numbers of 32 octets.
 */
#ifndef SCEP_SIGNER_H
#define SCEP_SIGNER_H

#include "certs/pki.h"
#include "scep/cms.h"
#include "scep/message.h"

struct asn1_certificate; /* certs/templates.h */

struct signer_cert {
	struct bytes der;    /* as sent; points into the SignedData */
	struct bytes issuer; /* Name, DER; points into certificate */
	struct bytes spki;   /* SubjectPublicKeyInfo, DER; points into certificate */
	struct asn1_certificate *certificate;
};

/* The certificate that sid names, by issuer and serial or by key identifier. */
bool signer_cert_find(
    const struct signed_data *signed_data, const ASN1_TYPE *sid, struct signer_cert *ret);
void signer_cert_clear(struct signer_cert *cert);
/* IssuerAndSerialNumber, DER, appended. */
bool signer_cert_name(const struct signer_cert *cert, struct buf *out);

/* Issued by this CA, within its validity, and the CA's signature holds. */
bool signer_cert_is_from(
    const struct signer_cert *cert, const struct pki_cert *ca, time_t now);

/*
 * messageDigest against econtent, then the signature over the signed attributes
 * (RFC 5652 5.4). MESSAGE_OPENED: both hold. MESSAGE_BAD_ALG: digest or signature
 * algorithm not known. Else MESSAGE_BAD_SIGNATURE, also without signed attributes
 * (RFC 8894 3.2 asks for them).
 */
enum message_fate
signer_verify(const struct signer_info *signer, EVP_PKEY *key, struct bytes econtent);

#endif
