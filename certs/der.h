/*
 * der: BER made DER, as far as lengths and string pieces go.
 *
 * Indefinite and overlong lengths become the shortest definite ones, and constructed
 * strings become primitive. The order of a SET and the values themselves stay as they
 * came, so DER input comes out byte for byte.
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

#endif
