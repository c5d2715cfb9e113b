/*
 * What a scenario costs a request:
 *
 *	bench-matching PORT PID
 *
 * Measures CPU time, in microseconds, of three things in turn, ROUNDS times, and prints
 * the medians:
 *
 *   deciding a GetCACaps request by ten rules that ask for ten different things and
 *   none of which takes it, in this process;
 *   the same request's whole way without a socket, in this process: read from its
 *   bytes, through flow of a healthy server, to a plan;
 *   the same request's whole way as a client has it: what process PID, which listens on
 *   PORT, spends on it in user and kernel mode.
 */
#include "base/parse.h"
#include "bench/link.h"
#include "flow/flow.h"
#include "scenarios/catalogue.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS      15
#define DECISIONS   20000 /* a round */
#define EXCHANGES   5000
#define REQUESTS    2000
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

static const char request_text[] =
    "GET /certsrv/mscep/mscep.dll?operation=GetCACaps&message=ca HTTP/1.1\r\n"
    "Host: ndes.example.com\r\nUser-Agent: Dalvik/2.1.0 (Linux; U; Android 5.0)\r\n"
    "Accept: */*\r\nConnection: keep-alive\r\n\r\n";

#define ANSWERS \
	.action = {.kind = ACTION_RESPOND, .respond = {.status = 500, .layer = LAYER_IIS}}
#define TEXTS(...)                                                               \
	{                                                                        \
		.items = (const char *[]){__VA_ARGS__},                          \
		.count = sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *), \
	}
#define OVER(n)                                                 \
	{                                                       \
		.is_set = true, .min = (n) + 1, .max = SIZE_MAX \
	}

/* As the catalogue has them; each asks for something else. */
static struct rule rules[] = {
    {.id = "long-get",
        .action = {.kind = ACTION_RESPOND,
            .respond = {.status = 414, .layer = LAYER_HTTP_SYS}},
        .match = {.methods = TEXTS("GET"), .query_bytes = OVER(2048)}},
    {.id = "refused",
        ANSWERS,
        .match = {.operations = TEXTS("PKIOperation"), .methods = TEXTS("POST")}},
    {.id = "pending",
        .action = {.kind = ACTION_SCEP, .scep = {.status = "PENDING"}},
        .match = {.times = 3, .count_by = COUNT_BY_TRANSACTION}},
    {.id = "elsewhere",
        ANSWERS,
        .match = {.paths = TEXTS("/certsrv/mscep_admin/**", "**/pkiclient.exe")}},
    {.id = "apple", ANSWERS, .match = {.platforms = TEXTS("ios", "macos")}},
    {.id = "enroller", ANSWERS, .match = {.user_agents = TEXTS("*NDES client*")}},
    {.id = "first", ANSWERS, .match = {.operations = TEXTS("GetCACaps"), .times = 1}},
    {.id = "flaky", ANSWERS, .match = {.has_probability = true, .per_million = 0}},
    {.id = "weak-key",
        ANSWERS,
        .match = {.operations = TEXTS("PKIOperation"), .key_bits = {true, 0, 2047}}},
    {.id = "hungry",
        .action = {.kind = ACTION_CONNECTION, .connection = {.layer = LAYER_POOL}},
        .match = {.rate_count = 50, .rate_ms = 1, .count_by = COUNT_BY_CLIENT}},
};

struct exchanger {
	struct pool *pool;
	struct flow *flow;
	struct request request;
	struct reader reader;
	struct endpoints endpoints;
};

static void
on_answer(void *arg, uint64_t connection, const struct plan *plan)
{
	die("GetCACaps had to wait for its answer");
}

static void
exchanger_open(struct exchanger *exchanger)
{
	struct err err = ERR_INIT;
	struct request_limits limits = REQUEST_LIMITS_NDES;
	struct flow_settings settings = {
	    .ndes = {.version = server_version_find("2022"),
	        .host = "localhost",
	        .challenge = challenge_policy_of("any")},
	    .iis = {.version = server_version_find("2022"), .is_aspnet = true},
	};

	exchanger->pool = pool_new(0, &err);
	settings.scenario = catalogue_load("healthy", &err);
	if (exchanger->pool == NULL || settings.scenario == NULL)
		die("%s", err.text);
	capabilities_parse(slice_of(settings.iis.version->caps), &settings.caps);
	exchanger->flow =
	    flow_new(&settings, exchanger->pool, on_answer, exchanger, &err);
	if (exchanger->flow == NULL)
		die("%s", err.text);
	exchanger->endpoints = (struct endpoints){.connection = 1,
	    .client_ip = SLICE("127.0.0.1"),
	    .server_ip = SLICE("127.0.0.1")};
	reader_init(&exchanger->reader, &exchanger->request, &limits);
}

static void
exchanger_close(struct exchanger *exchanger)
{
	pool_free(exchanger->pool);
	flow_left(&exchanger->endpoints);
	flow_free(exchanger->flow);
	request_clear(&exchanger->request);
}

static void
exchange(struct exchanger *exchanger)
{
	const unsigned char *text = (const unsigned char *)request_text;
	const struct plan *plan;
	enum reader_state state;
	exchange_id id = 0;
	size_t used = 0;
	size_t more = 0;

	reader_next(&exchanger->reader);
	state = reader_feed(&exchanger->reader, text, sizeof(request_text) - 1, &used);
	if (state != READER_HEAD)
		die("the request was not read");
	plan =
	    flow_head(exchanger->flow, &exchanger->endpoints, &exchanger->request, &id);
	if (plan == NULL) {
		reader_feed(&exchanger->reader, text + used,
		    sizeof(request_text) - 1 - used, &more);
		plan = flow_body(exchanger->flow, id);
	}
	if (plan == NULL || plan->bytes.len < 12 ||
	    memcmp(plan->bytes.data, "HTTP/1.1 200", 12) != 0)
		die("GetCACaps was not answered");
	flow_finished(exchanger->flow, id, FLOW_SENT, plan->bytes.len);
}

static double
cpu_us(clockid_t clock)
{
	struct timespec spent;

	if (clock_gettime(clock, &spent) != 0)
		die("the server has ended");
	return (double)spent.tv_sec * 1e6 + (double)spent.tv_nsec / 1e3;
}

/* Microseconds of one decision. The time goes on, as it does on a server. */
static double
measure_decisions(struct run *run, struct facts *facts)
{
	double before = cpu_us(CLOCK_THREAD_CPUTIME_ID);

	for (size_t i = 0; i < DECISIONS; i++) {
		struct decision decision;

		facts->now_ms++;
		facts->arrival++;
		run_decide(run, facts, &decision);
		/* the first one may be taken: it is what a count of one is for */
		if (decision.verdict != DECIDE_HONEST && facts->arrival > 1)
			die("rule %s took a request", decision.rule->id);
	}
	return (cpu_us(CLOCK_THREAD_CPUTIME_ID) - before) / DECISIONS;
}

static double
measure_exchanges(struct exchanger *exchanger)
{
	double before = cpu_us(CLOCK_THREAD_CPUTIME_ID);

	for (size_t i = 0; i < EXCHANGES; i++)
		exchange(exchanger);
	return (cpu_us(CLOCK_THREAD_CPUTIME_ID) - before) / EXCHANGES;
}

/* The other side of the connection is no part of what is measured. */
static double
measure_requests(int fd, clockid_t server)
{
	struct buf request = BUF_INIT;
	double before;
	double after;

	buf_add_text(&request, request_text);
	before = cpu_us(server);
	for (size_t i = 0; i < REQUESTS; i++) {
		struct answer answer = {0};

		link_send(fd, &request);
		link_receive(fd, &answer);
		if (answer.status != 200)
			die("GetCACaps was answered %u", answer.status);
		buf_clear(&answer.body);
	}
	after = cpu_us(server);
	buf_clear(&request);
	return (after - before) / REQUESTS;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a;
	const double *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double list[ROUNDS])
{
	qsort(list, ROUNDS, sizeof(*list), compare);
	return list[ROUNDS / 2];
}

static void
measure(int fd, clockid_t server)
{
	struct scenario scenario = {.rules = rules, .rule_count = COUNT_OF(rules)};
	struct run *run = run_new(&scenario, 1);
	struct exchanger exchanger = {.pool = NULL};
	struct facts facts = {
	    .stage = STAGE_MESSAGE,
	    .connection = 1,
	    .client = SLICE("127.0.0.1"),
	    .operation = "GetCACaps",
	    .method = SLICE("GET"),
	    .path = SLICE("/certsrv/mscep/mscep.dll"),
	    .query_bytes = 30,
	    .uri_bytes = 55,
	    .user_agent = SLICE("Dalvik/2.1.0 (Linux; U; Android 5.0)"),
	};
	double deciding[ROUNDS];
	double exchanging[ROUNDS];
	double serving[ROUNDS];

	exchanger_open(&exchanger);
	measure_decisions(run, &facts); /* what is loaded late is loaded */
	measure_exchanges(&exchanger);
	measure_requests(fd, server);
	for (size_t i = 0; i < ROUNDS; i++) {
		deciding[i] = measure_decisions(run, &facts);
		exchanging[i] = measure_exchanges(&exchanger);
		serving[i] = measure_requests(fd, server);
	}
	printf("%.4f %.4f %.4f\n", median(deciding), median(exchanging), median(serving));
	exchanger_close(&exchanger);
	run_free(run);
}

int
main(int argc, char **argv)
{
	clockid_t server;
	size_t pid = 0;
	int fd;

	if (argc != 3 || !parse_size(slice_of(argv[2]), INT32_MAX, &pid))
		die("usage: bench-matching PORT PID");
	if (clock_getcpuclockid((pid_t)pid, &server) != 0)
		die("there is no process %zu", pid);
	fd = link_open(link_port(argv[1]));
	if (fd < 0)
		die("nobody listens on port %s", argv[1]);
	measure(fd, server);
	close(fd);
	return 0;
}
