/*
 * signature: the signature of a SignerInfo and the name of its algorithm (RFC 5652 5.6).
 */
#ifndef SCEP_SIGNATURE_H
#define SCEP_SIGNATURE_H

#include "scep/cms.h"
#include "scep/forms.h"
#include <openssl/evp.h>

/*
 * Signs `data` (a private-key operation) and sets both. An RSA key signs as the form
 * says, PSS with a salt as long as the digest (shorter where the key is too short for
 * that); an EC key has one algorithm for a digest. False: OpenSSL would not.
 */
bool signature_make(EVP_PKEY *key, int digest_nid, enum form_algorithm form,
    struct bytes data, X509_ALGOR *algorithm, ASN1_OCTET_STRING *signature);

#endif
