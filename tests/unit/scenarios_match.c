#include "scenarios/counters.h"
#include "scenarios/load.h"
#include "scenarios/match.h"
#include "support/same.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#define HEAD                                                             \
	"mockndes: 1\nid: mine\ngroup: own\ntitle: t\noutcome: either\n" \
	"doc: {symptom: s, cause: c, fix: f, provenance: inferred,\n"    \
	"      sources: [{url: \"https://example.org/\"}]}\n"            \
	"probes: [{send: {operation: none}, want: {status: 200}}]\n"
#define IIS     "respond: {status: 500, layer: iis}"
#define MSCEP   "respond: {status: 500, layer: mscep}"
#define PENDING "scep: {status: PENDING}"

struct play {
	struct scenario *scenario;
	struct run *run;
};

static struct play
play(const char *rules)
{
	struct err err = ERR_INIT;
	struct buf text = BUF_INIT;
	struct play ret;

	buf_add_text(&text, HEAD);
	buf_add_text(&text, rules);
	ret.scenario = scenario_load("f", buf_slice(&text), NULL, &err);
	cr_assert(ret.scenario != NULL, "%s", err.text);
	ret.run = run_new(ret.scenario);
	buf_clear(&text);
	return ret;
}

static void
stop(struct play *play)
{
	run_free(play->run);
	scenario_free(play->scenario);
}

static struct facts
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

static struct facts
message_facts(const char *type, const char *transaction)
{
	struct facts facts = head_facts("PKIOperation", "POST");

	facts.stage = STAGE_MESSAGE;
	facts.message_type = type;
	facts.transaction_id = slice_of(transaction);
	return facts;
}

/* The id of the rule, "honest" or "later". */
static const char *
decide(struct play *play, struct facts facts)
{
	struct decision decision;

	run_decide(play->run, &facts, &decision);
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

#define EXPECT(play, facts, want) cr_expect(same(decide(play, facts), want))

Test(scenarios_match, no_rules_is_honest)
{
	struct play p = play("");

	EXPECT(&p, head_facts("PKIOperation", "GET"), "honest");
	cr_expect(not(run_counts(p.run)));
	cr_expect(run_scenario(p.run) == p.scenario);
	stop(&p);
	run_free(NULL);
}

Test(scenarios_match, first_match_wins_in_file_order)
{
	struct play p = play("rules:\n"
	                     "  - {id: a, match: {operation: GetCACaps}, " IIS "}\n"
	                     "  - {id: b, match: {method: [GET, HEAD]}, " IIS "}\n"
	                     "  - {id: c, match: {}, " IIS "}\n");

	EXPECT(&p, head_facts("GetCACaps", "GET"), "a");
	EXPECT(&p, head_facts("GetCACert", "HEAD"), "b");
	EXPECT(&p, head_facts("GetCACert", "get"), "c");
	cr_expect(eq(sz, run_fired(p.run, 0), 1));
	cr_expect(eq(sz, run_fired(p.run, 2), 1));
	stop(&p);
}

static const struct {
	const char *range;
	size_t bytes;
	bool holds;
} ranges[] = {
    {"{over: 20}", 20, false},
    {"{over: 20}", 21, true},
    {"{min: 20}", 20, true},
    {"{min: 20}", 19, false},
    {"{under: 20}", 20, false},
    {"{under: 20}", 19, true},
    {"{max: 20}", 20, true},
    {"{max: 20}", 21, false},
    {"{min: 3, max: 4}", 5, false},
    {"{over: 2, under: 4}", 3, true},
};

Test(scenarios_match, bounds_are_exact)
{
	static const char *const keys[] = {"query_bytes", "uri_bytes"};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		for (size_t k = 0; k < 2; k++) {
			struct buf rule = BUF_INIT;
			struct facts facts = head_facts("none", "GET");
			struct play p;
			char *text;

			buf_add_format(&rule,
			    "rules: [{id: r, match: {%s: %s}, " IIS "}]\n", keys[k],
			    ranges[i].range);
			text = buf_string(&rule);
			p = play(text);
			facts.query_bytes = k == 0 ? ranges[i].bytes : 0;
			facts.uri_bytes = k == 1 ? ranges[i].bytes : 0;
			cr_expect(
			    same(decide(&p, facts), ranges[i].holds ? "r" : "honest"),
			    "%s %s of %zu", keys[k], ranges[i].range, ranges[i].bytes);
			stop(&p);
			free(text);
		}
	}
}

Test(scenarios_match, layer_mscep_touches_its_own_paths_alone)
{
	struct play p = play("rules: [{id: r, match: {}, " MSCEP "}]\n");
	struct facts facts = head_facts("none", "GET");

	EXPECT(&p, facts, "r");
	facts.path = SLICE("/certsrv/mscep_admin/");
	EXPECT(&p, facts, "honest");
	facts.path = SLICE("/");
	EXPECT(&p, facts, "honest");
	stop(&p);
}

Test(scenarios_match, what_is_not_known_yet_is_asked_later)
{
	struct play p = play("rules:\n"
	                     "  - {id: a, match: {message_type: CertPoll}, " IIS "}\n"
	                     "  - {id: b, match: {}, " IIS "}\n");

	EXPECT(&p, head_facts("PKIOperation", "GET"), "later");
	EXPECT(&p, message_facts("CertPoll", "t"), "a");
	EXPECT(&p, message_facts("PKCSReq", "t"), "b");
	EXPECT(&p, message_facts(NULL, ""), "b");
	/* no message will ever come: decided at once */
	EXPECT(&p, head_facts("GetCACaps", "GET"), "b");
	stop(&p);
}

Test(scenarios_match, a_failing_predicate_needs_no_message)
{
	struct play p = play(
	    "rules: [{id: a, match: {method: POST, message_type: CertPoll}, " IIS "}]\n");

	EXPECT(&p, head_facts("PKIOperation", "GET"), "honest");
	EXPECT(&p, head_facts("PKIOperation", "POST"), "later");
	stop(&p);
}

Test(scenarios_match, scep_waits_for_a_message_of_pki_operation)
{
	struct play p = play("rules: [{id: a, match: {}, " PENDING "}]\n");
	struct facts other = head_facts("GetCACert", "GET");

	EXPECT(&p, head_facts("PKIOperation", "GET"), "later");
	EXPECT(&p, message_facts("PKCSReq", "t"), "a");
	EXPECT(&p, message_facts(NULL, ""), "honest");
	EXPECT(&p, other, "honest");
	other.stage = STAGE_MESSAGE;
	EXPECT(&p, other, "honest");
	stop(&p);
}

Test(scenarios_match, pass_touches_every_path)
{
	struct play p = play("rules: [{id: a, match: {method: POST}, pass: {}}, "
	                     "{id: b, match: {}, " IIS "}]\n");
	struct facts facts = head_facts("none", "POST");

	facts.path = SLICE("/elsewhere");
	EXPECT(&p, facts, "a");
	facts.method = SLICE("GET");
	EXPECT(&p, facts, "b");
	stop(&p);
}

Test(scenarios_match, times_counts_each_transaction_for_itself)
{
	static const struct {
		const char *transaction, *want;
	} rows[] = {{"A", "p"}, {"B", "p"}, {"A", "p"}, {"A", "p"}, {"A", "honest"},
	    {"B", "p"}, {"B", "p"}, {"B", "honest"}, {"A", "honest"}};
	struct play p = play(
	    "rules: [{id: p, match: {times: 3, count_by: transaction}, " PENDING "}]\n");

	cr_expect(run_counts(p.run));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		cr_expect(same(decide(&p, message_facts("PKCSReq", rows[i].transaction)),
		              rows[i].want),
		    "row %zu", i);
	cr_expect(eq(sz, run_fired(p.run, 0), 6));
	stop(&p);
}

Test(scenarios_match, times_counts_by_site_client_and_connection)
{
	struct play p = play(
	    "rules:\n"
	    "  - {id: site, match: {method: PUT, times: 2}, " IIS "}\n"
	    "  - {id: client, match: {method: POST, times: 1, count_by: client}, " IIS
	    "}\n"
	    "  - {id: connection, match: {method: GET, times: 1, count_by: connection}, " IIS
	    "}\n");
	struct facts facts = head_facts("none", "PUT");

	EXPECT(&p, facts, "site");
	facts.client = SLICE("127.0.0.2");
	facts.connection = 2;
	EXPECT(&p, facts, "site");
	EXPECT(&p, facts, "honest");
	facts.method = SLICE("POST");
	EXPECT(&p, facts, "client");
	facts.connection = 3;
	EXPECT(&p, facts, "honest");
	facts.client = SLICE("127.0.0.1");
	EXPECT(&p, facts, "client");
	facts.method = SLICE("GET");
	EXPECT(&p, facts, "connection");
	EXPECT(&p, facts, "honest");
	facts.connection = 4;
	EXPECT(&p, facts, "connection");
	stop(&p);
}

Test(scenarios_match, only_what_satisfies_the_rest_is_counted)
{
	struct play p =
	    play("rules: [{id: r, match: {method: GET, times: 1}, " IIS "}]\n");

	for (int i = 0; i < 5; i++)
		EXPECT(&p, head_facts("none", "POST"), "honest");
	EXPECT(&p, head_facts("none", "GET"), "r");
	EXPECT(&p, head_facts("none", "GET"), "honest");
	stop(&p);
}

Test(scenarios_match, later_moves_nothing)
{
	struct play p =
	    play("rules:\n"
	         "  - {id: used, match: {method: GET, times: 1}, " IIS "}\n"
	         "  - {id: poll, match: {message_type: CertPoll, times: 1}, " IIS "}\n");
	struct facts poll = message_facts("CertPoll", "t");

	poll.method = SLICE("GET");
	EXPECT(&p, head_facts("GetCACaps", "GET"), "used");
	for (int i = 0; i < 5; i++)
		EXPECT(&p, head_facts("PKIOperation", "GET"), "later");
	cr_expect(eq(sz, run_fired(p.run, 0), 1));
	cr_expect(eq(sz, run_fired(p.run, 1), 0));
	EXPECT(&p, poll, "poll");
	EXPECT(&p, poll, "honest");
	stop(&p);
}

Test(scenarios_match, a_count_by_transaction_waits_for_the_transaction)
{
	struct play p =
	    play("rules: [{id: r, match: {times: 1, count_by: transaction}, " IIS "}]\n");

	EXPECT(&p, head_facts("PKIOperation", "POST"), "later");
	EXPECT(&p, message_facts("PKCSReq", "A"), "r");
	EXPECT(&p, message_facts("PKCSReq", "B"), "r");
	EXPECT(&p, message_facts("PKCSReq", "A"), "honest");
	stop(&p);
}

Test(scenarios_match, says_which_predicate_did_not_hold)
{
	struct play p = play("rules:\n"
	                     "  - {id: a, match: {operation: GetCACaps}, " IIS "}\n"
	                     "  - {id: b, match: {method: GET}, " IIS "}\n"
	                     "  - {id: c, match: {query_bytes: {over: 99}}, " IIS "}\n"
	                     "  - {id: d, match: {uri_bytes: {over: 99}}, " IIS "}\n"
	                     "  - {id: e, match: {message_type: CertPoll}, " IIS "}\n"
	                     "  - {id: f, match: {times: 1}, " MSCEP "}\n"
	                     "  - {id: g, match: {}, " MSCEP "}\n"
	                     "  - {id: h, match: {}, " IIS "}\n");
	static const enum predicate want[] = {PREDICATE_OPERATION, PREDICATE_METHOD,
	    PREDICATE_QUERY_BYTES, PREDICATE_URI_BYTES, PREDICATE_MESSAGE_TYPE,
	    PREDICATE_TIMES, PREDICATE_NONE};
	static const char *const names[] = {"operation", "method", "query_bytes",
	    "uri_bytes", "message_type", "times", "none"};
	struct facts facts = message_facts("PKCSReq", "t");
	struct decision decision;

	EXPECT(&p, facts, "f");
	run_decide(p.run, &facts, &decision);
	cr_assert(eq(int, decision.verdict, DECIDE_RULE));
	cr_assert(eq(sz, decision.rule_index, 6));
	for (size_t i = 0; i < 7; i++) {
		cr_expect(eq(int, decision.failed[i], (int)want[i]), "rule %zu", i);
		cr_expect(same(predicate_name(decision.failed[i]), names[i]));
	}
	facts.path = SLICE("/");
	run_decide(p.run, &facts, &decision);
	cr_expect(eq(sz, decision.rule_index, 7));
	cr_expect(same(predicate_name(decision.failed[6]), "layer"));
	stop(&p);
}

static char *
why_of(struct play *p, struct facts facts)
{
	struct buf out = BUF_INIT;
	struct decision decision;

	run_decide(p->run, &facts, &decision);
	decision_why(&decision, &facts, &out);
	return buf_string(&out);
}

Test(scenarios_match, says_why_and_what_a_rule_wants)
{
	static const struct {
		const char *rule, *why, *wants;
	} rows[] = {
	    {"match: {method: POST, query_bytes: {over: 9}}, " IIS, "query 20 > 9",
	        "POST, query over 9 bytes"},
	    {"match: {uri_bytes: {under: 60}}, " IIS, "URL 50 < 60",
	        "URL under 60 bytes"},
	    {"match: {query_bytes: {min: 1, max: 30}}, " IIS, "query 20 in 1 to 30",
	        "query of 1 to 30 bytes"},
	    {"match: {query_bytes: {over: 9}, uri_bytes: {over: 9}}, " IIS,
	        "query 20 > 9, URL 50 > 9", "query over 9 bytes, URL over 9 bytes"},
	    {"match: {}, " IIS, "", "any request"},
	    {"match: {}, " MSCEP, "", "any request below /certsrv/mscep"},
	    {"match: {message_type: [PKCSReq, RenewalReq, CertPoll], times: 2, "
	     "count_by: transaction}, " PENDING,
	        "",
	        "PKIOperation, PKCSReq, RenewalReq or CertPoll, the first 2 of a transaction"},
	    {"match: {operation: [GetCACaps, PKIOperation], times: 1}, pass: {}", "",
	        "GetCACaps or PKIOperation, the first 1"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf text = BUF_INIT, out = BUF_INIT;
		struct play p;
		char *rules, *got;

		buf_add_format(&text, "rules: [{id: r, %s}]\n", rows[i].rule);
		rules = buf_string(&text);
		p = play(rules);
		got = why_of(&p, message_facts("PKCSReq", "t"));
		cr_expect(same(got, rows[i].why), "row %zu", i);
		free(got);
		rule_describe(&p.scenario->rules[0], &out);
		got = buf_string(&out);
		cr_expect(same(got, rows[i].wants), "row %zu", i);
		free(got);
		free(rules);
		stop(&p);
	}
}

/* The example of docs/scenario-format.md, word for word. */
static const char example[] =
    "mockndes: 1\n"
    "id: busy-once\n"
    "group: own\n"
    "title: The first GetCACert of each connection is answered with 503\n"
    "outcome: must-enrol\n"
    "doc: {symptom: One 503, cause: A busy server, fix: Try again, provenance: inferred, "
    "sources: [{url: \"https://www.rfc-editor.org/rfc/rfc8894\"}]}\n"
    "rules:\n"
    "  - {id: busy, match: {operation: GetCACert, times: 1, count_by: connection}, "
    "respond: {status: 503, layer: http.sys}}\n"
    "probes:\n"
    "  - {send: {operation: GetCACert}, want: {status: 503}}\n";

Test(scenarios_match, the_example_of_the_manual_does_what_it_says)
{
	struct err err = ERR_INIT;
	struct facts facts = head_facts("GetCACert", "GET");
	struct play p;

	p.scenario = scenario_load("busy-once.yaml", slice_of(example), NULL, &err);
	cr_assert(p.scenario != NULL, "%s", err.text);
	p.run = run_new(p.scenario);
	EXPECT(&p, facts, "busy");
	EXPECT(&p, facts, "honest");
	facts.connection = 2;
	EXPECT(&p, facts, "busy");
	EXPECT(&p, head_facts("GetCACaps", "GET"), "honest");
	stop(&p);
}

static struct bytes
key_of(const uint64_t *number)
{
	return (struct bytes){(const unsigned char *)number, sizeof(*number)};
}

Test(scenarios_match, counters_forget_the_oldest_key_first)
{
	struct counters counters = COUNTERS_INIT;
	const struct bytes none = {NULL, 0};
	uint64_t key;

	cr_expect(eq(sz, counters_get(&counters, 0, none), 0));
	for (key = 0; key < COUNTERS_MAX; key++)
		counters_add(&counters, key % 3, key_of(&key));
	for (key = 0; key < COUNTERS_MAX; key++)
		if (counters_get(&counters, key % 3, key_of(&key)) != 1)
			break;
	cr_expect(eq(u64, key, COUNTERS_MAX));
	key = 0;
	cr_expect(eq(sz, counters_get(&counters, 1, key_of(&key)), 0));
	/* half of them are replaced; the others stay */
	for (key = COUNTERS_MAX; key < COUNTERS_MAX + COUNTERS_MAX / 2; key++)
		counters_add(&counters, key % 3, key_of(&key));
	for (key = 0; key < COUNTERS_MAX + COUNTERS_MAX / 2; key++)
		if (counters_get(&counters, key % 3, key_of(&key)) !=
		    (key >= COUNTERS_MAX / 2))
			break;
	cr_expect(eq(u64, key, COUNTERS_MAX + COUNTERS_MAX / 2));
	counters_add(&counters, 0, none);
	counters_add(&counters, 0, none);
	cr_expect(eq(sz, counters_get(&counters, 0, none), 2));
	cr_expect(eq(sz, counters_get(&counters, 1, none), 0));
	counters_clear(&counters);
}
