/*
 * order: what a counting scenario answers depends on the order of arrival alone, not on
 * the number of workers and not on how connections are used:
 *
 *	order MOCKNDES
 *
 * Forty PKIOperations of four transactions (a PKCSReq each, then CertPolls) go to
 * `pending:polls=2` in a fixed order, once all on one connection, once on a connection
 * each without waiting for answers. The first two of each transaction have to be
 * answered PENDING and the others SUCCESS, with every number of workers.
 *
 * Then a scenario of chance and numbers is played with a seed: the same order gives the
 * same answers with every number of workers and in every run, and another seed others.
 */
#include "base/mem.h"
#include "certs/ossl.h"
#include "scenarios/tap.h"
#include "support/peer.h"
#include "support/scepclient.h"
#include "support/server_process.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MSCEP        "/certsrv/mscep/mscep.dll"
#define TRANSACTIONS 4
#define EACH         10
#define COUNT        (TRANSACTIONS * EACH)
#define POLLS        2
#define CERT_POLL    20
#define BUSY         4 /* behind the numbers of pkiStatus: a 503 */
#define MIXED        2 /* of the arrivals */

/* Who sends the i-th message. */
struct arrival {
	const char *name;
	const char *order; /* 'A' to 'D' */
};

static const struct arrival arrivals[] = {
    {"in turns", "ABCDABCDABCDABCDABCDABCDABCDABCDABCDABCD"},
    {"one after the other", "AAAAAAAAAABBBBBBBBBBCCCCCCCCCCDDDDDDDDDD"},
    {"mixed", "CABBDACCADBDBCADAABCDDBACBCDABDACDBCBDAC"},
};

#define ARRIVALS (sizeof(arrivals) / sizeof(arrivals[0]))

static const char *const workers[] = {"0", "1", "4"};

#define WORKERS (sizeof(workers) / sizeof(workers[0]))

/* Every seventh fails, some wait, and chance takes a third of what is left. */
static const char dice[] =
    "mockndes: 1\n"
    "id: dice\n"
    "group: own\n"
    "title: Numbers and chance decide\n"
    "outcome: either\n"
    "doc: {symptom: Any, cause: Chance, fix: None, provenance: inferred,\n"
    "  sources: [{url: \"https://www.rfc-editor.org/rfc/rfc8894\"}]}\n"
    "rules:\n"
    "  - {id: seventh, match: {operation: PKIOperation, every: 7},\n"
    "     scep: {status: FAILURE, fail_info: badRequest}}\n"
    "  - {id: some, match: {operation: PKIOperation, nth: {min: 5, max: 9}},\n"
    "     scep: {status: PENDING}}\n"
    "  - {id: chance, match: {operation: PKIOperation, probability: 30%},\n"
    "     respond: {status: 503, layer: http.sys}}\n"
    "probes:\n"
    "  - {send: {operation: GetCACaps}, want: {status: 200}}\n";

static const struct throw
{
	const char *seed;
	const char *workers;
	bool is_same; /* as the first one */
}
throws[] = {
    {"20170808", "0", true},
    {"20170808", "0", true},
    {"20170808", "1", true},
    {"20170808", "4", true},
    {"20170808", "4", true},
    {"20170809", "4", false},
};

#define THROWS (sizeof(throws) / sizeof(throws[0]))

struct stage {
	struct tap tap;
	struct server_process server;
	struct scep_client *clients[TRANSACTIONS];
	size_t sent[TRANSACTIONS];
	struct peer peers[COUNT];
	int statuses[COUNT]; /* pkiStatus; -1: no CertRep */
};

static bool
get(struct peer *peer, const char *operation, struct peer_answer *answer)
{
	char *request = mem_format("GET " MSCEP "?operation=%s HTTP/1.1\r\n"
	                           "Host: localhost\r\n\r\n",
	    operation);
	struct bytes bytes = {(unsigned char *)request, strlen(request)};
	bool ok = peer_send(peer, bytes) && peer_receive(peer, false, answer) &&
	          answer->status == 200;

	free(request);
	return ok;
}

static bool
meet_ca(struct stage *stage)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct peer peer;
	bool ok = peer_open(&peer, stage->server.port, NULL) &&
	          get(&peer, "GetCACert", &answer);

	for (size_t i = 0; ok && i < TRANSACTIONS; i++)
		ok = scep_client_set_ca(stage->clients[i], buf_bytes(&answer.body));
	peer_close(&peer);
	peer_answer_clear(&answer);
	return ok;
}

/* The next message of this transaction, as a whole request. */
static bool
next_request(struct stage *stage, const char *run, size_t who, struct buf *out)
{
	char *transaction_id = mem_format("%s%zu", run, who);
	struct scep_request request = {
	    .message_type = stage->sent[who]++ > 0 ? CERT_POLL : 0,
	    .challenge = stage->server.challenge,
	    .transaction_id = transaction_id,
	};
	struct buf message = BUF_INIT;
	bool ok = scep_client_request(stage->clients[who], &request, &message);

	buf_add_format(out,
	    "POST " MSCEP "?operation=PKIOperation HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/x-pki-message\r\nContent-Length: %zu\r\n\r\n",
	    message.len);
	buf_add(out, message.data, message.len);
	buf_clear(&message);
	free(transaction_id);
	return ok;
}

static void
read_status(struct stage *stage, struct peer *peer, size_t who, int *ret)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct scep_reply reply;

	*ret = -1;
	if (peer_receive(peer, false, &answer)) {
		scep_client_read_reply(
		    stage->clients[who], buf_bytes(&answer.body), &reply);
		*ret = answer.status == 503 ? BUSY : reply.status;
		scep_reply_clear(&reply);
	}
	peer_answer_clear(&answer);
}

/* Every connection is known to the server before the first message is sent. */
static bool
open_peers(struct stage *stage, size_t count)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	bool ok = true;

	for (size_t i = 0; i < count; i++)
		ok = peer_open(&stage->peers[i], stage->server.port, NULL) &&
		     get(&stage->peers[i], "GetCACaps", &answer) && ok;
	peer_answer_clear(&answer);
	return ok;
}

/* Message i goes over connection i modulo `peers`; nothing is read meanwhile. */
static bool
play(struct stage *stage, const char *run, const struct arrival *arrival, size_t peers)
{
	struct buf requests[COUNT];
	bool ok = open_peers(stage, peers);

	memset(requests, 0, sizeof(requests));
	memset(stage->sent, 0, sizeof(stage->sent));
	for (size_t i = 0; i < COUNT; i++)
		ok = next_request(
		         stage, run, (size_t)(arrival->order[i] - 'A'), &requests[i]) &&
		     ok;
	for (size_t i = 0; i < COUNT; i++)
		ok = peer_send(&stage->peers[i % peers], buf_bytes(&requests[i])) && ok;
	for (size_t i = 0; i < COUNT; i++)
		read_status(stage, &stage->peers[i % peers],
		    (size_t)(arrival->order[i] - 'A'), &stage->statuses[i]);
	for (size_t i = 0; i < COUNT; i++)
		buf_clear(&requests[i]);
	for (size_t i = 0; i < peers; i++)
		peer_close(&stage->peers[i]);
	return ok;
}

/* 'P' pending, 'S' success, 'F' failure, 'B' busy, '-' none. */
static void
spell(const int statuses[COUNT], char out[COUNT + 1])
{
	for (size_t i = 0; i < COUNT; i++)
		out[i] =
		    statuses[i] >= 0 && statuses[i] <= BUSY ? "S-FPB"[statuses[i]] : '-';
	out[COUNT] = '\0';
}

static void
spell_wanted(const struct arrival *arrival, char out[COUNT + 1])
{
	size_t seen[TRANSACTIONS] = {0};

	for (size_t i = 0; i < COUNT; i++)
		out[i] = seen[arrival->order[i] - 'A']++ < POLLS ? 'P' : 'S';
	out[COUNT] = '\0';
}

static void
check(struct stage *stage, size_t index, size_t peers, const char *count)
{
	const struct arrival *arrival = &arrivals[index];
	char *run = mem_format("run%zux%zux", index, peers);
	char wanted[COUNT + 1];
	char got[COUNT + 1];
	bool is_played = play(stage, run, arrival, peers);

	spell_wanted(arrival, wanted);
	spell(stage->statuses, got);
	if (!tap_check(&stage->tap, is_played && strcmp(got, wanted) == 0,
	        "--workers %s, %s, %s", count, arrival->name,
	        peers == 1 ? "on one connection" : "on a connection each"))
		tap_note("sent: %s\nwant: %s\ngot:  %s", arrival->order, wanted, got);
	free(run);
}

static bool
play_with(struct stage *stage, const char *program, const char *count, struct err *err)
{
	const char *args[] = {"--scenario", "pending:polls=2", "--listen", "127.0.0.1:0",
	    "--workers", count, "--quiet", NULL};
	int code;

	if (!server_process_start(&stage->server, program, args, err))
		return false;
	if (!meet_ca(stage)) {
		server_process_stop(&stage->server);
		return err_set(err, ERR_FAILED, "GetCACert was not answered");
	}
	for (size_t i = 0; i < ARRIVALS; i++) {
		check(stage, i, 1, count);
		check(stage, i, COUNT, count);
	}
	code = server_process_stop(&stage->server);
	if (code != 0)
		return err_set(err, ERR_FAILED, "the server ended with code %d", code);
	return true;
}

/* Writes the scenario to a new file; its name is yours. */
static char *
write_dice(struct err *err)
{
	const char *parent = getenv("TMPDIR");
	char *path =
	    mem_format("%s/mockndes-dice-XXXXXX", parent != NULL ? parent : "/tmp");
	int fd = mkostemp(path, O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, dice, strlen(dice)) == (ssize_t)strlen(dice);

	if (fd >= 0)
		close(fd);
	if (ok)
		return path;
	err_set_errno(err, ERR_FAILED, "cannot write %s", path);
	free(path);
	return NULL;
}

/* The answers to the mixed order, spelt into `out`. */
static bool
throw_once(struct stage *stage, const char *program, const char *path,
    const struct throw *throw, char out[COUNT + 1], struct err *err)
{
	const char *args[] = {"--scenario-file", path, "--seed", throw->seed, "--workers",
	    throw->workers, "--listen", "127.0.0.1:0", "--quiet", NULL};
	bool ok;

	if (!server_process_start(&stage->server, program, args, err))
		return false;
	ok = meet_ca(stage) && play(stage, "dice", &arrivals[MIXED], COUNT);
	spell(stage->statuses, out);
	if (server_process_stop(&stage->server) != 0 || !ok)
		return err_set(err, ERR_FAILED, "the dice could not be thrown");
	return true;
}

static bool
throw_all(struct stage *stage, const char *program, struct err *err)
{
	char *path = write_dice(err);
	char first[COUNT + 1];
	char got[COUNT + 1];
	bool ok = path != NULL;

	for (size_t i = 0; ok && i < THROWS; i++) {
		const struct throw *throw = &throws[i];

		ok = throw_once(stage, program, path, throw, got, err);
		if (!ok)
			break;
		if (i == 0) {
			memcpy(first, got, sizeof(first));
			tap_check(&stage->tap,
			    strchr(got, 'B') != NULL && strchr(got, 'F') != NULL &&
			        strchr(got, 'P') != NULL && strchr(got, 'S') != NULL,
			    "every rule of the dice fires: %s", got);
			continue;
		}
		if (!tap_check(&stage->tap, (strcmp(got, first) == 0) == throw->is_same,
		        "seed %s, --workers %s: %s", throw->seed, throw->workers,
		        throw->is_same ? "the same answers" : "others"))
			tap_note("first: %s\nnow:   %s", first, got);
	}
	if (path != NULL)
		unlink(path);
	free(path);
	return ok;
}

int
main(int argc, char **argv)
{
	struct stage *stage = mem_alloc(sizeof(*stage));
	struct err err = ERR_INIT;
	bool ok = true;
	int code;

	if (argc != 2)
		return tap_bail_out("usage: %s MOCKNDES", argv[0]);
	ossl_init(); /* providers stay: nothing is cleaned up behind them at exit */
	tap_plan(&stage->tap, WORKERS * ARRIVALS * 2 + THROWS);
	for (size_t i = 0; i < TRANSACTIONS; i++)
		stage->clients[i] =
		    scep_client_new(&(struct scep_identity){.rsa_bits = 1024});
	for (size_t i = 0; ok && i < WORKERS; i++)
		ok = play_with(stage, argv[1], workers[i], &err);
	ok = ok && throw_all(stage, argv[1], &err);
	for (size_t i = 0; i < TRANSACTIONS; i++)
		scep_client_free(stage->clients[i]);
	code = ok ? tap_end(&stage->tap) : tap_bail_out("%s", err.text);
	free(stage);
	return code;
}
