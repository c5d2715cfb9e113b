/*
 * armed: every fault in turn, in one server, and no trace of it afterwards:
 *
 *	armed MOCKNDES [COUNT]
 *
 * `ctl use` arms one scenario after the other. Each gets COUNT requests (6), in turn
 * GetCACaps, GetCACert and PKIOperation by GET and POST, from a client that waits for no
 * answer longer than a blink and then leaves. Behind each the server is switched back to
 * healthy: it enrols, shows the CA it had before, has no request under way and no
 * descriptor more than at first. The scenarios with a port of their own cannot be armed
 * that way, and are passed over.
 *
 * At last a scenario that counts is chosen twice: its counters begin anew.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "base/parse.h"
#include "certs/ossl.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include "scenarios/play.h"
#include "scenarios/tap.h"
#include "support/control_client.h"
#include "support/peer.h"
#include "support/scepclient.h"
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MSCEP            "/certsrv/mscep/mscep.dll"
#define COUNT            6
#define COUNT_MAX        100000
#define BLINK_MS         40
#define SETTLE_MS        10000
#define LOOK_EVERY_NS    (2 * 1000000)
#define KINDS            4
#define EXIT_EXPECTATION 3 /* these clients do nothing that a fault asks for */
#define COUNTING         "pending:polls=1"

struct stage {
	struct tap tap;
	struct server_process server;
	struct scep_client *client;
	size_t count;       /* requests to each fault */
	size_t descriptors; /* of the server, at first */
	size_t enrolled;    /* transactions so far */
	struct buf bag;     /* GetCACert, at first */
	struct buf requests[KINDS];
};

static void
add_request(struct buf *out, const char *operation, struct bytes body)
{
	buf_reset(out);
	buf_add_format(out, "%s " MSCEP "?operation=%s HTTP/1.1\r\nHost: localhost\r\n",
	    body.len > 0 ? "POST" : "GET", operation);
	if (body.len > 0)
		buf_add_format(out,
		    "Content-Type: application/x-pki-message\r\n"
		    "Content-Length: %zu\r\n",
		    body.len);
	buf_add_text(out, "\r\n");
	if (body.len > 0)
		buf_add(out, body.data, body.len);
}

static bool
ask(const struct stage *stage, const struct buf *request, unsigned wait_ms,
    struct peer_answer *answer)
{
	struct peer_way way = {.port = stage->server.port, .wait_ms = wait_ms};
	struct peer peer;
	bool ok = peer_dial(&peer, &way) && peer_send(&peer, buf_bytes(request)) &&
	          peer_receive(&peer, false, answer);

	peer_close(&peer);
	return ok;
}

static bool
get_bag(const struct stage *stage, struct buf *ret)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct buf request = BUF_INIT;
	bool ok;

	add_request(&request, "GetCACert", (struct bytes){NULL, 0});
	ok = ask(stage, &request, PEER_WAIT_MS, &answer) && answer.status == 200;
	if (ok)
		*ret = buf_move(&answer.body);
	peer_answer_clear(&answer);
	buf_clear(&request);
	return ok;
}

/* A pkiMessage in a transaction of its own. */
static bool
make_message(struct stage *stage, struct buf *ret)
{
	char *transaction_id = mem_format("armed%zu", ++stage->enrolled);
	struct scep_request request = {
	    .challenge = stage->server.challenge, .transaction_id = transaction_id};
	bool ok = scep_client_request(stage->client, &request, ret);

	free(transaction_id);
	return ok;
}

/* pkiStatus of a new enrolment; -1: no CertRep that can be believed. */
static int
enrol(struct stage *stage)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct scep_reply reply = {.status = -1};
	struct buf message = BUF_INIT;
	struct buf request = BUF_INIT;
	int status = -1;

	if (make_message(stage, &message)) {
		add_request(&request, "PKIOperation", buf_bytes(&message));
		if (ask(stage, &request, PEER_WAIT_MS, &answer))
			scep_client_read_reply(
			    stage->client, buf_bytes(&answer.body), &reply);
		if (reply.signature_ok &&
		    (reply.status != 0 || (reply.leaf_has_our_key && reply.leaf_from_ca)))
			status = reply.status;
		scep_reply_clear(&reply);
	}
	peer_answer_clear(&answer);
	buf_clear(&message);
	buf_clear(&request);
	return status;
}

/* GetCACaps, GetCACert, garbage by GET and a pkiMessage by POST. */
static bool
prepare(struct stage *stage)
{
	struct bytes nothing = {NULL, 0};
	struct buf message = BUF_INIT;
	bool ok = make_message(stage, &message);

	add_request(&stage->requests[0], "GetCACaps", nothing);
	add_request(&stage->requests[1], "GetCACert", nothing);
	add_request(&stage->requests[2], "PKIOperation&message=NoPkiMessage", nothing);
	if (ok)
		add_request(&stage->requests[3], "PKIOperation", buf_bytes(&message));
	buf_clear(&message);
	return ok;
}

static bool
bombard(struct stage *stage)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	bool ok = prepare(stage);

	for (size_t i = 0; ok && i < stage->count; i++)
		ask(stage, &stage->requests[i % KINDS], BLINK_MS, &answer);
	peer_answer_clear(&answer);
	return ok;
}

static long
under_way(const struct stage *stage, struct err *err)
{
	json_t *status = control_client_say(&stage->server, "status", NULL, NULL, err);
	const json_t *count = json_object_get(status, "under_way");
	long ret = json_is_integer(count) ? (long)json_integer_value(count) : -1;

	json_decref(status);
	return ret;
}

static void
pause_briefly(void)
{
	const struct timespec look = {.tv_nsec = LOOK_EVERY_NS};

	nanosleep(&look, NULL);
}

/*
 * True: no descriptor is open that was not at first, and nothing is under way: a worker
 * may still be making a key for an answer that nobody waits for any more. That is asked
 * for last, because the question itself is a connection for a while.
 */
static bool
is_quiet(const struct stage *stage, struct err *err)
{
	int64_t until = clock_monotonic_us() + SETTLE_MS * INT64_C(1000);
	size_t descriptors;
	long count;

	while ((descriptors = server_process_descriptors(&stage->server)) >
	           stage->descriptors &&
	       clock_monotonic_us() < until)
		pause_briefly();
	while ((count = under_way(stage, err)) > 0 && clock_monotonic_us() < until)
		pause_briefly();
	if (count == 0 && descriptors <= stage->descriptors)
		return true;
	return err_set(err, ERR_FAILED,
	    "%ld requests are under way, %zu descriptors are open, %zu were at first",
	    count, descriptors, stage->descriptors);
}

static bool
is_healthy(struct stage *stage, struct err *err)
{
	struct buf bag = BUF_INIT;
	bool ok = get_bag(stage, &bag);
	int status;

	if (!ok)
		return err_set(err, ERR_FAILED, "GetCACert is not answered");
	ok = bag.len == stage->bag.len && memcmp(bag.data, stage->bag.data, bag.len) == 0;
	buf_clear(&bag);
	if (!ok)
		return err_set(err, ERR_FAILED, "GetCACert shows another CA");
	status = enrol(stage);
	if (status != 0)
		return err_set(err, ERR_FAILED, "the enrolment ends with %d", status);
	return is_quiet(stage, err);
}

/* It cannot rule in this server: a port of its own, or the other profile. */
static bool
is_elsewhere(const char *id, struct err *err)
{
	struct scenario *scenario = catalogue_load(id, err);
	bool ret = scenario == NULL || play_has_door(scenario) ||
	           (scenario->needs_profile != NULL &&
	               strcmp(scenario->needs_profile, "intune") != 0);

	scenario_free(scenario);
	return ret;
}

static void
arm(struct stage *stage, const char *id)
{
	struct err err = ERR_INIT;
	bool ok;

	if (is_elsewhere(id, &err)) {
		tap_check(&stage->tap, err.kind == ERR_NONE,
		    "%s # SKIP it has a port of its own or needs another profile", id);
		return;
	}
	ok = control_client_use(&stage->server, id, &err) && bombard(stage) &&
	     control_client_use(&stage->server, "healthy", &err) &&
	     is_healthy(stage, &err);
	if (!tap_check(&stage->tap, ok, "%s leaves no trace", id))
		tap_note("%s", err.text);
}

/* A fresh run has a fresh count: each time the first message waits. */
static void
count_anew(struct stage *stage)
{
	struct err err = ERR_INIT;
	bool ok = true;

	for (size_t i = 0; ok && i < 2; i++)
		ok = control_client_use(&stage->server, COUNTING, &err) &&
		     enrol(stage) == 3 &&
		     control_client_use(&stage->server, "healthy", &err);
	if (!tap_check(&stage->tap, ok, "a scenario chosen again counts from one"))
		tap_note("%s", err.text);
}

static bool
open_stage(struct stage *stage, const char *program, struct err *err)
{
	const char *args[] = {"--listen", "127.0.0.1:0", "--quiet", NULL};

	stage->client = scep_client_new(&(struct scep_identity){0});
	if (stage->client == NULL)
		return err_set(err, ERR_FAILED, "no client key was made");
	if (!server_process_start(&stage->server, program, args, err))
		return false;
	if (!get_bag(stage, &stage->bag) ||
	    !scep_client_set_ca(stage->client, buf_bytes(&stage->bag)) ||
	    enrol(stage) != 0)
		return err_set(err, ERR_FAILED, "the server is not healthy at first");
	stage->descriptors = server_process_descriptors(&stage->server);
	return true;
}

static void
close_stage(struct stage *stage)
{
	scep_client_free(stage->client);
	buf_clear(&stage->bag);
	for (size_t i = 0; i < KINDS; i++)
		buf_clear(&stage->requests[i]);
}

int
main(int argc, char **argv)
{
	struct stage stage = {.count = COUNT};
	struct err err = ERR_INIT;
	int code;

	if (argc < 2 || argc > 3 ||
	    (argc == 3 && !parse_size(slice_of(argv[2]), COUNT_MAX, &stage.count)))
		return tap_bail_out("usage: %s MOCKNDES [COUNT]", argv[0]);
	ossl_init(); /* providers stay: nothing is cleaned up behind them at exit */
	if (!open_stage(&stage, argv[1], &err)) {
		server_process_stop(&stage.server);
		close_stage(&stage);
		return tap_bail_out("%s", err.text);
	}
	tap_plan(&stage.tap, catalogue_count + 2);
	for (size_t i = 0; i < catalogue_count; i++)
		arm(&stage, catalogue_entries[i].id);
	count_anew(&stage);
	code = server_process_stop(&stage.server);
	tap_check(&stage.tap, code == 0 || code == EXIT_EXPECTATION,
	    "the server ends by itself, with code %d", code);
	close_stage(&stage);
	return tap_end(&stage.tap);
}
