#include "scenarios/states.h"

#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

static size_t
most_transitions(const struct machine *machine)
{
	size_t most = 0;

	for (size_t i = 0; i < machine->state_count; i++)
		if (machine->states[i].transition_count > most)
			most = machine->states[i].transition_count;
	return most;
}

void
states_init(struct states *states, const struct scenario *scenario)
{
	size_t count = scenario->machine_count < MACHINES_MAX ? scenario->machine_count
	                                                      : MACHINES_MAX;

	*states = (struct states){
	    .places = mem_array(count + 1, sizeof(*states->places)), .count = count};
	for (size_t i = 0; i < count; i++) {
		const struct machine *machine = &scenario->machines[i];

		states->places[i] = (struct place){
		    .machine = machine,
		    .state = machine->initial,
		    .occurrences = mem_array(
		        most_transitions(machine) + 1, sizeof(struct occurrences)),
		};
		states->now[i] = (unsigned char)machine->initial;
	}
}

void
states_clear(struct states *states)
{
	for (size_t i = 0; i < states->count; i++)
		free(states->places[i].occurrences);
	free(states->places);
	*states = (struct states){.count = 0};
}

static const struct state *
state_of(const struct place *place)
{
	return &place->machine->states[place->state];
}

static void
enter(struct place *place, size_t state, int64_t when_ms)
{
	place->state = state;
	place->entered_ms = when_ms;
	for (size_t i = 0; i < state_of(place)->transition_count; i++)
		place->occurrences[i].count = 0;
}

/* A clock that was set back has not passed. */
static uint64_t
passed(int64_t since_ms, int64_t now_ms)
{
	return now_ms > since_ms ? (uint64_t)(now_ms - since_ms) : 0;
}

static bool
leave_by_time(struct place *place, int64_t now_ms)
{
	const struct state *state = state_of(place);

	if (!state->has_after || passed(place->entered_ms, now_ms) < state->after_ms)
		return false;
	enter(place, state->after_to, place->entered_ms + (int64_t)state->after_ms);
	return true;
}

/* On a round of timed states: whole rounds are gone through at once, for a manual
   clock may pass a year in one step. */
static void
skip_rounds(struct place *place, int64_t now_ms)
{
	uint64_t round = 0;
	size_t at = place->state;

	do {
		const struct state *state = &place->machine->states[at];

		round += state->after_ms;
		at = state->after_to;
	} while (at != place->state);
	if (round > 0)
		place->entered_ms +=
		    (int64_t)(passed(place->entered_ms, now_ms) / round * round);
}

static void
settle(struct place *place, int64_t now_ms)
{
	const size_t most = place->machine->state_count;

	if (!place->has_begun) {
		place->has_begun = true;
		place->entered_ms = now_ms;
	}
	for (size_t i = 0; i < most; i++)
		if (!leave_by_time(place, now_ms))
			return;
	/* after so many steps it has come round, or it is at its end */
	if (!leave_by_time(place, now_ms))
		return;
	skip_rounds(place, now_ms);
	for (size_t i = 0; i < most && leave_by_time(place, now_ms); i++)
		;
}

void
states_settle(struct states *states, int64_t now_ms)
{
	for (size_t i = 0; i < states->count && i < MACHINES_MAX; i++) {
		settle(&states->places[i], now_ms);
		states->now[i] = (unsigned char)states->places[i].state;
	}
}

static size_t
wanted_count(const struct transition *transition)
{
	if (transition->count == 0)
		return 1;
	return transition->count < EVENT_COUNT_MAX ? transition->count : EVENT_COUNT_MAX;
}

/* Whether it has now come often enough. */
static bool
note(struct occurrences *occurrences, const struct transition *transition, int64_t now_ms)
{
	const size_t wanted = wanted_count(transition);
	int64_t first;

	occurrences->times[occurrences->count % wanted] = now_ms;
	occurrences->count++;
	if (occurrences->count < wanted)
		return false;
	first = occurrences->times[occurrences->count % wanted];
	return transition->within_ms == 0 ||
	       passed(first, now_ms) <= transition->within_ms;
}

static void
move(struct place *place, const char *event, int64_t now_ms)
{
	const struct state *state = state_of(place);

	for (size_t i = 0; i < state->transition_count; i++) {
		const struct transition *transition = &state->transitions[i];

		if (strcmp(transition->event, event) == 0 &&
		    note(&place->occurrences[i], transition, now_ms)) {
			enter(place, transition->to, now_ms);
			return;
		}
	}
}

void
states_event(struct states *states, const char *event, int64_t now_ms)
{
	for (size_t i = 0; i < states->count; i++) {
		move(&states->places[i], event, now_ms);
		/* a state that lasts no time at all is over */
		settle(&states->places[i], now_ms);
		states->now[i] = (unsigned char)states->places[i].state;
	}
}

static bool
waits_for(const struct machine *machine, const char *event)
{
	for (size_t i = 0; i < machine->state_count; i++) {
		const struct state *state = &machine->states[i];

		for (size_t j = 0; j < state->transition_count; j++)
			if (strcmp(state->transitions[j].event, event) == 0)
				return true;
	}
	return false;
}

bool
states_know(const struct states *states, const char *event)
{
	for (size_t i = 0; i < states->count; i++)
		if (waits_for(states->places[i].machine, event))
			return true;
	return false;
}
