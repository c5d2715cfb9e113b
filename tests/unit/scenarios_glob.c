#include "scenarios/glob.h"
#include "scenarios/platform.h"
#include "support/same.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

struct row {
	const char *glob, *text;
	bool plain, path;
};

static const struct row rows[] = {
    {"", "", true, true},
    {"", "a", false, false},
    {"a", "", false, false},
    {"*", "", true, true},
    {"**", "", true, true},
    {"abc", "abc", true, true},
    {"abc", "abcd", false, false},
    {"abc", "ab", false, false},
    {"abc", "ABC", false, true},
    {"a*", "a", true, true},
    {"a*", "abc", true, true},
    {"a*c", "abc", true, true},
    {"a*c", "ac", true, true},
    {"a*c", "acb", false, false},
    {"a*c", "abcbc", true, true},
    {"*c", "abcbc", true, true},
    {"*b*", "abc", true, true},
    {"*b*", "acd", false, false},
    {"a*b*c*d", "axbxcxd", true, true},
    {"a*b*c*d", "axcxbxd", false, false},
    {"*aab", "aaaab", true, true},
    {"*a*a*a", "aa", false, false},
    {"**a", "ba", true, true},
    {"***", "abc", true, true},
    /* segments */
    {"/certsrv/*", "/certsrv/mscep", true, true},
    {"/certsrv/*", "/certsrv/mscep/mscep.dll", true, false},
    {"/certsrv/**", "/certsrv/mscep/mscep.dll", true, true},
    {"/certsrv/**", "/certsrv/", true, true},
    {"/certsrv/**", "/certsrv", false, false},
    {"/*/mscep/*", "/certsrv/mscep/mscep.dll", true, true},
    {"/*/mscep.dll", "/certsrv/mscep/mscep.dll", true, false},
    {"/**/mscep.dll", "/certsrv/mscep/mscep.dll", true, true},
    {"**/pkiclient.exe", "/certsrv/mscep/mscep.dll/pkiclient.exe", true, true},
    {"**/pkiclient.exe", "/certsrv/mscep/mscep.dll/pkiclient.exe/", false, false},
    {"**.DLL*", "/certsrv/mscep/mscep.dll/pkiclient.exe", false, false},
    {"**.DLL*", "/certsrv/mscep/mscep.dll", false, true},
    {"**.DLL**", "/certsrv/mscep/mscep.dll/pkiclient.exe", false, true},
    {"**a*b", "a/ab", true, true},
    {"**a*b", "ab/a", false, false},
    {"*/a/*b", "xa/a/b", true, true},
    {"*a/*b", "xa/ya/b", true, false},
    {"**/*/x*", "a/b/c/xy", true, true},
    {"*/*", "abc", false, false},
    {"*/*", "/", true, true},
    {"*/*", "a/b/c", true, false},
};

Test(scenarios_glob, stars_are_any_text_and_stay_in_a_segment_of_a_path)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice text = slice_of(rows[i].text);

		cr_expect(eq(int, glob_matches(rows[i].glob, text), rows[i].plain),
		    "%s on %s", rows[i].glob, rows[i].text);
		cr_expect(eq(int, glob_matches_path(rows[i].glob, text), rows[i].path),
		    "%s on path %s", rows[i].glob, rows[i].text);
	}
}

Test(scenarios_glob, a_text_may_hold_any_byte)
{
	struct slice text = {"a\0*b", 4};

	cr_expect(glob_matches("a*b", text));
	cr_expect(not(glob_matches("a", text)));
	cr_expect(not(glob_matches("a**", (struct slice){"", 0})));
	cr_expect(glob_matches("*", (struct slice){NULL, 0}));
	cr_expect(not(glob_matches("*a*", (struct slice){NULL, 0})));
	cr_expect(not(glob_matches_path("*a*", (struct slice){NULL, 0})));
}

/* The way every short glob over these letters can be read, by recursion. */
static bool
is_like(const char *glob, const char *text, bool is_path)
{
	if (*glob == '\0')
		return *text == '\0';
	if (*glob == '*') {
		bool is_wide = !is_path || glob[1] == '*';
		const char *behind = glob + (is_path && glob[1] == '*' ? 2 : 1);

		if (is_like(behind, text, is_path))
			return true;
		return *text != '\0' && (is_wide || *text != '/') &&
		       is_like(glob, text + 1, is_path);
	}
	return *glob == *text && is_like(glob + 1, text + 1, is_path);
}

static void
spell(size_t number, size_t len, const char *letters, char *ret)
{
	for (size_t i = 0; i < len; i++, number /= 3)
		ret[i] = letters[number % 3];
	ret[len] = '\0';
}

/* All globs of up to six characters "*a/" on all texts of up to five "ba/". */
Test(scenarios_glob, agrees_with_trying_everything, .timeout = 60)
{
	char glob[8], text[8];
	size_t wrong = 0;

	for (size_t g = 0; g < 729; g++)
		for (size_t t = 0; t < 243; t++)
			for (size_t cut = 0; cut < 4; cut++) {
				spell(g, 6 - cut, "*a/", glob);
				spell(t, 5 - cut / 2, "ba/", text);
				wrong += glob_matches(glob, slice_of(text)) !=
				         is_like(glob, text, false);
				wrong += glob_matches_path(glob, slice_of(text)) !=
				         is_like(glob, text, true);
			}
	cr_expect(eq(sz, wrong, 0));
}

/* Backtracking would take ages here. */
Test(scenarios_glob, time_does_not_blow_up, .timeout = 10)
{
	const size_t len = 16384;
	char *text = malloc(len);
	char glob[GLOB_MAX + 2];

	cr_assert(text != NULL);
	memset(text, 'a', len);
	for (size_t i = 0; i < 64; i++)
		memcpy(glob + i * 3, "**a", 3);
	memcpy(glob + 192, "b", 2);
	cr_expect(not(glob_matches(glob, (struct slice){text, len})));
	cr_expect(not(glob_matches_path(glob, (struct slice){text, len})));
	memset(glob, '*', GLOB_MAX);
	memcpy(glob + GLOB_MAX - 1, "a", 2);
	cr_expect(glob_matches(glob, (struct slice){text, len}));
	memcpy(glob + GLOB_MAX, "a", 2);
	cr_expect(not(glob_matches(glob, (struct slice){text, len})), "too long");
	free(text);
}

Test(scenarios_glob, a_user_agent_tells_the_platform)
{
	static const struct {
		const char *agent, *platform;
	} agents[] = {
	    {"profiled/1.0 CFNetwork/811.5.4 Darwin/16.6.0", "ios"},
	    {"Mozilla/5.0 (iPhone; CPU iPhone OS 12_0 like Mac OS X)", "ios"},
	    {"mdmclient/7.0 CFNetwork/1335.0.3 Darwin/21.6.0", "macos"},
	    {"MDM (macOS 14.4)", "macos"},
	    {"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15)", "macos"},
	    {"Dalvik/2.1.0 (Linux; U; Android 5.0; P01M Build/LRX21V)", "android"},
	    {"Mozilla/4.0 (compatible; Win32; NDES client)", "windows"},
	    {"Mozilla/4.0 (compatible; Win32; NDES client 10.0.19041.746/vb_release)",
	        "windows"},
	    {"Cisco PKI", "cisco"},
	    {"curl/7.88.1", "curl"},
	    {"Go-http-client/1.1", "go"},
	    {"python-requests/2.28.1", "python"},
	    {"Python-urllib/3.11", "python"},
	    {"", "none"},
	    {"libfetch", "other"},
	    {"curl", "other"},
	};

	for (size_t i = 0; i < sizeof(agents) / sizeof(agents[0]); i++)
		cr_expect(
		    same(platform_of(slice_of(agents[i].agent)), agents[i].platform),
		    "%s", agents[i].agent);
}
