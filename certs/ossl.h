/*
 * ossl: OpenSSL started once, and its error queue turned into an err.
 *
 * OpenSSL keeps errors per thread: whoever sees a failure calls ossl_err in the
 * same thread at once. Every job and callback ends with an empty queue.
 */
#ifndef CERTS_OSSL_H
#define CERTS_OSSL_H

#include "base/buf.h"
#include "base/err.h"

/*
 * First call of the program into OpenSSL: no configuration file (a user's
 * OPENSSL_CONF must not change behaviour), no atexit handler (exit() while a
 * worker generates a key would crash). Cheap; no provider is loaded.
 */
void ossl_init(void);

/*
 * Loads the default provider and, where it is installed, the legacy one (single
 * DES, MD4). Once a process, thread-safe; call it from a worker, it costs up to a
 * millisecond. False: the default provider cannot be loaded.
 */
bool ossl_load_providers(struct err *err);
bool ossl_has_legacy(void); /* after ossl_load_providers: single DES can be read */

/* "what: OpenSSL's first reason"; empties the queue; returns false. */
bool ossl_err(struct err *err, const char *what);
void ossl_forget(void); /* empties the queue when a failure was a result */

/*
 * i2d_* of any OpenSSL type into bytes of our own: `i2d` is called as i2d(object, pp).
 * False when it cannot be encoded.
 */
#define OSSL_DER(out, object, i2d) \
	ossl_der((out), (object), (int (*)(const void *, unsigned char **))(i2d))
bool
ossl_der(struct buf *out, const void *object, int (*i2d)(const void *, unsigned char **));

#endif
