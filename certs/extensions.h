/*
 * extensions: the X.509 extensions of an issued certificate, one list built up step
 * by step. Each step returns false only when OpenSSL would not; the list may then be
 * half made and is still the caller's to free.
 */
#ifndef CERTS_EXTENSIONS_H
#define CERTS_EXTENSIONS_H

#include "base/buf.h"
#include "certs/pki.h"
#include <openssl/x509.h>

/* Takes the extension, also on failure; NULL is a failure. */
bool extensions_push(STACK_OF(X509_EXTENSION) * extensions, X509_EXTENSION *extension);

/*
 * Copies subjectAltName, extendedKeyUsage, keyUsage and Microsoft's SID extension out
 * of `requested` (Extensions, DER, or empty), each once. Without a subject the
 * subjectAltName becomes critical.
 */
bool extensions_copy(
    STACK_OF(X509_EXTENSION) * extensions, struct bytes requested, bool has_subject);

/* keyUsage digitalSignature and keyEncipherment, EKU clientAuth, where none is there. */
bool extensions_default(STACK_OF(X509_EXTENSION) * extensions);

/* subjectKeyIdentifier of the key, authorityKeyIdentifier of its issuer. */
bool extensions_key_ids(STACK_OF(X509_EXTENSION) * extensions, struct bytes spki,
    const unsigned char issuer[PKI_KEY_ID_SIZE]);

/* RFC 5280 4.2.1.2 method (1). False: not a SubjectPublicKeyInfo. */
bool key_id_of(struct bytes spki, unsigned char ret[PKI_KEY_ID_SIZE]);

#endif
