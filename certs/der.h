/*
 * der: BER made DER, as far as lengths and string pieces go, and DER made BER.
 *
 * der_from_ber: indefinite and overlong lengths become the shortest definite ones, and
 * constructed strings become primitive. The order of a SET and the values themselves stay
 * as they came, so DER input comes out byte for byte.
 */
#ifndef CERTS_DER_H
#define CERTS_DER_H

#include "base/buf.h"

#define DER_DEPTH_MAX 32 /* deeper nesting is refused */

/*
 * Appends the one value that `ber` holds. False: not exactly one well-formed value;
 * `out` is as before.
 */
bool der_from_ber(struct bytes ber, struct buf *out);

/*
 * Appends the one value that `der` holds; constructed values of the outermost `levels`
 * get indefinite lengths (X.690 8.1.3.6), what is deeper stays byte for byte, and so
 * does what is empty: some readers of BER cannot take that. False: as above, or deeper
 * than DER_DEPTH_MAX.
 */
bool der_to_ber(struct bytes der, unsigned levels, struct buf *out);

#endif
