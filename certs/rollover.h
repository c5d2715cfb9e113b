/*
 * rollover: the CA's next certificate, for clients that ask for it before the current
 * one ends. The CA is renewed with the key that it has: same name, same key, same
 * extensions, a later validity and a serial number of its own. (A new key is what
 * RFC 8894 4.7 has in mind, but it costs a key generation, and no client can tell
 * before the day comes.)
 */
#ifndef CERTS_ROLLOVER_H
#define CERTS_ROLLOVER_H

#include "certs/pki.h"

#define ROLLOVER_OVERLAP_DAYS 30 /* it begins so long before the current one ends */

/* Appends the DER, signed by the CA's key, or by its root's: call it from a worker. */
bool rollover_issue(const struct pki *pki, struct buf *out, struct err *err);

#endif
