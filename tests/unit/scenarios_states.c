#include "support/engine.h"
#include <stdlib.h>
#include <string.h>

#define MINUTE INT64_C(60000)

enum { RUNNING, STOPPED, PAUSED };

/* A pool that five crashes in five minutes stop; it starts by hand, or after ten. */
static struct transition crashes[] = {
    {.event = "crash", .to = STOPPED, .count = 5, .within_ms = 5 * 60000},
    {.event = "stop", .to = STOPPED, .count = 1},
    {.event = "pause", .to = PAUSED, .count = 3},
};
static struct transition starts[] = {{.event = "start", .to = RUNNING, .count = 1}};
static struct state pool_states[] = {
    {.name = "running", .transitions = crashes, .transition_count = COUNT_OF(crashes)},
    {.name = "stopped",
        .transitions = starts,
        .transition_count = 1,
        .has_after = true,
        .after_ms = 10 * 60000,
        .after_to = RUNNING},
    {.name = "paused", .transitions = starts, .transition_count = 1},
};
static struct state_match is_stopped = {.machine = 0, .states = 1 << STOPPED};
static struct state_match is_up = {.machine = 0, .states = 1 << RUNNING | 1 << PAUSED};

struct pool {
	struct machine machine;
	struct rule rules[2];
	struct scenario scenario;
	struct run *run;
};

static void
pool_open(struct pool *pool)
{
	*pool = (struct pool){
	    .machine = {.name = "pool",
	        .initial = RUNNING,
	        .states = pool_states,
	        .state_count = COUNT_OF(pool_states)},
	    .rules = {{.id = "503",
	                  ANSWERS(LAYER_POOL),
	                  .match = {.states = &is_stopped, .state_count = 1}},
	        {.id = "crash",
	            ANSWERS(LAYER_POOL),
	            .match = {.states = &is_up, .state_count = 1},
	            .emit = "crash"}},
	};
	pool->scenario = (struct scenario){.rules = pool->rules,
	    .rule_count = 2,
	    .machines = &pool->machine,
	    .machine_count = 1};
	pool->run = run_new(&pool->scenario, 1);
}

static struct facts
at(int64_t now_ms)
{
	struct facts facts = head_facts("GetCACaps", "GET");

	facts.now_ms = now_ms;
	return facts;
}

static bool
is_in(struct pool *pool, const char *want, int64_t now_ms)
{
	struct buf out = BUF_INIT;
	char *text;
	bool ret;

	run_states(pool->run, now_ms, &out);
	text = buf_string(&out);
	ret = same(text, want);
	free(text);
	return ret;
}

Test(scenarios_states, five_crashes_in_five_minutes_stop_the_pool)
{
	static const struct {
		int64_t last_ms; /* of the fifth crash; the first is at 0 */
		const char *want;
	} rows[] = {{5 * MINUTE, "503"}, {5 * MINUTE + 1, "crash"}, {4, "503"}};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct pool pool;

		pool_open(&pool);
		cr_expect(run_counts(pool.run));
		EXPECT(pool.run, "crash", at(0));
		EXPECT(pool.run, "crash", at(1));
		EXPECT(pool.run, "crash", at(2));
		EXPECT(pool.run, "crash", at(3));
		EXPECT(pool.run, "crash", at(rows[i].last_ms));
		EXPECT(pool.run, rows[i].want, at(rows[i].last_ms));
		run_free(pool.run);
	}
}

/* The window slides: it is the latest five that count. */
Test(scenarios_states, slow_crashes_do_not_add_up)
{
	struct pool pool;

	pool_open(&pool);
	for (int64_t i = 0; i < 20; i++)
		EXPECT(pool.run, "crash", at(i * 2 * MINUTE));
	/* 34:00, 36:00, 38:00 and two more */
	EXPECT(pool.run, "crash", at(38 * MINUTE + 1));
	EXPECT(pool.run, "crash", at(38 * MINUTE + 2));
	EXPECT(pool.run, "503", at(38 * MINUTE + 3));
	run_free(pool.run);
}

Test(scenarios_states, a_timed_state_is_left_by_itself)
{
	struct pool pool;

	pool_open(&pool);
	cr_expect(run_event(pool.run, "stop", 1000));
	EXPECT(pool.run, "503", at(1000));
	EXPECT(pool.run, "503", at(1000 + 10 * MINUTE - 1));
	EXPECT(pool.run, "crash", at(1000 + 10 * MINUTE));
	/* the time begins anew */
	cr_expect(run_event(pool.run, "stop", 20 * MINUTE));
	EXPECT(pool.run, "503", at(30 * MINUTE - 1));
	/* a clock that is set back passes no time */
	EXPECT(pool.run, "503", at(0));
	cr_expect(is_in(&pool, "pool=running", 30 * MINUTE));
	run_free(pool.run);
}

Test(scenarios_states, entering_a_state_forgets_what_was_counted_in_it)
{
	struct pool pool;

	pool_open(&pool);
	for (int i = 0; i < 4; i++)
		EXPECT(pool.run, "crash", at(0));
	cr_expect(run_event(pool.run, "stop", 1));
	cr_expect(run_event(pool.run, "start", 2));
	for (int i = 0; i < 5; i++)
		EXPECT(pool.run, "crash", at(3));
	EXPECT(pool.run, "503", at(4));
	run_free(pool.run);
}

Test(scenarios_states, events_from_outside_move_machines)
{
	struct pool pool;

	pool_open(&pool);
	cr_expect(is_in(&pool, "pool=running", 0));
	cr_expect(not(run_event(pool.run, "iisreset", 0)), "nobody waits for it");
	cr_expect(run_event(pool.run, "start", 0), "waited for in another state");
	cr_expect(is_in(&pool, "pool=running", 0));
	/* without a window, however long it takes */
	for (int64_t i = 0; i < 3; i++) {
		cr_expect(is_in(&pool, "pool=running", i * 1000 * MINUTE));
		cr_expect(run_event(pool.run, "pause", i * 1000 * MINUTE));
	}
	cr_expect(is_in(&pool, "pool=paused", 2000 * MINUTE));
	cr_expect(is_in(&pool, "pool=paused", 9000 * MINUTE), "no time ends it");
	run_free(pool.run);
}

Test(scenarios_states, a_decision_has_the_states_before_and_after)
{
	struct pool pool;
	struct facts facts = at(0);
	struct decision decision;

	pool_open(&pool);
	for (int i = 0; i < 5; i++) {
		run_decide(pool.run, &facts, &decision);
		cr_expect(eq(int, decision.before[0], RUNNING));
		cr_expect(eq(int, decision.after[0], i < 4 ? RUNNING : STOPPED));
		cr_expect(same(predicate_name(decision.failed[0]), "state"));
	}
	run_decide(pool.run, &facts, &decision);
	cr_expect(eq(int, decision.before[0], STOPPED));
	cr_expect(eq(int, decision.after[0], STOPPED));
	cr_expect(eq(sz, decision.ordinal, 1));
	run_free(pool.run);
}

/* Until the message is there, the machine may have moved. */
Test(scenarios_states, a_rule_that_waits_asks_for_the_state_of_its_decision)
{
	struct pool pool;
	struct facts later = head_facts("PKIOperation", "POST");

	pool_open(&pool);
	pool.rules[0].match.message_types = (struct texts)TEXTS("PKCSReq");
	run_free(pool.run);
	pool.run = run_new(&pool.scenario, 1);
	EXPECT(pool.run, "later", later);
	cr_expect(run_event(pool.run, "stop", 0));
	EXPECT(pool.run, "503", message_facts("PKCSReq", "t"));
	run_free(pool.run);
}

/* Blinks for ever: 1 s on, 2 s off; or has a state that lasts no time at all. */
Test(scenarios_states, a_year_passes_in_no_time, .timeout = 10)
{
	struct state states[] = {
	    {.name = "boot", .has_after = true, .after_ms = 500, .after_to = 1},
	    {.name = "on", .has_after = true, .after_ms = 1000, .after_to = 2},
	    {.name = "off", .has_after = true, .after_ms = 2000, .after_to = 1},
	};
	struct machine machine = {.name = "m", .states = states, .state_count = 3};
	struct scenario scenario = {.machines = &machine, .machine_count = 1};
	static const struct {
		int64_t now_ms;
		const char *want;
	} rows[] = {
	    {100, "m=boot"},
	    {599, "m=boot"},
	    {600, "m=on"},
	    {1600, "m=off"},
	    {3599, "m=off"},
	    {3600, "m=on"},
	    {600 + 3000 * INT64_C(10000000) + 999, "m=on"},
	    {600 + 3000 * INT64_C(20000000) + 1000, "m=off"},
	    {600 + 3000 * INT64_C(20000000) + 2999, "m=off"},
	};
	struct pool pool = {.run = run_new(&scenario, 1)};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		cr_expect(is_in(&pool, rows[i].want, rows[i].now_ms), "row %zu", i);
	run_free(pool.run);

	states[1].after_ms = states[2].after_ms = 0;
	pool.run = run_new(&scenario, 1);
	cr_expect(is_in(&pool, "m=boot", 0));
	struct facts facts = at(1000000);
	struct decision decision;
	run_decide(pool.run, &facts, &decision); /* it ends */
	cr_expect(ne(int, decision.before[0], 0));
	run_free(pool.run);
}

Test(scenarios_states, all_machines_hear_of_an_event)
{
	struct transition go[] = {{.event = "go", .to = 1, .count = 1}};
	struct state states[] = {
	    {.name = "red", .transitions = go, .transition_count = 1},
	    {.name = "green"},
	};
	struct machine machines[] = {
	    {.name = "a", .states = states, .state_count = 2},
	    {.name = "b", .states = states, .state_count = 2, .initial = 1},
	    {.name = "c", .states = states, .state_count = 2},
	};
	struct state_match both[] = {{0, 1 << 1}, {2, 1 << 1}};
	struct rule rule = {
	    .id = "r", PASSES, .match = {.states = both, .state_count = 2}};
	struct scenario scenario = {
	    .machines = machines, .machine_count = 3, .rules = &rule, .rule_count = 1};
	struct pool pool = {.run = run_new(&scenario, 1)};

	cr_expect(is_in(&pool, "a=red, b=green, c=red", 0));
	EXPECT(pool.run, "honest", at(0));
	cr_expect(run_event(pool.run, "go", 0));
	cr_expect(is_in(&pool, "a=green, b=green, c=green", 0));
	EXPECT(pool.run, "r", at(0));
	run_free(pool.run);
}
