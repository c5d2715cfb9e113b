/*
 * explain: `mockndes explain WORD...`, what a symptom means: which scenarios show it, why
 * it comes, what to do, and how to play it. Offline, and all of it out of the catalogue.
 *
 * What the words may be is in cli/query.h, how they are looked for in cli/find.h. A
 * choice, "uri-too-long:answer=400", is told under these settings.
 */
#ifndef CLI_EXPLAIN_H
#define CLI_EXPLAIN_H

#include "base/err.h"
#include "cli/paper.h"

struct explain_options {
	const char *const *words;
	size_t word_count;
	bool is_json;
};

/*
 * Prints to stdout. ERR_FAILED: nothing is found; err has the nearest three. ERR_USAGE:
 * there are no words, or a choice whose settings are wrong.
 */
bool explain_print(const struct explain_options *options, struct err *err);

/* The same, put on paper (people), or as JSON behind what is there. */
bool explain(const struct explain_options *options, struct paper *paper, struct err *err);

#endif
