#include "scenarios/mutate.h"

#include <string.h>

#define PLACES_MAX  512
#define DEPTH_MAX   32
#define SPAN_MAX    300
#define STRETCH_MAX 3000

/* splitmix64: short, and every seed is a good one. */
uint64_t
dice_roll(struct dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

size_t
dice_below(struct dice *dice, size_t limit)
{
	return limit == 0 ? 0 : (size_t)(dice_roll(dice) % limit);
}

void
dice_fill(struct dice *dice, struct buf *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf_add_char(out, (char)dice_roll(dice));
}

/* Bytes from `at` on, `gone` of them, become `with`. */
static void
splice(struct buf *bytes, size_t at, size_t gone, const void *with, size_t len)
{
	struct buf out = BUF_INIT;

	buf_add(&out, bytes->data, at);
	buf_add(&out, with, len);
	buf_add(&out, bytes->data + at + gone, bytes->len - at - gone);
	buf_clear(bytes);
	*bytes = buf_move(&out);
}

static void
splice_random(struct dice *dice, struct buf *bytes, size_t at, size_t gone, size_t len)
{
	struct buf with = BUF_INIT;

	dice_fill(dice, &with, len);
	splice(bytes, at, gone, with.data, with.len);
	buf_clear(&with);
}

static void
flip_bits(struct dice *dice, struct buf *bytes)
{
	for (size_t n = 1 + dice_below(dice, 8); n > 0; n--)
		bytes->data[dice_below(dice, bytes->len)] ^=
		    (unsigned char)(1u << dice_below(dice, 8));
}

static void
double_span(struct dice *dice, struct buf *bytes)
{
	size_t at = dice_below(dice, bytes->len);
	size_t len = 1 + dice_below(dice, SPAN_MAX);
	struct buf span = BUF_INIT;

	if (len > bytes->len - at)
		len = bytes->len - at;
	buf_add(&span, bytes->data + at, len);
	splice(bytes, dice_below(dice, bytes->len), 0, span.data, span.len);
	buf_clear(&span);
}

void
mutate_bytes(struct dice *dice, struct buf *bytes)
{
	if (bytes->len == 0)
		return;
	size_t at = dice_below(dice, bytes->len);
	size_t span = dice_below(dice, bytes->len - at);

	if (span > SPAN_MAX)
		span = SPAN_MAX;
	switch (dice_below(dice, 7)) {
	case 0:
	case 1:
		flip_bits(dice, bytes);
		break;
	case 2:
		bytes->len = at;
		break;
	case 3:
		double_span(dice, bytes);
		break;
	case 4:
		splice_random(dice, bytes, at, 0, 1 + dice_below(dice, 64));
		break;
	case 5:
		splice_random(dice, bytes, at, span, span);
		break;
	case 6:
		splice(bytes, at, span, NULL, 0);
		break;
	}
}

/* One TLV of a message. */
struct place {
	size_t at;
	size_t header_len;
	size_t len; /* of the content */
};

struct places {
	struct place items[PLACES_MAX];
	size_t count;
};

static bool
read_header(const struct buf *der, size_t at, size_t end, struct place *ret)
{
	size_t octets;

	if (end - at < 2 || (der->data[at] & 0x1f) == 0x1f)
		return false;
	*ret = (struct place){.at = at, .header_len = 2, .len = der->data[at + 1]};
	if (ret->len < 0x80)
		return ret->len <= end - at - 2;
	octets = ret->len & 0x7f;
	if (octets == 0 || octets > 3 || end - at < 2 + octets)
		return false;
	ret->len = 0;
	for (size_t i = 0; i < octets; i++)
		ret->len = ret->len << 8 | der->data[at + 2 + i];
	ret->header_len = 2 + octets;
	return ret->len <= end - at - ret->header_len;
}

/* Constructed TLVs are gone into, and OCTET STRINGs that hold a SEQUENCE. */
static void
find_places(
    const struct buf *der, size_t at, size_t end, unsigned depth, struct places *ret)
{
	struct place place;

	while (at < end && ret->count < PLACES_MAX && read_header(der, at, end, &place)) {
		size_t content = at + place.header_len;
		bool is_nested = (der->data[at] & 0x20) != 0 ||
		                 (der->data[at] == 0x04 && place.len > 2 &&
		                     der->data[content] == 0x30);

		ret->items[ret->count++] = place;
		if (is_nested && depth < DEPTH_MAX)
			find_places(der, content, content + place.len, depth + 1, ret);
		at = content + place.len;
	}
}

void
mutate_length(struct dice *dice, struct buf *der)
{
	static const struct {
		const char *octets;
		size_t count;
	} lengths[] = {{"\x80", 1}, {"\x00", 1}, {"\x7f", 1}, {"\xff", 1},
	    {"\x84\xff\xff\xff\xff", 5}, {"\x84\x7f\xff\xff\xff", 5},
	    {"\x88\xff\xff\xff\xff\xff\xff\xff\xff", 9},
	    {"\x88\x7f\xff\xff\xff\xff\xff\xff\xff", 9}, {"\x84\x00\x00\x00\x01", 5},
	    {"\x83\x01\x00\x00", 4}};
	struct places places = {.count = 0};
	const struct place *place;
	size_t which;

	find_places(der, 0, der->len, 0, &places);
	if (places.count == 0)
		return;
	place = &places.items[dice_below(dice, places.count)];
	which = dice_below(dice, sizeof(lengths) / sizeof(lengths[0]) + 2);
	if (which < sizeof(lengths) / sizeof(lengths[0]))
		splice(der, place->at + 1, place->header_len - 1, lengths[which].octets,
		    lengths[which].count);
	else /* one more or less than there is */
		der->data[place->at + place->header_len - 1] ^= 1;
}

void
mutate_tag(struct dice *dice, struct buf *der)
{
	static const unsigned char tags[] = {0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c,
	    0x13, 0x17, 0x1e, 0x1f, 0x24, 0x30, 0x31, 0x80, 0xa0, 0xa3, 0xff};
	struct places places = {.count = 0};

	find_places(der, 0, der->len, 0, &places);
	if (places.count > 0)
		der->data[places.items[dice_below(dice, places.count)].at] =
		    tags[dice_below(dice, sizeof(tags))];
}

void
mutate_oid(struct dice *dice, struct buf *der)
{
	static const struct {
		const char *octets;
		size_t count;
	} oids[] = {
	    {"\x2a\x86\x48\x86\xf7\x0d\x02\x05", 8},              /* MD5 */
	    {"\x2b\x0e\x03\x02\x07", 5},                          /* DES-CBC */
	    {"\x2a\x86\x48\x86\xf7\x0d\x03\x02", 8},              /* RC2-CBC */
	    {"\x60\x86\x48\x01\x65\x03\x04\x02\x0b", 9},          /* SHAKE128 */
	    {"\x60\x86\x48\x01\x65\x03\x04\x01\x06", 9},          /* AES-128-GCM */
	    {"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a", 9},          /* RSASSA-PSS */
	    {"\x2b\x65\x70", 3},                                  /* Ed25519 */
	    {"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x09", 11}, /* compressedData */
	    {"\xff\xff\xff\xff", 4},                              /* an arc without end */
	    {"\x80\x01", 2},                                      /* a padded arc */
	    {"", 0},
	};
	struct places places = {.count = 0};
	size_t count = 0;

	find_places(der, 0, der->len, 0, &places);
	for (size_t i = 0; i < places.count; i++)
		if (der->data[places.items[i].at] == 0x06)
			places.items[count++] = places.items[i];
	if (count == 0)
		return;
	const struct place *place = &places.items[dice_below(dice, count)];
	size_t which = dice_below(dice, sizeof(oids) / sizeof(oids[0]) + 1);
	size_t content = place->at + place->header_len;

	if (which == sizeof(oids) / sizeof(oids[0])) {
		der->data[content + place->len - 1] ^= 0x55;
		return;
	}
	/* the lengths around it stay as they were: only an equally long one fits */
	der->data[place->at + 1] = (unsigned char)oids[which].count;
	splice(der, content, place->len, oids[which].octets, oids[which].count);
}

static void
mutate_line(struct dice *dice, struct buf *text, size_t at, size_t len)
{
	static const char odd[] = {
	    '\r', '\n', '\0', '\t', ' ', ':', ';', '=', '%', '/', '?', '\x7f', '\x80'};
	struct buf line = BUF_INIT;

	buf_add(&line, text->data + at, len);
	switch (dice_below(dice, 6)) {
	case 0:
		splice(text, at, 0, line.data, line.len);
		break;
	case 1:
		splice(text, at, len, NULL, 0);
		break;
	case 2:
		for (size_t n = 1 + dice_below(dice, 12); n > 0; n--)
			buf_add(&line, text->data + at,
			    len > STRETCH_MAX ? STRETCH_MAX : len);
		splice(text, at, len, line.data, line.len);
		break;
	case 3:
		splice_random(
		    dice, text, at + dice_below(dice, len), 0, 1 + dice_below(dice, 8));
		break;
	case 4:
		splice(text, at + len - (len > 1), len > 1, NULL, 0);
		break;
	case 5:
		splice(text, at + dice_below(dice, len), 0,
		    &odd[dice_below(dice, sizeof(odd))], 1);
		break;
	}
	buf_clear(&line);
}

void
mutate_lines(struct dice *dice, struct buf *text)
{
	size_t at = dice_below(dice, text->len);
	const unsigned char *end;

	if (text->len == 0)
		return;
	while (at > 0 && text->data[at - 1] != '\n')
		at--;
	end = memchr(text->data + at, '\n', text->len - at);
	mutate_line(dice, text, at,
	    end != NULL ? (size_t)(end - text->data) - at + 1 : text->len - at);
}
