/*
 * thumbprint: the MD5 hash of a certificate as the pages of mscep_admin show it, for
 * people to compare: "A656FA66 AB12B433 A2DA5CF7 CC153D9A".
 */
#ifndef CERTS_THUMBPRINT_H
#define CERTS_THUMBPRINT_H

#include "base/buf.h"

#define THUMBPRINT_TEXT_SIZE 36 /* four groups of eight, three blanks, NUL */

/* False: MD5 cannot be had (a FIPS build of OpenSSL); *ret is the empty text then. */
bool thumbprint_md5(struct bytes der, char ret[THUMBPRINT_TEXT_SIZE]);

#endif
