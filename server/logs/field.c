#include "logs/field.h"

#include <stdint.h>

static uint32_t
utf8_join(const unsigned char *text, size_t len)
{
	static const unsigned char first_bits[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	uint32_t code = text[0] & first_bits[len];

	for (size_t i = 1; i < len; i++)
		code = code << 6 | (text[i] & 0x3f);
	return code;
}

/* The character at the start of `text` and its length; length 0: no valid UTF-8. */
static size_t
utf8_next(const unsigned char *text, size_t left, uint32_t *code)
{
	static const uint32_t least[5] = {0, 0, 0x80, 0x800, 0x10000};
	size_t len = text[0] < 0x80   ? 1
	             : text[0] < 0xc0 ? 0
	             : text[0] < 0xe0 ? 2
	             : text[0] < 0xf0 ? 3
	             : text[0] < 0xf8 ? 4
	                              : 0;

	if (len == 0 || len > left)
		return 0;
	for (size_t i = 1; i < len; i++) {
		if ((text[i] & 0xc0) != 0x80)
			return 0;
	}
	*code = utf8_join(text, len);
	if (*code < least[len] || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code <= 0xdfff))
		return 0;
	return len;
}

static bool
field_is_shown(uint32_t code)
{
	return code >= 0x20 && !(code >= 0x7f && code <= 0x9f) &&
	       !(code >= 0x2028 && code <= 0x202e) &&
	       !(code >= 0x2066 && code <= 0x2069) && code != 0x200e && code != 0x200f;
}

void
field_add(struct buf *out, struct slice text, struct field_style style)
{
	const unsigned char *at = (const unsigned char *)text.text;
	size_t left = text.len;

	buf_reserve(out, left); /* nothing grows: one character for one or more bytes */
	while (left > 0) {
		uint32_t code = 0;
		size_t run = 0, len;

		while (run < left && at[run] > 0x20 && at[run] < 0x7f)
			run++;
		buf_add(out, at, run);
		at += run;
		left -= run;
		if (left == 0)
			break;
		len = utf8_next(at, left, &code);
		if (code == ' ' && len == 1)
			buf_add_char(out, style.blank);
		else if (len > 0 && field_is_shown(code))
			buf_add(out, at, len);
		else
			buf_add_char(out, style.bad);
		at += len > 0 ? len : 1;
		left -= len > 0 ? len : 1;
	}
}

struct slice
field_cut(struct slice text, size_t max)
{
	size_t at = max;

	if (text.len <= max)
		return text;
	/* At most three steps back: more continuation bytes are no character anyway. */
	while (at > 0 && max - at < 3 && ((unsigned char)text.text[at] & 0xc0) == 0x80)
		at--;
	if (((unsigned char)text.text[at] & 0xc0) == 0x80)
		at = max;
	return (struct slice){text.text, at};
}
