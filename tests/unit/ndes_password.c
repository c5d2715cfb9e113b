#include "ndes/password.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#define SITE   "default"
#define START  1700000000000
#define MINUTE 60000
#define HOUR   (60 * MINUTE)

static const struct password_rules usual = PASSWORD_RULES_DEFAULT;

static struct store *
open_store(void)
{
	struct err err = ERR_INIT;
	struct store *store = store_open(NULL, &err);

	cr_assert(store != NULL, "%s", err.text);
	return store;
}

/* The chance of each is its number, so that the words are known. */
static enum password_issue
issue(struct store *store, const char *site, unsigned char number, int64_t now_ms,
    char ret[PASSWORD_TEXT_SIZE])
{
	unsigned char chance[PASSWORD_CHANCE_SIZE] = {0xA0, 0, 0, 0, 0, 0, 0, number};
	struct err err = ERR_INIT;
	enum password_issue issued =
	    password_issue(store, site, &usual, now_ms, chance, ret, &err);

	cr_assert(err.kind == ERR_NONE, "%s", err.text);
	return issued;
}

static enum password_verdict
look(struct store *store, const char *site, int64_t now_ms, const char *given)
{
	struct err err = ERR_INIT;
	enum password_verdict verdict =
	    password_look(store, site, &usual, now_ms, slice_of(given), &err);

	cr_assert(err.kind == ERR_NONE, "%s", err.text);
	return verdict;
}

static bool
spend(struct store *store, const char *given)
{
	struct err err = ERR_INIT;
	bool spent = password_spend(store, SITE, slice_of(given), &err);

	cr_assert(err.kind == ERR_NONE, "%s", err.text);
	return spent;
}

/* Five at START, with numbers 1 to 5. */
static struct store *
open_full(char first[PASSWORD_TEXT_SIZE])
{
	struct store *store = open_store();
	char word[PASSWORD_TEXT_SIZE];

	for (unsigned char i = 1; i <= 5; i++)
		cr_assert(issue(store, SITE, i, START, i == 1 ? first : word) ==
		              PASSWORD_ISSUED,
		    "number %u", i);
	return store;
}

#define ROW(issued, is_spent)                                               \
	{                                                                   \
		.issued_ms = (issued), .spent = (is_spent), .counted = true \
	}

static const struct {
	const char *what;
	struct challenge_row row;
	int64_t now_ms;
	enum password_verdict verdict;
} ages[] = {
    {"new", ROW(START, false), START, PASSWORD_GOOD},
    {"a millisecond before the hour", ROW(START, false), START + HOUR - 1, PASSWORD_GOOD},
    {"at the hour", ROW(START, false), START + HOUR, PASSWORD_EXPIRED},
    {"long after", ROW(START, false), START + 100LL * HOUR, PASSWORD_EXPIRED},
    {"used", ROW(START, true), START + 1, PASSWORD_SPENT},
    {"used and old", ROW(START, true), START + 2 * HOUR, PASSWORD_SPENT},
    {"from a clock that went back", ROW(START, false), START - 5 * HOUR, PASSWORD_GOOD},
    {"from the first moment", ROW(INT64_MIN, false), INT64_MAX, PASSWORD_EXPIRED},
    {"at the first moment", ROW(0, false), INT64_MIN, PASSWORD_GOOD},
};

Test(password, lives_for_an_hour_and_one_use)
{
	for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++)
		cr_expect(password_judge(&ages[i].row, &usual, ages[i].now_ms) ==
		              ages[i].verdict,
		    "case %s", ages[i].what);
}

Test(password, whether_it_counts_does_not_change_how_long_it_lives)
{
	struct challenge_row row = {.issued_ms = START, .counted = false};

	cr_expect(password_judge(&row, &usual, START + HOUR - 1) == PASSWORD_GOOD);
	cr_expect(password_judge(&row, &usual, START + HOUR) == PASSWORD_EXPIRED);
}

Test(password, no_row_is_unknown)
{
	cr_expect(password_judge(NULL, &usual, START) == PASSWORD_UNKNOWN);
}

Test(password, validity_of_any_length_is_taken)
{
	static const struct {
		uint64_t valid_ms;
		enum password_verdict verdict;
	} cases[] = {
	    {0, PASSWORD_EXPIRED},
	    {1, PASSWORD_GOOD},
	    {INT64_MAX, PASSWORD_GOOD},
	    {UINT64_MAX, PASSWORD_GOOD},
	};
	struct challenge_row row = {.issued_ms = START, .counted = true};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct password_rules rules = {5, cases[i].valid_ms};

		cr_expect(password_judge(&row, &rules, START) == cases[i].verdict,
		    "case %zu", i);
	}
}

Test(password, is_sixteen_upper_case_hex_digits)
{
	static const unsigned char chance[] = {
	    0x8C, 0xE3, 0x17, 0x02, 0x1F, 0x69, 0x00, 0xab};
	struct store *store = open_store();
	char word[PASSWORD_TEXT_SIZE] = "";
	struct err err = ERR_INIT;

	cr_assert(password_issue(store, SITE, &usual, START, chance, word, &err) ==
	              PASSWORD_ISSUED,
	    "%s", err.text);
	cr_expect(strcmp(word, "8CE317021F6900AB") == 0, "%s", word);
	store_close(store);
}

Test(password, lets_in_once)
{
	struct store *store = open_store();
	char word[PASSWORD_TEXT_SIZE];

	cr_assert(issue(store, SITE, 1, START, word) == PASSWORD_ISSUED);
	cr_expect(look(store, SITE, START + 1, word) == PASSWORD_GOOD);
	cr_expect(look(store, SITE, START + 2, word) == PASSWORD_GOOD, "to look spends");
	cr_expect(spend(store, word));
	cr_expect(look(store, SITE, START + 3, word) == PASSWORD_SPENT);
	cr_expect(not(spend(store, word)));
	store_close(store);
}

Test(password, the_sixth_meets_a_full_cache)
{
	char word[PASSWORD_TEXT_SIZE] = "untouched";
	char first[PASSWORD_TEXT_SIZE];
	struct store *store = open_full(first);

	cr_expect(issue(store, SITE, 6, START, word) == PASSWORD_CACHE_FULL);
	cr_expect(strcmp(word, "untouched") == 0, "%s", word);
	store_close(store);
}

Test(password, a_used_one_makes_room_for_one)
{
	char word[PASSWORD_TEXT_SIZE];
	char first[PASSWORD_TEXT_SIZE];
	struct store *store = open_full(first);

	cr_assert(spend(store, first));
	cr_expect(issue(store, SITE, 6, START, word) == PASSWORD_ISSUED);
	cr_expect(issue(store, SITE, 7, START, word) == PASSWORD_CACHE_FULL);
	store_close(store);
}

Test(password, room_is_made_in_the_same_moment_as_one_expires)
{
	char word[PASSWORD_TEXT_SIZE];
	char first[PASSWORD_TEXT_SIZE];
	struct store *store = open_full(first);

	cr_expect(look(store, SITE, START + HOUR - 1, first) == PASSWORD_GOOD);
	cr_expect(issue(store, SITE, 6, START + HOUR - 1, word) == PASSWORD_CACHE_FULL);
	cr_expect(look(store, SITE, START + HOUR, first) == PASSWORD_EXPIRED);
	cr_expect(issue(store, SITE, 6, START + HOUR, word) == PASSWORD_ISSUED);
	store_close(store);
}

Test(password, one_apart_takes_no_place_and_needs_none)
{
	static const unsigned char chance[PASSWORD_CHANCE_SIZE] = {0xFF};
	char apart[PASSWORD_TEXT_SIZE] = "";
	char word[PASSWORD_TEXT_SIZE];
	char first[PASSWORD_TEXT_SIZE];
	struct store *store = open_full(first);
	struct err err = ERR_INIT;

	cr_assert(password_issue_apart(store, SITE, START, chance, apart, &err), "%s",
	    err.text);
	cr_expect(look(store, SITE, START, apart) == PASSWORD_GOOD);
	cr_assert(spend(store, first));
	cr_expect(issue(store, SITE, 6, START, word) == PASSWORD_ISSUED);
	cr_expect(spend(store, apart));
	cr_expect(look(store, SITE, START, apart) == PASSWORD_SPENT);
	cr_expect(issue(store, SITE, 7, START, word) == PASSWORD_CACHE_FULL,
	    "a used one that does not count made room");
	store_close(store);
}

Test(password, sites_know_nothing_of_each_other)
{
	char word[PASSWORD_TEXT_SIZE];
	char first[PASSWORD_TEXT_SIZE];
	struct store *store = open_full(first);

	cr_expect(look(store, "other", START, first) == PASSWORD_UNKNOWN);
	cr_expect(issue(store, "other", 1, START, word) == PASSWORD_ISSUED);
	store_close(store);
}

/* The word that is out is A000000000000001. */
static const struct {
	const char *what;
	struct slice given;
	enum password_verdict verdict;
} givens[] = {
    {"the word", {"A000000000000001", 16}, PASSWORD_GOOD},
    {"in small letters", {"a000000000000001", 16}, PASSWORD_UNKNOWN},
    {"its beginning", {"A00000000000000", 15}, PASSWORD_UNKNOWN},
    {"with a blank", {"A000000000000001 ", 17}, PASSWORD_UNKNOWN},
    {"with a NUL", {"A000000000000001\0", 17}, PASSWORD_UNKNOWN},
    {"nothing", {"", 0}, PASSWORD_UNKNOWN},
    {"no text", {NULL, 0}, PASSWORD_UNKNOWN},
    {"quotes", {"' OR 1=1 --", 11}, PASSWORD_UNKNOWN},
    {"no UTF-8", {"\xff\xfe", 2}, PASSWORD_UNKNOWN},
};

Test(password, only_the_very_word_is_good)
{
	struct store *store = open_store();
	char word[PASSWORD_TEXT_SIZE];

	cr_assert(issue(store, SITE, 1, START, word) == PASSWORD_ISSUED);
	cr_assert(strcmp(word, "A000000000000001") == 0, "%s", word);
	for (size_t i = 0; i < sizeof(givens) / sizeof(givens[0]); i++) {
		struct err err = ERR_INIT;

		cr_expect(password_look(store, SITE, &usual, START, givens[i].given,
		              &err) == givens[i].verdict,
		    "case %s", givens[i].what);
		cr_expect(err.kind == ERR_NONE, "case %s: %s", givens[i].what, err.text);
		if (givens[i].verdict == PASSWORD_UNKNOWN)
			cr_expect(not(password_spend(store, SITE, givens[i].given, &err)),
			    "case %s is spent", givens[i].what);
	}
	store_close(store);
}

/* Whatever the store holds. */
Test(password, a_word_beyond_the_cap_is_unknown)
{
	char word[PASSWORD_GIVEN_MAX + 2];
	struct store *store = open_store();
	struct err err = ERR_INIT;

	memset(word, 'A', sizeof(word) - 1);
	word[PASSWORD_GIVEN_MAX + 1] = '\0';
	cr_assert(store_add_challenge(store, SITE, word, START, true, &err));
	cr_expect(look(store, SITE, START, word) == PASSWORD_UNKNOWN);
	word[PASSWORD_GIVEN_MAX] = '\0';
	cr_assert(store_add_challenge(store, SITE, word, START, true, &err));
	cr_expect(look(store, SITE, START, word) == PASSWORD_GOOD);
	store_close(store);
}

Test(password, the_same_word_is_never_given_twice)
{
	static const unsigned char chance[PASSWORD_CHANCE_SIZE] = {0};
	char word[PASSWORD_TEXT_SIZE] = "untouched";
	struct store *store = open_store();
	struct err err = ERR_INIT;

	cr_assert(password_issue_apart(store, SITE, START, chance, word, &err));
	cr_assert(spend(store, word));
	strcpy(word, "untouched");
	cr_expect(password_issue(store, SITE, &usual, START, chance, word, &err) ==
	          PASSWORD_NOT_STORED);
	cr_expect(err.kind == ERR_FAILED && strcmp(word, "untouched") == 0);
	store_close(store);
}

Test(password, every_verdict_has_its_words)
{
	static const enum password_verdict verdicts[] = {
	    PASSWORD_GOOD, PASSWORD_UNKNOWN, PASSWORD_SPENT, PASSWORD_EXPIRED};

	for (size_t i = 0; i < 4; i++)
		for (size_t j = 0; j < i; j++)
			cr_expect(strcmp(password_verdict_text(verdicts[i]),
			              password_verdict_text(verdicts[j])) != 0,
			    "cases %zu and %zu", i, j);
}
