#include "scenarios/counters.h"
#include "support/engine.h"
#include <stdlib.h>
#include <string.h>

static struct run *
play_seed(struct scenario *scenario, struct rule *rules, size_t count, uint64_t seed)
{
	*scenario = (struct scenario){.rules = rules, .rule_count = count};
	return run_new(scenario, seed);
}

#define PLAY(...)                            \
	struct rule rules[] = {__VA_ARGS__}; \
	struct scenario scenario;            \
	struct run *run = play_seed(&scenario, rules, COUNT_OF(rules), 1)

static struct facts
at(int64_t now_ms)
{
	struct facts facts = head_facts("GetCACaps", "GET");

	facts.now_ms = now_ms;
	return facts;
}

/* 'x' for each request that the first rule took, '.' for the others. */
static const char *
pattern(struct run *run, struct facts facts, size_t count, char *ret)
{
	for (size_t i = 0; i < count; i++) {
		struct decision decision;

		run_decide(run, &facts, &decision);
		ret[i] = decision.verdict == DECIDE_RULE && decision.rule_index == 0
		             ? 'x'
		             : '.';
	}
	ret[count] = '\0';
	return ret;
}

Test(scenarios_run, each_way_of_counting_takes_the_requests_it_names)
{
	static const struct {
		struct match match;
		const char *want, *failed;
	} rows[] = {
	    {{.nth = EXACTLY(3)}, "..x.......", "nth"},
	    {{.nth = AT_LEAST(9)}, "........xx", "nth"},
	    {{.every = 3}, "..x..x..x.", "every"},
	    {{.times = 4}, "xxxx......", "times"},
	    {{.times = 4, .every = 2}, ".x.x......", "every"},
	    {{.rate_count = 7, .rate_ms = 1000}, ".......xxx", "rate_over"},
	    {{.has_probability = true, .per_million = 0}, "..........", "probability"},
	    {{.has_probability = true, .per_million = 1000000}, "xxxxxxxxxx", NULL},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct rule rule = {.id = "r", .match = rows[i].match, IIS};
		struct scenario scenario;
		struct run *run = play_seed(&scenario, &rule, 1, 1);
		struct facts facts = at(5);
		struct decision decision;
		char got[16];

		cr_expect(run_counts(run), "row %zu", i);
		run_decide(run, &facts, &decision);
		if (rows[i].want[0] == '.')
			cr_expect(
			    same(predicate_name(decision.failed[0]), rows[i].failed),
			    "row %zu", i);
		run_free(run);
		run = run_new(&scenario, 1);
		cr_expect(same(pattern(run, facts, 10, got), rows[i].want), "row %zu", i);
		run_free(run);
	}
}

Test(scenarios_run, only_what_satisfies_the_rest_is_counted)
{
	PLAY({.id = "r", IIS, .match = {.methods = TEXTS("GET"), .nth = EXACTLY(2)}});

	for (int i = 0; i < 5; i++)
		EXPECT(run, "honest", head_facts("none", "POST"));
	EXPECT(run, "honest", head_facts("none", "GET"));
	EXPECT(run, "honest", head_facts("none", "POST"));
	EXPECT(run, "r", head_facts("none", "GET"));
	EXPECT(run, "honest", head_facts("none", "GET"));
	run_free(run);
}

Test(scenarios_run, each_key_has_a_count_of_its_own)
{
	static const struct {
		enum count_by count_by;
		bool new_client, new_connection, new_transaction;
	} rows[] = {
	    {COUNT_BY_SITE, false, false, false},
	    {COUNT_BY_CLIENT, true, false, false},
	    {COUNT_BY_CONNECTION, false, true, false},
	    {COUNT_BY_TRANSACTION, false, false, true},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct rule rule = {
		    .id = "r", .match = {.times = 2, .count_by = rows[i].count_by}, IIS};
		struct scenario scenario;

		for (size_t k = 1; k < COUNT_OF(rows); k++) {
			struct run *run = play_seed(&scenario, &rule, 1, 1);
			struct facts facts = message_facts("PKCSReq", "A");

			EXPECT(run, "r", facts);
			if (rows[k].new_client)
				facts.client = SLICE("127.0.0.2");
			if (rows[k].new_connection)
				facts.connection = UINT64_C(1) << 40;
			if (rows[k].new_transaction)
				facts.transaction_id = SLICE("B");
			EXPECT(run, "r", facts);
			cr_expect(same(decide(run, &facts), k == i ? "r" : "honest"),
			    "by %zu, another %zu", i, k);
			cr_expect(same(decide(run, &facts), "honest"));
			run_free(run);
		}
	}
}

Test(scenarios_run, requests_without_a_transaction_share_one_count)
{
	PLAY({.id = "r", IIS, .match = {.times = 2, .count_by = COUNT_BY_TRANSACTION}});

	EXPECT(run, "later", head_facts("PKIOperation", "POST"));
	EXPECT(run, "r", head_facts("GetCACaps", "GET"));
	EXPECT(run, "r", message_facts(NULL, ""));
	EXPECT(run, "honest", head_facts("GetCACert", "GET"));
	EXPECT(run, "r", message_facts("PKCSReq", "A"));
	run_free(run);
}

Test(scenarios_run, the_decision_says_which_request_it_was)
{
	PLAY({.id = "r", IIS, .match = {.every = 2, .count_by = COUNT_BY_CLIENT}},
	    {.id = "s", IIS});
	struct facts facts = at(0);
	struct decision decision;

	for (size_t i = 1; i < 9; i++) {
		run_decide(run, &facts, &decision);
		cr_expect(eq(sz, decision.ordinal, i % 2 == 0 ? i : (i + 1) / 2));
		cr_expect(eq(sz, decision.rule_index, i % 2));
	}
	run_free(run);
}

Test(scenarios_run, later_moves_nothing)
{
	PLAY({.id = "third", IIS, .match = {.nth = EXACTLY(3)}},
	    {.id = "poll", PENDING, .match = {.times = 1}, .emit = "crash"});
	struct facts poll = message_facts("CertPoll", "t");

	for (int i = 0; i < 5; i++)
		EXPECT(run, "later", head_facts("PKIOperation", "GET"));
	cr_expect(eq(sz, run_fired(run, 1), 0));
	EXPECT(run, "poll", poll);
	EXPECT(run, "honest", poll);
	EXPECT(run, "third", head_facts("PKIOperation", "GET"));
	cr_expect(eq(sz, run_fired(run, 0), 1));
	cr_expect(eq(sz, run_fired(run, 1), 1));
	run_free(run);
}

Test(scenarios_run, a_rate_is_of_a_sliding_window)
{
	static const struct {
		int64_t now_ms;
		const char *client, *want;
	} rows[] = {
	    {1000, "a", "honest"},
	    {1400, "a", "honest"},
	    {1999, "a", "over"},   /* three in 999 ms */
	    {2000, "a", "over"},   /* 1400, 1999 and this one */
	    {2000, "b", "honest"}, /* another client */
	    {2998, "a", "over"},   /* 1999, 2000 and this one */
	    {3000, "a", "honest"}, /* 2000 is out by now */
	    {4000, "a", "honest"}, /* 2998 and 3000 are */
	    {4000, "a", "honest"}, /* two */
	    {4000, "a", "over"},
	};
	PLAY({.id = "over",
	    IIS,
	    .match = {.rate_count = 2, .rate_ms = 1000, .count_by = COUNT_BY_CLIENT}});

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct facts facts = at(rows[i].now_ms);

		facts.client = slice_of(rows[i].client);
		cr_expect(same(decide(run, &facts), rows[i].want), "row %zu", i);
	}
	run_free(run);
}

/* Whether request number `count` + 1 of a burst is over, and one a window later. */
Test(scenarios_run, rates_of_any_size_are_exact_in_a_burst)
{
	static const size_t counts[] = {1, 2, 63, 64, 65, 100, 128, 129, 5000};

	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		struct tally tally = {.count = 0};

		for (size_t n = 0; n < counts[i]; n++) {
			if (tally_is_over(&tally, counts[i], 1000, 7))
				cr_fail("rate %zu: over at %zu", counts[i], n + 1);
			tally_add(&tally, counts[i], 7);
		}
		cr_expect(tally_is_over(&tally, counts[i], 1000, 7), "%zu", counts[i]);
		cr_expect(tally_is_over(&tally, counts[i], 1000, 1006));
		cr_expect(not(tally_is_over(&tally, counts[i], 1000, 1007)));
		tally_clear(&tally);
	}
}

/* Traffic a tenth below the rate and a fifth above it, until the ring has gone round. */
Test(scenarios_run, a_steady_rate_is_seen)
{
	static const size_t counts[] = {1, 2, 64, 65, 1000};

	for (size_t i = 0; i < COUNT_OF(counts); i++) {
		const size_t n = counts[i];
		struct tally slow = {.count = 0}, quick = {.count = 0};
		size_t slow_over = 0, quick_under = 0;

		for (size_t k = 0; k < n * 5; k++) {
			int64_t slow_ms = (int64_t)(k * 66000 / n);
			int64_t quick_ms = (int64_t)(k * 50000 / n);

			slow_over += tally_is_over(&slow, n, 60000, slow_ms);
			tally_add(&slow, n, slow_ms);
			/* the first n are not, nor those of the step after them */
			quick_under += k > n + n / TALLY_TIMES_MAX &&
			               !tally_is_over(&quick, n, 60000, quick_ms);
			tally_add(&quick, n, quick_ms);
		}
		cr_expect(eq(sz, slow_over, 0), "rate %zu", n);
		cr_expect(eq(sz, quick_under, 0), "rate %zu", n);
		tally_clear(&slow);
		tally_clear(&quick);
	}
}

static void
draw_pattern(
    const struct rule *rules, size_t count, size_t index, uint64_t seed, char *ret)
{
	struct scenario scenario;
	struct run *run;
	struct rule copy[4];
	struct facts facts = at(0);

	memcpy(copy, rules, count * sizeof(*rules));
	run = play_seed(&scenario, copy, count, seed);
	for (size_t i = 0; i < 64; i++) {
		struct decision decision;

		facts.client = i % 2 == 0 ? SLICE("10.0.0.1") : SLICE("10.0.0.2");
		run_decide(run, &facts, &decision);
		ret[i] = decision.verdict == DECIDE_RULE && decision.rule_index == index
		             ? 'x'
		             : '.';
	}
	ret[64] = '\0';
	run_free(run);
}

#define FLAKY                                       \
	{                                           \
		.id = "flaky", IIS, .match = {      \
			.has_probability = true,    \
			.per_million = 300000,      \
			.count_by = COUNT_BY_CLIENT \
		}                                   \
	}

Test(scenarios_run, the_same_seed_draws_the_same)
{
	const struct rule alone[] = {FLAKY};
	const struct rule below[] = {
	    {.id = "new", IIS, .match = {.methods = TEXTS("PUT")}},
	    {.id = "chance",
	        IIS,
	        .match = {.methods = TEXTS("PUT"),
	            .has_probability = true,
	            .per_million = 500000}},
	    FLAKY,
	};
	struct rule renamed[] = {FLAKY};
	char first[65], again[65];

	draw_pattern(alone, 1, 0, 1, first);
	cr_expect(strchr(first, 'x') != NULL && strchr(first, '.') != NULL);
	draw_pattern(alone, 1, 0, 1, again);
	cr_expect(same(again, first));
	draw_pattern(below, 3, 2, 1, again);
	cr_expect(same(again, first), "rules above move nothing");
	draw_pattern(alone, 1, 0, 2, again);
	cr_expect(ne(str, again, first), "another seed");
	renamed[0].id = "other";
	draw_pattern(renamed, 1, 0, 1, again);
	cr_expect(ne(str, again, first), "another rule");
}

/* In whatever order clients come, each has its own series. */
Test(scenarios_run, the_order_of_clients_does_not_matter)
{
	PLAY(FLAKY);
	struct run *other = run_new(&scenario, 1);
	struct facts a = at(0), b = at(0);
	char want[2][33], got[2][33];

	a.client = SLICE("10.0.0.1");
	b.client = SLICE("10.0.0.2");
	pattern(run, a, 32, want[0]);
	pattern(run, b, 32, want[1]);
	for (size_t i = 0; i < 32; i++) {
		char one[2];

		got[1][i] = *pattern(other, b, 1, one);
		got[0][i] = *pattern(other, a, 1, one);
	}
	got[0][32] = got[1][32] = '\0';
	cr_expect(same(got[0], want[0]));
	cr_expect(same(got[1], want[1]));
	cr_expect(ne(str, want[0], want[1]));
	run_free(run);
	run_free(other);
}

static uint64_t
delay_of(struct run *run)
{
	struct facts facts = at(0);
	struct decision decision;

	run_decide(run, &facts, &decision);
	return decision.delay_ms;
}

Test(scenarios_run, delays_are_drawn_as_wished)
{
	PLAY({.id = "r",
	    PASSES,
	    .shaping = {.delay = {.kind = DELAY_RANGE, .min_ms = 10, .max_ms = 13}}});
	struct run *same_seed = run_new(&scenario, 1);
	size_t seen[4] = {0}, below = 0, far = 0;
	struct delay *delay = &rules[0].shaping.delay;

	cr_expect(run_counts(run));
	for (size_t i = 0; i < 400; i++) {
		uint64_t ms = delay_of(run);

		cr_assert(ms >= 10 && ms <= 13);
		cr_expect(eq(u64, delay_of(same_seed), ms));
		seen[ms - 10]++;
	}
	for (size_t i = 0; i < 4; i++)
		cr_expect(seen[i] > 60 && seen[i] < 140, "%zu: %zu", i, seen[i]);
	*delay = (struct delay){.kind = DELAY_LOGNORMAL, .median_ms = 2000, .sigma = 0.5};
	/* one in three is further than a standard deviation from the median */
	for (size_t i = 0; i < 1000; i++) {
		uint64_t ms = delay_of(run);

		below += ms < 2000;
		far += ms < 1213 || ms > 3297;
	}
	cr_expect(below > 420 && below < 580, "%zu below the median", below);
	cr_expect(far > 240 && far < 400, "%zu far off", far);
	*delay = (struct delay){.kind = DELAY_LOGNORMAL, .median_ms = 2000, .sigma = 0};
	cr_expect(eq(u64, delay_of(run), 2000));
	*delay =
	    (struct delay){.kind = DELAY_LOGNORMAL, .median_ms = 1u << 31, .sigma = 0};
	cr_expect(eq(u64, delay_of(run), 24 * 60 * 60 * 1000), "there is an end");
	*delay = (struct delay){.kind = DELAY_FIXED, .min_ms = 7};
	cr_expect(eq(u64, delay_of(run), 7));
	run_free(same_seed);
	run_free(run);
}

Test(scenarios_run, says_whether_the_order_matters)
{
	static const struct state_match in_some = {0, 1};
	struct state_match in = in_some;
	const struct {
		struct rule rule;
		bool want;
	} rows[] = {
	    {{.match = {.operations = TEXTS("GetCACaps")}, IIS}, false},
	    {{.shaping = {.delay = {.kind = DELAY_FIXED, .min_ms = 1}}, PASSES}, false},
	    {{.shaping = {.delay = {.kind = DELAY_RANGE}}, PASSES}, true},
	    {{.shaping = {.delay = {.kind = DELAY_LOGNORMAL}}, PASSES}, true},
	    {{.emit = "crash", PASSES}, true},
	    {{.match = {.states = &in, .state_count = 1}, PASSES}, true},
	    {{.match = {.nth = EXACTLY(1)}, PASSES}, true},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct rule rule = rows[i].rule;
		struct scenario scenario;
		struct run *run = play_seed(&scenario, &rule, 1, 1);

		cr_expect(eq(int, run_counts(run), rows[i].want), "row %zu", i);
		run_free(run);
	}
}

/* A connection is decided at once: its transaction will not be known in time. */
Test(scenarios_run, nothing_waits_at_accept)
{
	PLAY({.id = "r",
	    PASSES,
	    .shaping = {.delay = {.kind = DELAY_FIXED, .at = DELAY_ACCEPT}},
	    .match = {.times = 1, .count_by = COUNT_BY_TRANSACTION}});

	EXPECT(run, "honest", (struct facts){.stage = STAGE_ACCEPT});
	run_free(run);
}

static struct bytes
key_of(const uint64_t *number)
{
	return (struct bytes){(const unsigned char *)number, sizeof(*number)};
}

static size_t
count_of(const struct counters *counters, size_t rule, struct bytes key)
{
	const struct tally *tally = counters_find(counters, rule, key);

	return tally != NULL ? tally->count : 0;
}

static void
add(struct counters *counters, size_t rule, struct bytes key)
{
	tally_add(counters_need(counters, rule, key), 1, 0);
}

Test(scenarios_run, counters_forget_the_oldest_key_first)
{
	struct counters counters = COUNTERS_INIT;
	const struct bytes none = {NULL, 0};
	uint64_t key;

	cr_expect(eq(sz, count_of(&counters, 0, none), 0));
	for (key = 0; key < COUNTERS_MAX; key++)
		add(&counters, key % 3, key_of(&key));
	for (key = 0; key < COUNTERS_MAX; key++)
		if (count_of(&counters, key % 3, key_of(&key)) != 1)
			break;
	cr_expect(eq(u64, key, COUNTERS_MAX));
	key = 0;
	cr_expect(eq(sz, count_of(&counters, 1, key_of(&key)), 0));
	/* half of them are replaced; the others stay */
	for (key = COUNTERS_MAX; key < COUNTERS_MAX + COUNTERS_MAX / 2; key++)
		add(&counters, key % 3, key_of(&key));
	for (key = 0; key < COUNTERS_MAX + COUNTERS_MAX / 2; key++)
		if (count_of(&counters, key % 3, key_of(&key)) !=
		    (key >= COUNTERS_MAX / 2))
			break;
	cr_expect(eq(u64, key, COUNTERS_MAX + COUNTERS_MAX / 2));
	add(&counters, 0, none);
	add(&counters, 0, none);
	cr_expect(eq(sz, count_of(&counters, 0, none), 2));
	cr_expect(eq(sz, count_of(&counters, 1, none), 0));
	counters_clear(&counters);
}

Test(scenarios_run, what_the_site_has_counted_is_never_forgotten)
{
	PLAY({.id = "client",
	         PASSES,
	         .match = {.times = 1, .count_by = COUNT_BY_CONNECTION}},
	    {.id = "site", PASSES, .match = {.times = 1}});
	struct facts facts = at(0);

	EXPECT(run, "client", facts);
	EXPECT(run, "site", facts);
	for (facts.connection = 2; facts.connection < COUNTERS_MAX + 9;
	     facts.connection++)
		decide(run, &facts);
	facts.connection--;
	EXPECT(run, "honest", facts);
	facts.connection = 1;
	EXPECT(run, "client", facts);
	EXPECT(run, "honest", facts);
	run_free(run);
}
