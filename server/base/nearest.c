#include "base/nearest.h"

#include <string.h>

/* A longer word is no misspelling of ours; it also bounds the three rows below. */
#define NEAREST_WORD_MAX 64

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Optimal string alignment: insert, drop, replace a letter, swap two neighbours.
 * Three rows of the table are enough: a swap looks two rows back.
 */
static size_t
nearest_distance(struct slice a, struct slice b)
{
	size_t rows[3][NEAREST_WORD_MAX + 1];
	size_t *before = rows[0], *last = rows[1], *row = rows[2], *spare;

	for (size_t j = 0; j <= b.len; j++)
		last[j] = j;
	for (size_t i = 1; i <= a.len; i++) {
		row[0] = i;
		for (size_t j = 1; j <= b.len; j++) {
			bool same = a.text[i - 1] == b.text[j - 1];

			row[j] = least(
			    last[j - 1] + (same ? 0 : 1), least(last[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a.text[i - 1] == b.text[j - 2] &&
			    a.text[i - 2] == b.text[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		spare = before;
		before = last;
		last = row;
		row = spare;
	}
	return last[b.len];
}

struct near {
	size_t index;
	size_t distance;
};

/* Puts `found` into its place in the sorted list of at most `most`; returns its new
 * length. */
static size_t
nearest_insert(struct near list[], size_t count, size_t most, struct near found)
{
	size_t at = count;

	while (at > 0 && list[at - 1].distance > found.distance)
		at--;
	if (at == most)
		return count;
	if (count < most)
		count++;
	memmove(list + at + 1, list + at, (count - at - 1) * sizeof(*list));
	list[at] = found;
	return count;
}

size_t
nearest_words(struct slice word, const char *const words[], size_t count, size_t most,
    size_t ret[NEAREST_MAX])
{
	struct near list[NEAREST_MAX];
	size_t found = 0;

	most = least(most, NEAREST_MAX);
	if (word.len == 0 || word.len > NEAREST_WORD_MAX || most == 0)
		return 0;
	for (size_t i = 0; i < count; i++) {
		struct slice known = slice_of(words[i]);
		size_t longer = known.len > word.len ? known.len : word.len;
		struct near near = {.index = i};

		if (known.len > NEAREST_WORD_MAX)
			continue;
		near.distance = nearest_distance(word, known);
		if (near.distance * 2 <= longer)
			found = nearest_insert(list, found, most, near);
	}
	for (size_t i = 0; i < found; i++)
		ret[i] = list[i].index;
	return found;
}

void
nearest_hint(struct buf *out, struct slice word, const char *const words[], size_t count)
{
	size_t near[NEAREST_MAX];
	size_t found;

	found = nearest_words(word, words, count, NEAREST_MAX, near);
	for (size_t i = 0; i < found; i++) {
		buf_add_text(out, i == 0          ? "; did you mean "
		                  : i + 1 < found ? ", "
		                                  : " or ");
		buf_add_text(out, words[near[i]]);
	}
	if (found > 0)
		buf_add_char(out, '?');
}
