/*
 * base64: RFC 4648, exact out, liberal in.
 *
 * Real SCEP clients send `message=` with blanks where a `+` was lost, with line
 * breaks, in base64url, without padding. All are read; what was odd is reported
 * as bits, so that a caller can note it as a finding.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

enum base64_oddity {
	BASE64_BLANK_FOR_PLUS = 1, /* a blank inside the text, read as '+' */
	BASE64_LINE_BREAK = 2,     /* CR or LF, skipped */
	BASE64_URL_ALPHABET = 4,   /* '-' or '_', read as '+' and '/' */
	BASE64_NO_PADDING = 8,     /* '=' missing at the end */
	BASE64_NOT_BASE64 = 16,    /* anything else: the text is refused */
};

/*
 * Appends the bytes to `out`; returns the oddities, 0 for clean base64.
 * With BASE64_NOT_BASE64 nothing is appended. Empty text is clean and empty.
 * Refused are also: too much padding, anything but '=' and line breaks after
 * padding, and a last group of one character. Unused bits of the last character
 * are not looked at (RFC 4648 3.5 leaves that to the reader).
 */
unsigned base64_decode(struct slice text, struct buf *out);

/* Appends standard base64 with padding, no line breaks. */
void base64_encode(struct bytes data, struct buf *out);

#endif
