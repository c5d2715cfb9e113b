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

/* The same with one CRL (DER) behind the certificates; data NULL: none. */
bool bag_build_with_crl(const struct bytes certs[], size_t count, struct bytes crl,
    struct buf *out, struct err *err);

/* The same with one CRL and no certificate. */
bool bag_of_crl(struct bytes crl, struct buf *out, struct err *err);

#define BAG_PKI_MAX 4

/*
 * The certificates that GetCACert has, borrowed, and how many they are: RA signing, RA
 * encryption, CA, and the root where there is one above. An RA certificate for both uses
 * is there once; without RA there is the CA alone.
 */
size_t bag_certs(const struct pki *pki, struct bytes ret[BAG_PKI_MAX]);

/* What NDES answers to GetCACert: a bag with these. */
bool bag_of_pki(const struct pki *pki, struct buf *out, struct err *err);

/*
 * The answer to GetNextCACert (RFC 8894 4.7.1): a SignedData signed with the current
 * CA's key, whose content is a bag with the next CA certificate (rollover_issue). The
 * certificate also lies beside the signature, for some clients look for it there.
 * Private-key operations. NDES does not know this operation.
 */
bool bag_next_ca(const struct pki *pki, struct buf *out, struct err *err);

#endif
