#include "scenarios/glob.h"
#include <stdint.h>
#include <string.h>

/* Places in the pattern that the text so far may have led to, in rising order. */
struct places {
	uint16_t at[GLOB_MAX + 1];
	size_t count;
};

static unsigned char
fold(char c)
{
	return (unsigned char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
}

static bool
is_same(char a, char b, bool is_path)
{
	return is_path ? fold(a) == fold(b) : a == b;
}

/* A glob is part of a string: behind a star there is always another character. */
static size_t
star_len(const char *star, bool is_path)
{
	return is_path && star[1] == '*' ? 2 : 1;
}

static bool
crosses(const char *star, bool is_path)
{
	return !is_path || star[1] == '*';
}

/*
 * A star may also be nothing, so the place behind it is reached with it. What is not
 * above the last place is in the list already, and what it reaches is too: between two
 * places that one step adds there are only stars.
 */
static void
add_place(struct places *places, struct slice glob, size_t at, bool is_path)
{
	while (places->count == 0 || at > places->at[places->count - 1]) {
		places->at[places->count++] = (uint16_t)at;
		if (at == glob.len || glob.text[at] != '*')
			return;
		at += star_len(glob.text + at, is_path);
	}
}

static void
step(const struct places *from, struct slice glob, char c, bool is_path,
    struct places *ret)
{
	ret->count = 0;
	for (size_t i = 0; i < from->count; i++) {
		const size_t at = from->at[i];

		if (at == glob.len)
			continue;
		if (glob.text[at] == '*') {
			if (c != '/' || crosses(glob.text + at, is_path))
				add_place(ret, glob, at, is_path);
		} else if (is_same(glob.text[at], c, is_path)) {
			add_place(ret, glob, at + 1, is_path);
		}
	}
}

static bool
walk(struct slice glob, struct slice text, bool is_path)
{
	struct places places[2];
	size_t turn = 0;

	places[0].count = 0;
	add_place(&places[0], glob, 0, is_path);
	for (size_t i = 0; i < text.len && places[turn].count > 0; i++) {
		step(&places[turn], glob, text.text[i], is_path, &places[1 - turn]);
		turn = 1 - turn;
	}
	return places[turn].count > 0 &&
	       places[turn].at[places[turn].count - 1] == glob.len;
}

/* Stars that cross all, at both ends too: what is between them is somewhere, in order,
   and the first place that it is found at is as good as any. */
static bool
has_pieces(struct slice glob, struct slice text)
{
	while (glob.len > 0) {
		const char *star = memchr(glob.text, '*', glob.len);
		const size_t len = (size_t)(star - glob.text);

		if (len > text.len)
			return false;
		if (len > 0) {
			const char *found = memmem(text.text, text.len, glob.text, len);

			if (found == NULL)
				return false;
			text.len -= (size_t)(found - text.text) + len;
			text.text = found + len;
		}
		glob.len -= len + 1;
		glob.text = star + 1;
	}
	return true;
}

/* The literal text before the first star, which decides most of the time. */
static bool
strip_start(struct slice *glob, struct slice *text, bool is_path)
{
	while (glob->len > 0 && *glob->text != '*') {
		if (text->len == 0 || !is_same(*glob->text, *text->text, is_path))
			return false;
		glob->text++;
		glob->len--;
		text->text++;
		text->len--;
	}
	return true;
}

/* And that behind the last one, of a glob that has a star. */
static bool
strip_end(struct slice *glob, struct slice *text, bool is_path)
{
	while (glob->text[glob->len - 1] != '*') {
		if (text->len == 0 || !is_same(glob->text[glob->len - 1],
		                          text->text[text->len - 1], is_path))
			return false;
		glob->len--;
		text->len--;
	}
	return true;
}

static bool
matches(struct slice glob, struct slice text, bool is_path)
{
	if (glob.len > GLOB_MAX || !strip_start(&glob, &text, is_path))
		return false;
	if (glob.len == 0)
		return text.len == 0;
	if (!strip_end(&glob, &text, is_path))
		return false;
	if (star_len(glob.text, is_path) == glob.len)
		return crosses(glob.text, is_path) || text.len == 0 ||
		       memchr(text.text, '/', text.len) == NULL;
	return is_path ? walk(glob, text, is_path) : has_pieces(glob, text);
}

bool
glob_matches(const char *glob, struct slice text)
{
	return matches(slice_of(glob), text, false);
}

bool
glob_matches_path(const char *glob, struct slice path)
{
	return matches(slice_of(glob), path, true);
}
