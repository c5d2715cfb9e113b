#include "ndes/admin.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define THUMBPRINT "A656FA66 AB12B433 A2DA5CF7 CC153D9A"
#define PASSWORD   "8CE317021F690069"
#define PAGE_MAX   4096

static const struct admin_facts usual = {
    .thumbprint = THUMBPRINT,
    .password = PASSWORD,
    .host = "NDESServer01",
    .rules = PASSWORD_RULES_DEFAULT,
};

/* A page as text; all of these are ASCII, so that every other octet is 0. */
static const char *
page_text(enum admin_page page, const struct admin_facts *facts, char out[PAGE_MAX])
{
	struct buf utf16 = BUF_INIT;
	size_t len;

	admin_page_make(&utf16, page, facts);
	len = utf16.len / 2;
	cr_assert(
	    utf16.len % 2 == 0 && len < PAGE_MAX, "page %d: %zu octets", page, utf16.len);
	for (size_t i = 0; i < len; i++) {
		cr_assert(utf16.data[2 * i] < 0x80 && utf16.data[2 * i + 1] == 0,
		    "page %d: unit %zu", page, i);
		out[i] = (char)utf16.data[2 * i];
	}
	out[len] = '\0';
	buf_clear(&utf16);
	return out;
}

/* What tests/data/pages holds, without the line end that editors like. */
static const char *
golden_text(const char *name, char out[PAGE_MAX])
{
	const char *data = getenv("TEST_DATA");
	char path[FILENAME_MAX];
	FILE *file;
	size_t len;

	cr_assert(data != NULL, "TEST_DATA must name the folder tests/data");
	snprintf(path, sizeof(path), "%s/pages/%s.html", data, name);
	file = fopen(path, "r");
	cr_assert(file != NULL, "cannot read %s", path);
	len = fread(out, 1, PAGE_MAX - 1, file);
	fclose(file);
	while (len > 0 && out[len - 1] == '\n')
		len--;
	out[len] = '\0';
	return out;
}

static const struct {
	enum admin_page page;
	const char *name;
} pages[] = {
    {ADMIN_PASSWORD, "password"},
    {ADMIN_SINGLE_PASSWORD, "single_password"},
    {ADMIN_CACHE_FULL, "cache_full"},
    {ADMIN_NO_PERMISSION, "no_permission"},
    {ADMIN_GENERAL, "general"},
};
#define PAGE_COUNT (sizeof(pages) / sizeof(pages[0]))

Test(admin, pages_are_letter_for_letter_those_of_the_files)
{
	char got[PAGE_MAX];
	char want[PAGE_MAX];

	for (size_t i = 0; i < PAGE_COUNT; i++) {
		page_text(pages[i].page, &usual, got);
		golden_text(pages[i].name, want);
		cr_expect(strcmp(got, want) == 0, "case %s\n  got:  %s\n  want: %s",
		    pages[i].name, got, want);
	}
}

Test(admin, pages_are_one_line)
{
	char text[PAGE_MAX];

	for (size_t i = 0; i < PAGE_COUNT; i++)
		cr_expect(
		    strpbrk(page_text(pages[i].page, &usual, text), "\r\n\t") == NULL,
		    "case %s", pages[i].name);
}

Test(admin, pages_are_little_endian_and_begin_without_a_mark)
{
	static const unsigned char start[] = {'<', 0, 'H', 0, 'T', 0, 'M', 0, 'L', 0};

	for (size_t i = 0; i < PAGE_COUNT; i++) {
		struct buf page = BUF_INIT;

		admin_page_make(&page, pages[i].page, &usual);
		cr_expect(page.len > sizeof(start) &&
		              memcmp(page.data, start, sizeof(start)) == 0,
		    "case %s", pages[i].name);
		buf_clear(&page);
	}
}

Test(admin, a_byte_order_mark_stands_first_when_asked_for)
{
	static const unsigned char start[] = {0xff, 0xfe, '<', 0};
	struct admin_facts facts = usual;
	struct buf marked = BUF_INIT;
	struct buf plain = BUF_INIT;

	facts.has_byte_order_mark = true;
	admin_page_make(&marked, ADMIN_PASSWORD, &facts);
	admin_page_make(&plain, ADMIN_PASSWORD, &usual);
	cr_expect(memcmp(marked.data, start, sizeof(start)) == 0);
	cr_expect(marked.len == plain.len + 2 &&
	          memcmp(marked.data + 2, plain.data, plain.len) == 0);
	buf_clear(&marked);
	buf_clear(&plain);
}

/* The first group of a regex of POSIX, or all of it; false: no match. */
static bool
scrape(const char *text, const char *pattern, int flags, char out[64])
{
	regmatch_t match[2] = {{0}};
	regex_t regex;
	size_t group;
	bool found;

	cr_assert(regcomp(&regex, pattern, REG_EXTENDED | flags) == 0);
	group = regex.re_nsub > 0 ? 1 : 0;
	found = regexec(&regex, text, 2, match, 0) == 0;
	if (found)
		snprintf(out, 64, "%.*s", (int)(match[group].rm_eo - match[group].rm_so),
		    text + match[group].rm_so);
	regfree(&regex);
	return found;
}

/* As programs in the field look for the password; \S is [^[:space:]] here. */
static const struct {
	const char *who;
	const char *pattern;
	int flags;
} scrapers[] = {
    {"by the label, any case",
        "The enrollment challenge password is: <B> ([^[:space:]]*)", REG_ICASE},
    {"sixteen hex digits", "[A-F0-9]{16}", 0},
    {"by the label, letters and digits",
        "The enrollment challenge password is: <B> ([A-Z0-9]+) ", 0},
    {"up to the next sentence",
        "The enrollment challenge password is: <B> (.*) </B> <P> This password can be used "
        "only once",
        0},
};

Test(admin, scrapers_find_the_password)
{
	char text[PAGE_MAX];

	page_text(ADMIN_PASSWORD, &usual, text);
	for (size_t i = 0; i < sizeof(scrapers) / sizeof(scrapers[0]); i++) {
		char found[64] = "nothing";

		scrape(text, scrapers[i].pattern, scrapers[i].flags, found);
		cr_expect(
		    strcmp(found, PASSWORD) == 0, "case %s: %s", scrapers[i].who, found);
	}
}

/* Another way of theirs: cut at white space, take the first word of 16 hex digits. */
Test(admin, the_first_word_of_hex_digits_is_the_password)
{
	char text[PAGE_MAX];
	char *rest = NULL;
	char *word;

	page_text(ADMIN_PASSWORD, &usual, text);
	word = strtok_r(text, " ", &rest);
	while (word != NULL && strspn(word, "0123456789ABCDEF") < 16)
		word = strtok_r(NULL, " ", &rest);
	cr_assert(word != NULL);
	cr_expect(strcmp(word, PASSWORD) == 0, "found %s", word);
}

Test(admin, scrapers_know_the_pages_without_a_password)
{
	char text[PAGE_MAX];
	char found[64];

	page_text(ADMIN_CACHE_FULL, &usual, text);
	cr_expect(strstr(text, "The password cache is full.") != NULL);
	cr_expect(not(scrape(text, scrapers[0].pattern, REG_ICASE, found)));
	page_text(ADMIN_NO_PERMISSION, &usual, text);
	cr_expect(strstr(text, "You do not have sufficient permission to enroll with "
	                       "SCEP.") != NULL);
	cr_expect(not(scrape(text, scrapers[0].pattern, REG_ICASE, found)));
	page_text(ADMIN_GENERAL, &usual, text);
	cr_expect(
	    strstr(text, "This URL is used by network devices to submit certificate "
	                 "requests.") != NULL);
	cr_expect(not(scrape(text, scrapers[0].pattern, REG_ICASE, found)));
}

Test(admin, the_single_password_is_found_by_what_follows_it)
{
	char text[PAGE_MAX];
	char found[64] = "nothing";

	page_text(ADMIN_SINGLE_PASSWORD, &usual, text);
	scrape(text,
	    "The enrollment challenge password is: <B> (.*) </B> <P> This password can be used "
	    "multiple times and will not expire\\.",
	    0, found);
	cr_expect(strcmp(found, PASSWORD) == 0, "found %s", found);
	cr_expect(strstr(text, "only once") == NULL);
}

Test(admin, the_thumbprint_stands_in_four_groups_of_eight)
{
	char text[PAGE_MAX];
	char found[64] = "nothing";

	page_text(ADMIN_PASSWORD, &usual, text);
	scrape(text,
	    "The thumbprint \\(hash value\\) for the CA certificate is: <B> "
	    "([0-9A-F]{8}( [0-9A-F]{8}){3}) </B>",
	    0, found);
	cr_expect(strcmp(found, THUMBPRINT) == 0, "found %s", found);
}

static const struct {
	struct password_rules rules;
	const char *once;
	const char *full;
} limits[] = {
    {{5, 60 * 60000}, "will expire within 60 minutes.", "more than 5 passwords."},
    {{100, 24 * 60 * 60000}, "will expire within 1440 minutes.",
        "more than 100 passwords."},
    {{1, 60001}, "will expire within 2 minutes.", "more than 1 passwords."},
};

Test(admin, pages_tell_the_limits_that_are_set)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct admin_facts facts = usual;
		char text[PAGE_MAX];

		facts.rules = limits[i].rules;
		page_text(ADMIN_PASSWORD, &facts, text);
		cr_expect(strstr(text, limits[i].once) != NULL, "case %s", text);
		page_text(ADMIN_CACHE_FULL, &facts, text);
		cr_expect(strstr(text, limits[i].full) != NULL, "case %s", text);
	}
}

Test(admin, a_password_of_ones_own_cannot_break_the_page)
{
	struct admin_facts facts = usual;
	char text[PAGE_MAX];

	facts.password = "a<b>&\"c";
	page_text(ADMIN_SINGLE_PASSWORD, &facts, text);
	cr_expect(
	    strstr(text, "is: <B> a&lt;b&gt;&amp;&quot;c </B>") != NULL, "%s", text);
}

static const struct {
	const char *what;
	const char *utf8;
	size_t count;
	unsigned short units[8];
} letters[] = {
    {"ASCII", "az", 2, {'a', 'z'}},
    {"two octets", "\xc3\xa5", 1, {0xe5}},
    {"three octets", "\xe2\x82\xac", 1, {0x20ac}},
    {"four octets", "\xf0\x9f\x94\x91", 2, {0xd83d, 0xdd11}},
    {"the last", "\xf4\x8f\xbf\xbf", 2, {0xdbff, 0xdfff}},
    {"beyond the last", "\xf4\x90\x80\x80", 1, {0xfffd}},
    {"a surrogate", "\xed\xa0\x80", 1, {0xfffd}},
    {"longer than need be", "\xe0\x80\xaf", 1, {0xfffd}},
    {"two where one does", "\xc0\xaf", 2, {0xfffd, 0xfffd}},
    {"a lone tail",
        "\x80"
        "a",
        2, {0xfffd, 'a'}},
    {"never an octet",
        "\xff"
        "a",
        2, {0xfffd, 'a'}},
    {"cut short",
        "\xe2\x82"
        "a",
        2, {0xfffd, 'a'}},
};

Test(admin, every_letter_gets_its_units)
{
	static const char before[] = "password is: <B> ";

	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		struct admin_facts facts = usual;
		struct buf empty = BUF_INIT;
		struct buf page = BUF_INIT;
		char text[PAGE_MAX];
		const unsigned char *at;

		facts.password = "";
		page_text(ADMIN_SINGLE_PASSWORD, &facts, text);
		admin_page_make(&empty, ADMIN_SINGLE_PASSWORD, &facts);
		facts.password = letters[i].utf8;
		admin_page_make(&page, ADMIN_SINGLE_PASSWORD, &facts);
		at = page.data +
		     2 * (size_t)(strstr(text, before) + strlen(before) - text);
		cr_expect(page.len == empty.len + 2 * letters[i].count, "case %s: %zu",
		    letters[i].what, page.len);
		for (size_t u = 0; u < letters[i].count; u++)
			cr_expect(at[2 * u] == (letters[i].units[u] & 0xff) &&
			              at[2 * u + 1] == letters[i].units[u] >> 8,
			    "case %s: unit %zu", letters[i].what, u);
		buf_clear(&empty);
		buf_clear(&page);
	}
}
