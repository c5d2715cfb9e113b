#include "scenarios/platform.h"

/*
 * The first row that begins a word of the User-Agent decides; case is ignored. The
 * order matters: mdmclient and the browsers of a Mac name CFNetwork, or Mac OS X, as
 * those of an iPhone do.
 */
static const struct {
	const char *part;
	const char *platform;
} rows[] = {
    {"mdmclient", "macos"},
    {"macOS", "macos"},
    {"iPhone", "ios"},
    {"iPad", "ios"},
    {"Macintosh", "macos"},
    {"profiled/", "ios"},
    {"CFNetwork", "ios"},
    {"Darwin/", "ios"},
    {"Dalvik", "android"},
    {"Android", "android"},
    {"NDES client", "windows"},
    {"CertEnroll", "windows"},
    {"Win32", "windows"},
    {"Windows", "windows"},
    {"cisco", "cisco"},
    {"curl/", "curl"},
    {"Go-http-client", "go"},
    {"python", "python"},
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

/* By hand: isalnum() looks at the locale. */
static bool
is_in_word(char c)
{
	return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

/* The first row above `end` that the text begins with, or `end`. */
static size_t
find_row(struct slice text, size_t end)
{
	for (size_t i = 0; i < end; i++)
		if ((*text.text | 0x20) == (rows[i].part[0] | 0x20) &&
		    slice_starts_nocase(text, rows[i].part))
			return i;
	return end;
}

const char *
platform_of(struct slice user_agent)
{
	struct slice rest = user_agent;
	size_t best = ROW_COUNT;
	bool is_inside = false;

	if (user_agent.len == 0)
		return "none";
	for (; rest.len > 0 && best > 0; rest.text++, rest.len--) {
		if (!is_inside)
			best = find_row(rest, best);
		is_inside = is_in_word(*rest.text);
	}
	return best < ROW_COUNT ? rows[best].platform : "other";
}
