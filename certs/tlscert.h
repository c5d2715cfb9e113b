/*
 * tlscert: a server certificate for the HTTPS listeners, issued by the mock's CA,
 * with an EC P-256 key (a handshake signs in the event loop, and P-256 is quick).
 */
#ifndef CERTS_TLSCERT_H
#define CERTS_TLSCERT_H

#include "certs/pki.h"

#define TLSCERT_DAYS 180 /* clients refuse server certificates of more than 398 days */

struct tlscert {
	EVP_PKEY *key;
	struct buf der;
};

/*
 * `names`: host names and IP literals; each becomes a dNSName or an iPAddress of
 * subjectAltName, the first one also the CN unless it is too long for one. EKU
 * serverAuth. Generates a key and signs: call it from a worker.
 */
bool tlscert_issue(struct tlscert *ret, struct pki *pki, const char *const names[],
    size_t count, time_t now, struct err *err);
void tlscert_clear(struct tlscert *cert);

#endif
