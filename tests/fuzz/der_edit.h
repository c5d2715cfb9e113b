/*
 * der_edit: changes elements of a DER value and mends the lengths around them, so
 * that a fuzzer's changes reach what lies deep inside.
 *
 * An edit is four octets: what, which, a, b. `which` counts the elements in the order
 * of their headers, modulo their number. An OCTET STRING that holds exactly one
 * element is looked into. Not every octet string is DER: what cannot be read as
 * elements is carried along as it is.
 */
#ifndef FUZZ_DER_EDIT_H
#define FUZZ_DER_EDIT_H

#include "base/buf.h"

#define DER_EDIT_SIZE  4
#define DER_EDITS_MAX  8
#define DER_EDIT_DEPTH 64

enum der_edit_what {
	DER_EDIT_REMOVE,
	DER_EDIT_DOUBLE,
	DER_EDIT_TAG,        /* identifier octet becomes a */
	DER_EDIT_OCTET,      /* content octet a (modulo its size) becomes b */
	DER_EDIT_CUT,        /* content is cut to its first a octets */
	DER_EDIT_GROW,       /* a octets of value b are added to the content */
	DER_EDIT_INDEFINITE, /* indefinite length and end-of-contents */
	DER_EDIT_LENGTH,     /* the length octets claim a more than there is */
};
#define DER_EDIT_COUNT 8

/* Appends `der` with one edit. */
void der_edit(struct bytes der, const unsigned char edit[DER_EDIT_SIZE], struct buf *out);

/*
 * `input` is a count of edits (modulo DER_EDITS_MAX + 1), the edits, and the value
 * they are made on; without a value they are made on `otherwise`. Appends the outcome.
 */
void der_edit_all(struct bytes input, struct bytes otherwise, struct buf *out);

#endif
