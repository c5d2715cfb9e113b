#include "logs/field.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(logs_field, only_harmless_text_comes_out)
{
	static const struct {
		const char *name, *text, *want;
	} cases[] = {
	    {"plain", "/a?b=c%20d", "/a?b=c%20d"},
	    {"blank", "a b", "a_b"},
	    {"controls", "a\r\nb\tc\x1b[31m\x7f", "a??b?c?[31m?"},
	    {"valid UTF-8", "\xc3\xa5\xe2\x82\xac\xf0\x9f\x94\x91",
	        "\xc3\xa5\xe2\x82\xac\xf0\x9f\x94\x91"},
	    {"C1 control", "a\xc2\x85z", "a?z"},
	    {"line separator", "a\xe2\x80\xa8z", "a?z"},
	    {"bidirectional", "a\xe2\x80\xaez", "a?z"},
	    {"lone continuation", "a\x80z", "a?z"},
	    {"cut sequence", "a\xe2\x82", "a??"},
	    {"overlong slash", "\xc0\xaf", "??"},
	    {"overlong three", "\xe0\x80\xaf", "???"},
	    {"surrogate", "\xed\xa0\x80", "???"},
	    {"above U+10FFFF", "\xf4\x90\x80\x80", "????"},
	    {"no lead byte", "\xff\xfe", "??"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT;

		field_add(&out, slice_of(cases[i].text), (struct field_style){'_', '?'});
		cr_expect(slice_is(buf_slice(&out), cases[i].want), "case %s: %.*s",
		    cases[i].name, (int)out.len, (const char *)out.data);
		buf_clear(&out);
	}
}

Test(logs_field, a_nul_is_replaced)
{
	struct buf out = BUF_INIT;

	field_add(&out, (struct slice){"a\0b", 3}, (struct field_style){'+', '?'});
	cr_expect(slice_is(buf_slice(&out), "a?b"));
	buf_clear(&out);
}

Test(logs_field, a_cut_splits_no_character)
{
	cr_expect(slice_is(field_cut(SLICE("abcd"), 4), "abcd"));
	cr_expect(slice_is(field_cut(SLICE("abcd"), 3), "abc"));
	cr_expect(slice_is(field_cut(SLICE("ab\xe2\x82\xac"), 5), "ab\xe2\x82\xac"));
	cr_expect(slice_is(field_cut(SLICE("ab\xe2\x82\xac"), 4), "ab"));
	cr_expect(slice_is(field_cut(SLICE("ab\xe2\x82\xac"), 3), "ab"));
	cr_expect(slice_is(field_cut(SLICE("ab\xe2\x82\xac"), 2), "ab"));
	cr_expect(eq(sz, field_cut(SLICE("\x80\x80\x80\x80\x80\x80"), 5).len, 5));
	cr_expect(eq(sz, field_cut(SLICE("abc"), 0).len, 0));
}
