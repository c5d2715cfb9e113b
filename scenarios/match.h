/*
 * match: facts in, decision out. Pure but for the counters, which belong to one
 * run of one scenario and are touched by the loop's thread only.
 */
#ifndef SCENARIOS_MATCH_H
#define SCENARIOS_MATCH_H

#include "scenarios/facts.h"
#include "scenarios/model.h"

/* Which predicate of a rule was the first that did not hold. */
enum predicate {
	PREDICATE_NONE,  /* all held */
	PREDICATE_LAYER, /* the fault's layer does not touch this path */
	PREDICATE_OPERATION,
	PREDICATE_METHOD,
	PREDICATE_QUERY_BYTES,
	PREDICATE_URI_BYTES,
	PREDICATE_MESSAGE_TYPE,
	PREDICATE_TIMES,
};

#define DECISION_RULES_MAX 64 /* a scenario has at most this many rules */

enum verdict {
	DECIDE_HONEST, /* no rule matched */
	DECIDE_RULE,   /* decision->rule does */
	DECIDE_LATER,  /* a rule may match, once more is known */
};

struct decision {
	enum verdict verdict;
	const struct rule *rule;
	size_t rule_index;
	/* for each rule above the one that matched: why it did not */
	unsigned char failed[DECISION_RULES_MAX];
};

struct run; /* a scenario with its counters */

/* Borrows the scenario. */
struct run *run_new(const struct scenario *scenario);
void run_free(struct run *run); /* NULL is fine */
const struct scenario *run_scenario(const struct run *run);
size_t run_fired(const struct run *run, size_t rule_index); /* how often it matched */
bool run_counts(const struct run *run); /* some rule counts: order of decisions matters */

/*
 * First match wins, in file order. Counters move only with DECIDE_RULE, and only
 * the one of that rule. With DECIDE_LATER nothing has moved: ask again with the
 * facts of the next stage.
 */
void run_decide(struct run *run, const struct facts *facts, struct decision *ret);

/*
 * The why of a decision in a few words for a log line, "query 3643 > 2048": the
 * bounds that the matched rule tested. Empty when there is nothing to say.
 */
void
decision_why(const struct decision *decision, const struct facts *facts, struct buf *out);
/* What a request must be like for the rule, "GET, query over 2048 bytes". */
void rule_describe(const struct rule *rule, struct buf *out);
const char *predicate_name(enum predicate predicate);

#endif
