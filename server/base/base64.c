#include "base/base64.h"

#include <stdint.h>

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What a character is: DIGIT with its six bits, or one of the kinds; 0 is refused. */
enum { DIGIT = 0x40, KIND_BREAK = 1, KIND_PAD, KIND_BLANK, KIND_MINUS, KIND_UNDERSCORE };

static const unsigned char kinds[256] = {
    ['A'] = DIGIT | 0,
    ['B'] = DIGIT | 1,
    ['C'] = DIGIT | 2,
    ['D'] = DIGIT | 3,
    ['E'] = DIGIT | 4,
    ['F'] = DIGIT | 5,
    ['G'] = DIGIT | 6,
    ['H'] = DIGIT | 7,
    ['I'] = DIGIT | 8,
    ['J'] = DIGIT | 9,
    ['K'] = DIGIT | 10,
    ['L'] = DIGIT | 11,
    ['M'] = DIGIT | 12,
    ['N'] = DIGIT | 13,
    ['O'] = DIGIT | 14,
    ['P'] = DIGIT | 15,
    ['Q'] = DIGIT | 16,
    ['R'] = DIGIT | 17,
    ['S'] = DIGIT | 18,
    ['T'] = DIGIT | 19,
    ['U'] = DIGIT | 20,
    ['V'] = DIGIT | 21,
    ['W'] = DIGIT | 22,
    ['X'] = DIGIT | 23,
    ['Y'] = DIGIT | 24,
    ['Z'] = DIGIT | 25,
    ['a'] = DIGIT | 26,
    ['b'] = DIGIT | 27,
    ['c'] = DIGIT | 28,
    ['d'] = DIGIT | 29,
    ['e'] = DIGIT | 30,
    ['f'] = DIGIT | 31,
    ['g'] = DIGIT | 32,
    ['h'] = DIGIT | 33,
    ['i'] = DIGIT | 34,
    ['j'] = DIGIT | 35,
    ['k'] = DIGIT | 36,
    ['l'] = DIGIT | 37,
    ['m'] = DIGIT | 38,
    ['n'] = DIGIT | 39,
    ['o'] = DIGIT | 40,
    ['p'] = DIGIT | 41,
    ['q'] = DIGIT | 42,
    ['r'] = DIGIT | 43,
    ['s'] = DIGIT | 44,
    ['t'] = DIGIT | 45,
    ['u'] = DIGIT | 46,
    ['v'] = DIGIT | 47,
    ['w'] = DIGIT | 48,
    ['x'] = DIGIT | 49,
    ['y'] = DIGIT | 50,
    ['z'] = DIGIT | 51,
    ['0'] = DIGIT | 52,
    ['1'] = DIGIT | 53,
    ['2'] = DIGIT | 54,
    ['3'] = DIGIT | 55,
    ['4'] = DIGIT | 56,
    ['5'] = DIGIT | 57,
    ['6'] = DIGIT | 58,
    ['7'] = DIGIT | 59,
    ['8'] = DIGIT | 60,
    ['9'] = DIGIT | 61,
    ['+'] = DIGIT | 62,
    ['/'] = DIGIT | 63,
    ['\r'] = KIND_BREAK,
    ['\n'] = KIND_BREAK,
    ['='] = KIND_PAD,
    [' '] = KIND_BLANK,
    ['-'] = KIND_MINUS,
    ['_'] = KIND_UNDERSCORE,
};

struct base64_reader {
	const unsigned char *text, *end;
	unsigned char *out;
	uint32_t bits;   /* of the group begun, six a digit */
	unsigned digits; /* of the group begun, 0 to 3 */
	unsigned padding;
	unsigned odd;
};

/* Whole groups of four plain digits: nearly all of a message. */
static void
base64_read_groups(struct base64_reader *reader)
{
	const unsigned char *text = reader->text;
	unsigned char *out = reader->out;

	while (reader->end - text >= 4) {
		unsigned char a = kinds[text[0]], b = kinds[text[1]];
		unsigned char c = kinds[text[2]], d = kinds[text[3]];
		uint32_t bits;

		if ((a & b & c & d & DIGIT) == 0)
			break;
		bits = (uint32_t)(a & 63) << 18 | (uint32_t)(b & 63) << 12 |
		       (uint32_t)(c & 63) << 6 | (uint32_t)(d & 63);
		out[0] = (unsigned char)(bits >> 16);
		out[1] = (unsigned char)(bits >> 8);
		out[2] = (unsigned char)bits;
		out += 3;
		text += 4;
	}
	reader->text = text;
	reader->out = out;
}

/* Nothing but padding and line breaks may follow padding. */
static void
base64_read_digit(struct base64_reader *reader, uint32_t value, unsigned odd)
{
	reader->odd |= reader->padding > 0 ? BASE64_NOT_BASE64 : odd;
	reader->bits = reader->bits << 6 | value;
	if (++reader->digits < 4)
		return;
	*reader->out++ = (unsigned char)(reader->bits >> 16);
	*reader->out++ = (unsigned char)(reader->bits >> 8);
	*reader->out++ = (unsigned char)reader->bits;
	reader->digits = 0;
	reader->bits = 0;
}

static void
base64_read_one(struct base64_reader *reader)
{
	unsigned char kind = kinds[*reader->text++];

	if ((kind & DIGIT) != 0)
		base64_read_digit(reader, kind & 63, 0);
	else if (kind == KIND_BREAK)
		reader->odd |= BASE64_LINE_BREAK;
	else if (kind == KIND_PAD)
		reader->padding++;
	else if (kind == KIND_BLANK)
		base64_read_digit(reader, 62, BASE64_BLANK_FOR_PLUS);
	else if (kind == KIND_MINUS)
		base64_read_digit(reader, 62, BASE64_URL_ALPHABET);
	else if (kind == KIND_UNDERSCORE)
		base64_read_digit(reader, 63, BASE64_URL_ALPHABET);
	else
		reader->odd |= BASE64_NOT_BASE64;
}

/*
 * The last, shorter group. Its unused bits are not looked at (RFC 4648 3.5
 * leaves that to the reader).
 */
static void
base64_read_end(struct base64_reader *reader)
{
	unsigned wanted = reader->digits == 0 ? 0 : 4 - reader->digits;

	if (reader->digits == 1 || reader->padding > wanted)
		reader->odd |= BASE64_NOT_BASE64;
	else if (reader->padding < wanted)
		reader->odd |= BASE64_NO_PADDING;
	if (reader->digits == 2) {
		*reader->out++ = (unsigned char)(reader->bits >> 4);
	} else if (reader->digits == 3) {
		*reader->out++ = (unsigned char)(reader->bits >> 10);
		*reader->out++ = (unsigned char)(reader->bits >> 2);
	}
}

unsigned
base64_decode(struct slice text, struct buf *out)
{
	struct base64_reader reader = {.text = (const unsigned char *)text.text};

	if (text.len == 0)
		return 0;
	buf_reserve(out, text.len / 4 * 3 + 3);
	reader.end = reader.text + text.len;
	reader.out = out->data + out->len;
	while (reader.text < reader.end && (reader.odd & BASE64_NOT_BASE64) == 0) {
		if (reader.digits == 0 && reader.padding == 0)
			base64_read_groups(&reader);
		if (reader.text < reader.end)
			base64_read_one(&reader);
	}
	base64_read_end(&reader);
	if ((reader.odd & BASE64_NOT_BASE64) == 0)
		out->len = (size_t)(reader.out - out->data);
	return reader.odd;
}

void
base64_encode(struct bytes data, struct buf *out)
{
	const unsigned char *from = data.data;
	unsigned char *to;
	size_t left;

	if (data.len == 0)
		return;
	buf_reserve(out, (data.len + 2) / 3 * 4);
	to = out->data + out->len;
	out->len += (data.len + 2) / 3 * 4;
	for (left = data.len; left > 0; from += 3) {
		size_t taken = left < 3 ? left : 3;
		uint32_t bits = (uint32_t)from[0] << 16;

		if (taken > 1)
			bits |= (uint32_t)from[1] << 8;
		if (taken > 2)
			bits |= from[2];
		*to++ = (unsigned char)alphabet[bits >> 18];
		*to++ = (unsigned char)alphabet[bits >> 12 & 63];
		*to++ = taken > 1 ? (unsigned char)alphabet[bits >> 6 & 63] : '=';
		*to++ = taken > 2 ? (unsigned char)alphabet[bits & 63] : '=';
		left -= taken;
	}
}
