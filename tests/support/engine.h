/*
 * engine: a scenario made by hand and its run, for tests of what decides. What a test
 * sets up lives as long as the test's own arrays.
 */
#ifndef SUPPORT_ENGINE_H
#define SUPPORT_ENGINE_H

#include "scenarios/match.h"
#include "support/same.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* Texts in an initializer; a compound literal lives as long as its block. */
#define TEXTS(...)                                                               \
	{                                                                        \
		.items = (const char *[]){__VA_ARGS__},                          \
		.count = sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), \
	}
#define AT_LEAST(n)                                       \
	{                                                 \
		.is_set = true, .min = n, .max = SIZE_MAX \
	}
#define AT_MOST(n)                                 \
	{                                          \
		.is_set = true, .min = 0, .max = n \
	}
#define EXACTLY(n)                                 \
	{                                          \
		.is_set = true, .min = n, .max = n \
	}

/* Actions, the first members of a rule's initializer. */
#define PASSES .action = {.kind = ACTION_PASS}
#define ANSWERS(where) \
	.action = {.kind = ACTION_RESPOND, .respond = {.status = 500, .layer = where}}
#define IIS     ANSWERS(LAYER_IIS)
#define PENDING .action = {.kind = ACTION_SCEP, .scep = {.status = "PENDING"}}

static inline struct facts
head_facts(const char *operation, const char *method)
{
	return (struct facts){
	    .stage = STAGE_HEAD,
	    .operation = operation,
	    .method = slice_of(method),
	    .path = SLICE("/certsrv/mscep/mscep.dll"),
	    .query_bytes = 20,
	    .uri_bytes = 50,
	    .connection = 1,
	    .client = SLICE("127.0.0.1"),
	};
}

static inline struct facts
message_facts(const char *type, const char *transaction)
{
	struct facts facts = head_facts("PKIOperation", "POST");

	facts.stage = STAGE_MESSAGE;
	facts.message_type = type;
	facts.transaction_id = slice_of(transaction);
	return facts;
}

/* The id of the rule, "honest" or "later". */
static inline const char *
decide(struct run *run, const struct facts *facts)
{
	struct decision decision;

	run_decide(run, facts, &decision);
	switch (decision.verdict) {
	case DECIDE_HONEST:
		return "honest";
	case DECIDE_LATER:
		return "later";
	case DECIDE_RULE:
		return decision.rule->id;
	}
	return "";
}

#define EXPECT(run, want, ...)                                     \
	do {                                                       \
		struct facts expect_facts = (__VA_ARGS__);         \
		cr_expect(same(decide(run, &expect_facts), want)); \
	} while (0)

#endif
