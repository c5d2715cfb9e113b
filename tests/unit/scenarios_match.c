#include "scenarios/network.h"
#include "support/engine.h"
#include <stdlib.h>
#include <string.h>

static struct run *
play(struct scenario *scenario, struct rule *rules, size_t count)
{
	*scenario = (struct scenario){.rules = rules, .rule_count = count};
	return run_new(scenario, 1);
}

#define PLAY(...)                            \
	struct rule rules[] = {__VA_ARGS__}; \
	struct scenario scenario;            \
	struct run *run = play(&scenario, rules, COUNT_OF(rules))

Test(scenarios_match, no_rules_is_honest)
{
	struct scenario scenario = {.rule_count = 0};
	struct run *run = run_new(&scenario, 1);

	EXPECT(run, "honest", head_facts("PKIOperation", "GET"));
	cr_expect(not(run_counts(run)));
	cr_expect(not(run_decides_accept(run)));
	cr_expect(run_scenario(run) == &scenario);
	run_free(run);
	run_free(NULL);
}

Test(scenarios_match, first_match_wins_in_file_order)
{
	PLAY({.id = "a", IIS, .match = {.operations = TEXTS("GetCACaps")}},
	    {.id = "b", IIS, .match = {.methods = TEXTS("GET", "HEAD")}},
	    {.id = "c", IIS});

	EXPECT(run, "a", head_facts("GetCACaps", "GET"));
	EXPECT(run, "b", head_facts("GetCACert", "HEAD"));
	EXPECT(run, "c", head_facts("GetCACert", "get"));
	for (size_t i = 0; i < COUNT_OF(rules); i++)
		cr_expect(eq(sz, run_fired(run, i), 1));
	run_free(run);
}

static bool
has_header(const void *arg, const char *name, struct slice *ret)
{
	const char *const *pair = arg;

	if (strcmp(pair[0], name) != 0)
		return false;
	*ret = slice_of(pair[1]);
	return true;
}

static const char *const expect_header[] = {"Expect", "100-continue"};
static const char *const other_header[] = {"Expect", "nothing"};
static const char *const no_header[] = {"Accept", "*/*"};

/* A renewal in full, with which each predicate of the table below holds. */
static struct facts
full_facts(void)
{
	struct facts facts = message_facts("RenewalReq", "t");

	facts.client = SLICE("10.1.2.3");
	facts.is_tls = true;
	facts.client_cert = "trusted";
	facts.user_agent = SLICE("curl/7.88.1");
	facts.header = has_header;
	facts.header_arg = expect_header;
	facts.body_bytes = 3000;
	facts.key_bits = 2048;
	facts.digest = "sha256";
	facts.cipher = "aes256";
	facts.subject = SLICE("CN=device,O=Contoso");
	facts.challenge = "used";
	facts.challenge_type = "utf8";
	return facts;
}

static struct network network10 = {
    .address = {[10] = 0xff, [11] = 0xff, [12] = 10}, .bits = 104};
static struct header_match has_expect = {"Expect", "100-*"};
static struct header_match has_no_expect = {"Expect", NULL};
static const struct match is_post = {.methods = TEXTS("POST")};

struct predicate_row {
	struct match match;
	enum predicate predicate;
	struct facts no; /* with which it does not hold */
};

#define NO(...)                                    \
	({                                         \
		struct facts facts = full_facts(); \
		__VA_ARGS__;                       \
		facts;                             \
	})

static void
check_row(const struct predicate_row *row, size_t number)
{
	struct rule rule = {.id = "r", .match = row->match, PASSES};
	struct scenario scenario = {.rules = &rule, .rule_count = 1};
	struct run *run = run_new(&scenario, 1);
	struct facts yes = full_facts();
	struct decision decision;

	run_decide(run, &yes, &decision);
	cr_expect(eq(int, decision.verdict, DECIDE_RULE), "row %zu, %s", number,
	    predicate_name(row->predicate));
	run_decide(run, &row->no, &decision);
	cr_expect(eq(int, decision.verdict, DECIDE_HONEST), "row %zu", number);
	cr_expect(
	    same(predicate_name(decision.failed[0]), predicate_name(row->predicate)),
	    "row %zu", number);
	run_free(run);
}

Test(scenarios_match, each_predicate_of_the_head_holds_or_does_not)
{
	const struct predicate_row rows[] = {
	    {{.clients = &network10, .client_count = 1}, PREDICATE_CLIENT,
	        NO(facts.client = SLICE("11.1.2.3"))},
	    {{.clients = &network10, .client_count = 1}, PREDICATE_CLIENT,
	        NO(facts.client = SLICE("10"))},
	    {{.tls = TRI_YES}, PREDICATE_TLS, NO(facts.is_tls = false)},
	    {{.operations = TEXTS("GetCACert", "PKIOperation")}, PREDICATE_OPERATION,
	        NO(facts.operation = "GetCACaps")},
	    {{.methods = TEXTS("POST")}, PREDICATE_METHOD,
	        NO(facts.method = SLICE("POS"))},
	    {{.paths = TEXTS("/x", "/CERTSRV/**.dll")}, PREDICATE_PATH,
	        NO(facts.path = SLICE("/certsrv/mscep/"))},
	    {{.paths = TEXTS("/certsrv/*/mscep.dll")}, PREDICATE_PATH,
	        NO(facts.path = SLICE("/certsrv/a/b/mscep.dll"))},
	    {{.query_bytes = AT_MOST(20)}, PREDICATE_QUERY_BYTES,
	        NO(facts.query_bytes = 21)},
	    {{.uri_bytes = AT_LEAST(50)}, PREDICATE_URI_BYTES, NO(facts.uri_bytes = 49)},
	    {{.user_agents = TEXTS("a", "curl/7*")}, PREDICATE_USER_AGENT,
	        NO(facts.user_agent = SLICE("Curl/7.88.1"))},
	    {{.platforms = TEXTS("ios", "curl")}, PREDICATE_PLATFORM,
	        NO(facts.user_agent = SLICE("Dalvik/2.1.0"))},
	    {{.platforms = TEXTS("curl")}, PREDICATE_PLATFORM,
	        NO(facts.user_agent = (struct slice){NULL, 0})},
	    {{.headers = &has_expect, .header_count = 1}, PREDICATE_HEADER,
	        NO(facts.header_arg = other_header)},
	    {{.headers = &has_expect, .header_count = 1}, PREDICATE_HEADER,
	        NO(facts.header_arg = no_header)},
	    {{.headers = &has_expect, .header_count = 1}, PREDICATE_HEADER,
	        NO(facts.header = NULL)},
	    {{.client_certs = TEXTS("none", "trusted")}, PREDICATE_CLIENT_CERT,
	        NO(facts.client_cert = "untrusted")},
	    {{.client_certs = TEXTS("trusted")}, PREDICATE_CLIENT_CERT,
	        NO(facts.client_cert = NULL)},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_row(&rows[i], i);
}

Test(scenarios_match, each_predicate_of_body_and_message_holds_or_does_not)
{
	const struct predicate_row rows[] = {
	    {{.body_bytes = AT_LEAST(3000)}, PREDICATE_BODY_BYTES,
	        NO(facts.body_bytes = 2999)},
	    {{.message_types = TEXTS("PKCSReq", "RenewalReq")}, PREDICATE_MESSAGE_TYPE,
	        NO(facts.message_type = "CertPoll")},
	    {{.message_types = TEXTS("RenewalReq")}, PREDICATE_MESSAGE_TYPE,
	        NO(facts.message_type = NULL)},
	    {{.key_bits = AT_MOST(2048)}, PREDICATE_KEY_BITS, NO(facts.key_bits = 4096)},
	    {{.key_bits = AT_MOST(2048)}, PREDICATE_KEY_BITS, NO(facts.key_bits = 0)},
	    {{.digests = TEXTS("sha1", "sha256")}, PREDICATE_DIGEST,
	        NO(facts.digest = "md5")},
	    {{.digests = TEXTS("sha256")}, PREDICATE_DIGEST, NO(facts.digest = NULL)},
	    {{.ciphers = TEXTS("aes256")}, PREDICATE_CIPHER, NO(facts.cipher = "des")},
	    {{.subjects = TEXTS("CN=*,O=Contoso")}, PREDICATE_SUBJECT,
	        NO(facts.subject = SLICE("CN=device,O=contoso"))},
	    {{.subjects = TEXTS("*")}, PREDICATE_SUBJECT,
	        NO(facts.subject = (struct slice){NULL, 0})},
	    {{.challenges = TEXTS("wrong", "used")}, PREDICATE_CHALLENGE,
	        NO(facts.challenge = "valid")},
	    {{.challenges = TEXTS("used")}, PREDICATE_CHALLENGE,
	        NO(facts.challenge = NULL)},
	    {{.challenge_types = TEXTS("ia5", "utf8")}, PREDICATE_CHALLENGE_TYPE,
	        NO(facts.challenge_type = "printable")},
	    {{.challenge_types = TEXTS("utf8")}, PREDICATE_CHALLENGE_TYPE,
	        NO(facts.challenge_type = NULL)},
	};
	struct facts get = NO(facts.method = SLICE("GET"));
	struct rule rule = {.id = "r", .match = {.none_of = &is_post}, PASSES};
	struct scenario scenario = {.rules = &rule, .rule_count = 1};
	struct run *run = run_new(&scenario, 1);
	struct facts post = full_facts();
	struct decision decision;

	for (size_t i = 0; i < COUNT_OF(rows); i++)
		check_row(&rows[i], i);
	cr_expect(same(decide(run, &get), "r"));
	run_decide(run, &post, &decision);
	cr_expect(eq(int, decision.verdict, DECIDE_HONEST));
	cr_expect(same(predicate_name(decision.failed[0]), "not"));
	run_free(run);
}

Test(scenarios_match, a_header_that_must_not_be_there)
{
	PLAY({.id = "r", IIS, .match = {.headers = &has_no_expect, .header_count = 1}});
	struct facts facts = full_facts();

	EXPECT(run, "honest", facts);
	facts.header_arg = no_header;
	EXPECT(run, "r", facts);
	facts.header = NULL;
	EXPECT(run, "r", facts);
	run_free(run);
}

Test(scenarios_match, the_first_predicate_that_does_not_hold_is_told)
{
	PLAY({.id = "r",
	    ANSWERS(LAYER_MSCEP),
	    .match = {.tls = TRI_YES,
	        .methods = TEXTS("GET"),
	        .uri_bytes = AT_LEAST(99),
	        .message_types = TEXTS("CertPoll")}});
	static const char *const want[] = {
	    "layer", "tls", "method", "uri_bytes", "message_type"};
	struct facts facts = message_facts("PKCSReq", "t");
	struct decision decision;

	facts.path = SLICE("/certsrv/mscep_admin/");
	for (size_t i = 0; i < COUNT_OF(want); i++) {
		run_decide(run, &facts, &decision);
		cr_expect(same(predicate_name(decision.failed[0]), want[i]));
		if (i == 0)
			facts.path = SLICE("/certsrv/mscep/mscep.dll");
		if (i == 1)
			facts.is_tls = true;
		if (i == 2)
			facts.method = SLICE("GET");
		if (i == 3)
			facts.uri_bytes = 99;
	}
	facts.message_type = "CertPoll";
	EXPECT(run, "r", facts);
	run_free(run);
}

Test(scenarios_match, networks_hold_whole_addresses_of_both_families)
{
	static const struct {
		const char *network, *client;
		bool want;
	} rows[] = {
	    {"10.0.0.0/8", "10.255.0.1", true},
	    {"10.0.0.0/8", "11.0.0.1", false},
	    {"192.0.2.128/25", "192.0.2.129", true},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.7", "192.0.2.7", true},
	    {"192.0.2.7", "192.0.2.6", false},
	    {"192.0.2.7", "::ffff:192.0.2.7", true},
	    {"::1", "::1", true},
	    {"::1", "127.0.0.1", false},
	    {"fe80::/10", "fe80::1%eth0", true},
	    {"2001:db8::/33", "2001:db8:8000::1", false},
	    {"0.0.0.0/0", "203.0.113.9", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"::/0", "", false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct network network;
		struct rule rule = {
		    .id = "r", .match = {.clients = &network, .client_count = 1}, PASSES};
		struct scenario scenario = {.rules = &rule, .rule_count = 1};
		struct run *run = run_new(&scenario, 1);
		struct facts facts = head_facts("none", "GET");

		cr_assert(network_parse(slice_of(rows[i].network), &network));
		facts.client = slice_of(rows[i].client);
		cr_expect(same(decide(run, &facts), rows[i].want ? "r" : "honest"),
		    "%s in %s", rows[i].client, rows[i].network);
		run_free(run);
	}
}

Test(scenarios_match, an_action_touches_what_is_its_own)
{
	static struct form bag = {"bag", "der"}, end = {"caps_end", "crlf"};
	static const struct {
		const char *path, *operation;
		const char *want; /* each rule that fires when it is alone */
	} rows[] = {
	    {"/", "none", "network iis "},
	    {"/certsrv/mscep_admin/", "admin-page", "network iis pool cut "},
	    {"/certsrv/mscep/mscep.dll", "none", "network iis pool cut mscep "},
	    {"/certsrv/mscep", "GetCACaps", "network iis pool cut mscep caps "},
	    {"/certsrv/mscep/", "GetCACert", "network iis pool cut mscep bag list "},
	    {"/certsrv/mscep/", "GetNextCACert", "network iis pool cut mscep "},
	    {"/certsrv/mscep/", "PKIOperation", "network iis pool cut mscep scep "},
	    {"/certsrv/mscepx/", "PKIOperation", "network iis "},
	    {"/CertificateRegistrationSvc/x", "unknown", "network iis crp "},
	};
	struct rule all[] = {
	    {.id = "network", ANSWERS(LAYER_NETWORK)},
	    {.id = "iis", IIS},
	    {.id = "pool", ANSWERS(LAYER_POOL)},
	    {.id = "cut",
	        .action = {.kind = ACTION_CONNECTION,
	            .connection = {.fate = FATE_RESET, .layer = LAYER_POOL}}},
	    {.id = "mscep", ANSWERS(LAYER_MSCEP)},
	    {.id = "crp", ANSWERS(LAYER_CRP)},
	    {.id = "scep", PENDING},
	    {.id = "caps", .action = {.kind = ACTION_CA, .ca = {.forms = {&end, 1}}}},
	    {.id = "bag", .action = {.kind = ACTION_CA, .ca = {.forms = {&bag, 1}}}},
	    {.id = "list",
	        .action = {.kind = ACTION_CA, .ca = {.certificates = TEXTS("sign")}}},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct buf got = BUF_INIT;
		char *text;

		for (size_t k = 0; k < COUNT_OF(all); k++) {
			struct scenario scenario = {.rules = &all[k], .rule_count = 1};
			struct run *run = run_new(&scenario, 1);
			struct facts facts = message_facts("PKCSReq", "t");

			facts.path = slice_of(rows[i].path);
			facts.operation = rows[i].operation;
			if (strcmp(rows[i].operation, "PKIOperation") != 0)
				facts.message_type = NULL;
			if (strcmp(decide(run, &facts), all[k].id) == 0)
				buf_add_format(&got, "%s ", all[k].id);
			run_free(run);
		}
		text = buf_string(&got);
		cr_expect(
		    same(text, rows[i].want), "%s %s", rows[i].path, rows[i].operation);
		free(text);
	}
}

Test(scenarios_match, pass_touches_every_path)
{
	PLAY({.id = "a", PASSES, .match = {.methods = TEXTS("POST")}}, {.id = "b", IIS});
	struct facts facts = head_facts("none", "POST");

	facts.path = SLICE("/elsewhere");
	EXPECT(run, "a", facts);
	facts.method = SLICE("GET");
	EXPECT(run, "b", facts);
	run_free(run);
}

Test(scenarios_match, what_is_not_known_yet_is_asked_later)
{
	PLAY({.id = "a", IIS, .match = {.message_types = TEXTS("CertPoll")}},
	    {.id = "b", IIS, .match = {.body_bytes = AT_LEAST(9)}}, {.id = "c", IIS});
	struct facts facts = head_facts("GetCACaps", "POST");

	EXPECT(run, "later", head_facts("PKIOperation", "GET"));
	EXPECT(run, "a", message_facts("CertPoll", "t"));
	EXPECT(run, "c", message_facts("PKCSReq", "t"));
	EXPECT(run, "c", message_facts(NULL, ""));
	/* no message will ever come, but a body may */
	EXPECT(run, "later", facts);
	facts.stage = STAGE_BODY;
	facts.body_bytes = 9;
	EXPECT(run, "b", facts);
	facts.body_bytes = 8;
	EXPECT(run, "c", facts);
	run_free(run);
}

Test(scenarios_match, a_failing_predicate_needs_no_message)
{
	PLAY({.id = "a",
	    IIS,
	    .match = {.methods = TEXTS("POST"), .message_types = TEXTS("CertPoll")}});

	EXPECT(run, "honest", head_facts("PKIOperation", "GET"));
	EXPECT(run, "later", head_facts("PKIOperation", "POST"));
	run_free(run);
}

Test(scenarios_match, scep_waits_for_a_message_of_pki_operation)
{
	PLAY({.id = "a", PENDING});
	struct facts other = head_facts("GetCACert", "GET");

	EXPECT(run, "later", head_facts("PKIOperation", "GET"));
	EXPECT(run, "a", message_facts("PKCSReq", "t"));
	EXPECT(run, "a", message_facts("GetCRL", "t"));
	EXPECT(run, "honest", message_facts(NULL, ""));
	EXPECT(run, "honest", other);
	other.stage = STAGE_MESSAGE;
	EXPECT(run, "honest", other);
	run_free(run);
}

Test(scenarios_match, not_waits_for_what_it_asks)
{
	const struct match poll = {.message_types = TEXTS("CertPoll")};
	const struct match not_poll = {.none_of = &poll};
	PLAY({.id = "twice",
	         IIS,
	         .match = {.none_of = &not_poll, .methods = TEXTS("GET")}},
	    {.id = "once", IIS, .match = {.none_of = &poll}});

	EXPECT(run, "later", head_facts("PKIOperation", "POST"));
	EXPECT(run, "honest", message_facts("CertPoll", "t"));
	EXPECT(run, "once", message_facts("PKCSReq", "t"));
	EXPECT(run, "once", message_facts(NULL, ""));
	EXPECT(run, "once", head_facts("GetCACaps", "GET"));
	rules[0].match.methods.count = 0;
	run_free(run);
	run = run_new(&scenario, 1);
	EXPECT(run, "twice", message_facts("CertPoll", "t"));
	run_free(run);
}

Test(scenarios_match, rules_of_a_stage_are_asked_at_that_stage)
{
	static const struct facts accept = {.stage = STAGE_ACCEPT,
	    .connection = 1,
	    .client = SLICE("127.0.0.1"),
	    .is_tls = true};
	PLAY({.id = "head", IIS},
	    {.id = "plain",
	        .action = {.kind = ACTION_CONNECTION,
	            .connection = {.fate = FATE_RESET, .is_at_accept = true}},
	        .match = {.tls = TRI_NO}},
	    {.id = "slow",
	        .action = {.kind = ACTION_PASS},
	        .shaping = {.delay = {.kind = DELAY_FIXED,
	                        .at = DELAY_ACCEPT,
	                        .min_ms = 5}}},
	    {.id = "last", .action = {.kind = ACTION_TLS, .tls = "expired"}});
	struct facts facts = accept;
	struct decision decision;

	cr_expect(run_decides_accept(run));
	EXPECT(run, "slow", facts);
	facts.is_tls = false;
	EXPECT(run, "plain", facts);
	run_decide(run, &facts, &decision);
	cr_expect(same(predicate_name(decision.failed[0]), "stage"));
	run_free(run);

	scenario.rules = rules + 1;
	scenario.rule_count = 3;
	run = run_new(&scenario, 1);
	EXPECT(run, "honest", head_facts("GetCACaps", "GET"));
	run_free(run);
}

Test(scenarios_match, faults_of_a_door_match_no_request)
{
	static const struct {
		struct action action;
		bool is_of_door, is_at_accept, decides_accept;
	} rows[] = {
	    {{.kind = ACTION_TLS, .tls = "alert"}, true, true, false},
	    {{.kind = ACTION_CONNECTION, .connection = {.fate = FATE_REFUSE}}, true, true,
	        false},
	    {{.kind = ACTION_CONNECTION, .connection = {.fate = FATE_NO_ACCEPT}}, true,
	        true, false},
	    {{.kind = ACTION_CONNECTION,
	         .connection = {.fate = FATE_STALL, .is_at_accept = true}},
	        false, true, true},
	    {{.kind = ACTION_CONNECTION, .connection = {.fate = FATE_STALL}}, false,
	        false, false},
	    {{.kind = ACTION_PASS}, false, false, false},
	};

	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct rule rule = {.id = "r", .action = rows[i].action};
		struct scenario scenario = {.rules = &rule, .rule_count = 1};
		struct run *run = run_new(&scenario, 1);
		struct facts head = head_facts("GetCACaps", "GET");
		struct facts accept = {.stage = STAGE_ACCEPT, .is_tls = false};

		cr_expect(eq(int, rule_is_of_door(&rule), rows[i].is_of_door));
		cr_expect(eq(int, rule_is_at_accept(&rule), rows[i].is_at_accept));
		cr_expect(eq(int, run_decides_accept(run), rows[i].decides_accept));
		cr_expect(same(decide(run, &head), rows[i].is_at_accept ? "honest" : "r"),
		    "row %zu", i);
		/* a TLS fault is not of a connection without TLS */
		cr_expect(same(decide(run, &accept),
		              rows[i].is_at_accept && i > 0 ? "r" : "honest"),
		    "row %zu", i);
		accept.is_tls = true;
		cr_expect(
		    same(decide(run, &accept), rows[i].is_at_accept ? "r" : "honest"),
		    "row %zu", i);
		run_free(run);
	}
}
