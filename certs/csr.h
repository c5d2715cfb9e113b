/*
 * csr: PKCS#10 requests (RFC 2986) by a template of our own.
 *
 * d2i_X509_REQ would decode the public key anew with every call (0.25 ms); here
 * the SubjectPublicKeyInfo stays bytes and is decoded once, by spki_key. All
 * slices point into memory of the CSR. BER is read as well as DER; of the challenge
 * and the requested extensions the first attribute counts.
 */
#ifndef CERTS_CSR_H
#define CERTS_CSR_H

#include "base/buf.h"
#include "base/err.h"
#include <openssl/evp.h>

#define CSR_BYTES_MAX (64 * 1024) /* a longer one is refused */

struct asn1_request;

struct csr {
	struct buf der;       /* the whole request; BER has become DER */
	struct bytes subject; /* Name, DER */
	struct bytes spki;    /* SubjectPublicKeyInfo, DER */
	struct bytes
	    extensions; /* value of extensionRequest (Extensions, DER), or empty */
	struct bytes challenge; /* content of challengePassword as received, or empty */
	int challenge_type; /* its universal tag (V_ASN1_PRINTABLESTRING ..), 0: none */
	struct asn1_request *asn1; /* what the other slices point to */
	struct asn1_request *sent; /* as it came, when that was not DER; else NULL */
};

/*
 * False: not a CSR, too long, or its requested extensions are malformed. What is
 * wrong with it is a result, not an err.
 */
bool csr_parse(struct bytes der, struct csr **ret);
void csr_free(struct csr *csr); /* NULL is fine */

/*
 * The CSR's own signature, over the DER of its CertificationRequestInfo (RFC 2986
 * 4.2) or over the bytes as they came. `key` may be given when the caller has decoded
 * the same SPKI before; NULL: decoded here.
 */
bool csr_verify(const struct csr *csr, EVP_PKEY *key);

/*
 * Public key from SubjectPublicKeyInfo: RSA by template and EVP_PKEY_fromdata
 * (0.01 ms), all else by OpenSSL's decoder. NULL: not a key OpenSSL knows.
 */
EVP_PKEY *spki_key(struct bytes spki);
unsigned spki_bits(struct bytes spki); /* size of an RSA modulus; 0 for others */

#endif
