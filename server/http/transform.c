#include "http/transform.h"

#include "base/base64.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PEM_COLUMNS      64
#define GZIP_WINDOW_BITS (15 + 16) /* zlib's way to ask for gzip instead of zlib */
#define GZIP_MEMORY      8         /* zlib's own default */
#define REPLACEMENT      0xFFFDU

static void
replace(struct buf *body, struct buf *by)
{
	buf_clear(body);
	*body = buf_move(by);
}

static void
to_empty(struct buf *body)
{
	buf_reset(body);
}

static void
to_base64(struct buf *body)
{
	struct buf text = BUF_INIT;

	base64_encode(buf_bytes(body), &text);
	replace(body, &text);
}

static void
to_pem(struct buf *body)
{
	struct buf pem = BUF_INIT;
	size_t len;

	to_base64(body);
	buf_add_text(&pem, "-----BEGIN PKCS7-----\n");
	for (size_t at = 0; at < body->len; at += len) {
		len = body->len - at < PEM_COLUMNS ? body->len - at : PEM_COLUMNS;
		buf_add(&pem, body->data + at, len);
		buf_add_char(&pem, '\n');
	}
	buf_add_text(&pem, "-----END PKCS7-----\n");
	replace(body, &pem);
}

static void
to_half(struct buf *body)
{
	body->len /= 2;
}

static void
to_trailing_crlf(struct buf *body)
{
	buf_add(body, "\r\n", 2);
}

static void
to_trailing_byte(struct buf *body)
{
	buf_add_char(body, '\0');
}

static void
put_in_front(struct buf *body, const char *text, size_t len)
{
	struct buf whole = BUF_INIT;

	buf_add(&whole, text, len);
	buf_add(&whole, body->data, body->len);
	replace(body, &whole);
}

static void
to_leading_crlf(struct buf *body)
{
	put_in_front(body, "\r\n", 2);
}

/* Time and system stay 0 in the header: the same bytes in, the same bytes out. */
static void
to_gzip(struct buf *body)
{
	struct buf packed = BUF_INIT;
	gz_header header = {.os = 0};
	z_stream stream = {.next_in = body->data};

	if (body->len > UINT_MAX / 2 ||
	    deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, GZIP_WINDOW_BITS,
	        GZIP_MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
		abort(); /* no body is that long, and zlib fails for want of memory only
		          */
	deflateSetHeader(&stream, &header);
	buf_reserve(&packed, deflateBound(&stream, body->len));
	stream.avail_in = (uInt)body->len;
	stream.next_out = packed.data;
	stream.avail_out = (uInt)packed.cap;
	if (deflate(&stream, Z_FINISH) != Z_STREAM_END)
		abort(); /* deflateBound is enough by its contract */
	packed.len = stream.total_out;
	deflateEnd(&stream);
	replace(body, &packed);
}

static void
to_html(struct buf *body)
{
	buf_reset(body);
	buf_add_text(body,
	    "<!DOCTYPE html>\r\n<html><head><title>Access</title></head>\r\n"
	    "<body><h1>Access</h1><p>Please sign in to continue.</p></body></html>\r\n");
}

static bool
has_mark(const struct buf *body)
{
	return body->len >= 2 && body->data[0] == 0xFF && body->data[1] == 0xFE;
}

static unsigned
unit_at(const struct buf *body, size_t at)
{
	return at + 1 < body->len ? body->data[at] | (unsigned)body->data[at + 1] << 8
	                          : REPLACEMENT;
}

/* RFC 2781 2.2; a surrogate without its other half is replaced. */
static unsigned
take_code(const struct buf *body, size_t *at)
{
	unsigned code = unit_at(body, *at);
	unsigned low = unit_at(body, *at + 2);

	*at += 2;
	if (code < 0xD800 || code >= 0xE000)
		return code;
	if (code >= 0xDC00 || low < 0xDC00 || low >= 0xE000)
		return REPLACEMENT;
	*at += 2;
	return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

/* RFC 3629 3 */
static void
add_utf8(struct buf *out, unsigned code)
{
	if (code < 0x80) {
		buf_add_char(out, (char)code);
		return;
	}
	if (code < 0x800) {
		buf_add_char(out, (char)(0xC0 | code >> 6));
	} else {
		if (code < 0x10000) {
			buf_add_char(out, (char)(0xE0 | code >> 12));
		} else {
			buf_add_char(out, (char)(0xF0 | code >> 18));
			buf_add_char(out, (char)(0x80 | (code >> 12 & 0x3F)));
		}
		buf_add_char(out, (char)(0x80 | (code >> 6 & 0x3F)));
	}
	buf_add_char(out, (char)(0x80 | (code & 0x3F)));
}

static void
to_utf_8(struct buf *body)
{
	struct buf text = BUF_INIT;
	size_t at = has_mark(body) ? 2 : 0;

	if (at == 0 && (body->len < 2 || body->data[1] != 0)) /* no page of NDES */
		return;
	while (at < body->len)
		add_utf8(&text, take_code(body, &at));
	replace(body, &text);
}

static void
to_utf_16_bom(struct buf *body)
{
	if (!has_mark(body))
		put_in_front(body, "\xFF\xFE", 2);
}

static const struct {
	const char *word;
	void (*change)(struct buf *body);
} transforms[] = {
    {"empty", to_empty},
    {"base64", to_base64},
    {"pem", to_pem},
    {"half", to_half},
    {"trailing-crlf", to_trailing_crlf},
    {"trailing-byte", to_trailing_byte},
    {"leading-crlf", to_leading_crlf},
    {"gzip", to_gzip},
    {"html", to_html},
    {"utf-8", to_utf_8},
    {"utf-16-bom", to_utf_16_bom},
};

bool
transform_body(const char *word, struct buf *body)
{
	for (size_t i = 0; i < sizeof(transforms) / sizeof(transforms[0]); i++) {
		if (strcmp(transforms[i].word, word) == 0) {
			transforms[i].change(body);
			return true;
		}
	}
	return false;
}

const char *
transform_encoding(const char *word)
{
	return strcmp(word, "gzip") == 0 ? "gzip" : NULL;
}
