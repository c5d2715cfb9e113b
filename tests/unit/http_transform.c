#include "http/transform.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>
#include <zlib.h>

#define LINE48 "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL"
#define LINE64 "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1ub3BxcnN0dXZ3eHl6QUJDREVGR0hJSktM"

static const struct {
	const char *word;
	struct slice body;
	struct slice want;
} changes[] = {
    {"empty", SLICE("abc"), SLICE("")},
    {"base64", SLICE("a\0b?"), SLICE("YQBiPw==")},
    {"base64", SLICE(LINE48 LINE48), SLICE(LINE64 LINE64)},
    {"pem", SLICE(LINE48 "a"),
        SLICE("-----BEGIN PKCS7-----\n" LINE64 "\nYQ==\n-----END PKCS7-----\n")},
    {"pem", SLICE(LINE48),
        SLICE("-----BEGIN PKCS7-----\n" LINE64 "\n-----END PKCS7-----\n")},
    {"half", SLICE("abcde"), SLICE("ab")},
    {"half", SLICE(""), SLICE("")},
    {"trailing-crlf", SLICE("abc"), SLICE("abc\r\n")},
    {"trailing-byte", SLICE("abc"), SLICE("abc\0")},
    {"leading-crlf", SLICE("abc"), SLICE("\r\nabc")},
    {"leading-crlf", SLICE(""), SLICE("\r\n")},
    {"utf-8", SLICE("a\0\xE4\0\xAC\x20\x3D\xD8\0\xDE"),
        SLICE("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80")},
    {"utf-8", SLICE("\xFF\xFE\xE4\0"), SLICE("\xC3\xA4")},
    {"utf-8", SLICE("a\0\x3D\xD8z\0"), SLICE("a\xEF\xBF\xBDz")},
    {"utf-8", SLICE("a\0\0\xDE"), SLICE("a\xEF\xBF\xBD")},
    {"utf-8", SLICE("a\0b"), SLICE("a\xEF\xBF\xBD")},
    {"utf-8", SLICE("SHA-256\n"), SLICE("SHA-256\n")},
    {"utf-8", SLICE("a"), SLICE("a")},
    {"utf-8", SLICE(""), SLICE("")},
    {"utf-16-bom", SLICE("a\0"),
        SLICE("\xFF\xFE"
              "a\0")},
    {"utf-16-bom",
        SLICE("\xFF\xFE"
              "a\0"),
        SLICE("\xFF\xFE"
              "a\0")},
};

Test(transform, each_word_does_what_it_says)
{
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct buf body = BUF_INIT;

		buf_add_slice(&body, changes[i].body);
		cr_expect(
		    transform_body(changes[i].word, &body), "case %zu: is a word", i);
		cr_expect(slice_equal(buf_slice(&body), changes[i].want),
		    "case %zu %s: %zu bytes %.*s", i, changes[i].word, body.len,
		    (int)body.len, (char *)body.data);
		buf_clear(&body);
	}
}

static size_t
unpack(const struct buf *body, unsigned char *out, size_t size)
{
	z_stream stream = {.next_in = body->data, .avail_in = (uInt)body->len};

	cr_assert(inflateInit2(&stream, 15 + 16) == Z_OK);
	stream.next_out = out;
	stream.avail_out = (uInt)size;
	cr_expect(inflate(&stream, Z_FINISH) == Z_STREAM_END);
	inflateEnd(&stream);
	return stream.total_out;
}

Test(transform, gzip_is_unpacked_to_the_same_bytes_and_has_no_time)
{
	for (size_t len = 0; len < 70000; len = len * 7 + 1) {
		struct buf body = BUF_INIT, again = BUF_INIT;
		unsigned char out[70000];

		for (size_t i = 0; i < len; i++) {
			buf_add_char(&body, (char)(i * i % 251));
			buf_add_char(&again, (char)(i * i % 251));
		}
		cr_assert(transform_body("gzip", &body));
		cr_assert(transform_body("gzip", &again));
		cr_expect(slice_equal(buf_slice(&body), buf_slice(&again)));
		cr_expect(memcmp(body.data, "\x1F\x8B\x08\0\0\0\0\0", 8) == 0,
		    "no name, no time");
		cr_assert(eq(sz, unpack(&body, out, sizeof(out)), len));
		for (size_t i = 0; i < len; i++)
			cr_assert(out[i] == i * i % 251, "%zu of %zu", i, len);
		buf_clear(&body);
		buf_clear(&again);
	}
}

Test(transform, html_is_a_page_in_place_of_the_body)
{
	struct buf body = BUF_INIT;

	buf_add_text(&body, "SHA-256");
	cr_assert(transform_body("html", &body));
	cr_expect(slice_starts_nocase(buf_slice(&body), "<!DOCTYPE html>"));
	cr_expect(memmem(body.data, body.len, "</html>", 7) != NULL);
	cr_expect(memmem(body.data, body.len, "SHA-256", 7) == NULL);
	buf_clear(&body);
}

Test(transform, gzip_alone_has_an_encoding)
{
	cr_expect(strcmp(transform_encoding("gzip"), "gzip") == 0);
	cr_expect(transform_encoding("base64") == NULL);
	cr_expect(transform_encoding("GZIP") == NULL);
}

Test(transform, other_words_are_refused_and_leave_the_body)
{
	struct buf body = BUF_INIT;

	buf_add_text(&body, "abc");
	cr_expect(not(transform_body("Empty", &body)));
	cr_expect(not(transform_body("", &body)));
	cr_expect(slice_is(buf_slice(&body), "abc"));
	buf_clear(&body);
}
