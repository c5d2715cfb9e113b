/*
 * envelope: EnvelopedData (RFC 5652 section 6) for RSA keys, PKCS#1 v1.5; what is sealed
 * may have OAEP instead.
 *
 * Content ciphers: DES (where OpenSSL's legacy provider is loaded), 3DES and AES in
 * CBC mode. Keys and IVs of what is sealed come from OpenSSL's generator.
 */
#ifndef SCEP_ENVELOPE_H
#define SCEP_ENVELOPE_H

#include "base/err.h"
#include "certs/pki.h"
#include "scep/cms.h"
#include "scep/forms.h"
#include "scep/message.h"

/* From a ContentInfo, DER or BER; NULL: none. What it asks for is not judged yet. */
struct enveloped_data *envelope_parse(struct bytes content_info);
int envelope_cipher_nid(const struct enveloped_data *envelope);
unsigned envelope_recipient_count(const struct enveloped_data *envelope);

/*
 * Decrypts with the recipient's key (a private-key operation) and appends to `ret`.
 * MESSAGE_OPENED, or the hurdle: MESSAGE_NOT_ADDRESSED, MESSAGE_BAD_ALG or
 * MESSAGE_NOT_DECRYPTED. A wrong key may also give garbage: since OpenSSL 3.2 a bad
 * RSA block decrypts to a random key, so the caller looks at what came out.
 */
enum message_fate envelope_open(const struct enveloped_data *envelope,
    const struct pki_cert *recipient, struct buf *ret);

/* Whom to seal to. */
struct envelope_recipient {
	struct bytes rid;  /* IssuerAndSerialNumber or [0] subjectKeyIdentifier, DER */
	struct bytes spki; /* SubjectPublicKeyInfo, DER: an RSA key */
	EVP_PKEY *key;     /* the same, decoded; borrowed; NULL: decoded here */
	enum form_transport transport;
};

/*
 * Appends a ContentInfo with a version 0 EnvelopedData, or version 2 when the rid is a
 * key identifier (RFC 5652 6.1).
 */
bool envelope_seal(const struct envelope_recipient *recipient, int cipher_nid,
    struct bytes content, struct buf *out, struct err *err);

/*
 * The same under a password, for those whose key cannot decrypt (RFC 8894 3.1): a
 * version 3 EnvelopedData with a PasswordRecipientInfo (RFC 5652 6.2.4), PBKDF2.
 */
bool envelope_seal_password(struct bytes password, int cipher_nid, struct bytes content,
    struct buf *out, struct err *err);

/* NULL: not one of the ciphers above, or not to be had here. EVP_CIPHER_free it. */
EVP_CIPHER *envelope_cipher(int nid);

#endif
