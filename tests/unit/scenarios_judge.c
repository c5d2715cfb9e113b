#include "support/engine.h"
#include <stdlib.h>

static struct header_match no_expect = {"Expect", NULL};
static struct network network10 = {
    .address = {[10] = 0xff, [11] = 0xff, [12] = 10}, .bits = 104};

/* A GET that is too long, and what is expected of a client then. */
struct play {
	struct rule rules[2];
	struct expect expect;
	struct scenario scenario;
	struct run *run;
	uint64_t arrivals;
};

static void
play_open(struct play *play, const struct expect *expect)
{
	*play = (struct play){
	    .rules = {{.id = "long-get",
	                  ANSWERS(LAYER_HTTP_SYS),
	                  .match = {.query_bytes = AT_LEAST(2049)}},
	        {.id = "other", IIS, .match = {.query_bytes = EXACTLY(7)}}},
	    .expect = *expect,
	};
	play->scenario = (struct scenario){.rules = play->rules,
	    .rule_count = 2,
	    .expects = &play->expect,
	    .expect_count = 1};
	play->run = run_new(&play->scenario, 1);
}

/* One request from its arrival to its end. */
static void
request(struct play *play, const char *method, size_t query, int64_t now_ms)
{
	struct facts facts = message_facts("PKCSReq", "t");
	struct decision decision;

	facts.method = slice_of(method);
	facts.query_bytes = query;
	facts.now_ms = now_ms;
	facts.arrival = ++play->arrivals;
	run_decide(play->run, &facts, &decision);
	run_observe(play->run, &facts, &decision);
}

/* "kept", "skipped" or why it is broken; ends the play. */
static bool
is_judged(struct play *play, const char *want)
{
	static const char *const words[] = {"kept", "broken", "skipped"};
	struct buf why = BUF_INIT;
	enum judgement judgement = run_judge(play->run, 0, &why);
	char *text;
	bool ret;

	cr_expect(eq(int, why.len > 0, judgement == JUDGED_BROKEN));
	if (judgement != JUDGED_BROKEN)
		buf_add_text(&why, words[judgement]);
	text = buf_string(&why);
	ret = same(text, want);
	free(text);
	run_free(play->run);
	return ret;
}

#define POSTS .request = {.operations = TEXTS("PKIOperation"), .methods = TEXTS("POST")}

Test(scenarios_judge, requests_after_the_rule_are_counted)
{
	const struct expect post = {
	    .id = "post", POSTS, .is_after = true, .count = AT_LEAST(1)};
	struct play p;

	play_open(&p, &post);
	request(&p, "POST", 20, 0);
	cr_expect(is_judged(&p, "skipped"));

	play_open(&p, &post);
	request(&p, "GET", 3000, 0);
	request(&p, "POST", 20, 0);
	cr_expect(is_judged(&p, "kept"));

	play_open(&p, &post);
	request(&p, "POST", 20, 0);
	request(&p, "GET", 3000, 0);
	request(&p, "GET", 3000, 0);
	cr_expect(is_judged(&p, "no POST PKIOperation came after long-get had fired"));
}

/* The first firing is what counts, and the request that made it does not. */
Test(scenarios_judge, after_is_after_the_first_firing)
{
	const struct expect once = {.id = "once",
	    .request = {.query_bytes = AT_LEAST(2049)},
	    .is_after = true,
	    .count = AT_MOST(0)};
	struct play p;

	play_open(&p, &once);
	request(&p, "GET", 3000, 0);
	cr_expect(is_judged(&p, "kept"));
	play_open(&p, &once);
	request(&p, "GET", 3000, 0);
	request(&p, "GET", 3000, 0);
	cr_expect(is_judged(&p,
	    "1 request (query over 2048 bytes) came after long-get had fired, none is "
	    "expected"));
}

/* It arrived before the rule fired, although it was done with after that. */
Test(scenarios_judge, the_order_of_arrival_decides)
{
	const struct expect post = {
	    .id = "post", POSTS, .is_after = true, .count = AT_LEAST(1)};
	struct facts early = message_facts("PKCSReq", "t");
	struct facts accept = {.stage = STAGE_ACCEPT};
	struct play p;

	play_open(&p, &post);
	early.arrival = 1;
	p.arrivals = 1;
	request(&p, "GET", 3000, 0);
	run_observe(p.run, &early, NULL);
	cr_expect(is_judged(&p, "no POST PKIOperation came after long-get had fired"));

	/* a rule at accept has no arrival of its own: those so far are before it */
	play_open(&p, &post);
	p.rules[0] = (struct rule){.id = "cut",
	    .action = {.kind = ACTION_CONNECTION,
	        .connection = {.fate = FATE_RESET, .is_at_accept = true}}};
	run_free(p.run);
	p.run = run_new(&p.scenario, 1);
	request(&p, "GET", 20, 0);
	EXPECT(p.run, "cut", accept);
	run_observe(p.run, &early, NULL);
	request(&p, "POST", 20, 0);
	p.expect.count = (struct range)EXACTLY(1);
	cr_expect(is_judged(&p, "kept"));
}

Test(scenarios_judge, within_has_an_edge)
{
	const struct expect post = {.id = "post",
	    POSTS,
	    .is_after = true,
	    .within_ms = 30000,
	    .count = AT_LEAST(1)};
	struct play p;

	play_open(&p, &post);
	request(&p, "GET", 3000, 5000);
	request(&p, "GET", 3000, 9000);
	request(&p, "POST", 20, 35000);
	cr_expect(is_judged(&p, "kept"));
	play_open(&p, &post);
	request(&p, "GET", 3000, 5000);
	request(&p, "GET", 3000, 9000);
	request(&p, "POST", 20, 35001);
	cr_expect(is_judged(
	    &p, "no POST PKIOperation came within 30s after long-get had fired"));
}

Test(scenarios_judge, counts_have_bounds_that_are_told)
{
	static const struct {
		struct range count;
		size_t posts;
		const char *want;
	} rows[] = {
	    {AT_MOST(3), 3, "kept"},
	    {AT_MOST(3), 4, "4 POST PKIOperation requests came, at most 3 are expected"},
	    {AT_MOST(1), 2, "2 POST PKIOperation requests came, at most 1 is expected"},
	    {AT_LEAST(2), 1, "1 POST PKIOperation request came, at least 2 are expected"},
	    {AT_LEAST(2), 0, "no POST PKIOperation came, at least 2 are expected"},
	    {AT_LEAST(1), 0, "no POST PKIOperation came"},
	    {EXACTLY(2), 1, "1 POST PKIOperation request came, exactly 2 are expected"},
	    {EXACTLY(2), 3, "3 POST PKIOperation requests came, exactly 2 are expected"},
	    {EXACTLY(0), 1, "1 POST PKIOperation request came, none is expected"},
	    {{.is_set = true, .min = 2, .max = 3}, 4,
	        "4 POST PKIOperation requests came, at most 3 are expected"},
	    {{.is_set = false}, 9, "kept"},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const struct expect expect = {.id = "e", POSTS, .count = rows[i].count};
		struct play p;

		play_open(&p, &expect);
		request(&p, "GET", 3000, 0);
		for (size_t k = 0; k < rows[i].posts; k++)
			request(&p, "POST", 20, 0);
		cr_expect(is_judged(&p, rows[i].want), "row %zu", i);
	}
}

Test(scenarios_judge, without_a_firing_there_is_nothing_to_judge)
{
	const struct expect any = {.id = "any", POSTS, .count = AT_LEAST(1)};
	const struct expect absent = {.id = "absent",
	    POSTS,
	    .is_after = true,
	    .after_rule = AFTER_NONE,
	    .count = AT_LEAST(1)};
	struct play p;

	play_open(&p, &any);
	request(&p, "GET", 20, 0);
	cr_expect(is_judged(&p, "skipped"), "no rule fired");
	play_open(&p, &any);
	request(&p, "GET", 7, 0);
	cr_expect(is_judged(&p, "no POST PKIOperation came"), "the other rule fired");
	play_open(&p, &absent);
	request(&p, "GET", 3000, 0);
	cr_expect(is_judged(&p, "skipped"), "its rule is not in play");
}

static struct form caps_end = {"caps_end", "crlf"}, bag = {"bag", "der"};

struct described_row {
	struct rule rule;
	const char *want;
};

static void
expect_described(const struct described_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct buf out = BUF_INIT;
		char *text;

		rule_describe(&rows[i].rule, &out);
		text = buf_string(&out);
		cr_expect(same(text, rows[i].want), "row %zu", i);
		free(text);
	}
}

Test(scenarios_judge, a_rule_is_described_in_words)
{
	const struct described_row rows[] = {
	    {{IIS}, "any request"},
	    {{ANSWERS(LAYER_MSCEP)}, "any request below /certsrv/mscep"},
	    {{ANSWERS(LAYER_POOL)},
	        "any request below /certsrv/mscep or /certsrv/mscep_admin"},
	    {{ANSWERS(LAYER_CRP), .match = {.methods = TEXTS("POST"), .times = 2}},
	        "POST below /CertificateRegistrationSvc, the first 2"},
	    {{.action = {.kind = ACTION_TLS, .tls = "alert"}}, "any connection"},
	    {{IIS, .match = {.methods = TEXTS("POST"), .query_bytes = AT_LEAST(10)}},
	        "POST, query over 9 bytes"},
	    {{IIS, .match = {.uri_bytes = AT_MOST(59)}}, "URL under 60 bytes"},
	    {{IIS, .match = {.body_bytes = {true, 1, 30}, .query_bytes = EXACTLY(5)}},
	        "query of 5 bytes, body of 1 to 30 bytes"},
	    {{PENDING,
	         .match = {.message_types = TEXTS("PKCSReq", "RenewalReq", "CertPoll"),
	             .times = 2,
	             .count_by = COUNT_BY_TRANSACTION}},
	        "PKIOperation, PKCSReq, RenewalReq or CertPoll, the first 2 of a transaction"},
	    {{PASSES, .match = {.operations = TEXTS("GetCACaps", "PKIOperation"),
	                  .nth = EXACTLY(3)}},
	        "GetCACaps or PKIOperation, number 3"},
	    {{.action = {.kind = ACTION_CA, .ca = {.forms = {&caps_end, 1}}}},
	        "GetCACaps"},
	    {{.action = {.kind = ACTION_CA, .ca = {.forms = {&bag, 1}}}}, "GetCACert"},
	};

	expect_described(rows, COUNT_OF(rows));
}

Test(scenarios_judge, each_predicate_is_described_in_words)
{
	const struct match poll = {.message_types = TEXTS("CertPoll")};
	const struct described_row rows[] = {
	    {{IIS, .match = {.clients = &network10,
	               .client_count = 1,
	               .tls = TRI_YES,
	               .paths = TEXTS("/x/**"),
	               .user_agents = TEXTS("curl/*"),
	               .platforms = TEXTS("ios", "macos"),
	               .headers = &no_expect,
	               .header_count = 1,
	               .client_certs = TEXTS("none")}},
	        "from 10.0.0.0/8, over TLS, path /x/**, User-Agent curl/*, platform ios or "
	        "macos, no header Expect, client certificate none"},
	    {{IIS, .match = {.key_bits = AT_MOST(2047),
	               .digests = TEXTS("md5", "sha1"),
	               .ciphers = TEXTS("des"),
	               .subjects = TEXTS("CN=*"),
	               .challenges = TEXTS("wrong"),
	               .challenge_types = TEXTS("utf8", "bmp"),
	               .none_of = &poll}},
	        "key under 2048 bits, digest md5 or sha1, cipher des, subject CN=*, "
	        "challenge wrong, challenge type utf8 or bmp, not (CertPoll)"},
	    {{IIS, .match = {.every = 3,
	               .rate_count = 5,
	               .rate_ms = 1000,
	               .has_probability = true,
	               .per_million = 5000,
	               .count_by = COUNT_BY_CLIENT}},
	        "any request, one in 3, above 5 in 1s of a client, 0.5% by chance"},
	};

	expect_described(rows, COUNT_OF(rows));
}

Test(scenarios_judge, the_why_has_the_bounds_that_were_tested)
{
	static const struct {
		struct match match;
		const char *want;
	} rows[] = {
	    {{.query_bytes = AT_LEAST(10)}, "query 20 > 9"},
	    {{.uri_bytes = AT_MOST(59)}, "URL 50 < 60"},
	    {{.query_bytes = {true, 1, 30}}, "query 20 in 1 to 30"},
	    {{.query_bytes = AT_LEAST(10), .uri_bytes = AT_LEAST(10)},
	        "query 20 > 9, URL 50 > 9"},
	    {{.query_bytes = EXACTLY(20)}, "query 20"},
	    {{.body_bytes = AT_MOST(0), .key_bits = AT_LEAST(1024)},
	        "body 0, key 2048 > 1023"},
	    {{.times = 3}, ""},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct rule rule = {.id = "r", .match = rows[i].match, IIS};
		struct scenario scenario = {.rules = &rule, .rule_count = 1};
		struct run *run = run_new(&scenario, 1);
		struct facts facts = message_facts("PKCSReq", "t");
		struct buf out = BUF_INIT;
		struct decision decision;
		char *text;

		facts.key_bits = 2048;
		run_decide(run, &facts, &decision);
		decision_why(&decision, &facts, &out);
		text = buf_string(&out);
		cr_expect(same(text, rows[i].want), "row %zu", i);
		free(text);
		run_free(run);
	}
}
