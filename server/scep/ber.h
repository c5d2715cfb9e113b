/*
 * ber: a SignedData or an EnvelopedData as programs write it that do not know its length
 * beforehand: indefinite lengths outside, the content an octet string in pieces.
 */
#ifndef SCEP_BER_H
#define SCEP_BER_H

#include "base/buf.h"

#define BER_PIECE 1000 /* octets of content in a piece */

/*
 * Appends the ContentInfo that `der` is. ContentInfo, the SignedData or EnvelopedData in
 * it, its EncapsulatedContentInfo or EncryptedContentInfo and the content get indefinite
 * lengths; all else, and so every signature, certificate and signed attribute, stays byte
 * for byte. False: it is no such ContentInfo; `out` may hold a part.
 */
bool ber_content_info(struct bytes der, struct buf *out);

#endif
