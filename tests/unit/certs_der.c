#include "certs/der.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#define BYTES(literal) literal, sizeof(literal) - 1

struct row {
	const char *name;
	const char *ber;
	size_t ber_len;
	const char *der;
	size_t der_len;
};

Test(der, lengths_and_string_pieces_become_der)
{
	static const struct row rows[] = {
	    {"DER stays", BYTES("\x30\x03\x02\x01\x05"), BYTES("\x30\x03\x02\x01\x05")},
	    {"indefinite", BYTES("\x30\x80\x02\x01\x05\0\0"),
	        BYTES("\x30\x03\x02\x01\x05")},
	    {"overlong length", BYTES("\x30\x82\x00\x03\x02\x01\x05"),
	        BYTES("\x30\x03\x02\x01\x05")},
	    {"string in pieces", BYTES("\x24\x80\x04\x02hi\x04\x01!\0\0"),
	        BYTES("\x04\x03hi!")},
	    {"pieces in pieces", BYTES("\x24\x80\x24\x04\x04\x02hi\x04\x01!\0\0"),
	        BYTES("\x04\x03hi!")},
	    {"context tag", BYTES("\xa0\x80\x30\x80\0\0\0\0"), BYTES("\xa0\x02\x30\x00")},
	    {"SET keeps its order", BYTES("\x31\x06\x02\x01\x09\x02\x01\x01"),
	        BYTES("\x31\x06\x02\x01\x09\x02\x01\x01")},
	    {"empty SEQUENCE", BYTES("\x30\x00"), BYTES("\x30\x00")},
	    {"NULL", BYTES("\x05\x00"), BYTES("\x05\x00")},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_INIT;
		bool ok = der_from_ber(
		    (struct bytes){(const unsigned char *)rows[i].ber, rows[i].ber_len},
		    &out);

		cr_expect(ok, "case %s", rows[i].name);
		cr_expect(out.len == rows[i].der_len &&
		              memcmp(out.data, rows[i].der, out.len) == 0,
		    "case %s: %zu bytes", rows[i].name, out.len);
		buf_clear(&out);
	}
}

Test(der, what_is_not_one_value_is_refused)
{
	static const struct row rows[] = {
	    {"nothing", BYTES("")},
	    {"a tag alone", BYTES("\x30")},
	    {"too short", BYTES("\x30\x03\x02\x01")},
	    {"no end of contents", BYTES("\x30\x80\x02\x01\x05")},
	    {"half an end of contents", BYTES("\x30\x80\x02\x01\x05\0")},
	    {"two values", BYTES("\x05\x00\x05\x00")},
	    {"child longer than its parent",
	        BYTES("\x30\x03\x02\x05\x01\x01\x01\x01\x01")},
	    {"string with a piece that is none", BYTES("\x24\x03\x02\x01\x05")},
	    {"length of 2^63", BYTES("\x30\x88\x80\0\0\0\0\0\0\0")},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned char *exact = malloc(rows[i].ber_len + 1);
		struct buf out = BUF_INIT;

		buf_add(&out, "kept", 4);
		memcpy(exact, rows[i].ber, rows[i].ber_len);
		cr_expect(
		    der_from_ber((struct bytes){exact, rows[i].ber_len}, &out) == false,
		    "case %s", rows[i].name);
		cr_expect(out.len == 4, "case %s: output touched", rows[i].name);
		free(exact);
		buf_clear(&out);
	}
}

/* SEQUENCEs of indefinite length inside each other */
static bool
is_read_nested(size_t depth)
{
	struct buf ber = BUF_INIT, out = BUF_INIT;
	size_t i;
	bool ok;

	for (i = 0; i < depth; i++)
		buf_add(&ber, "\x30\x80", 2);
	for (i = 0; i < depth; i++)
		buf_add(&ber, "\0\0", 2);
	ok = der_from_ber(buf_bytes(&ber), &out);
	buf_clear(&ber);
	buf_clear(&out);
	return ok;
}

Test(der, nesting_has_a_cap)
{
	cr_expect(is_read_nested(DER_DEPTH_MAX));
	cr_expect(is_read_nested(DER_DEPTH_MAX + 1) == false);
	cr_expect(is_read_nested(10000) == false);
}
