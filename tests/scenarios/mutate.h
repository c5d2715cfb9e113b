/*
 * mutate: makes bad input of good input. The same dice give the same mutations.
 */
#ifndef SCENARIOS_MUTATE_H
#define SCENARIOS_MUTATE_H

#include "base/buf.h"
#include <stdint.h>

struct dice {
	uint64_t state;
};

uint64_t dice_roll(struct dice *dice);
size_t dice_below(struct dice *dice, size_t limit); /* 0 to limit - 1; limit 0: 0 */
void dice_fill(struct dice *dice, struct buf *out, size_t len); /* appends */

/* A few bits, bytes or spans: flipped, cut off, doubled, put in, wiped, moved. */
void mutate_bytes(struct dice *dice, struct buf *bytes);
/* The length of one TLV of a DER message becomes another or an absurd one. */
void mutate_length(struct dice *dice, struct buf *der);
/* The tag of one TLV becomes another. */
void mutate_tag(struct dice *dice, struct buf *der);
/* One OBJECT IDENTIFIER becomes another: of a real algorithm, or of nothing. */
void mutate_oid(struct dice *dice, struct buf *der);
/* One of a text's lines is doubled, emptied, stretched, cut or given odd bytes. */
void mutate_lines(struct dice *dice, struct buf *text);

#endif
