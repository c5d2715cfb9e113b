/*
 * nearest: which of the known words a misspelt one was meant to be.
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include "base/buf.h"

#define NEAREST_MAX 3

/*
 * Puts up to `most` (at most NEAREST_MAX) indices of `words` into `ret`, nearest
 * first (optimal string alignment distance, then the order of `words`), and
 * returns how many. Words that share next to nothing (distance above half the
 * longer length) are left out; an empty answer is an answer.
 */
size_t nearest_words(struct slice word, const char *const words[], size_t count,
    size_t most, size_t ret[NEAREST_MAX]);

/*
 * "did you mean a, b or c?" appended to `out` with a leading "; ", or nothing
 * when no word is near.
 */
void
nearest_hint(struct buf *out, struct slice word, const char *const words[], size_t count);

#endif
