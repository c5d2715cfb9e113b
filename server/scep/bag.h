/*
 * bag: the degenerate certs-only SignedData (RFC 8894 3.4): what GetCACert sends
 * and what lies inside a SUCCESS.
 */
#ifndef SCEP_BAG_H
#define SCEP_BAG_H

#include "base/err.h"
#include "certs/pki.h"

/* Appends the DER of a bag with these certificates (DER each), in this order. */
bool
bag_build(const struct bytes certs[], size_t count, struct buf *out, struct err *err);

/* What NDES answers to GetCACert: RA signing, RA encryption, CA. */
bool bag_of_pki(const struct pki *pki, struct buf *out, struct err *err);

#endif
