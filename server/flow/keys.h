/*
 * keys: makes the CA on the pool while the server already answers. Three key
 * jobs, then one that makes the certificates, that of the HTTPS listeners among
 * them; the result comes to `ready` in the loop's thread.
 */
#ifndef FLOW_KEYS_H
#define FLOW_KEYS_H

#include "base/pool.h"
#include "certs/pki.h"
#include "certs/tlscert.h"

struct keys; /* one set in the making; frees itself after `ready` */

/* What came of it: the CA, and a certificate for the HTTPS listeners. */
struct keys_made {
	struct pki *pki; /* a reference of its own; NULL: failed, err says why */
	struct tlscert tls;
	struct buf next_ca; /* the answer to GetNextCACert; empty: not wanted */
	struct err err;
};

typedef void keys_ready(void *arg, struct keys_made *made); /* moves out what it keeps */

struct keys_wish {
	struct pki_settings pki;
	const char *const *names; /* of the HTTPS listeners */
	size_t name_count;
	struct pki
	    *kept; /* a CA that is there already: no keys are made; taken; or NULL */
	const char *keep; /* a new CA is kept in this directory; NULL: it is not */
	bool has_next_ca;
};

/*
 * The wish's strings are borrowed until `ready`. With a pool that is stopped
 * meanwhile `ready` is called with an err like any other failure.
 */
void
keys_start(struct pool *pool, const struct keys_wish *wish, keys_ready *ready, void *arg);

#endif
