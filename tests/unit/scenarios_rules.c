#include "scenarios/load.h"
#include "scenarios/match.h"
#include "scenarios/network.h"
#include "scenarios/words.h"
#include "support/same.h"
#include "support/scenario_text.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define MACHINES                                                                      \
	"machines: {pool: {initial: up, states: {up: {events: {crash: {to: down}}}, " \
	"down: {events: {start: {to: up}}, after: {delay: 10m, to: up}}}}}\n"
#define RTOP      PTOP MACHINES "rules:\n"
#define ONE(text) RTOP "  - {id: r, " text "}\n"

static struct scenario *
load(const char *text, const char *settings)
{
	struct err err = ERR_INIT;
	struct scenario *scenario = load_with(text, settings, &err);

	cr_assert(scenario != NULL, "%s", err.text);
	return scenario;
}

/* NULL: there is no such key */
static const char *
word_of(const struct forms *forms, const char *key)
{
	for (size_t i = 0; i < forms->count; i++)
		if (strcmp(forms->items[i].key, key) == 0)
			return forms->items[i].word;
	return NULL;
}

Test(scenarios_rules, reads_what_is_known_at_accept)
{
	struct scenario *s = load(
	    ONE("match: {client: [10.0.0.0/8, \"::1\"], tls: true, state: {pool: [down, up]}},"
	        "connection: {how: reset, at: accept, layer: http.sys}"),
	    NULL);
	const struct match *match = &s->rules[0].match;
	unsigned char address[16];

	cr_assert(eq(sz, match->client_count, 2));
	cr_assert(network_address(SLICE("10.7.7.7"), address));
	cr_expect(network_has(&match->clients[0], address));
	cr_expect(not(network_has(&match->clients[1], address)));
	cr_expect(eq(int, match->tls, TRI_YES));
	cr_assert(eq(sz, match->state_count, 1));
	cr_expect(eq(sz, match->states[0].machine, 0));
	cr_expect(eq(u32, match->states[0].states, 3));
	cr_expect(eq(int, s->rules[0].action.kind, ACTION_CONNECTION));
	cr_expect(eq(int, s->rules[0].action.connection.fate, FATE_RESET));
	cr_expect(eq(int, s->rules[0].action.connection.layer, LAYER_HTTP_SYS));
	cr_expect(s->rules[0].action.connection.is_at_accept);
	scenario_free(s);
}

Test(scenarios_rules, reads_what_the_head_tells)
{
	struct scenario *s = load(
	    ONE("match: {operation: [GetCACert, admin-page], method: GET, path: \"/certsrv/**\","
	        "query_bytes: 7, uri_bytes: {over: 3}, user_agent: [\"curl/*\", \"*Go*\"],"
	        "platform: [curl, none], header: {Accept: \"*/*\", Expect: ~},"
	        "client_cert: untrusted, body_bytes: {under: 9},"
	        "not: {header: {X-A: b}, state: {pool: down}}}, pass: {}"),
	    NULL);
	const struct match *match = &s->rules[0].match;

	cr_expect(same(match->operations.items[1], "admin-page"));
	cr_expect(same(match->methods.items[0], "GET"));
	cr_expect(same(match->paths.items[0], "/certsrv/**"));
	cr_expect(eq(sz, match->query_bytes.min, 7));
	cr_expect(eq(sz, match->query_bytes.max, 7));
	cr_expect(eq(sz, match->uri_bytes.min, 4));
	cr_expect(same(match->user_agents.items[1], "*Go*"));
	cr_expect(same(match->platforms.items[1], "none"));
	cr_assert(eq(sz, match->header_count, 2));
	cr_expect(same(match->headers[0].value, "*/*"));
	cr_expect(match->headers[1].value == NULL);
	cr_expect(same(match->client_certs.items[0], "untrusted"));
	cr_expect(eq(sz, match->body_bytes.max, 8));
	cr_expect(eq(int, match->tls, TRI_ANY));
	cr_assert(match->none_of != NULL);
	cr_expect(eq(sz, match->none_of->header_count, 1));
	cr_expect(eq(u32, match->none_of->states[0].states, 2));
	scenario_free(s);
}

Test(scenarios_rules, reads_what_the_message_tells)
{
	struct scenario *s =
	    load(ONE("match: {operation: PKIOperation, message_type: [PKCSReq, CertPoll],"
	             "key_bits: {max: 2047}, digest: md5, cipher: [des, des3],"
	             "subject: \"CN=*,O=Contoso\", challenge: [used, expired],"
	             "challenge_type: [utf8, other]},"
	             "scep: {status: PENDING}"),
	        NULL);
	const struct match *match = &s->rules[0].match;

	cr_expect(eq(sz, match->message_types.count, 2));
	cr_expect(eq(sz, match->key_bits.max, 2047));
	cr_expect(same(match->digests.items[0], "md5"));
	cr_expect(same(match->ciphers.items[1], "des3"));
	cr_expect(same(match->subjects.items[0], "CN=*,O=Contoso"));
	cr_expect(same(match->challenges.items[1], "expired"));
	cr_expect(eq(sz, match->challenge_types.count, 2));
	cr_expect(same(match->challenge_types.items[1], "other"));
	cr_expect(s->asks_challenge);
	cr_expect(same(s->rules[0].action.scep.status, "PENDING"));
	scenario_free(s);
}

Test(scenarios_rules, reads_what_counts)
{
	struct scenario *s = load(RTOP
	    "  - {id: a, match: {nth: {min: 2, max: 5}, every: 3, times: 9,"
	    "     count_by: client}, pass: {}}\n"
	    "  - {id: b, match: {rate_over: 5/1s, probability: 0.5%,"
	    "     count_by: transaction}, pass: {}}\n"
	    "  - {id: c, match: {nth: \"${limit}\"}, with: {limit: number}, pass: {}}\n"
	    "  - {id: d, match: {not: {challenge: wrong}}, pass: {}}\n",
	    "limit=4");
	const struct match *a = &s->rules[0].match, *b = &s->rules[1].match;

	cr_expect(eq(sz, a->nth.min, 2));
	cr_expect(eq(sz, a->nth.max, 5));
	cr_expect(eq(sz, a->every, 3));
	cr_expect(eq(sz, a->times, 9));
	cr_expect(eq(int, a->count_by, COUNT_BY_CLIENT));
	cr_expect(not(a->has_probability));
	cr_expect(eq(sz, b->rate_count, 5));
	cr_expect(eq(u64, b->rate_ms, 1000));
	cr_expect(b->has_probability);
	cr_expect(eq(u32, b->per_million, 5000));
	cr_expect(eq(int, b->count_by, COUNT_BY_TRANSACTION));
	cr_expect(eq(sz, s->rules[2].match.nth.min, 4));
	cr_expect(eq(sz, s->rules[2].match.nth.max, 4));
	cr_expect(s->rules[3].match.none_of != NULL);
	cr_expect(s->asks_challenge);
	scenario_free(s);
}

Test(scenarios_rules, reads_respond)
{
	struct scenario *s = load(RTOP
	    "  - {id: a, match: {method: GET}, respond: {status: 302, layer: app-proxy,"
	    "     page: sign-in, redirect: https,"
	    "     headers: {Set-Cookie: [a=1, b=2], Date: ~}}}\n"
	    "  - {id: b, match: {}, respond: {status: 401, layer: iis, reason: No,"
	    "     page: admin-password}}\n",
	    NULL);
	const struct respond *a = &s->rules[0].action.respond;
	const struct respond *b = &s->rules[1].action.respond;

	cr_expect(eq(uint, a->status, 302));
	cr_expect(eq(int, a->layer, LAYER_APP_PROXY));
	cr_expect(same(a->page, "sign-in"));
	cr_expect(eq(int, a->redirect, REDIRECT_HTTPS));
	cr_assert(eq(sz, a->header_count, 3));
	cr_expect(same(a->headers[0].value, "a=1"));
	cr_expect(not(a->headers[0].is_further));
	cr_expect(same(a->headers[1].name, "Set-Cookie"));
	cr_expect(same(a->headers[1].value, "b=2"));
	cr_expect(a->headers[1].is_further);
	cr_expect(a->headers[2].value == NULL);
	cr_expect(same(b->reason, "No"));
	cr_expect(same(b->page, "admin-password"));
	cr_expect(eq(int, b->redirect, REDIRECT_NONE));
	scenario_free(s);
}

Test(scenarios_rules, reads_every_form_of_scep)
{
	for (size_t i = 2; i < SCEP_FORM_COUNT; i++) {
		const struct form_words *form = &words_scep_forms[i];

		for (size_t j = 0; j < form->words.count; j++) {
			struct buf text = BUF_INIT;
			struct err err = ERR_INIT;
			struct scenario *s;
			const struct forms *forms;

			buf_add_format(&text,
			    RTOP "  - {id: r, match: {}, scep: {%s: %s}}\n", form->key,
			    form->words.items[j]);
			s = scenario_load("f", buf_slice(&text), NULL, &err);
			cr_assert(s != NULL, "%s", err.text);
			forms = &s->rules[0].action.scep.forms;
			cr_assert(eq(sz, forms->count, 1));
			cr_expect(same(forms->items[0].key, form->key));
			cr_expect(same(forms->items[0].word, form->words.items[j]));
			scenario_free(s);
			buf_clear(&text);
		}
	}
}

Test(scenarios_rules, tells_words_of_the_certrep_from_forms)
{
	struct scenario *s = load(RTOP
	    "  - {id: a, match: {method: GET}, scep: {status: FAILURE, fail_info: \"99\","
	    "     hresult: \"0x80094800\", hresult_text: Denied, fail_info_text: No}}\n"
	    "  - {id: b, match: {method: POST}, scep: {status: \"7\", bag: leaf}}\n"
	    "  - {id: c, match: {}, scep: {fail_info: badTime}}\n",
	    NULL);
	const struct scep *a = &s->rules[0].action.scep, *b = &s->rules[1].action.scep;
	const struct scep *c = &s->rules[2].action.scep;

	cr_expect(same(a->status, "FAILURE"));
	cr_expect(a->fail_info == NULL);
	cr_expect(same(word_of(&a->forms, "fail_info"), "99"));
	cr_expect(a->has_hresult);
	cr_expect(eq(u32, a->hresult, 0x80094800));
	cr_expect(same(a->hresult_text, "Denied"));
	cr_expect(same(a->fail_info_text, "No"));
	cr_expect(b->status == NULL);
	cr_assert(eq(sz, b->forms.count, 2));
	cr_expect(same(word_of(&b->forms, "status"), "7"));
	cr_expect(same(word_of(&b->forms, "bag"), "leaf"));
	cr_expect(same(c->fail_info, "badTime"));
	cr_expect(not(c->has_hresult));
	scenario_free(s);
}

Test(scenarios_rules, reads_ca_and_tls)
{
	struct scenario *s = load(PTOP
	    "server: [{pki: chain}]\n"
	    "rules:\n"
	    "  - {id: a, match: {operation: GetCACert}, ca: {certificates: [ca, root, sign],"
	    "     bag: pem, crl: with, encoding: ber}}\n"
	    "  - {id: b, match: {operation: GetCACaps}, ca: {caps_end: crlf, caps_last: end,"
	    "     caps_case: lower, caps_mark: utf-8}}\n"
	    "  - {id: c, match: {}, tls: wrong-name}\n",
	    NULL);
	const struct ca *a = &s->rules[0].action.ca, *b = &s->rules[1].action.ca;

	cr_assert(eq(sz, a->certificates.count, 3));
	cr_expect(same(a->certificates.items[1], "root"));
	cr_expect(eq(sz, a->forms.count, 3));
	cr_expect(same(word_of(&a->forms, "bag"), "pem"));
	cr_expect(eq(sz, b->certificates.count, 0));
	cr_expect(eq(sz, b->forms.count, 4));
	cr_expect(same(word_of(&b->forms, "caps_mark"), "utf-8"));
	cr_expect(eq(int, s->rules[2].action.kind, ACTION_TLS));
	cr_expect(same(s->rules[2].action.tls, "wrong-name"));
	cr_expect(same(s->server.pki, "chain"));
	scenario_free(s);
}

Test(scenarios_rules, reads_every_fate)
{
	for (size_t i = 0; i < words_fate.count; i++) {
		struct buf text = BUF_INIT;
		struct err err = ERR_INIT;
		struct scenario *s;

		buf_add_format(&text, RTOP "  - {id: r, match: {}, connection: %s}\n",
		    words_fate.items[i]);
		s = scenario_load("f", buf_slice(&text), NULL, &err);
		cr_assert(s != NULL, "%s", err.text);
		cr_expect(eq(int, s->rules[0].action.connection.fate, (int)i));
		cr_expect(eq(int, s->rules[0].action.connection.layer, LAYER_NETWORK));
		cr_expect(not(s->rules[0].action.connection.is_at_accept));
		scenario_free(s);
		buf_clear(&text);
	}
}

Test(scenarios_rules, reads_delays)
{
	static const struct {
		const char *text;
		struct delay want;
	} rows[] = {
	    {"delay: 5s", {DELAY_FIXED, DELAY_HEAD, 5000, 5000, 0, 0}},
	    {"delay: 0ms", {DELAY_FIXED, DELAY_HEAD, 0, 0, 0, 0}},
	    {"delay: {min: 1s, max: 3s}", {DELAY_RANGE, DELAY_HEAD, 1000, 3000, 0, 0}},
	    {"delay: {min: 1s, max: 1s, at: accept}",
	        {DELAY_FIXED, DELAY_ACCEPT, 1000, 1000, 0, 0}},
	    {"delay: {min: 2m, at: body}",
	        {DELAY_FIXED, DELAY_BODY, 120000, 120000, 0, 0}},
	    {"delay: {median: 2s, sigma: 0.5, at: head}",
	        {DELAY_LOGNORMAL, DELAY_HEAD, 0, 0, 2000, 0.5}},
	    {"delay: {median: 10ms, sigma: 3}",
	        {DELAY_LOGNORMAL, DELAY_HEAD, 0, 0, 10, 3}},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text = BUF_INIT;
		struct err err = ERR_INIT;
		struct scenario *s;
		const struct delay *got, *want = &rows[i].want;

		buf_add_format(
		    &text, RTOP "  - {id: r, match: {}, pass: {}, %s}\n", rows[i].text);
		s = scenario_load("f", buf_slice(&text), NULL, &err);
		cr_assert(s != NULL, "case %s: %s", rows[i].text, err.text);
		got = &s->rules[0].shaping.delay;
		cr_expect(eq(int, got->kind, want->kind), "case %s", rows[i].text);
		cr_expect(eq(int, got->at, want->at), "case %s", rows[i].text);
		cr_expect(eq(u64, got->min_ms, want->min_ms), "case %s", rows[i].text);
		cr_expect(eq(u64, got->max_ms, want->max_ms), "case %s", rows[i].text);
		cr_expect(
		    eq(u64, got->median_ms, want->median_ms), "case %s", rows[i].text);
		cr_expect(epsilon_eq(dbl, got->sigma, want->sigma, 1e-9), "case %s",
		    rows[i].text);
		scenario_free(s);
		buf_clear(&text);
	}
}

Test(scenarios_rules, reads_drip_and_truncate)
{
	static const struct {
		const char *text;
		struct cut want;
	} rows[] = {
	    {"{after: 100B, then: close}", {CUT_BODY_BYTES, 100, CUT_END_CLOSE}},
	    {"{after: 0B, then: stall}", {CUT_BODY_BYTES, 0, CUT_END_STALL}},
	    {"{after: 50%, then: reset}", {CUT_BODY_PERCENT, 50, CUT_END_RESET}},
	    {"{after: status-line, then: close}", {CUT_STATUS_LINE, 0, CUT_END_CLOSE}},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct buf text = BUF_INIT;
		struct err err = ERR_INIT;
		struct scenario *s;
		const struct shaping_wish *got;

		buf_add_format(&text,
		    RTOP
		    "  - {id: r, match: {}, pass: {}, drip: {bytes: 10, every: 100ms},"
		    " truncate: %s}\n",
		    rows[i].text);
		s = scenario_load("f", buf_slice(&text), NULL, &err);
		cr_assert(s != NULL, "case %s: %s", rows[i].text, err.text);
		got = &s->rules[0].shaping;
		cr_expect(eq(sz, got->drip_bytes, 10));
		cr_expect(eq(u64, got->drip_ms, 100));
		cr_expect(
		    eq(int, got->cut.where, rows[i].want.where), "case %s", rows[i].text);
		cr_expect(
		    eq(sz, got->cut.after, rows[i].want.after), "case %s", rows[i].text);
		cr_expect(
		    eq(int, got->cut.end, rows[i].want.end), "case %s", rows[i].text);
		scenario_free(s);
		buf_clear(&text);
	}
}

Test(scenarios_rules, reads_reply_and_effects)
{
	struct scenario *s = load(
	    ONE("match: {}, pass: {}, emit: crash, forget: passwords, reply: {status: 418,"
	        "headers: {X-A: b}, framing: bad-chunk, version: \"1.0\", body: half},"
	        "evidence: {iis: {substatus: 2, win32: 5}, client: {ios: x}}"),
	    NULL);
	const struct rule *rule = &s->rules[0];

	cr_expect(eq(int, rule->action.kind, ACTION_PASS));
	cr_expect(same(rule->emit, "crash"));
	cr_expect(rule->forgets_passwords);
	cr_expect(eq(uint, rule->reply.status, 418));
	cr_expect(eq(int, rule->reply.framing, FRAMING_BAD_CHUNK));
	cr_expect(rule->reply.is_http10);
	cr_expect(same(rule->reply.body, "half"));
	cr_expect(eq(sz, rule->reply.header_count, 1));
	cr_expect(rule->evidence.has_iis);
	cr_expect(eq(uint, rule->evidence.substatus, 2));
	cr_expect(not(s->asks_challenge));
	scenario_free(s);
}

Test(scenarios_rules, reads_changes_of_the_server)
{
	static const char text[] =
	    PTOP "server:\n"
	         "  - {with: {mode: soft}, pki: ec}\n"
	         "  - {with: {mode: hard}, pki: chain, challenge: one-time}\n"
	         "  - {with: {limit: stock}, caps: []}\n"
	         "  - {with: {limit: number}, caps: [AES, Renewal]}\n"
	         "  - {caps_without: [SHA-1]}\n"
	         "  - {caps_without: Update}\n";
	struct scenario *soft = load(text, NULL);
	struct scenario *hard = load(text, "mode=hard,limit=stock");

	cr_expect(same(soft->server.pki, "ec"));
	cr_expect(soft->server.challenge == NULL);
	cr_assert(eq(sz, soft->server.caps.count, 2));
	cr_expect(same(soft->server.caps.items[1], "Renewal"));
	cr_expect(eq(sz, soft->server.caps_without.count, 2));
	cr_expect(same(hard->server.pki, "chain"));
	cr_expect(same(hard->server.challenge, "one-time"));
	cr_expect(eq(sz, hard->server.caps.count, 0));
	cr_expect(hard->server.caps.items != NULL, "no capability is not the usual ones");
	scenario_free(soft);
	scenario_free(hard);
}

/* ${name} may stand for any value of a rule. */
Test(scenarios_rules, values_come_from_parameters)
{
	static const char text[] = HEAD PROBES
	    "params:\n"
	    "  wait: {default: 5s, min: 0ms, max: 10m}\n"
	    "  how: {default: reset, words: [reset, stall]}\n"
	    "  frame: {default: usual, words: [usual, chunked]}\n"
	    "  page: {default: 503-unavailable, words: [503-unavailable, 404-not-found]}\n"
	    "  cut: {default: status-line, words: [status-line]}\n"
	    "  word: {default: wrong, words: [wrong, missing]}\n"
	    "rules:\n"
	    "  - {id: a, match: {method: GET}, connection: \"${how}\", delay: \"${wait}\"}\n"
	    "  - {id: b, match: {method: HEAD}, respond: {status: 503, layer: http.sys,\n"
	    "     page: \"${page}\"}, reply: {framing: \"${frame}\"},\n"
	    "     truncate: {after: \"${cut}\", then: stall}}\n"
	    "  - {id: c, match: {}, scep: {recipient_nonce: \"${word}\"}}\n";
	struct scenario *s = load(text, "how=stall,wait=1m,frame=chunked,word=missing");

	cr_expect(eq(int, s->rules[0].action.connection.fate, FATE_STALL));
	cr_expect(eq(u64, s->rules[0].shaping.delay.min_ms, 60000));
	cr_expect(same(s->rules[1].action.respond.page, "503-unavailable"));
	cr_expect(eq(int, s->rules[1].reply.framing, FRAMING_CHUNKED));
	cr_expect(eq(int, s->rules[1].shaping.cut.where, CUT_STATUS_LINE));
	cr_expect(same(s->rules[2].action.scep.forms.items[0].word, "missing"));
	scenario_free(s);
}

/* The rules cut off anywhere, and with any one character lost. */
Test(scenarios_rules, load_or_say_why_not_wherever_they_are_broken)
{
	static const char text[] =
	    "server: [{caps: []}, {pki: chain, challenge: any}]\n" RTOP
	    "  - {id: a, match: {client: [10.0.0.0/8], tls: true, state: {pool: [up]},\n"
	    "     nth: {min: 2}, count_by: client, not: {header: {A: b}}}, pass: {},\n"
	    "     delay: {median: 2s, sigma: 0.5}, reply: {headers: {A: [b, c]}}}\n"
	    "  - {id: b, match: {rate_over: 5/1s}, ca: {certificates: [root]}, forget: "
	    "passwords}\n"
	    "  - {id: c, match: {tls: false}, connection: {how: reset, at: accept}, emit: crash}\n"
	    "  - {id: d, match: {}, scep: {status: \"7\", bag: leaf}, evidence: {iis: "
	    "{substatus: 0, win32: 0}}, truncate: {after: 5%, then: stall}}\n";
	const size_t from = (size_t)(strstr(text, "rules:") - text),
	             len = sizeof(text) - 1;

	scenario_free(load(text, NULL));
	for (size_t cut = from; cut < len; cut++) {
		for (size_t lost = 0; lost < 2; lost++) {
			struct err err = ERR_INIT;
			struct buf buf = BUF_INIT;
			struct scenario *scenario;

			buf_add(&buf, text, cut);
			buf_add(&buf, text + cut + lost, lost * (len - 1 - cut));
			scenario = scenario_load("f", buf_slice(&buf), NULL, &err);
			cr_expect(scenario != NULL || err.kind == ERR_USAGE,
			    "cut at %zu: %s", cut, err.text);
			scenario_free(scenario);
			buf_clear(&buf);
		}
	}
}
