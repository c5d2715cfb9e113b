#include "scep/fact.h"

#include "support/same.h"
#include "support/text.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>

Test(fact, text_is_safe_for_a_terminal)
{
	static const struct {
		const char *name;
		const char *text;
		const char *want;
	} rows[] = {
	    {"plain", "CN=host1", "CN=host1"},
	    {"UTF-8", "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x94\x91",
	        "caf\xc3\xa9 \xe6\x97\xa5 \xf0\x9f\x94\x91"},
	    {"escape sequence", "a\x1b[31mb", "a\\x1b[31mb"},
	    {"line break", "a\r\nb", "a\\x0d\\x0ab"},
	    {"C1 control",
	        "a\xc2\x9b"
	        "b",
	        "a\\xc2\\x9b"
	        "b"},
	    {"right to left",
	        "a\xe2\x80\xae"
	        "b",
	        "a\\xe2\\x80\\xae"
	        "b"},
	    {"overlong", "\xc0\xaf", "\\xc0\\xaf"},
	    {"surrogate", "\xed\xa0\x80", "\\xed\\xa0\\x80"},
	    {"cut", "a\xe6\x97", "a\\xe6\\x97"},
	    {"latin", "\xe5", "\\xe5"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf out = BUF_INIT;
		char *text;

		fact_clean(slice_of(rows[i].text), &out);
		text = buf_string(&out);
		cr_expect(same(text, rows[i].want), "case %s", rows[i].name);
		free(text);
	}
}

Test(fact, findings_are_counted_by_level)
{
	struct fact *root = fact_new("root");
	struct fact *child = fact_add(root, "child");

	fact_find(root, FACT_ERROR, "C-21", "One.");
	fact_find(child, FACT_ERROR, "C-22", "Two, %d.", 2);
	fact_find(child, FACT_INFORMATION, "S-08", "Three.");
	cr_expect(eq(sz, fact_count(root, FACT_ERROR), (size_t)2));
	cr_expect(eq(sz, fact_count(root, FACT_WARNING), (size_t)0));
	cr_expect(eq(sz, fact_count(child, FACT_INFORMATION), (size_t)1));
	expect_string(child->children[0]->label, "C-22");
	expect_string(child->children[0]->value, "Two, 2.");
	fact_free(root);
	fact_free(NULL);
}

Test(fact, a_long_value_is_cut_between_characters)
{
	struct fact *fact = fact_new("long");
	char *text = malloc(FACT_TEXT_MAX + 8);

	cr_assert(text != NULL);
	memset(text, 'a', FACT_TEXT_MAX - 1);
	memcpy(text + FACT_TEXT_MAX - 1,
	    "\xe6\x97\xa5"
	    "bbb",
	    7);
	fact_set_value(fact, slice_of(text));
	cr_expect(eq(sz, strlen(fact->value), (size_t)FACT_TEXT_MAX - 1 + 3));
	expect_string(fact->value + FACT_TEXT_MAX - 2, "a...");
	free(text);
	fact_free(fact);
}
