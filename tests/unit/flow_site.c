#include "tests/support/flow_rig.h"

#define AT(selector, query) \
	"GET /s/" selector "/certsrv/mscep/mscep.dll" query " HTTP/1.1\r\nHost: h\r\n\r\n"

static unsigned
status_of(struct rig *rig, const char *request)
{
	const char *answer = ask_text(rig, request);

	return answer == NULL ? 0 : (unsigned)strtoul(answer + 9, NULL, 10);
}

static struct scenario *
load_text(const char *text)
{
	struct err err = ERR_INIT;
	struct scenario *scenario = scenario_load("own.yaml", slice_of(text), NULL, &err);

	cr_assert(scenario != NULL, "%s", err.text);
	return scenario;
}

#define HEAD                                                            \
	"mockndes: 1\nid: own\ngroup: own\ntitle: t\noutcome: either\n" \
	"doc: {symptom: s, cause: c, fix: f, provenance: inferred, "    \
	"sources: [{url: 'https://example.org/'}]}\n"                   \
	"probes: [{send: {operation: GetCACaps}, want: {status: 200}}]\n"

Test(flow_site, a_selector_is_what_stands_behind_s)
{
	static const struct {
		const char *path;
		const char *selector; /* NULL: none */
		const char *rest;
	} cases[] = {
	    {"/s/414/certsrv/mscep/mscep.dll", "414", "/certsrv/mscep/mscep.dll"},
	    {"/s/414:limit=2@job/x", "414:limit=2@job", "/x"},
	    {"/s/414", "414", "/"},
	    {"/s//x", "", "/x"},
	    {"/sx/414", NULL, NULL},
	    {"/S/414/x", NULL, NULL},
	    {"/certsrv/s/414", NULL, NULL},
	    {"", NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice selector, rest;
		bool is_site = site_path(slice_of(cases[i].path), &selector, &rest);

		cr_assert(eq(int, is_site, cases[i].selector != NULL), "case %zu", i);
		if (!is_site)
			continue;
		cr_expect(slice_is(selector, cases[i].selector), "case %zu", i);
		cr_expect(slice_is(rest, cases[i].rest), "case %zu", i);
	}
}

Test(flow_site, every_scenario_can_be_chosen_by_path, .timeout = 20)
{
	struct rig rig;

	rig_open(&rig, "healthy");
	rig_make_ca(&rig);
	cr_expect(eq(uint, status_of(&rig, GET(MSCEP "?operation=GetCACaps")), 200));
	cr_expect(eq(uint, status_of(&rig, AT("500", "?operation=GetCACaps")), 500));
	cr_expect(eq(uint, status_of(&rig, AT("healthy", "?operation=GetCACaps")), 200));
	cr_expect(eq(
	    uint, status_of(&rig, AT("414:limit=20", "?operation=GetCACaps&m=x")), 414));
	cr_expect(eq(uint,
	    status_of(&rig, AT("414%3Alimit=20", "?operation=GetCACaps&m=x")), 414));
	cr_expect(flow_misled(rig.flow) == NULL);
	rig_close(&rig);
}

Test(flow_site, what_there_is_not_is_refused_and_remembered, .timeout = 20)
{
	struct rig rig;

	rig_open(&rig, "healthy");
	rig_make_ca(&rig);
	const char *answer = ask_text(&rig, AT("415", "?operation=GetCACaps"));
	cr_assert(strncmp(answer, "HTTP/1.1 404", 12) == 0, "%s", answer);
	cr_expect(strstr(answer, "Server: mockndes\r\n") != NULL);
	cr_expect(strstr(answer, "Content-Type: text/plain") != NULL);
	cr_expect(strstr(answer, "414") != NULL, "the nearest: %s", answer);
	cr_expect(flow_misled(rig.flow) != NULL);
	cr_expect(not(flow_has_fired(rig.flow)));
	rig_close(&rig);
}

Test(flow_site, a_fault_below_http_is_no_path_s_to_choose, .timeout = 20)
{
	struct rig rig;

	rig_open(&rig, "healthy");
	const char *answer =
	    ask_text(&rig, AT("blocked:how=no-accept", "?operation=GetCACaps"));
	cr_assert(strncmp(answer, "HTTP/1.1 404", 12) == 0, "%s", answer);
	cr_expect(strstr(answer, "--scenario blocked") != NULL, "%s", answer);
	rig_close(&rig);
}

/* Three sites count for themselves: one answer each is PENDING. */
Test(flow_site, counters_and_transactions_are_each_site_s_own, .timeout = 20)
{
	static const char *const sites[] = {
	    "/s/pending:polls=1@a", "/s/pending:polls=1@b", "/s/pending:polls=1"};
	struct rig rig;

	rig_open(&rig, "healthy");
	rig_make_ca(&rig);
	struct scep_client *client = client_of(&rig);
	for (size_t i = 0; i < 3; i++) {
		struct scep_reply reply;

		enrol_at(&rig, sites[i], client, &(struct scep_request){.challenge = "x"},
		    &reply);
		cr_expect(eq(int, reply.status, PKI_PENDING), "%s", sites[i]);
		scep_reply_clear(&reply);
	}
	for (size_t i = 0; i < 3; i++) {
		struct scep_reply reply;

		enrol_at(&rig, sites[i], client, &(struct scep_request){.challenge = "x"},
		    &reply);
		cr_expect(eq(int, reply.status, PKI_SUCCESS), "%s", sites[i]);
		scep_reply_clear(&reply);
	}
	scep_client_free(client);
	rig_close(&rig);
}

static void
count_judged(void *arg, const struct scenario *scenario, const struct expect *expect,
    enum judgement judgement, const char *why)
{
	size_t *counts = arg;

	counts[judgement]++;
}

Test(flow_site, expectations_are_judged_for_every_scenario_that_ruled, .timeout = 20)
{
	static const char text[] = HEAD
	    "rules: [{id: r, match: {operation: GetCACert}, respond: {status: 503, layer: "
	    "http.sys}}]\n"
	    "expect: [{id: turns, after_rule: r, request: {operation: GetCACaps}, count: "
	    "{min: 1}}]\n";
	struct rig rig;
	struct err err = ERR_INIT;
	size_t counts[3] = {0};

	rig_open_with(&rig, load_text(text));
	rig_make_ca(&rig);
	(void)ask_text(&rig, GET(MSCEP "?operation=GetCACert&message=x"));
	cr_assert(flow_use(rig.flow, load_text(text), &err));
	(void)ask_text(&rig, GET(MSCEP "?operation=GetCACert&message=x"));
	(void)ask_text(&rig, GET(MSCEP "?operation=GetCACaps"));
	cr_assert(flow_use(rig.flow, load_text(text), &err));
	flow_judge(rig.flow, count_judged, counts);
	cr_expect(
	    eq(sz, counts[JUDGED_BROKEN], 1), "the first one's client never turned");
	cr_expect(eq(sz, counts[JUDGED_KEPT], 1));
	cr_expect(eq(sz, counts[JUDGED_SKIPPED], 1), "the third one's rule never fired");
	rig_close(&rig);
}

Test(flow_site, events_move_machines_and_a_restart_forgets_passwords, .timeout = 20)
{
	static const char text[] = HEAD
	    "server: [{challenge: one-time}]\n"
	    "machines: {pool: {initial: up, states: {up: {events: {stop: {to: down}}}, down: "
	    "{events: {start: {to: up}}}}}}\n"
	    "rules: [{id: r, match: {state: {pool: down}}, respond: {status: 503, layer: "
	    "pool}}]\n";
	struct rig rig;
	struct err err = ERR_INIT;
	struct challenge_row row;
	char *word;

	rig_open_with(&rig, load_text(text));
	rig_make_ca(&rig);
	cr_expect(eq(uint, status_of(&rig, GET(MSCEP "?operation=GetCACaps")), 200));
	cr_assert(flow_event(rig.flow, "stop", NULL, &err), "%s", err.text);
	cr_expect(eq(uint, status_of(&rig, GET(MSCEP "?operation=GetCACaps")), 503));
	char *states = flow_states(rig.flow);
	cr_expect(strcmp(states, "pool=down") == 0, "%s", states);
	free(states);
	cr_expect(not(flow_event(rig.flow, "fly", NULL, &err)));
	cr_expect(not(flow_event(rig.flow, "stop", "503@nobody", &err)));

	cr_assert(flow_challenge(rig.flow, &word, &err));
	cr_assert(store_find_challenge(rig.flow->store, "", word, &row, &err));
	cr_assert(flow_event(rig.flow, "iisreset", NULL, &err), "it is known everywhere");
	cr_expect(not(store_find_challenge(rig.flow->store, "", word, &row, &err)));
	free(word);
	rig_close(&rig);
}

Test(flow_site, a_door_that_asks_is_told_what_the_scenario_wants, .timeout = 20)
{
	static const char text[] = HEAD
	    "rules: [{id: r, match: {times: 1}, connection: {how: reset, at: accept}}]\n";
	struct rig rig;

	rig_open_with(&rig, load_text(text));
	cr_expect(eq(int, (int)flow_accept(rig.flow, &rig.endpoints).kind, ACCEPT_RESET));
	cr_expect(flow_has_fired(rig.flow));
	cr_expect(eq(int, (int)flow_accept(rig.flow, &rig.endpoints).kind, ACCEPT_GO));
	cr_expect(eq(uint, status_of(&rig, GET(MSCEP "?operation=GetCACaps")), 200),
	    "the rule is none of HTTP's");
	rig_close(&rig);
}

Test(flow_site, a_scenario_for_another_profile_is_refused, .timeout = 20)
{
	struct rig rig;
	struct err err = ERR_INIT;

	rig_open(&rig, "healthy");
	rig.flow->settings.ndes.profile = PROFILE_NDES;
	cr_expect(
	    not(flow_use(rig.flow, load_text(HEAD "needs: {profile: intune}\n"), &err)));
	cr_expect(strstr(err.text, "--profile intune") != NULL, "%s", err.text);
	rig_close(&rig);
}

Test(flow_site, what_names_nothing_closes_with_its_body_unread, .timeout = 20)
{
	struct rig rig;

	rig_open(&rig, "healthy");
	const char *answer = ask_text(&rig,
	    "POST /s/nosuch/certsrv/mscep/mscep.dll HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: 5\r\n\r\nGET /");
	cr_assert(strncmp(answer, "HTTP/1.1 404", 12) == 0, "%s", answer);
	cr_expect(rig.closes, "what follows is its body, and no request");
	rig_close(&rig);
}

#define ONCE                                                                          \
	HEAD "rules: [{id: r, match: {operation: GetCACert}, respond: {status: 503, " \
	     "layer: http.sys}}]\n"                                                   \
	     "expect: [{id: once, request: {}, count: {max: 1}}]\n"

static size_t
broken_of(const struct rig *rig)
{
	size_t counts[3] = {0};

	flow_judge(rig->flow, count_judged, counts);
	return counts[JUDGED_BROKEN];
}

Test(flow_site, a_connection_on_which_nothing_was_asked_is_no_request, .timeout = 20)
{
	struct rig rig;
	exchange_id id;

	rig_open_with(&rig, load_text(ONCE));
	(void)ask_text(&rig, GET(MSCEP "?operation=GetCACert&message=x"));
	reader_next(&rig.reader);
	(void)flow_refused(
	    rig.flow, &rig.endpoints, &rig.request, REFUSAL_IDLE_TIMEOUT, &id);
	flow_finished(rig.flow, id, FLOW_SENT, 0);
	cr_expect(eq(sz, broken_of(&rig), 0));
	(void)ask_text(&rig, GET(MSCEP "?operation=GetCACert&message=x"));
	cr_expect(eq(sz, broken_of(&rig), 1), "a second request is one too many");
	rig_close(&rig);
}

Test(flow_site, a_request_from_before_a_reset_counts_for_nobody, .timeout = 20)
{
	struct rig rig;
	struct err err = ERR_INIT;

	rig_open_with(&rig,
	    load_text(HEAD
	        "rules: [{id: r, match: {operation: GetCACaps}, respond: {status: 503, layer: "
	        "http.sys}}]\n"
	        "expect: [{id: once, request: {}, count: {max: 1}}]\n"));
	/* it waits for the CA while the counters begin anew */
	cr_assert(ask_text(&rig, GET(MSCEP "?operation=GetCACert&message=x")) == NULL);
	cr_assert(flow_reset(rig.flow, &err), "%s", err.text);
	exchange_id waiting = rig.exchange;
	(void)ask_text(&rig, GET(MSCEP "?operation=GetCACaps"));
	flow_finished(rig.flow, waiting, FLOW_DROPPED, 0);
	cr_expect(eq(sz, broken_of(&rig), 0), "one request came since");
	rig_close(&rig);
}

Test(flow_site, passwords_are_forgotten_whatever_the_rule_is_about, .timeout = 20)
{
	struct rig rig;
	struct err err = ERR_INIT;
	struct challenge_row row;
	char *word;

	rig_open_with(&rig,
	    load_text(HEAD
	        "server: [{challenge: one-time}]\n"
	        "rules: [{id: r, match: {operation: GetCACaps}, pass: {}, forget: passwords}]\n"));
	rig_make_ca(&rig);
	cr_assert(flow_challenge(rig.flow, &word, &err));
	cr_assert(store_find_challenge(rig.flow->store, "", word, &row, &err));
	cr_expect(eq(uint, status_of(&rig, GET(MSCEP "?operation=GetCACaps")), 200));
	cr_expect(not(store_find_challenge(rig.flow->store, "", word, &row, &err)));
	free(word);
	rig_close(&rig);
}

Test(flow_site, an_expectation_sees_the_states_that_the_request_met, .timeout = 20)
{
	struct rig rig;

	rig_open_with(&rig,
	    load_text(HEAD
	        "machines: {pool: {initial: up, states: {up: {events: {crash: {to: down}}}, down: "
	        "{events: {start: {to: up}}}}}}\n"
	        "rules: [{id: r, match: {state: {pool: up}}, respond: {status: 503, layer: "
	        "http.sys}, emit: crash}]\n"
	        "expect: [{id: stops, request: {state: {pool: down}}, count: {max: 0}}]\n"));
	cr_expect(eq(uint, status_of(&rig, GET(MSCEP "?operation=GetCACaps")), 503));
	cr_expect(eq(sz, broken_of(&rig), 0), "it came while the pool was up");
	cr_expect(eq(uint, status_of(&rig, GET(MSCEP "?operation=GetCACaps")), 200));
	cr_expect(eq(sz, broken_of(&rig), 1), "this one came later");
	rig_close(&rig);
}
