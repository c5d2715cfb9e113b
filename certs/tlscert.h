/*
 * tlscert: a server certificate for the HTTPS listeners, issued by the mock's CA,
 * with an EC P-256 key (a handshake signs in the event loop, and P-256 is quick), and
 * the same with one fault each.
 */
#ifndef CERTS_TLSCERT_H
#define CERTS_TLSCERT_H

#include "certs/pki.h"

#define TLSCERT_DAYS      180 /* clients refuse server certificates of more than 398 days */
#define TLSCERT_CHAIN_MAX 2

struct tlscert {
	EVP_PKEY *key;
	struct buf der;
	struct buf chain[TLSCERT_CHAIN_MAX]; /* sent behind it, in this order */
	size_t chain_count;
};

/*
 * `names`: host names and IP literals; each becomes a dNSName or an iPAddress of
 * subjectAltName, the first one also the CN unless it is too long for one. EKU
 * serverAuth; the CA's certificate goes with it. Generates a key and signs: call it
 * from a worker.
 */
bool tlscert_issue(struct tlscert *ret, struct pki *pki, const char *const names[],
    size_t count, time_t now, struct err *err);

/*
 * The words of a scenario's `tls` that are faults of the certificate:
 *
 *   expired           over since a day before `now`
 *   not-yet-valid     from a day after `now` on
 *   wrong-name        serves elsewhere.invalid alone
 *   self-signed       by its own key, and nothing goes with it
 *   unknown-issuer    of a root that is not the run's, which goes with it
 *   incomplete-chain  of an issuing CA below the run's, which does not go with it
 *   reversed-chain    the same, but the run's CA and then the issuing CA go with it;
 *                     RFC 8446 4.4.2 wants clients to bear that
 *   sha1              signed with SHA-1
 *   weak-key          with an RSA key of 1024 bits
 */
bool tlscert_is_variant(const char *word);
/*
 * As `usual`, one that tlscert_issue made, with that fault alone (NULL: none at all); it
 * serves the host `name`, too (NULL: no further one). One private-key operation of the CA
 * at most, and a new key, which takes some milliseconds more for weak-key. False and err.
 */
bool tlscert_variant(struct tlscert *ret, const char *word, const char *name,
    const struct pki *pki, const X509 *usual, time_t now, struct err *err);
void tlscert_clear(struct tlscert *cert);

#endif
