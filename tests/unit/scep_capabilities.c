#include "scep/capabilities.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

/* The body of `text` less the words of `without`, compared with `want`. */
static void
expect_body(const char *name, const char *text, const char *without, const char *want)
{
	struct capabilities all, less;
	struct buf out = BUF_INIT;

	cr_assert(capabilities_parse(slice_of(text), &all), "case %s", name);
	cr_assert(capabilities_parse(slice_of(without), &less), "case %s", name);
	capabilities_remove(&all, &less);
	capabilities_body(&all, &out);
	cr_expect(slice_is(buf_slice(&out), want), "case %s: \"%.*s\"", name,
	    (int)out.len, (const char *)out.data);
	buf_clear(&out);
}

Test(capabilities, body_has_one_line_a_word_and_no_final_newline)
{
	expect_body("one", "AES", "", "AES");
	expect_body("the NDES of 2012 R2", "Renewal,SHA-512,SHA-256,SHA-1,DES3", "",
	    "Renewal\nSHA-512\nSHA-256\nSHA-1\nDES3");
	expect_body("blanks", " AES , SHA-256\t,DES3 ", "", "AES\nSHA-256\nDES3");
	expect_body("none", "", "", "");
	expect_body("blanks alone", "  ", "", "");
}

Test(capabilities, ndes_body_has_34_bytes)
{
	struct capabilities all;
	struct buf out = BUF_INIT;

	cr_assert(capabilities_parse(SLICE("Renewal,SHA-512,SHA-256,SHA-1,DES3"), &all));
	capabilities_body(&all, &out);
	cr_expect(eq(sz, out.len, 34));
	buf_clear(&out);
}

Test(capabilities, words_are_taken_out)
{
	expect_body("first", "AES,DES3,SHA-1", "AES", "DES3\nSHA-1");
	expect_body("last", "AES,DES3,SHA-1", "SHA-1", "AES\nDES3");
	expect_body("two", "AES,DES3,SHA-1", "SHA-1,AES", "DES3");
	expect_body("all", "AES,DES3", "DES3,AES", "");
	expect_body("one that is not there", "AES,DES3", "SHA-512", "AES\nDES3");
	expect_body(
	    "a word that only begins alike", "SHA-1,SHA-256", "SHA", "SHA-1\nSHA-256");
	expect_body("another case is another word", "AES", "aes", "AES");
	expect_body("a word that is there twice", "AES,DES3,AES", "AES", "DES3");
}

Test(capabilities, empty_words_and_long_lists_are_refused)
{
	static const char *const texts[] = {
	    ",", "AES,", ",AES", "AES,,DES3", "AES, ,DES3"};
	char many[4 * CAPABILITIES_MAX];
	struct capabilities found = {.count = 7};
	size_t i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		cr_expect(capabilities_parse(slice_of(texts[i]), &found) == false,
		    "case %s", texts[i]);
	for (i = 0; i <= CAPABILITIES_MAX; i++)
		memcpy(many + 2 * i, "A,", 2);
	cr_expect(capabilities_parse(
	              (struct slice){many, 2 * CAPABILITIES_MAX + 1}, &found) == false);
	cr_expect(eq(sz, found.count, 7), "touched on failure");
	cr_expect(
	    capabilities_parse((struct slice){many, 2 * CAPABILITIES_MAX - 1}, &found));
	cr_expect(eq(sz, found.count, CAPABILITIES_MAX));
}
