/*
 * match: facts in, decision out. Pure but for what a run remembers: counters, states of
 * machines, and what is expected; a run belongs to one site and is touched by the
 * loop's thread only. Time comes in with the facts, chance with the seed: the same
 * requests in the same order give the same decisions.
 */
#ifndef SCENARIOS_MATCH_H
#define SCENARIOS_MATCH_H

#include "scenarios/facts.h"
#include "scenarios/model.h"

/* Which predicate of a rule was the first that did not hold; in the order of asking. */
enum predicate {
	PREDICATE_NONE,  /* all held */
	PREDICATE_STAGE, /* the rule is for another stage: at accept, or not */
	PREDICATE_LAYER, /* the fault's layer does not touch this path */
	PREDICATE_CLIENT,
	PREDICATE_TLS,
	PREDICATE_OPERATION,
	PREDICATE_METHOD,
	PREDICATE_PATH,
	PREDICATE_QUERY_BYTES,
	PREDICATE_URI_BYTES,
	PREDICATE_USER_AGENT,
	PREDICATE_PLATFORM,
	PREDICATE_HEADER,
	PREDICATE_CLIENT_CERT,
	PREDICATE_BODY_BYTES,
	PREDICATE_MESSAGE_TYPE,
	PREDICATE_KEY_BITS,
	PREDICATE_DIGEST,
	PREDICATE_CIPHER,
	PREDICATE_SUBJECT,
	PREDICATE_CHALLENGE,
	PREDICATE_CHALLENGE_TYPE,
	PREDICATE_STATE,
	PREDICATE_NOT,
	PREDICATE_NTH,
	PREDICATE_EVERY,
	PREDICATE_TIMES,
	PREDICATE_RATE,
	PREDICATE_PROBABILITY,
};
#define PREDICATE_COUNT 29

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
	size_t ordinal;    /* which of the requests that the rule counted, from 1 */
	uint64_t delay_ms; /* drawn from the rule's delay */
	/* for each rule above the one that matched: enum predicate, why it did not */
	unsigned char failed[DECISION_RULES_MAX];
	/* each machine's state before the decision and after its event */
	unsigned char before[MACHINES_MAX];
	unsigned char after[MACHINES_MAX];
};

struct run; /* a scenario with what it remembers */

/* Borrows the scenario. */
struct run *run_new(const struct scenario *scenario, uint64_t seed);
void run_free(struct run *run); /* NULL is fine */
const struct scenario *run_scenario(const struct run *run);
size_t run_fired(const struct run *run, size_t rule_index); /* how often it matched */
/* Some rule counts, draws or moves a machine: the order of decisions matters. */
bool run_counts(const struct run *run);
/* Whether rules of stage ACCEPT are in play (what is decided per connection). */
bool run_decides_accept(const struct run *run);

/*
 * First match wins, in file order. At STAGE_ACCEPT only rules of that stage are asked
 * (rule_is_at_accept), later only the others. The plain predicates of a rule are asked
 * in the order of enum predicate; counting ones are asked, and its counter moves by
 * one, when all of those hold. With DECIDE_RULE its event has moved the machines. With
 * DECIDE_LATER nothing has moved: ask again with the facts of the next stage.
 */
void run_decide(struct run *run, const struct facts *facts, struct decision *ret);

/* Decided before a connection's first byte is read, or by the door itself. */
bool rule_is_at_accept(const struct rule *rule);
/* A fault of a door: refuse, no-accept, tls. Nobody can choose it by URL. */
bool rule_is_of_door(const struct rule *rule);

/* An event from outside (a person at the controls). False: no machine waits for it in
   any of its states. */
bool run_event(struct run *run, const char *event, int64_t now_ms);
/* The states that the machines are in: "scep-pool=stopped"; empty: no machines. */
void run_states(struct run *run, int64_t now_ms, struct buf *out);

/* Once for every request, with all that came to be known of it, after it was decided:
   counts what is expected. States are those before the decision, which may have moved
   them; NULL or DECIDE_LATER: nothing was decided, so those of now. */
void
run_observe(struct run *run, const struct facts *facts, const struct decision *decision);

enum judgement { JUDGED_KEPT, JUDGED_BROKEN, JUDGED_SKIPPED };
/*
 * What has become of an expectation. SKIPPED: nothing it could be held against came (its
 * rule never fired; without after_rule: no rule of the run ever did). BROKEN: `why` gets
 * a phrase: "no POST came after the 414", "4 requests came, at most 3 are expected".
 */
enum judgement run_judge(const struct run *run, size_t expect_index, struct buf *why);

/*
 * The why of a decision in a few words for a log line, "query 3643 > 2048": the
 * bounds that the matched rule tested. Empty when there is nothing to say.
 */
void
decision_why(const struct decision *decision, const struct facts *facts, struct buf *out);
/* What a request must be like for the rule, "GET, query over 2048 bytes". */
void rule_describe(const struct rule *rule, struct buf *out);
/* The same of a match alone. */
void match_describe(const struct match *match, struct buf *out);
const char *predicate_name(enum predicate predicate); /* as the key in the file */

#endif
