/*
 * ntlm: what has to be mended in NTLM messages (MS-NLMP 2.2.1) before gss-ntlmssp sees
 * them, and the hash that stands for a password. Pure.
 */
#ifndef AUTH_NTLM_H
#define AUTH_NTLM_H

#include "base/buf.h"
#include "base/err.h"

bool ntlm_is_message(struct bytes token); /* begins with "NTLMSSP" and a NUL */

/*
 * Appends the message to `out` with the Version field that gss-ntlmssp insists on.
 * curl and other old writers leave out these 8 bytes (MS-NLMP 2.2.1.1 and 2.2.1.3
 * allow that), so in front of the payload 8 zero bytes are put and the offsets grow.
 * Such a message carries no MIC, so nothing that is signed changes. What has the
 * field, or is no NEGOTIATE or AUTHENTICATE message, is copied as it is.
 */
void ntlm_widen(struct bytes message, struct buf *out);

#define NTLM_HASH_SIZE 16

/*
 * The NT hash of a password (MS-NLMP 3.3.1, NTOWFv1): MD4 of its UTF-16LE form. False:
 * MD4 is not to be had; err names the package. Loads OpenSSL's providers: from a job.
 */
bool ntlm_hash(const char *password, unsigned char ret[NTLM_HASH_SIZE], struct err *err);

#endif
