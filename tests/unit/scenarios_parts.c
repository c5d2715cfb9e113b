#include "base/mem.h"
#include "scenarios/load.h"
#include "support/same.h"
#include "support/scenario_text.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

static struct scenario *
load(const char *text)
{
	struct err err = ERR_INIT;
	struct scenario *scenario = load_with(text, NULL, &err);

	cr_assert(scenario != NULL, "%s", err.text);
	return scenario;
}

#define MACHINES                                                                   \
	"machines:\n  pool:\n    initial: \"${mode}\"\n    states:\n"              \
	"      soft:\n        events: {crash: {count: 5, within: 5m, to: hard}}\n" \
	"      hard:\n        events: {start: {to: soft}}\n"                       \
	"        after: {delay: 10m, to: soft}\n"

Test(scenarios_parts, reads_machines)
{
	struct err err = ERR_INIT;
	struct scenario *s = load_with(PTOP MACHINES, "mode=hard", &err);
	const struct machine *pool;
	const struct state *soft, *hard;

	cr_assert(s != NULL, "%s", err.text);
	cr_assert(eq(sz, s->machine_count, 1));
	pool = &s->machines[0];
	cr_expect(same(pool->name, "pool"));
	cr_expect(eq(sz, pool->initial, 1));
	cr_assert(eq(sz, pool->state_count, 2));
	soft = &pool->states[0];
	hard = &pool->states[1];
	cr_expect(same(soft->name, "soft"));
	cr_assert(eq(sz, soft->transition_count, 1));
	cr_expect(same(soft->transitions[0].event, "crash"));
	cr_expect(eq(sz, soft->transitions[0].to, 1));
	cr_expect(eq(sz, soft->transitions[0].count, 5));
	cr_expect(eq(u64, soft->transitions[0].within_ms, 300000));
	cr_expect(not(soft->has_after));
	cr_expect(eq(sz, hard->transitions[0].count, 1));
	cr_expect(eq(u64, hard->transitions[0].within_ms, 0));
	cr_expect(hard->has_after);
	cr_expect(eq(u64, hard->after_ms, 600000));
	cr_expect(eq(sz, hard->after_to, 0));
	scenario_free(s);
}

/* What only another value of the parameter leads to is reachable all the same. */
Test(scenarios_parts, a_state_is_reached_from_any_initial_one)
{
	struct err err = ERR_INIT;
	struct scenario *s = load_with(PTOP
	    "machines: {m: {initial: \"${mode}\", states: {soft: {}, hard: {}}}}\n",
	    NULL, &err);

	cr_expect(s != NULL, "%s", err.text);
	scenario_free(s);
	cr_expect(load_with(PTOP "machines: {m: {initial: soft, states: {soft: {}, "
	                         "hard: {}}}}\n",
	              NULL, &err) == NULL);
	cr_expect(strstr(err.text, "never comes into the state 'hard'") != NULL, "%s",
	    err.text);
}

Test(scenarios_parts, reads_expectations)
{
	static const char text[] =
	    PTOP "rules:\n"
	         "  - {id: a, with: {mode: hard}, match: {times: 1}, pass: {}}\n"
	         "  - {id: b, match: {times: 2}, pass: {}}\n"
	         "expect:\n"
	         "  - {id: one, after_rule: b, request: {method: POST}, within: 30s, "
	         "count: {max: 3}, level: note, hint: Use POST.}\n"
	         "  - {id: two, after_rule: a, request: {}}\n"
	         "  - {id: three, with: {mode: hard}, request: {}, count: 2}\n";
	struct err err = ERR_INIT;
	struct scenario *s = load(text);

	cr_assert(eq(sz, s->expect_count, 2));
	cr_expect(same(s->expects[0].id, "one"));
	cr_expect(eq(sz, s->expects[0].after_rule, 0));
	cr_expect(s->expects[0].is_after);
	cr_expect(eq(sz, s->expects[0].request.methods.count, 1));
	cr_expect(eq(u64, s->expects[0].within_ms, 30000));
	cr_expect(eq(sz, s->expects[0].count.max, 3));
	cr_expect(eq(int, s->expects[0].level, LEVEL_NOTE));
	cr_expect(same(s->expects[0].hint, "Use POST."));
	cr_expect(s->expects[1].is_after);
	cr_expect(eq(sz, s->expects[1].after_rule, AFTER_NONE));
	cr_expect(eq(sz, s->expects[1].count.min, 1));
	cr_expect(eq(int, s->expects[1].level, LEVEL_ERROR));
	scenario_free(s);
	s = load_with(text, "mode=hard", &err);
	cr_assert(s != NULL, "%s", err.text);
	cr_assert(eq(sz, s->expect_count, 3));
	cr_expect(eq(sz, s->expects[0].after_rule, 1));
	cr_expect(eq(sz, s->expects[1].after_rule, 0));
	cr_expect(not(s->expects[2].is_after));
	cr_expect(eq(sz, s->expects[2].count.min, 2));
	cr_expect(eq(sz, s->expects[2].count.max, 2));
	scenario_free(s);
}

Test(scenarios_parts, reads_evidence_and_leaves_out_what_is_not_in_play)
{
	static const char text[] = PTOP
	    "evidence:\n"
	    "  - events:\n"
	    "      - {log: System, source: WAS, id: 5002, level: Error, text: \"a ${b}\"}\n"
	    "    files: {x.log: [one, two], y.log: three}\n"
	    "  - with: {mode: hard}\n"
	    "    events: [{log: Application, source: a, id: 1000}]\n"
	    "    registry: {'HKLM\\x\\MaxFieldLength': 16384}\n"
	    "    client: {ios: It fails}\n";
	struct err err = ERR_INIT;
	struct scenario *s = load_with(text, "mode=hard", &err);

	cr_assert(s != NULL, "%s", err.text);
	cr_assert(eq(sz, s->evidence.event_count, 2));
	cr_expect(eq(uint, s->evidence.events[0].id, 5002));
	cr_expect(same(s->evidence.events[0].text, "a ${b}"));
	cr_expect(same(s->evidence.events[1].log, "Application"));
	cr_expect(s->evidence.events[1].level == NULL);
	cr_assert(eq(sz, s->evidence.file_count, 2));
	cr_expect(eq(sz, s->evidence.files[0].lines.count, 2));
	cr_expect(same(s->evidence.registry[0].key, "HKLM\\x\\MaxFieldLength"));
	cr_expect(same(s->evidence.registry[0].value, "16384"));
	cr_expect(same(s->evidence.clients[0].platform, "ios"));
	scenario_free(s);
	s = load(text);
	cr_expect(eq(sz, s->evidence.event_count, 1));
	cr_expect(eq(sz, s->evidence.registry_count, 0));
	scenario_free(s);
}

Test(scenarios_parts, reads_evidence_of_a_rule)
{
	struct scenario *s = load(TOP RULE(
	    "match: {operation: PKIOperation}\n    respond: {status: 500, layer: mscep}\n"
	    "    evidence:\n      iis: {substatus: 0, win32: 0}\n"
	    "      crp: {status: 403, substatus: 16, win32: 2148204809}\n"));
	const struct evidence *evidence = &s->rules[0].evidence;

	cr_expect(evidence->has_iis);
	cr_expect(evidence->crp.is_set);
	cr_expect(eq(uint, evidence->crp.status, 403));
	cr_expect(eq(uint, evidence->crp.substatus, 16));
	cr_expect(eq(u32, evidence->crp.win32, 2148204809));
	scenario_free(s);
}

Test(scenarios_parts, a_case_in_force_says_it_instead)
{
	static const char cases[] =
	    HEAD "  cases:\n"
	         "    - {with: {mode: hard}, cause: It is hard.}\n"
	         "    - {with: {limit: number}, fix: Raise it.}\n" PARAMS PROBES;
	struct err err = ERR_INIT;
	struct scenario *s = load_with(cases, "mode=hard", &err);

	cr_assert(s != NULL, "%s", err.text);
	cr_expect(same(s->doc.symptom, "It fails."));
	cr_expect(same(s->doc.cause, "It is hard."));
	cr_expect(same(s->doc.fix, "Raise it."));
	scenario_free(s);
	s = load_with(cases, "limit=stock", &err);
	cr_assert(s != NULL, "%s", err.text);
	cr_expect(same(s->doc.cause, "It is broken."));
	cr_expect(same(s->doc.fix, "Repair it."));
	scenario_free(s);
}

Test(scenarios_parts, durations_are_kept_in_their_largest_unit)
{
	static const char text[] = TOP
	    "params: {wait: {default: 60s, min: 0ms, max: 10m, words: [never]}}\n"
	    "rules:\n"
	    "  - {id: a, with: {wait: 1m}, match: {times: 1}, pass: {}}\n"
	    "  - {id: b, with: {wait: duration}, match: {}, pass: {}, delay: \"${wait}\"}\n";
	static const struct {
		const char *settings, *value;
		size_t rules;
	} rows[] = {{NULL, "1m", 2}, {"wait=1500ms", "1500ms", 1}, {"wait=0h", "0ms", 1},
	    {"wait=600s", "10m", 1}, {"wait=never", "never", 0}};
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scenario *s = load_with(text, rows[i].settings, &err);

		cr_assert(s != NULL, "case %zu: %s", i, err.text);
		cr_expect(same(s->params[0].value, rows[i].value), "case %zu", i);
		cr_expect(eq(sz, s->rule_count, rows[i].rules), "case %zu", i);
		scenario_free(s);
	}
	cr_expect(load_with(text, "wait=11m", &err) == NULL);
	cr_expect(
	    strstr(err.text, "it is a duration from 0ms to 10m, or one of never") != NULL,
	    "%s", err.text);
}

Test(scenarios_parts, a_chance_is_kept_in_millionths)
{
	static const struct {
		const char *text;
		uint32_t per_million; /* 0: refused */
	} rows[] = {{"20%", 200000}, {"0.5%", 5000}, {"100%", 1000000}, {"0.0001%", 1},
	    {"100.0000%", 1000000}, {"12.34%", 123400}, {"0%", 0}, {"100.1%", 0},
	    {"101%", 0}, {"0.00001%", 0}, {".5%", 0}, {"5.%", 0}, {"%", 0}, {"-1%", 0},
	    {"5 %", 0}, {"5%%", 0}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = mem_format("%srules:\n  - {id: r, match: {probability: "
		                        "\"%s\"}, pass: {}}\n",
		    TOP, rows[i].text);
		struct err err = ERR_INIT;
		struct scenario *s = load_with(text, NULL, &err);

		if (rows[i].per_million == 0)
			cr_expect(strstr(err.text, "a percentage above 0%") != NULL,
			    "case %s: %s", rows[i].text, err.text);
		else if (s != NULL)
			cr_expect(
			    eq(u32, s->rules[0].match.per_million, rows[i].per_million),
			    "case %s", rows[i].text);
		cr_expect(eq(int, s != NULL, rows[i].per_million != 0), "case %s: %s",
		    rows[i].text, err.text);
		scenario_free(s);
		free(text);
	}
}

Test(scenarios_parts, reads_what_surrounds_a_probe)
{
	struct scenario *s = load(HEAD PARAMS MACHINES
	    "needs: {profile: intune}\n"
	    "probes:\n"
	    "  - event: start\n"
	    "    advance: 10m\n"
	    "    send: {operation: PKIOperation, method: POST, tls: true, sni: a.example,\n"
	    "           user_agent: curl/8, headers: {X-A: b}, key_bits: 1024,\n"
	    "           challenge: used, challenge_type: bmp, body_bytes: 9}\n"
	    "    want: {connection: tls-cut, took: 5s, crp: \"403 16 5\", decode_has: a,\n"
	    "           decode_lacks: [b, c], headers: {Server: \"Microsoft*\", Date: ~}}\n"
	    "  - {event: iisreset, send: {operation: none}, want: {crp: none}}\n");
	const struct probe *one = &s->probes[0];

	cr_expect(same(s->needs_profile, "intune"));
	cr_expect(same(one->event, "start"));
	cr_expect(eq(u64, one->advance_ms, 600000));
	cr_expect(one->is_tls);
	cr_expect(same(one->sni, "a.example"));
	cr_expect(same(one->user_agent, "curl/8"));
	cr_expect(same(one->headers[0].value, "b"));
	cr_expect(eq(sz, one->key_bits, 1024));
	cr_expect(same(one->challenge, "used"));
	cr_expect(same(one->challenge_type, "bmp"));
	cr_expect(eq(sz, one->body_bytes, 9));
	cr_expect(eq(int, one->want_fate, PROBE_TLS_CUT));
	cr_expect(eq(u64, one->want_took_ms, 5000));
	cr_expect(same(one->want_crp, "403 16 5"));
	cr_expect(eq(sz, one->want_decode_has.count, 1));
	cr_expect(eq(sz, one->want_decode_lacks.count, 2));
	cr_assert(eq(sz, one->want_header_count, 2));
	cr_expect(same(one->want_headers[0].value, "Microsoft*"));
	cr_expect(one->want_headers[1].value == NULL);
	cr_expect(same(s->probes[1].want_crp, "none"));
	cr_expect(eq(int, s->probes[1].want_fate, PROBE_ANSWERED));
	scenario_free(s);
}
