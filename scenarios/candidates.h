/*
 * candidates: all texts that may stand at one place of a file. A plain text is the
 * only one; `${name}` is every word and the least and greatest number that the
 * parameter may have there under the rule's `with`.
 */
#ifndef SCENARIOS_CANDIDATES_H
#define SCENARIOS_CANDIDATES_H

#include "scenarios/fields.h"

#define CANDIDATES_MAX (PARAM_WORDS_MAX + 2)

struct candidates {
	const struct param *param; /* NULL: a plain text */
	bool is_open;              /* the parameter takes any text */
	struct slice items[CANDIDATES_MAX];
	size_t count;
	struct slice chosen; /* the one in force; not in play: the first */
	char ends[2][DURATION_TEXT_MAX];
};

typedef bool text_check(struct slice text, const void *arg);

/* Refuses lists and maps, `${` within a text, and names of no parameter. */
bool candidates_list(
    const struct fields *fields, const struct node *node, struct candidates *ret);
/* Every candidate must pass; `wanted` says what is wanted: "a number from 1 to 9". */
bool candidates_check(const struct fields *fields, const struct node *node,
    const struct candidates *c, text_check *check, const void *arg, const char *wanted);
/* "'x': <wanted> is wanted here", or the same of a parameter that may be x. */
bool candidates_refuse(const struct fields *fields, const struct node *node,
    const struct candidates *c, struct slice text, const char *wanted);
/* The chosen text, for as long as the tree lives. */
const char *candidates_keep(
    const struct fields *fields, const struct node *node, const struct candidates *c);

#endif
