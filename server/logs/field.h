/*
 * field: text from the wire, made safe for one field of one line.
 *
 * What a client sends may hold line breaks, terminal sequences and bytes that
 * are no text at all. Here every such character becomes one harmless character,
 * and what comes out is always valid UTF-8 on one line. Replaced are: C0 and C1
 * controls and DEL, U+2028 and U+2029 (line breaks to many readers), the
 * bidirectional controls (they reorder what a person sees), and every byte that
 * belongs to no valid UTF-8 sequence (RFC 3629).
 */
#ifndef LOGS_FIELD_H
#define LOGS_FIELD_H

#include "base/buf.h"

struct field_style {
	char blank; /* stands for a blank */
	char bad;   /* stands for what is not shown */
};

void field_add(struct buf *out, struct slice text, struct field_style style);

/* The longest start of `text` of at most `max` bytes that splits no character. */
struct slice field_cut(struct slice text, size_t max);

#endif
