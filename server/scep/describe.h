/*
 * describe: what some bytes of SCEP are, fact by fact, and what is odd about them.
 *
 * Bytes in, a tree of facts out (scep/fact.h); no clock, no I/O. Described are
 * pkiMessages (requests, replies and what GetNextCACert answers; with keys, their
 * inside), the bag of GetCACert, one certificate, a PKCS#10 request, an EnvelopedData, a
 * CRL, and a list of capabilities; DER or BER.
 *
 * Findings carry the number of the rule they are about: C-n for what a client sent,
 * S-n for what a server sent. Only what the bytes themselves show is judged: not what
 * the capabilities allowed, what was sent before, nor the time of day.
 */
#ifndef SCEP_DESCRIBE_H
#define SCEP_DESCRIBE_H

#include "base/err.h"
#include "scep/fact.h"
#include <openssl/evp.h>

#define DESCRIBE_BYTES_MAX (1024 * 1024) /* a longer input is refused */
#define DESCRIBE_KEYS_MAX  16
#define DESCRIBE_CERTS_MAX 64

/*
 * What helps: private keys to look inside with, and certificates by which signers and
 * recipients are known. All zero: nothing.
 */
struct describe_aids {
	EVP_PKEY *keys[DESCRIBE_KEYS_MAX]; /* owned */
	size_t key_count;
	struct buf certs[DESCRIBE_CERTS_MAX]; /* DER, owned */
	size_t cert_count;
};

/*
 * Takes all private keys and certificates out of PEM text, or the one key, certificate
 * or bag of certificates (what GetCACert answers) that is DER. False: there is none, one
 * is protected by a passphrase, or there are too many; `what` names the source in the
 * sentence.
 */
bool describe_aids_add(
    struct describe_aids *aids, struct bytes text, const char *what, struct err *err);
void describe_aids_clear(struct describe_aids *aids);

/*
 * Adds what it is as a child of `into`. False: nothing that is known here; err says what
 * it looks like, and `into` is as before. ossl_load_providers comes before the first
 * call, or DES cannot be decrypted.
 */
bool describe(struct bytes input, const struct describe_aids *aids, struct fact *into,
    struct err *err);

/* A list of capabilities, as GetCACaps answers: lines, one of them a keyword. */
bool describe_is_capabilities(struct slice text);

#endif
