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

Test(der, outer_levels_become_indefinite_and_deeper_ones_stay)
{
	static const struct {
		const char *name;
		unsigned levels;
		const char *der;
		size_t der_len;
		const char *ber;
		size_t ber_len;
	} rows[] = {
	    {"none", 0, BYTES("\x30\x02\x30\x00"), BYTES("\x30\x02\x30\x00")},
	    {"one", 1, BYTES("\x30\x02\x30\x00"), BYTES("\x30\x80\x30\x00\0\0")},
	    {"two", 2, BYTES("\x30\x04\x30\x02\x05\x00"),
	        BYTES("\x30\x80\x30\x80\x05\x00\0\0\0\0")},
	    {"more than there are", 9, BYTES("\xa0\x04\x31\x02\x05\x00"),
	        BYTES("\xa0\x80\x31\x80\x05\x00\0\0\0\0")},
	    {"empty", 9, BYTES("\xa0\x02\x31\x00"), BYTES("\xa0\x80\x31\x00\0\0")},
	    {"primitive", 3, BYTES("\x02\x01\x05"), BYTES("\x02\x01\x05")},
	    {"siblings", 1, BYTES("\x30\x07\x02\x01\x05\x04\x02hi"),
	        BYTES("\x30\x80\x02\x01\x05\x04\x02hi\0\0")},
	    {"tag of two octets", 1, BYTES("\xbf\x21\x02\x05\x00"),
	        BYTES("\xbf\x21\x80\x05\x00\0\0")},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes der = {(const unsigned char *)rows[i].der, rows[i].der_len};
		struct buf out = BUF_INIT, back = BUF_INIT;

		cr_expect(der_to_ber(der, rows[i].levels, &out), "case %s", rows[i].name);
		cr_expect(out.len == rows[i].ber_len &&
		              memcmp(out.data, rows[i].ber, out.len) == 0,
		    "case %s: %zu bytes", rows[i].name, out.len);
		cr_expect(der_from_ber(buf_bytes(&out), &back), "case %s", rows[i].name);
		cr_expect(
		    back.len == der.len && memcmp(back.data, der.data, der.len) == 0,
		    "case %s: not the same again", rows[i].name);
		buf_clear(&out);
		buf_clear(&back);
	}
}

Test(der, only_one_der_value_becomes_ber)
{
	static const struct {
		const char *name;
		unsigned levels;
		const char *der;
		size_t len;
	} rows[] = {
	    {"nothing", 1, BYTES("")},
	    {"too short", 1, BYTES("\x30\x03\x02\x01")},
	    {"two values", 1, BYTES("\x30\x00\x30\x00")},
	    {"indefinite already", 1, BYTES("\x30\x80\0\0")},
	    {"child longer than its parent", 1, BYTES("\x30\x02\x02\x05")},
	    {"too deep", DER_DEPTH_MAX + 1, BYTES("\x30\x00")},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bytes der = {(const unsigned char *)rows[i].der, rows[i].len};
		struct buf out = BUF_INIT;

		buf_add(&out, "kept", 4);
		cr_expect(der_to_ber(der, rows[i].levels, &out) == false, "case %s",
		    rows[i].name);
		cr_expect(out.len == 4, "case %s: output touched", rows[i].name);
		buf_clear(&out);
	}
}
