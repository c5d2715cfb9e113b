/*
 * aids: certificates and keys that no honest CA has, for faults: made when first asked
 * for, kept with the pki, on whichever worker asks first.
 */
#ifndef CERTS_AIDS_H
#define CERTS_AIDS_H

#include "certs/pki.h"

enum aid {
	AID_FOREIGN_CA,   /* self-signed, another name and key */
	AID_FOREIGN_RA,   /* signs, issued by the foreign CA, the RA's name */
	AID_EXPIRED_SIGN, /* as the pki's RA certificates, of the same keys, but over */
	AID_EXPIRED_ENCRYPT, /* one day before setup_at */
	AID_STRANGER,        /* an RSA key and certificate of nobody, issued by the CA:
	                        another recipient, another subject key */
};
#define AID_COUNT 5

#define AID_BITS_MAX 2048 /* of a new RSA key, however long those of the pki are */

/*
 * Borrowed, for as long as the pki lives. Safe on any thread; the first call for an aid
 * may generate a key, and others who ask wait for it: call it from a worker. NULL and
 * err; it is tried again when asked again.
 */
const struct pki_cert *pki_aid(const struct pki *pki, enum aid aid, struct err *err);

/* For certs/pki and certs/variant. */
struct aids *aids_new(void);
/* Puts a copy of what another pki has; nobody else knows these aids yet. */
bool aids_put(struct aids *aids, enum aid aid, const struct pki_cert *cert);
void aids_free(struct aids *aids);

#endif
