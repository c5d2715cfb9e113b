#include "scenarios/run.h"

#include "base/chance.h"
#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* No drawn delay is longer: a lognormal one has no end of its own. */
#define DELAY_DRAWN_MAX_MS (24 * 60 * 60 * 1000)

/* What is drawn: apart from each other for the same request of a rule. */
enum salt { SALT_PROBABILITY, SALT_DELAY, SALT_DELAY_ANGLE };

bool
rule_is_of_door(const struct rule *rule)
{
	const struct action *action = &rule->action;

	return action->kind == ACTION_TLS ||
	       (action->kind == ACTION_CONNECTION &&
	           (action->connection.fate == FATE_REFUSE ||
	               action->connection.fate == FATE_NO_ACCEPT));
}

bool
rule_is_at_accept(const struct rule *rule)
{
	const struct delay *delay = &rule->shaping.delay;

	return rule_is_of_door(rule) ||
	       (rule->action.kind == ACTION_CONNECTION &&
	           rule->action.connection.is_at_accept) ||
	       (delay->kind != DELAY_NONE && delay->at == DELAY_ACCEPT);
}

static bool
rule_counts(const struct rule *rule)
{
	const struct match *match = &rule->match;
	const enum delay_kind delay = rule->shaping.delay.kind;

	return match->nth.is_set || match->every > 0 || match->times > 0 ||
	       match->has_probability || match->rate_count > 0 || rule->emit != NULL ||
	       match->state_count > 0 || delay == DELAY_RANGE || delay == DELAY_LOGNORMAL;
}

struct run *
run_new(const struct scenario *scenario, uint64_t seed)
{
	struct run *run = mem_alloc(sizeof(*run));
	const size_t count = scenario->rule_count < DECISION_RULES_MAX
	                         ? scenario->rule_count
	                         : DECISION_RULES_MAX;

	run->scenario = scenario;
	run->seed = seed;
	run->rule_count = count;
	run->rules = mem_array(count + 1, sizeof(*run->rules));
	run->is_at_accept = mem_array(count + 1, sizeof(*run->is_at_accept));
	run->firings = mem_array(count + 1, sizeof(*run->firings));
	run->of_site = mem_array(count + 1, sizeof(*run->of_site));
	run->counts = scenario->machine_count > 0;
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = &scenario->rules[i];

		asked_init(&run->rules[i], &rule->match, &run->vocabulary);
		asked_narrow(&run->rules[i], rule, &run->vocabulary);
		run->is_at_accept[i] = rule_is_at_accept(rule);
		run->decides_accept |= run->is_at_accept[i] && !rule_is_of_door(rule);
		run->counts |= rule_counts(rule);
	}
	run->expects = mem_array(scenario->expect_count + 1, sizeof(*run->expects));
	run->observed = mem_array(scenario->expect_count + 1, sizeof(*run->observed));
	for (size_t i = 0; i < scenario->expect_count; i++)
		asked_init(
		    &run->expects[i], &scenario->expects[i].request, &run->vocabulary);
	states_init(&run->states, scenario);
	return run;
}

void
run_free(struct run *run)
{
	if (run == NULL)
		return;
	for (size_t i = 0; i < run->rule_count; i++) {
		asked_clear(&run->rules[i]);
		tally_clear(&run->of_site[i]);
	}
	for (size_t i = 0; i < run->scenario->expect_count; i++)
		asked_clear(&run->expects[i]);
	counters_clear(&run->counters);
	states_clear(&run->states);
	free(run->rules);
	free(run->is_at_accept);
	free(run->firings);
	free(run->of_site);
	free(run->expects);
	free(run->observed);
	free(run);
}

const struct scenario *
run_scenario(const struct run *run)
{
	return run->scenario;
}

size_t
run_fired(const struct run *run, size_t rule_index)
{
	return run->firings[rule_index].count;
}

bool
run_counts(const struct run *run)
{
	return run->counts;
}

bool
run_decides_accept(const struct run *run)
{
	return run->decides_accept;
}

/* A decision under way. Counters move when it is taken, not before. */
struct asking {
	struct run *run;
	struct known known;
	unsigned char connection[8];
	uint64_t counted; /* bit n: the counter of rule n is to move */
	size_t ordinal;   /* of the rule asked last */
	struct tally *tallies[DECISION_RULES_MAX]; /* of those; NULL: to be made */
};

static void
asking_init(struct asking *asking, struct run *run, const struct facts *facts)
{
	asking->run = run;
	asking->known.facts = facts;
	asking->known.vocabulary = &run->vocabulary;
	asking->known.states = run->states.now;
	asking->known.have_words = 0;
	asking->known.have_layers = 0;
	asking->known.layers = 0;
	asking->known.has_address = false;
	asking->counted = 0;
	asking->ordinal = 0;
}

/* Points into the facts, or into `asking`; the same bytes on every machine. */
static struct bytes
counter_key(struct asking *asking, enum count_by count_by)
{
	const struct facts *facts = asking->known.facts;
	struct slice text = {NULL, 0};

	switch (count_by) {
	case COUNT_BY_SITE:
		break;
	case COUNT_BY_CLIENT:
		text = facts->client;
		break;
	case COUNT_BY_CONNECTION:
		for (size_t i = 0; i < sizeof(asking->connection); i++)
			asking->connection[i] =
			    (unsigned char)(facts->connection >> (i * 8));
		return (struct bytes){asking->connection, sizeof(asking->connection)};
	case COUNT_BY_TRANSACTION:
		text = facts->transaction_id;
		break;
	}
	return (struct bytes){(const unsigned char *)text.text, text.len};
}

static struct tally *
find_tally(struct asking *asking, size_t index)
{
	const enum count_by count_by = asking->run->scenario->rules[index].match.count_by;

	if (count_by == COUNT_BY_SITE)
		return &asking->run->of_site[index];
	return counters_find(
	    &asking->run->counters, index, counter_key(asking, count_by));
}

static uint64_t
draw(struct asking *asking, size_t index, enum salt salt)
{
	const struct rule *rule = &asking->run->scenario->rules[index];

	return chance_draw(asking->run->seed, slice_of(rule->id),
	    counter_key(asking, rule->match.count_by), asking->ordinal, salt);
}

/* The counting predicate that does not hold for request number `ordinal`. */
static enum predicate
ask_counting(struct asking *asking, size_t index)
{
	static const struct tally none = {.count = 0};
	const struct match *match = &asking->run->scenario->rules[index].match;
	const struct tally *tally = asking->tallies[index] = find_tally(asking, index);

	if (tally == NULL)
		tally = &none;
	asking->ordinal = tally->count + 1;
	asking->counted |= UINT64_C(1) << index;
	if (match->nth.is_set &&
	    (asking->ordinal < match->nth.min || asking->ordinal > match->nth.max))
		return PREDICATE_NTH;
	if (match->every > 0 && asking->ordinal % match->every != 0)
		return PREDICATE_EVERY;
	if (match->times > 0 && asking->ordinal > match->times)
		return PREDICATE_TIMES;
	if (match->rate_count > 0 && !tally_is_over(tally, match->rate_count,
	                                 match->rate_ms, asking->known.facts->now_ms))
		return PREDICATE_RATE;
	if (match->has_probability &&
	    !chance_hits(draw(asking, index, SALT_PROBABILITY), match->per_million))
		return PREDICATE_PROBABILITY;
	return PREDICATE_NONE;
}

/* One that counts by transaction must know which one it is. */
static bool
waits_for_transaction(const struct asking *asking, size_t index)
{
	const struct match *match = &asking->run->scenario->rules[index].match;

	return match->count_by == COUNT_BY_TRANSACTION &&
	       known_waits_for_message(&asking->known);
}

static enum truth
ask_rule(struct asking *asking, size_t index, enum predicate *failed)
{
	struct run *run = asking->run;
	const bool is_accept = asking->known.facts->stage == STAGE_ACCEPT;
	enum truth truth;

	*failed = PREDICATE_STAGE;
	if (run->is_at_accept[index] != is_accept)
		return FAILS;
	truth = asked_hold(&run->rules[index], &asking->known,
	    waits_for_transaction(asking, index), failed);
	/* what a connection alone does not tell is never asked of it again */
	if (truth == NOT_KNOWN && is_accept)
		return FAILS;
	if (truth != HOLDS)
		return truth;
	*failed = ask_counting(asking, index);
	return *failed == PREDICATE_NONE ? HOLDS : FAILS;
}

/* What is there first: to make another one may move it, or forget it. */
static void
move_counters(struct asking *asking)
{
	struct run *run = asking->run;
	const int64_t now_ms = asking->known.facts->now_ms;
	uint64_t missing = 0;

	for (uint64_t left = asking->counted; left != 0; left &= left - 1) {
		const size_t i = (size_t)__builtin_ctzll(left);

		if (asking->tallies[i] != NULL)
			tally_add(asking->tallies[i],
			    run->scenario->rules[i].match.rate_count, now_ms);
		else
			missing |= UINT64_C(1) << i;
	}
	for (uint64_t left = missing; left != 0; left &= left - 1) {
		const size_t i = (size_t)__builtin_ctzll(left);
		const struct match *match = &run->scenario->rules[i].match;

		tally_add(counters_need(
		              &run->counters, i, counter_key(asking, match->count_by)),
		    match->rate_count, now_ms);
	}
}

/* Box and Muller's transform: two even draws make one of the normal distribution. */
static uint64_t
draw_lognormal(struct asking *asking, size_t index, const struct delay *delay)
{
	const double pi = acos(-1);
	/* above 0: its logarithm is taken */
	double u = 1 - chance_unit(draw(asking, index, SALT_DELAY));
	double v = chance_unit(draw(asking, index, SALT_DELAY_ANGLE));
	double normal = sqrt(-2 * log(u)) * cos(2 * pi * v);
	double ms = (double)delay->median_ms * exp(delay->sigma * normal);

	return ms < DELAY_DRAWN_MAX_MS ? (uint64_t)(ms + 0.5) : DELAY_DRAWN_MAX_MS;
}

static uint64_t
draw_delay(struct asking *asking, size_t index)
{
	const struct delay *delay = &asking->run->scenario->rules[index].shaping.delay;

	switch (delay->kind) {
	case DELAY_NONE:
		return 0;
	case DELAY_FIXED:
		return delay->min_ms;
	case DELAY_RANGE:
		return delay->min_ms +
		       (uint64_t)(chance_unit(draw(asking, index, SALT_DELAY)) *
		                  (double)(delay->max_ms - delay->min_ms + 1));
	case DELAY_LOGNORMAL:
		return draw_lognormal(asking, index, delay);
	}
	return 0;
}

static void
fire(struct asking *asking, size_t index, struct decision *ret)
{
	struct run *run = asking->run;
	const struct facts *facts = asking->known.facts;
	const struct rule *rule = &run->scenario->rules[index];
	struct firing *firing = &run->firings[index];

	ret->verdict = DECIDE_RULE;
	ret->rule = rule;
	ret->ordinal = asking->ordinal;
	ret->delay_ms = draw_delay(asking, index);
	if (firing->count++ == 0) {
		firing->first_ms = facts->now_ms;
		firing->first_arrival =
		    facts->arrival > 0 ? facts->arrival : run->latest_arrival;
	}
	if (rule->emit != NULL)
		states_event(&run->states, rule->emit, facts->now_ms);
}

void
run_decide(struct run *run, const struct facts *facts, struct decision *ret)
{
	struct asking asking;
	size_t i = 0;

	asking_init(&asking, run, facts);
	states_settle(&run->states, facts->now_ms);
	*ret = (struct decision){.verdict = DECIDE_HONEST};
	memcpy(ret->before, run->states.now, sizeof(ret->before));
	for (; i < run->rule_count && ret->verdict == DECIDE_HONEST; i++) {
		enum predicate failed;
		enum truth truth = ask_rule(&asking, i, &failed);

		if (truth == NOT_KNOWN) {
			ret->verdict = DECIDE_LATER;
			break;
		}
		if (truth == HOLDS) {
			fire(&asking, i, ret);
			break;
		}
		ret->failed[i] = (unsigned char)failed;
	}
	ret->rule_index = i;
	if (facts->arrival > run->latest_arrival)
		run->latest_arrival = facts->arrival;
	if (ret->verdict != DECIDE_LATER)
		move_counters(&asking);
	memcpy(ret->after, run->states.now, sizeof(ret->after));
}

bool
run_event(struct run *run, const char *event, int64_t now_ms)
{
	states_settle(&run->states, now_ms);
	states_event(&run->states, event, now_ms);
	return states_know(&run->states, event);
}

void
run_states(struct run *run, int64_t now_ms, struct buf *out)
{
	states_settle(&run->states, now_ms);
	for (size_t i = 0; i < run->states.count; i++) {
		const struct machine *machine = run->states.places[i].machine;

		buf_add_format(out, "%s%s=%s", i > 0 ? ", " : "", machine->name,
		    machine->states[run->states.now[i]].name);
	}
}
