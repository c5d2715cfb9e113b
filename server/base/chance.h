/*
 * chance: fresh random bytes, and draws that are the same on every run.
 *
 * chance_fresh is for nonces, serial numbers and names of runs. chance_draw is for what
 * a seed shall repeat: it remembers nothing, so that a draw depends neither on those
 * before it nor on the thread that asks.
 */
#ifndef BASE_CHANCE_H
#define BASE_CHANCE_H

#include "base/buf.h"
#include <stdint.h>

void chance_fresh(void *out, size_t len); /* from the kernel; cannot fail */

/*
 * A number of 64 even bits for the `number`-th draw of `what` for `key`; `salt` tells
 * draws apart that share all of these. It is SipHash-2-4 under the key (seed,
 * CHANCE_DRAW_KEY) of: the length of `what`, `what`, the length of `key`, `key`,
 * `number`, `salt`; numbers as 8 bytes, the lowest first.
 */
#define CHANCE_DRAW_KEY UINT64_C(0x7365646e6b636f6d) /* "mockndes" */
uint64_t chance_draw(
    uint64_t seed, struct slice what, struct bytes key, uint64_t number, uint64_t salt);

double chance_unit(uint64_t draw); /* from 0 to just below 1 */
bool chance_hits(uint64_t draw, uint32_t per_million);

#endif
