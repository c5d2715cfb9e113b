/*
 * run: what a run remembers, for the files that make up match.h.
 */
#ifndef SCENARIOS_RUN_H
#define SCENARIOS_RUN_H

#include "scenarios/asked.h"
#include "scenarios/counters.h"
#include "scenarios/states.h"

struct firing {
	size_t count;
	/* of the first one */
	int64_t first_ms;
	uint64_t first_arrival;
};

struct run {
	const struct scenario *scenario;
	uint64_t seed;
	bool counts;
	bool decides_accept;
	size_t rule_count;
	uint64_t latest_arrival; /* of those decided */
	struct vocabulary vocabulary;
	struct asked *rules;      /* one a rule */
	bool *is_at_accept;       /* the same */
	struct firing *firings;   /* the same */
	struct tally *of_site;    /* the same: COUNT_BY_SITE, which is never forgotten */
	struct counters counters; /* all other keys */
	struct states states;
	struct asked *expects; /* one an expectation */
	size_t *observed;      /* the same */
};

#endif
