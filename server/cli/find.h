/*
 * find: which scenarios show what a query is about, and how sure that is.
 *
 * First the whole query is looked for, as the one thing that it is and as a phrase. When
 * nobody shows it, each of its words has to be found in the same scenario; then what it
 * names among other words counts (an HRESULT, a reason, a line that it contains); at last
 * a text that has most of its words.
 */
#ifndef CLI_FIND_H
#define CLI_FIND_H

#include "cli/query.h"
#include "cli/sign.h"
#include "cli/variations.h"

/* A scenario with all that it shows. */
struct subject {
	struct variations variations;
	struct signs *signs; /* one list a variation */
};

bool
subject_load(const char *name, struct slice text, struct subject *ret, struct err *err);
/* Makes the signs of variations that are there; takes them. */
void subject_init(struct subject *subject, struct variations *variations);
void subject_clear(struct subject *subject);

/* Up to here: 0 is no match; 100 more leave no doubt. */
#define SCORE_ID   1000
#define SCORE_LEAD 100

struct hit {
	const struct subject *subject;
	unsigned score;
	size_t variation; /* the one with the fewest settings that shows it */
	char *why;        /* "HTTPERR: 503 1 AppOffline SCEP" */
};

struct hits {
	struct hit *items; /* best first */
	size_t count;
};

void find(const struct subject *subjects, size_t count, const struct query *query,
    struct hits *ret);
void hits_clear(struct hits *hits);
/* Whether the first is so much better that it alone is meant. */
bool hits_has_lead(const struct hits *hits);

/* For find.c (score.c): how well one sign is what the query asks for; 0: not at all. */
unsigned score_sign(const struct query *query, const struct sign *sign);
/* The sign's text stands in the query, or the query names what the sign has. */
unsigned score_within(const struct query *query, const struct sign *sign);
/* Most words of the sign's text are the query's. */
unsigned score_alike(const struct query *query, const struct sign *sign);

#endif
