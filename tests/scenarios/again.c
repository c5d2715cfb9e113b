/*
 * again: one request that comes several times at once, and one password that several
 * clients use at once:
 *
 *	again MOCKNDES
 *
 * The same CSR gets the same certificate, byte for byte, also while the first answer is
 * still being sealed; a one-time password enrols one client.
 */
#include "base/mem.h"
#include "certs/ossl.h"
#include "scenarios/talk.h"
#include "scenarios/tap.h"
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 8
#define ROUNDS  5

/* The same exchange many times, each on a connection of its own, all sent at once. */
struct crowd {
	struct talk talk; /* the run and the first client */
	struct scep_client *clients[AT_ONCE];
	struct buf http[AT_ONCE];
	struct scep_reply replies[AT_ONCE];
};

static bool
exchange_all(struct crowd *crowd)
{
	struct peer peers[AT_ONCE];
	struct peer_answer answer = PEER_ANSWER_INIT;
	bool ok = true;

	for (size_t i = 0; i < AT_ONCE; i++)
		ok = peer_open(&peers[i], crowd->talk.server.port, NULL) && ok;
	for (size_t i = 0; i < AT_ONCE; i++)
		ok = peer_send(&peers[i], buf_bytes(&crowd->http[i])) && ok;
	for (size_t i = 0; i < AT_ONCE; i++) {
		ok = peer_receive(&peers[i], false, &answer) && ok;
		scep_client_read_reply(
		    crowd->clients[i], buf_bytes(&answer.body), &crowd->replies[i]);
		peer_close(&peers[i]);
	}
	peer_answer_clear(&answer);
	return ok;
}

static void
clear_replies(struct crowd *crowd)
{
	for (size_t i = 0; i < AT_ONCE; i++) {
		scep_reply_clear(&crowd->replies[i]);
		buf_reset(&crowd->http[i]);
	}
}

static size_t
count_status(const struct crowd *crowd, int status)
{
	size_t count = 0;

	for (size_t i = 0; i < AT_ONCE; i++)
		count += crowd->replies[i].status == status;
	return count;
}

/* Appends the POST of this client's request. */
static bool
write_request(
    struct scep_client *client, const struct scep_request *request, struct buf *out)
{
	struct buf message = BUF_INIT;
	bool ok = scep_client_request(client, request, &message);

	talk_write(buf_bytes(&message), TALK_POST, out);
	buf_clear(&message);
	return ok;
}

/* One message, word for word, on all connections; how many gave the same certificate. */
static size_t
repeat(struct crowd *crowd, const char *challenge, const char *id)
{
	struct scep_request request = {.challenge = challenge, .transaction_id = id};
	size_t same = 0;

	if (!write_request(crowd->talk.client, &request, &crowd->http[0]))
		return 0;
	for (size_t i = 0; i < AT_ONCE; i++) {
		crowd->clients[i] = crowd->talk.client;
		if (i > 0)
			buf_add(&crowd->http[i], crowd->http[0].data, crowd->http[0].len);
	}
	if (exchange_all(crowd))
		for (size_t i = 0; i < AT_ONCE; i++)
			same +=
			    crowd->replies[i].leaf != NULL &&
			    crowd->replies[0].leaf != NULL &&
			    X509_cmp(crowd->replies[i].leaf, crowd->replies[0].leaf) == 0;
	clear_replies(crowd);
	return same;
}

/* Transactions of their own with one password; how many were granted. */
static size_t
share(struct crowd *crowd, const char *password, size_t *refused)
{
	size_t granted = 0;

	for (size_t i = 0; i < AT_ONCE; i++) {
		char *id = mem_format("%s-%zu", password, i);
		char *name = mem_format("host%zu", i);
		struct scep_request request = {
		    .challenge = password, .transaction_id = id};
		struct scep_identity identity = {.rsa_bits = 1024, .common_name = name};

		crowd->clients[i] = scep_client_new(&identity);
		if (talk_operation(&crowd->talk, "GetCACert") &&
		    scep_client_set_ca(
		        crowd->clients[i], buf_bytes(&crowd->talk.answer.body)))
			write_request(crowd->clients[i], &request, &crowd->http[i]);
		free(id);
		free(name);
	}
	if (exchange_all(crowd))
		granted = count_status(crowd, 0);
	*refused = count_status(crowd, 2);
	clear_replies(crowd);
	for (size_t i = 0; i < AT_ONCE; i++)
		scep_client_free(crowd->clients[i]);
	return granted;
}

static void
play(struct crowd *crowd, struct tap *tap)
{
	char password[TALK_PASSWORD + 1];
	size_t refused = 0;
	size_t same;

	for (int i = 0; i < ROUNDS; i++) {
		char *id = mem_format("round%d", i);

		if (!talk_password(&crowd->talk, password))
			tap_note("%s", crowd->talk.why);
		same = repeat(crowd, password, id);
		if (!tap_check(tap, same == AT_ONCE,
		        "round %d: one request sent %d times at once", i, AT_ONCE))
			tap_note("%zu answers hold the same certificate", same);
		free(id);
	}
	if (!talk_password(&crowd->talk, password))
		tap_note("%s", crowd->talk.why);
	same = share(crowd, password, &refused);
	if (!tap_check(tap, same == 1 && refused == AT_ONCE - 1,
	        "one password, %d clients at once", AT_ONCE))
		tap_note("%zu were granted, %zu refused", same, refused);
}

int
main(int argc, char **argv)
{
	static const char *const args[] = {"--listen", "127.0.0.1:0", "--quiet",
	    "--challenge", "one-time", "--workers", "4", NULL};
	struct crowd crowd = {.http = {BUF_INIT}};
	struct err err = ERR_INIT;
	struct tap tap;

	if (argc != 2)
		return tap_bail_out("usage: %s MOCKNDES", argv[0]);
	ossl_init(); /* providers stay: nothing is cleaned up behind them at exit */
	tap_plan(&tap, ROUNDS + 1);
	if (!talk_open(&crowd.talk, argv[1], args, &err))
		return tap_bail_out("%s", err.text);
	play(&crowd, &tap);
	talk_close(&crowd.talk);
	for (size_t i = 0; i < AT_ONCE; i++)
		buf_clear(&crowd.http[i]);
	return tap_end(&tap);
}
