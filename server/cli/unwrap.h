/*
 * unwrap: SCEP's bytes out of whatever people have them in: DER as it is, PEM, base64
 * in any of its forms, the URL of a GET, or a log with a line that holds one.
 *
 * What is odd about the wrapping is a finding (scep/fact.h) where the wrapping is the
 * client's own, as in a URL, and nobody's business where a person made it.
 */
#ifndef CLI_UNWRAP_H
#define CLI_UNWRAP_H

#include "base/err.h"
#include "scep/fact.h"

#define UNWRAP_QUERY_MAX 2048 /* octets that IIS takes as shipped: longer is C-07 */

/*
 * Appends the bytes to `ret`, and the source as a child to `into`. Input of no known
 * wrapping comes out as it is. False: there is a message= or a PEM block, but nothing
 * that can be read in it; err says what.
 */
bool unwrap(struct bytes input, struct fact *into, struct buf *ret, struct err *err);

#endif
