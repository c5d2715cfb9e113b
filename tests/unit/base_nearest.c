#include "base/nearest.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static const char *const words[] = {
    "GetCACaps", "GetCACert", "GetNextCACert", "PKIOperation", "delay", "drip", "delays"};

#define WORDS (sizeof(words) / sizeof(words[0]))

static void
expect_hint(const char *word, const char *want)
{
	struct buf out = BUF_INIT;

	buf_add_text(&out, "x");
	nearest_hint(&out, slice_of(word), words, WORDS);
	cr_expect(slice_is(buf_slice(&out), want), "%s: got %.*s", word, (int)out.len,
	    (const char *)out.data);
	buf_clear(&out);
}

Test(base_nearest, hints_name_what_is_near)
{
	expect_hint("PKIOperatoin", "x; did you mean PKIOperation?");
	expect_hint("dela", "x; did you mean delay or delays?");
	expect_hint(
	    "GetCACerts", "x; did you mean GetCACert, GetCACaps or GetNextCACert?");
	expect_hint("zzzzz", "x");
	expect_hint("", "x");
}

Test(base_nearest, nearest_comes_first_then_the_order_of_words)
{
	size_t near[NEAREST_MAX];
	size_t found = nearest_words(SLICE("GetCACert"), words, WORDS, NEAREST_MAX, near);

	cr_assert(eq(sz, found, 3));
	cr_expect(eq(sz, near[0], 1));
	cr_expect(eq(sz, near[1], 0), "GetCACaps is 3 away");
	cr_expect(eq(sz, near[2], 2), "GetNextCACert is 4 away");
}

Test(base_nearest, a_swap_of_neighbours_is_one_step)
{
	static const char *const two[] = {"abXd", "abdc"};
	size_t near[NEAREST_MAX];
	size_t found = nearest_words(SLICE("abcd"), two, 2, NEAREST_MAX, near);

	cr_assert(eq(sz, found, 2));
	cr_expect(eq(sz, near[0], 0), "one step each: the order of the words decides");
	cr_expect(eq(sz, near[1], 1));
	found = nearest_words(SLICE("ab"), (const char *const[]){"ba"}, 1, 3, near);
	cr_expect(eq(sz, found, 1), "one of two letters is half");
}

Test(base_nearest, no_more_than_asked_for)
{
	size_t near[NEAREST_MAX];

	cr_expect(eq(sz, nearest_words(SLICE("delay"), words, WORDS, 1, near), 1));
	cr_expect(eq(sz, near[0], 4));
	cr_expect(eq(sz, nearest_words(SLICE("delay"), words, WORDS, 0, near), 0));
	cr_expect(eq(sz, nearest_words(SLICE("delay"), words, WORDS, 99, near), 2));
}

Test(base_nearest, very_long_words_are_near_to_nothing)
{
	char word[200];
	const char *const known[] = {word};
	size_t near[NEAREST_MAX];

	memset(word, 'a', sizeof(word));
	word[sizeof(word) - 1] = '\0';
	cr_expect(eq(sz, nearest_words(slice_of(word), words, WORDS, 3, near), 0));
	cr_expect(eq(sz, nearest_words(SLICE("a"), known, 1, 3, near), 0));
}
