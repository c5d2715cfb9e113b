/*
 * crl: the CA's list of revoked certificates (RFC 5280 section 5), version 2. It is
 * empty: this CA revokes nothing.
 */
#ifndef CERTS_CRL_H
#define CERTS_CRL_H

#include "certs/pki.h"

#define CRL_DAYS 7 /* to nextUpdate: what an AD CS publishes by default */

/*
 * Appends the DER of a CRL with this thisUpdate, which also gives its cRLNumber: a later
 * one has a greater number. Signed by the CA's key: call it from a worker.
 */
bool
crl_issue(const struct pki *pki, time_t this_update, struct buf *out, struct err *err);

#endif
