#include "scenarios/play.h"

#include "scenarios/ask.h"
#include <string.h>

#define END_WAIT_MS 3000 /* for the server's end of a connection that is over */
#define LOG_WAIT_MS 5000

/* What one request of a probe was, and what came of it. */
struct take {
	const struct probe *probe;
	struct actor *actor; /* who sent the pkiMessage; NULL: nobody */
	struct peer_answer answer;
	bool is_whole;
	enum peer_fate fate; /* after the answer */
};

bool
play_open(struct play *play, const char *program, const char *scenario, bool is_tls,
    struct cast *cast, struct err *err)
{
	*play = (struct play){.cast = cast};
	if (!winlogs_open(&play->logs, err))
		return false;
	const char *args[] = {"--scenario", scenario, "--listen", "127.0.0.1:0", "--tls",
	    "127.0.0.1:0", "--logs", play->logs.folder, "--no-crp-lines", "--quiet",
	    NULL};
	if (server_process_start(&play->server, program, args, err) && is_tls)
		play->tls = peer_trust(play->server.ca_path, err);
	if (play->server.pid == 0 || (is_tls && play->tls == NULL)) {
		server_process_stop(&play->server);
		winlogs_close(&play->logs);
		return false;
	}
	cast_enter(cast);
	return true;
}

bool
play_close(struct play *play, struct err *err)
{
	int code = server_process_stop(&play->server);
	size_t iis = winlog_look(&play->logs.iis);
	size_t httperr = winlog_look(&play->logs.httperr);

	winlogs_close(&play->logs);
	SSL_CTX_free(play->tls);
	if (code != 0)
		return err_set(err, ERR_FAILED, "the server ended with code %d", code);
	if (iis + httperr > 0)
		return err_set(err, ERR_FAILED,
		    "%zu lines more in the IIS log and %zu in HTTPERR than requests", iis,
		    httperr);
	return true;
}

/* Sends and reads; how the connection ended is a part of it. */
static bool
exchange(struct play *play, const struct buf *request, struct take *take, struct err *err)
{
	unsigned port = play->tls != NULL ? play->server.tls_port : play->server.port;
	bool is_head = strcmp(take->probe->method, "HEAD") == 0;
	struct peer peer;

	if (!peer_open(&peer, port, play->tls)) {
		err_set(err, ERR_FAILED, "no connection: %s", peer_fate_name(peer.fate));
		peer_close(&peer);
		return false;
	}
	peer_send(&peer, buf_bytes(request));
	take->is_whole = peer_receive(&peer, is_head, &take->answer);
	peer_wait(&peer, END_WAIT_MS);
	peer_finish(&peer);
	take->fate = peer_await_end(&peer);
	peer_close(&peer);
	return true;
}

static void
settle(struct play *play)
{
	winlog_settle(&play->logs.iis);
	winlog_settle(&play->logs.httperr);
}

static bool
meet(struct play *play, struct err *err)
{
	struct probe probe = {.operation = "GetCACert", .method = "GET"};
	struct take take = {.probe = &probe};
	struct buf request = BUF_INIT;
	struct bytes body = {NULL, 0};
	bool ok = ask_request(&probe, body, &request, err) &&
	          exchange(play, &request, &take, err);

	if (ok && take.is_whole && take.answer.status == 200)
		body = buf_bytes(&take.answer.body);
	ok = ok && cast_meet(play->cast, body, err);
	settle(play);
	peer_answer_clear(&take.answer);
	buf_clear(&request);
	return ok;
}

static bool
send_probe(struct play *play, struct take *take, struct err *err)
{
	const struct probe *probe = take->probe;
	struct buf message = BUF_INIT;
	struct buf request = BUF_INIT;
	bool ok = true;

	if (probe->message_type != NULL)
		ok = (cast_has_met(play->cast) || meet(play, err)) &&
		     cast_speak(play->cast, probe, play->server.challenge, &message,
		         &take->actor, err);
	ok = ok && ask_request(probe, buf_bytes(&message), &request, err) &&
	     exchange(play, &request, take, err);
	buf_clear(&message);
	buf_clear(&request);
	return ok;
}

static bool
check_status(const struct take *take, struct err *err)
{
	unsigned want = take->probe->want_status;

	if (want == 0 || (take->is_whole && take->answer.status == want))
		return true;
	if (take->answer.status == 0)
		return err_set(err, ERR_FAILED,
		    "status %u is wanted, no answer came: the connection was %s", want,
		    peer_fate_name(take->fate));
	return err_set(err, ERR_FAILED, "status %u is wanted, %s%u came", want,
	    take->is_whole ? "" : "the beginning of a ", take->answer.status);
}

static bool
has(const struct take *take, const char *text)
{
	const struct buf *body = &take->answer.body;

	return body->len > 0 && memmem(body->data, body->len, text, strlen(text)) != NULL;
}

static bool
check_body(const struct take *take, struct err *err)
{
	const struct texts *wanted = &take->probe->want_body_has;
	const struct texts *unwanted = &take->probe->want_body_lacks;

	for (size_t i = 0; i < wanted->count; i++)
		if (!has(take, wanted->items[i]))
			return err_set(
			    err, ERR_FAILED, "the body lacks '%s'", wanted->items[i]);
	for (size_t i = 0; i < unwanted->count; i++)
		if (has(take, unwanted->items[i]))
			return err_set(
			    err, ERR_FAILED, "the body has '%s'", unwanted->items[i]);
	return true;
}

/* RFC 8894 3.2.1.3 and 3.2.1.4: the words in the order of their numbers. */
static const char *const pki_words[] = {"SUCCESS", NULL, "FAILURE", "PENDING"};
static const char *const fail_words[] = {
    "badAlg", "badMessageCheck", "badRequest", "badTime", "badCertId"};

#define WORD_OF(words, number)                                                   \
	((number) >= 0 && (size_t)(number) < sizeof(words) / sizeof(words[0]) && \
	            words[number] != NULL                                        \
	        ? words[number]                                                  \
	        : "none")

static bool
check_reply(const struct take *take, const struct scep_reply *reply, struct err *err)
{
	const struct probe *probe = take->probe;
	const char *status = WORD_OF(pki_words, reply->status);
	const char *fail_info = WORD_OF(fail_words, reply->fail_info);

	if (!reply->is_cms || !reply->signature_ok || reply->message_type != 3)
		return err_set(err, ERR_FAILED,
		    "this is no CertRep signed by the RA (messageType %d)",
		    reply->message_type);
	if (!reply->transaction_ok || !reply->recipient_nonce_ok)
		return err_set(
		    err, ERR_FAILED, "transactionID or nonce is not the request's");
	if (probe->want_pki != NULL && strcmp(probe->want_pki, status) != 0)
		return err_set(err, ERR_FAILED, "pkiStatus %s is wanted, %s came (%s)",
		    probe->want_pki, status, fail_info);
	if (probe->want_fail_info != NULL &&
	    strcmp(probe->want_fail_info, fail_info) != 0)
		return err_set(err, ERR_FAILED, "failInfo %s is wanted, %s came",
		    probe->want_fail_info, fail_info);
	if (reply->status == 0 && !(reply->leaf_has_our_key && reply->leaf_from_ca))
		return err_set(err, ERR_FAILED,
		    "SUCCESS without a certificate for the client's key");
	return true;
}

static bool
check_pki(const struct take *take, struct err *err)
{
	struct slice type = peer_header(&take->answer, "Content-Type");
	struct scep_reply reply;
	bool ok;

	if (take->probe->want_pki == NULL && take->probe->want_fail_info == NULL)
		return true;
	if (!slice_is_nocase(type, "application/x-pki-message"))
		return err_set(err, ERR_FAILED,
		    "pkiStatus %s is wanted, an answer of type '%.*s' came",
		    take->probe->want_pki != NULL ? take->probe->want_pki : "FAILURE",
		    (int)type.len, type.text);
	if (take->actor == NULL)
		return err_set(err, ERR_FAILED, "pki is wanted, and no pkiMessage sent");
	scep_client_read_reply(
	    take->actor->client, buf_bytes(&take->answer.body), &reply);
	ok = check_reply(take, &reply, err);
	if (ok && reply.leaf != NULL)
		cast_take_leaf(take->actor, reply.leaf);
	scep_reply_clear(&reply);
	return ok;
}

/* Ready when the connection is over; else the server may still be about to write. */
static bool
has_records(struct winlog *log, const char *want, const struct take *take)
{
	bool is_over = take->fate != PEER_LATE;

	if (strcmp(want, "none") == 0)
		return !winlog_await(log, 1, is_over ? 0 : END_WAIT_MS);
	return winlog_await(log, 1, LOG_WAIT_MS) && winlog_look(log) == 1;
}

static bool
refuse_count(
    const struct winlog *log, const char *name, const char *want, struct err *err)
{
	return err_set(err, ERR_FAILED, "%s: '%s' is wanted, %zu lines came: %.*s", name,
	    want, log->count - log->known, (int)log->record.len, log->record.text);
}

static bool
check_iis(struct play *play, const struct take *take, struct err *err)
{
	const char *want = take->probe->want_iis;
	struct winlog *log = &play->logs.iis;
	struct buf got = BUF_INIT;
	bool ok;

	if (want == NULL)
		return true;
	if (!has_records(log, want, take))
		return refuse_count(log, "IIS log", want, err);
	if (strcmp(want, "none") == 0)
		return true;
	buf_add_slice(&got, winlog_field(log, "sc-status"));
	buf_add_char(&got, ' ');
	buf_add_slice(&got, winlog_field(log, "sc-substatus"));
	buf_add_char(&got, ' ');
	buf_add_slice(&got, winlog_field(log, "sc-win32-status"));
	ok = slice_is(buf_slice(&got), want);
	if (!ok)
		err_set(err, ERR_FAILED, "IIS log: '%s' is wanted, this came: %.*s", want,
		    (int)log->record.len, log->record.text);
	buf_clear(&got);
	return ok;
}

static bool
check_httperr(struct play *play, const struct take *take, struct err *err)
{
	const char *want = take->probe->want_httperr;
	struct winlog *log = &play->logs.httperr;

	if (want == NULL)
		return true;
	if (!has_records(log, want, take))
		return refuse_count(log, "HTTPERR", want, err);
	if (strcmp(want, "none") == 0 || slice_is(winlog_field(log, "s-reason"), want))
		return true;
	return err_set(err, ERR_FAILED, "HTTPERR: '%s' is wanted, this came: %.*s", want,
	    (int)log->record.len, log->record.text);
}

static bool
play_once(struct play *play, const struct probe *probe, struct err *err)
{
	struct take take = {.probe = probe};
	bool ok;

	ok = send_probe(play, &take, err) && check_status(&take, err) &&
	     check_body(&take, err) && check_pki(&take, err) &&
	     check_iis(play, &take, err) && check_httperr(play, &take, err);
	if (take.is_whole && take.answer.status == 200 &&
	    strcmp(probe->operation, "GetCACert") == 0)
		cast_meet(play->cast, buf_bytes(&take.answer.body), err);
	settle(play);
	peer_answer_clear(&take.answer);
	return ok;
}

bool
play_probe(struct play *play, const struct probe *probe, struct err *err)
{
	for (size_t i = 0; i < probe->repeat; i++)
		if (!play_once(play, probe, err))
			return false;
	return true;
}
