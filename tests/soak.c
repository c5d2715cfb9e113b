/*
 * soak: pool and flow with several workers at once, without a socket. It is plain C, for
 * ThreadSanitizer, which does not get on with Criterion:
 *
 *	soak [ENROLMENTS]
 *
 * First jobs that submit jobs, collected while others still run. Then enrolments from
 * many connections, some of which leave in the middle. Then a pool that is stopped with
 * work under way. Prints TAP.
 */
#include "base/mem.h"
#include "base/parse.h"
#include "certs/ossl.h"
#include "certs/pki.h"
#include "flow/flow.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include "scenarios/tap.h"
#include "scep/bag.h"
#include "support/scepclient.h"
#include <openssl/rsa.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define WORKERS            4
#define BITS               1024
#define LINES              16 /* connections at the same time */
#define ENROLMENTS_DEFAULT 200
#define ENROLMENTS_MAX     1000000
#define LEAVE_EACH         7 /* one of so many peers does not wait for its answer */
#define WAIT_MS            60000
#define CHAINS             64
#define CHAIN_LEN          200
#define MSCEP              "/certsrv/mscep/mscep.dll"

/* ---- jobs that submit jobs ---- */

struct race {
	struct pool *pool;
	size_t done;
	size_t wrong;
};

struct link {
	struct job job; /* first: a job is its link */
	struct race *race;
	size_t left;
	size_t input;
	size_t output;
};

static void
link_work(struct job *job)
{
	struct link *link = (struct link *)job;

	link->output = link->input + 1;
}

static void
link_done(struct job *job)
{
	struct link *link = (struct link *)job;
	struct race *race = link->race;

	race->done++;
	race->wrong += link->output != link->input + 1;
	if (--link->left == 0) {
		free(link);
		return;
	}
	link->input = link->output;
	pool_submit(race->pool, &link->job);
}

static bool
collect(struct pool *pool)
{
	struct pollfd ready = {.fd = pool_fd(pool), .events = POLLIN};
	bool is_ready = poll(&ready, 1, WAIT_MS) == 1;

	pool_collect(pool);
	return is_ready;
}

static void
run_chains(struct tap *tap)
{
	struct err err = ERR_INIT;
	struct race race = {.pool = pool_new(WORKERS, &err)};
	bool ok = race.pool != NULL;

	for (size_t i = 0; ok && i < CHAINS; i++) {
		struct link *link = mem_alloc(sizeof(*link));

		link->job.work = link_work;
		link->job.done = link_done;
		link->race = &race;
		link->left = CHAIN_LEN;
		pool_submit(race.pool, &link->job);
	}
	while (ok && race.done < (size_t)CHAINS * CHAIN_LEN)
		ok = collect(race.pool);
	tap_check(
	    tap, ok && race.wrong == 0, "%d jobs that submit jobs", CHAINS * CHAIN_LEN);
	pool_free(race.pool);
}

/* ---- enrolments ---- */

/* One connection: a request at a time. */
struct line {
	struct request request;
	struct reader reader;
	struct endpoints endpoints;
	exchange_id exchange;
	struct scep_client *client; /* who asks; it remembers one request only */
	struct buf message;         /* with its HTTP head */
	bool is_busy;
};

struct soak {
	struct pool *pool;
	struct flow *flow;
	struct pki *pki;
	struct scenario *scenario;
	struct line lines[LINES];
	size_t begun;
	size_t answered;
	size_t left; /* peers that went before their answer */
	size_t wrong;
};

static struct pki *
make_pki(struct err *err)
{
	struct pki_settings settings = {.host = "soak", .now = time(NULL)};

	if (!ossl_load_providers(err))
		return NULL;
	return pki_new(&settings, EVP_RSA_gen((size_t)BITS), EVP_RSA_gen((size_t)BITS),
	    EVP_RSA_gen((size_t)BITS), err);
}

static void
check_answer(struct soak *soak, const struct line *line, const struct plan *plan)
{
	const unsigned char *gap =
	    memmem(plan->bytes.data, plan->bytes.len, "\r\n\r\n", 4);
	struct scep_reply reply = {.status = -1};

	if (gap != NULL) {
		size_t head = (size_t)(gap - plan->bytes.data) + 4;

		scep_client_read_reply(line->client,
		    (struct bytes){gap + 4, plan->bytes.len - head}, &reply);
	}
	soak->wrong += reply.status != 0 || !reply.leaf_has_our_key ||
	               !reply.signature_ok || !reply.transaction_ok;
	scep_reply_clear(&reply);
}

static void
end_line(struct soak *soak, struct line *line, enum flow_end end, uint64_t bytes)
{
	flow_finished(soak->flow, line->exchange, end, bytes);
	reader_next(&line->reader);
	line->is_busy = false;
}

static void
on_answer(void *arg, uint64_t connection, const struct plan *plan)
{
	struct soak *soak = arg;
	struct line *line = &soak->lines[connection - 1];

	check_answer(soak, line, plan);
	soak->answered++;
	end_line(soak, line, FLOW_SENT, plan->bytes.len);
}

/* Each message has a transaction of its own, or flow would answer from memory. */
static bool
make_message(struct line *line, size_t number)
{
	char *transaction_id = mem_format("%032zu", number);
	struct scep_request request = {
	    .challenge = "soak", .transaction_id = transaction_id};
	struct buf der = BUF_INIT;
	bool ok = scep_client_request(line->client, &request, &der);

	buf_reset(&line->message);
	buf_add_format(&line->message,
	    "POST " MSCEP "?operation=PKIOperation HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    der.len);
	buf_add(&line->message, der.data, der.len);
	buf_clear(&der);
	free(transaction_id);
	return ok;
}

/* False: flow answered at once or not at all, which no PKIOperation should see. */
static bool
begin(struct soak *soak, struct line *line)
{
	struct bytes rest = buf_bytes(&line->message);
	size_t used = 0;

	if (reader_feed(&line->reader, rest.data, rest.len, &used) != READER_HEAD ||
	    flow_head(soak->flow, &line->endpoints, &line->request, &line->exchange) !=
	        NULL)
		return false;
	rest.data += used;
	rest.len -= used;
	if (reader_feed(&line->reader, rest.data, rest.len, &used) != READER_DONE ||
	    flow_body(soak->flow, line->exchange) != NULL)
		return false;
	line->is_busy = true;
	soak->begun++;
	return true;
}

/* The messages are made first, so that the workers get them all at once. */
static bool
make_where_free(struct soak *soak)
{
	bool ok = true;

	for (size_t i = 0; i < LINES; i++)
		if (!soak->lines[i].is_busy)
			ok = make_message(&soak->lines[i], soak->begun + i + 1) && ok;
	return ok;
}

static bool
begin_where_free(struct soak *soak, size_t most)
{
	bool ok = make_where_free(soak);

	for (size_t i = 0; ok && i < LINES && soak->begun < most; i++) {
		struct line *line = &soak->lines[i];

		if (line->is_busy)
			continue;
		ok = begin(soak, line);
		if (ok && soak->begun % LEAVE_EACH == 0) {
			soak->left++;
			end_line(soak, line, FLOW_DROPPED, 0);
		}
	}
	return ok;
}

static bool
open_lines(struct soak *soak, struct err *err)
{
	struct request_limits limits = REQUEST_LIMITS_NDES;
	struct buf bag = BUF_INIT;
	bool ok = bag_of_pki(soak->pki, &bag, err);

	for (size_t i = 0; ok && i < LINES; i++) {
		struct line *line = &soak->lines[i];

		reader_init(&line->reader, &line->request, &limits);
		line->endpoints = (struct endpoints){.connection = i + 1,
		    .client_ip = SLICE("127.0.0.1"),
		    .server_ip = SLICE("127.0.0.1")};
		line->client = scep_client_new(&(struct scep_identity){.rsa_bits = BITS});
		ok = line->client != NULL &&
		     scep_client_set_ca(line->client, buf_bytes(&bag));
	}
	buf_clear(&bag);
	return ok;
}

static bool
open_soak(struct soak *soak, const char *scenario, struct pki *pki, struct err *err)
{
	struct flow_settings settings = {
	    .iis = {.version = server_version_find("2022"), .is_aspnet = true},
	    .ndes = {.version = server_version_find("2022"),
	        .host = "localhost",
	        .challenge = challenge_policy_of("any")},
	};

	*soak = (struct soak){.pki = pki, .pool = pool_new(WORKERS, err)};
	soak->scenario = catalogue_load(scenario, err);
	if (soak->pool == NULL || soak->scenario == NULL)
		return false;
	settings.scenario = soak->scenario;
	capabilities_parse(slice_of(settings.iis.version->caps), &settings.caps);
	soak->flow = flow_new(&settings, soak->pool, on_answer, soak, err);
	if (soak->flow == NULL || !open_lines(soak, err))
		return false;
	struct buf none = BUF_INIT;
	flow_pki_ready(soak->flow, pki_reference(pki), &none);
	return true;
}

/* The pool first, whatever is under way. */
static void
close_soak(struct soak *soak)
{
	pool_free(soak->pool);
	flow_free(soak->flow);
	for (size_t i = 0; i < LINES; i++) {
		request_clear(&soak->lines[i].request);
		scep_client_free(soak->lines[i].client);
		buf_clear(&soak->lines[i].message);
	}
}

static void
run_enrolments(struct tap *tap, struct soak *soak, size_t count)
{
	bool ok = true;

	while (ok && soak->answered + soak->left < count)
		ok = begin_where_free(soak, count) && collect(soak->pool);
	while (ok && flow_pending(soak->flow) > 0)
		ok = collect(soak->pool);
	tap_check(tap, ok && soak->answered + soak->left == count,
	    "%zu enrolments, %zu of them left before the answer", soak->begun,
	    soak->left);
	if (!tap_check(tap, soak->wrong == 0, "each answer is the asker's certificate"))
		tap_note("%zu are not", soak->wrong);
}

/* Some are decided and being sealed, others have just come. */
static void
run_stop(struct tap *tap, struct soak *soak)
{
	bool ok = begin_where_free(soak, SIZE_MAX) && collect(soak->pool) &&
	          begin_where_free(soak, SIZE_MAX);
	size_t pending = flow_pending(soak->flow);

	pool_stop(soak->pool);
	ok = ok && pending > 0 && pool_is_stopping(soak->pool);
	pool_collect(soak->pool);
	tap_check(tap, ok && soak->wrong == 0,
	    "a pool is stopped with %zu of %d exchanges under way", pending, LINES);
}

int
main(int argc, char **argv)
{
	struct soak *soak = mem_alloc(sizeof(*soak));
	size_t count = ENROLMENTS_DEFAULT;
	struct err err = ERR_INIT;
	struct pki *pki = NULL;
	struct tap tap;

	if (argc > 1 && !parse_size(slice_of(argv[1]), ENROLMENTS_MAX, &count))
		return tap_bail_out("usage: %s [ENROLMENTS]", argv[0]);
	tap_plan(&tap, 4);
	run_chains(&tap);
	pki = make_pki(&err);
	if (pki == NULL || !open_soak(soak, "healthy", pki, &err))
		return tap_bail_out("%s", err.text);
	run_enrolments(&tap, soak, count);
	run_stop(&tap, soak);
	close_soak(soak);
	pki_release(pki);
	free(soak);
	return tap_end(&tap);
}
