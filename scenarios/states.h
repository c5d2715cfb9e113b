/*
 * states: where the machines of a run are, and what moves them. Time is given with
 * every call; a machine's stay in its first state begins with the first one.
 */
#ifndef SCENARIOS_STATES_H
#define SCENARIOS_STATES_H

#include "scenarios/model.h"

/* When an event came while its machine was in this state; a ring of the latest. */
struct occurrences {
	size_t count;
	int64_t times[EVENT_COUNT_MAX];
};

struct place {
	const struct machine *machine;
	size_t state;
	int64_t entered_ms;
	bool has_begun;
	struct occurrences *occurrences; /* one a transition of the state */
};

struct states {
	struct place *places;
	size_t count;
	unsigned char now[MACHINES_MAX]; /* the state of each, as states_settle left it */
};

void states_init(struct states *states, const struct scenario *scenario);
void states_clear(struct states *states);
/* Machines leave by themselves the states whose time is over. */
void states_settle(struct states *states, int64_t now_ms);
/* The event comes; states_settle first. */
void states_event(struct states *states, const char *event, int64_t now_ms);
/* Whether a machine waits for it in any of its states. */
bool states_know(const struct states *states, const char *event);

#endif
