#include "base/mem.h"
#include "ndes/pages.h"
#include "scenarios/load.h"
#include "scenarios/words.h"
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

Test(scenarios_load, settings_reach_the_rules)
{
	struct err err = ERR_INIT;
	struct scenario *s = load_with(
	    PTOP RULE(
	        "with: {limit: number}\n    match: {query_bytes: {over: \"${limit}\"}}\n"
	        "    respond: {status: \"${code}\", layer: iis, body: \"${note}\"}"),
	    "limit=007,code=400,note=hello", &err);

	cr_assert(s != NULL, "%s", err.text);
	cr_assert(eq(sz, s->rule_count, 1));
	cr_expect(eq(sz, s->rules[0].match.query_bytes.min, 8));
	cr_expect(eq(uint, s->rules[0].action.respond.status, 400));
	cr_expect(same(s->rules[0].action.respond.body, "hello"));
	cr_expect(same(s->params[0].value, "7"));
	cr_expect(same(s->params[0].default_value, "9"));
	scenario_free(s);
}

Test(scenarios_load, rules_not_in_play_are_left_out)
{
	static const char text[] = PTOP
	    "server:\n"
	    "  - {with: {mode: hard}, caps_without: [AES]}\n"
	    "  - {caps_without: [Renewal]}\n"
	    "rules:\n"
	    "  - {id: a, with: {limit: number}, match: {times: \"${limit}\"}, pass: {}}\n"
	    "  - {id: b, with: {limit: stock}, match: {}, pass: {}}\n"
	    "  - {id: c, with: {limit: 12}, match: {method: GET}, " IIS "}\n";
	static const struct {
		const char *settings, *ids;
		size_t caps;
	} rows[] = {{NULL, "a", 1}, {"limit=stock", "b", 1}, {"limit=12", "ac", 1},
	    {"mode=hard", "a", 2}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct scenario *s = load_with(text, rows[i].settings, &err);
		struct buf ids = BUF_INIT;
		char *got;

		cr_assert(s != NULL, "case %zu: %s", i, err.text);
		for (size_t j = 0; j < s->rule_count; j++)
			buf_add_text(&ids, s->rules[j].id);
		got = buf_string(&ids);
		cr_expect(same(got, rows[i].ids), "case %zu", i);
		cr_expect(
		    eq(sz, s->server.caps_without.count, rows[i].caps), "case %zu", i);
		free(got);
		scenario_free(s);
	}
}

Test(scenarios_load, reads_every_key)
{
	struct scenario *s = load(TOP
	    "aliases: [\"414\", b.c]\n"
	    "rules:\n"
	    "  - id: one\n"
	    "    match: {operation: [GetCACaps, PKIOperation], method: [GET, HEAD],\n"
	    "            query_bytes: {min: 2, under: 9}, uri_bytes: {max: 70},\n"
	    "            times: 3, count_by: connection}\n"
	    "    respond:\n"
	    "      status: 503\n"
	    "      layer: http.sys\n"
	    "      reason: Busy\n"
	    "      page: 503-unavailable\n"
	    "      headers: {Retry-After: 120, Date: ~, Server: null, X-Empty: }\n"
	    "    evidence: {httperr: {reason: AppOffline, queue: SCEP}}\n"
	    "  - id: two\n"
	    "    match: {message_type: PKCSReq}\n"
	    "    scep: {status: FAILURE, fail_info: badRequest, hresult: \"0x80094800\"}\n"
	    "    evidence: {iis: {substatus: 7, win32: 1346}}\n");
	const struct rule *one = &s->rules[0], *two = &s->rules[1];

	cr_expect(same(s->id, "mine"));
	cr_expect(same(s->group, "own"));
	cr_expect(eq(int, s->outcome, OUTCOME_MUST_FAIL));
	cr_expect(eq(int, s->doc.provenance, PROVENANCE_INFERRED));
	cr_expect(same(s->doc.sources[0].url, "https://www.rfc-editor.org/rfc/rfc8894"));
	cr_expect(s->doc.sources[0].title == NULL);
	cr_assert(eq(sz, s->aliases.count, 2));
	cr_expect(same(s->aliases.items[1], "b.c"));
	cr_assert(eq(sz, s->rule_count, 2));
	cr_expect(eq(sz, one->match.operations.count, 2));
	cr_expect(eq(sz, one->match.methods.count, 2));
	cr_expect(eq(sz, one->match.query_bytes.min, 2));
	cr_expect(eq(sz, one->match.query_bytes.max, 8));
	cr_expect(eq(sz, one->match.uri_bytes.min, 0));
	cr_expect(eq(sz, one->match.uri_bytes.max, 70));
	cr_expect(eq(sz, one->match.times, 3));
	cr_expect(eq(int, one->match.count_by, COUNT_BY_CONNECTION));
	cr_expect(eq(int, one->action.kind, ACTION_RESPOND));
	cr_expect(eq(uint, one->action.respond.status, 503));
	cr_expect(eq(int, one->action.respond.layer, LAYER_HTTP_SYS));
	cr_expect(same(one->action.respond.reason, "Busy"));
	cr_expect(same(one->action.respond.page, "503-unavailable"));
	cr_assert(eq(sz, one->action.respond.header_count, 4));
	cr_expect(same(one->action.respond.headers[0].value, "120"));
	for (size_t i = 1; i < 4; i++)
		cr_expect(one->action.respond.headers[i].value == NULL, "case %zu", i);
	cr_expect(same(one->evidence.httperr_reason, "AppOffline"));
	cr_expect(same(one->evidence.httperr_queue, "SCEP"));
	cr_expect(not(one->evidence.has_iis));
	cr_expect(eq(int, two->action.kind, ACTION_SCEP));
	cr_expect(same(two->action.scep.status, "FAILURE"));
	cr_expect(same(two->action.scep.fail_info, "badRequest"));
	cr_expect(two->action.scep.has_hresult);
	cr_expect(eq(u32, two->action.scep.hresult, 0x80094800));
	cr_expect(two->evidence.has_iis);
	cr_expect(eq(uint, two->evidence.substatus, 7));
	cr_expect(eq(u32, two->evidence.win32, 1346));
	scenario_free(s);
}

Test(scenarios_load, reads_probes)
{
	struct scenario *s = load(PROBE(
	    "params: {limit: 5, mode: hard}\n"
	    "    send: {operation: PKIOperation, method: POST, path: /x, message_type: CertPoll,\n"
	    "           transaction: A, query_bytes: 40}\n"
	    "    repeat: 3\n"
	    "    want: {status: 200, pki: FAILURE, fail_info: badAlg, body_has: x,\n"
	    "           body_lacks: [y, z], iis: \"200 0 0\", httperr: none}\n"
	    "  - {send: {operation: none}, want: {iis: none, httperr: URL}}\n"));
	const struct probe *one = &s->probes[0], *two = &s->probes[1];

	cr_assert(eq(sz, s->probe_count, 2));
	cr_expect(eq(sz, one->line, 18));
	cr_assert(eq(sz, one->param_count, 2));
	cr_expect(same(one->params[1].name, "mode"));
	cr_expect(same(one->params[1].value, "hard"));
	cr_expect(same(one->method, "POST"));
	cr_expect(same(one->path, "/x"));
	cr_expect(same(one->message_type, "CertPoll"));
	cr_expect(same(one->transaction, "A"));
	cr_expect(eq(sz, one->query_bytes, 40));
	cr_expect(eq(sz, one->repeat, 3));
	cr_expect(eq(uint, one->want_status, 200));
	cr_expect(same(one->want_pki, "FAILURE"));
	cr_expect(same(one->want_fail_info, "badAlg"));
	cr_expect(eq(sz, one->want_body_has.count, 1));
	cr_expect(eq(sz, one->want_body_lacks.count, 2));
	cr_expect(same(one->want_iis, "200 0 0"));
	cr_expect(same(one->want_httperr, "none"));
	cr_expect(same(two->method, "GET"));
	cr_expect(eq(sz, two->repeat, 1));
	cr_expect(two->path == NULL);
	cr_expect(same(two->want_httperr, "URL"));
	scenario_free(s);
}

Test(scenarios_load, has_a_limit_of_rules)
{
	struct buf text = BUF_INIT;
	struct err err = ERR_INIT;

	buf_add_text(&text, TOP "rules:\n");
	for (size_t i = 0; i < 65; i++)
		buf_add_format(
		    &text, "  - {id: r%zu, match: {method: GET}, pass: {}}\n", i);
	cr_expect(scenario_load("f.yaml", buf_slice(&text), NULL, &err) == NULL);
	cr_expect(strstr(err.text, "f.yaml:78:5: rules: more than 64 items") != NULL,
	    "%s", err.text);
	buf_clear(&text);
}

/* The file cut off anywhere, and with any one character lost. */
Test(scenarios_load, loads_or_says_why_not_wherever_a_file_is_broken)
{
	static const char text[] =
	    PTOP "server: [{with: {mode: hard}, caps_without: [AES]}]\n"
	         "rules:\n"
	         "  - id: r\n"
	         "    with: {limit: number}\n"
	         "    match: {times: \"${limit}\", count_by: client}\n"
	         "    respond: {status: 500, layer: iis, headers: {A: b}}\n"
	         "    evidence: {iis: {substatus: 0, win32: 5}}\n";

	for (size_t cut = 0; cut < sizeof(text) - 1; cut++) {
		for (size_t lost = 0; lost < 2; lost++) {
			struct err err = ERR_INIT;
			struct buf buf = BUF_INIT;
			struct scenario *scenario;

			buf_add(&buf, text, cut);
			buf_add(&buf, text + cut + lost, lost * (sizeof(text) - 2 - cut));
			scenario = scenario_load("f", buf_slice(&buf), NULL, &err);
			cr_expect(scenario != NULL || err.kind == ERR_USAGE,
			    "cut at %zu: %s", cut, err.text);
			scenario_free(scenario);
			buf_clear(&buf);
		}
	}
}

/* A page that the server does not have could not be sent. */
Test(scenarios_load, every_page_is_one_of_the_server)
{
	for (size_t i = 0; i < words_page.count; i++) {
		struct buf page = BUF_INIT;

		cr_expect(page_http_sys(&page, words_page.items[i]), "page %s",
		    words_page.items[i]);
		buf_clear(&page);
	}
}

Test(scenarios_load, names_go_with_their_enums)
{
	cr_expect(same(provenance_name(PROVENANCE_CAPTURED), "captured"));
	cr_expect(same(provenance_name(PROVENANCE_INFERRED), "inferred"));
	cr_expect(same(outcome_name(OUTCOME_MUST_ENROL), "must-enrol"));
	cr_expect(same(outcome_name(OUTCOME_EITHER), "either"));
	cr_expect(same(words_level.items[LEVEL_NOTE], "note"));
	cr_expect(same(words_probe_fate.items[PROBE_ANSWERED], "answered"));
	cr_expect(same(words_probe_fate.items[PROBE_TLS_CUT], "tls-cut"));
	cr_expect(eq(sz, words_probe_fate.count, PROBE_TLS_CUT + 1));
	cr_expect(same(words_count_by.items[COUNT_BY_SITE], "site"));
	cr_expect(same(words_count_by.items[COUNT_BY_TRANSACTION], "transaction"));
	scenario_free(NULL);
}
