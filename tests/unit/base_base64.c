#include "base/base64.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

/* RFC 4648 section 10. */
static const struct {
	const char *plain, *text;
} vectors[] = {
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

Test(base_base64, rfc_vectors_go_both_ways)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		struct bytes plain = {
		    (const unsigned char *)vectors[i].plain, strlen(vectors[i].plain)};
		struct buf text = BUF_INIT, back = BUF_INIT;
		unsigned odd;

		base64_encode(plain, &text);
		cr_expect(slice_is(buf_slice(&text), vectors[i].text), "case %s",
		    vectors[i].plain);
		odd = base64_decode(slice_of(vectors[i].text), &back);
		cr_expect(eq(uint, odd, 0), "case %s", vectors[i].plain);
		cr_expect(slice_is(buf_slice(&back), vectors[i].plain), "case %s",
		    vectors[i].plain);
		buf_clear(&text);
		buf_clear(&back);
	}
}

Test(base_base64, every_byte_survives_at_every_length)
{
	unsigned char data[259];

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7 + 3);
	for (size_t len = 0; len <= sizeof(data); len++) {
		struct buf text = BUF_INIT, back = BUF_INIT;
		unsigned odd;

		base64_encode((struct bytes){data, len}, &text);
		odd = base64_decode(buf_slice(&text), &back);
		cr_expect(eq(uint, odd, 0), "length %zu", len);
		cr_expect(eq(sz, back.len, len));
		cr_expect(
		    len == 0 || memcmp(back.data, data, len) == 0, "length %zu", len);
		buf_clear(&text);
		buf_clear(&back);
	}
}

/* fb ff fe is "+//+" in the standard alphabet. */
Test(base_base64, what_clients_really_send_is_read_and_reported)
{
	static const struct {
		const char *name, *text, *want;
		unsigned odd;
	} cases[] = {
	    {"plain", "+//+", "\xfb\xff\xfe", 0},
	    {"blank for plus", " // ", "\xfb\xff\xfe", BASE64_BLANK_FOR_PLUS},
	    {"url alphabet", "-__-", "\xfb\xff\xfe", BASE64_URL_ALPHABET},
	    {"line breaks", "Zm9v\r\nYmFy\r\n", "foobar", BASE64_LINE_BREAK},
	    {"break inside a group", "Zm\n9v", "foo", BASE64_LINE_BREAK},
	    {"break before padding", "Zg\n==", "f", BASE64_LINE_BREAK},
	    {"break inside padding", "Zg=\n=\n", "f", BASE64_LINE_BREAK},
	    {"no padding, two", "Zm9vYg", "foob", BASE64_NO_PADDING},
	    {"no padding, one", "Zm9vYmE", "fooba", BASE64_NO_PADDING},
	    {"half the padding", "Zm9vYg=", "foob", BASE64_NO_PADDING},
	    {"unused bits set", "Zh==", "f", 0},
	    {"only a line break", "\n", "", BASE64_LINE_BREAK},
	    {"several", "-_ v\r\nZg",
	        "\xfb\xff\xaf"
	        "f",
	        BASE64_URL_ALPHABET | BASE64_BLANK_FOR_PLUS | BASE64_LINE_BREAK |
	            BASE64_NO_PADDING},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT;
		unsigned odd = base64_decode(slice_of(cases[i].text), &out);

		cr_expect(eq(uint, odd, cases[i].odd), "case %s", cases[i].name);
		cr_expect(
		    slice_is(buf_slice(&out), cases[i].want), "case %s", cases[i].name);
		buf_clear(&out);
	}
}

Test(base_base64, what_is_not_base64_appends_nothing)
{
	static const char *const cases[] = {"Zm9v!", "Zm9v%", "Z", "Zm9vY", "=",
	    "Zm9v=", "Zg===", "Zg==Zg==", "Zg=g", "\tZm9v", "Zm9v\x80", "Zg== "};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT;
		unsigned odd;

		buf_add_text(&out, "before");
		odd = base64_decode(slice_of(cases[i]), &out);
		cr_expect(ne(uint, odd & BASE64_NOT_BASE64, 0), "case %s", cases[i]);
		cr_expect(slice_is(buf_slice(&out), "before"), "case %s", cases[i]);
		buf_clear(&out);
	}
}

Test(base_base64, a_nul_in_the_text_is_refused)
{
	struct buf out = BUF_INIT;
	unsigned odd = base64_decode((struct slice){"Zm9v\0Zm9v", 9}, &out);

	cr_expect(ne(uint, odd & BASE64_NOT_BASE64, 0));
	buf_clear(&out);
}

Test(base_base64, both_append)
{
	struct buf out = BUF_INIT;

	buf_add_text(&out, "<");
	base64_decode(SLICE("Zm9v"), &out);
	base64_encode((struct bytes){(const unsigned char *)"foo", 3}, &out);
	cr_expect(slice_is(buf_slice(&out), "<fooZm9v"));
	buf_clear(&out);
}
