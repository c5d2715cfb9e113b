/*
 * certreplines: what OpenSSL reads in a CertRep, a line a property ("digest: SHA256"), so
 * that a test can say which of them a form of it changes: all others stay. It shares no
 * code with server/scep.
 */
#ifndef SUPPORT_CERTREPLINES_H
#define SUPPORT_CERTREPLINES_H

#include "base/buf.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

#define CERTREP_KNOWN_MAX 8

/* A certificate that a line may name; the key may be public. */
struct known_cert {
	const char *name;
	X509 *cert;
	EVP_PKEY *private_key; /* NULL: nothing is opened with it */
};

/* What the reader knows beforehand; all borrowed. */
struct certrep_known {
	struct known_cert certs[CERTREP_KNOWN_MAX];
	size_t count;
	struct bytes nonce; /* the request's senderNonce */
	struct bytes stale; /* that of the request before */
	time_t now;
};

/* Appends the lines, each with a final '\n'. */
void certrep_lines(const struct certrep_known *known, struct bytes der, struct buf *out);

/* The lines of `odd` that `usual` does not have, with "; " between them. Yours. */
char *certrep_lines_changed(struct slice usual, struct slice odd);

#endif
