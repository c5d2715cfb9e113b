/*
 * parse: numbers and durations as people write them on a command line and in a
 * scenario file. Strict: the whole text or nothing, no sign, no blanks.
 */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include "base/buf.h"
#include <stdint.h>

bool parse_size(struct slice text, size_t max, size_t *ret); /* decimal, at most max */

#define PARSE_DURATION_MAX_MS (366ULL * 24 * 60 * 60 * 1000) /* a leap year */
#define PARSE_FRACTION_MAX    999999999ULL /* nine decimals; hours need four at most */

/*
 * "250ms", "5s", "2m", "1h", with a decimal fraction if wanted ("1.5s"); a bare
 * number is refused, and so is what is no whole number of milliseconds.
 */
bool parse_duration_ms(struct slice text, uint64_t *ret);

#endif
