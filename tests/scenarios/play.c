#include "scenarios/play.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scenarios/ask.h"
#include "support/control_client.h"
#include <openssl/ssl.h>
#include <stdlib.h>
#include <string.h>

#define END_WAIT_MS      3000 /* for the server's end of a connection that is over */
#define EXIT_EXPECTATION 3
#define EXPIRE_MS        (61 * 60 * 1000)
#define WRONG_CHALLENGE  "0000000000000000"
#define TLS_LEVEL        2 /* what a careful client wants: no SHA-1, no RSA 1024 */
#define ARGS_MAX         24

static bool
is_word(const char *a, const char *b)
{
	return a != NULL && strcmp(a, b) == 0;
}

void
play_need(struct play_needs *needs, const struct probe *probe)
{
	bool is_expired = is_word(probe->challenge, "expired");

	needs->manual_clock |= probe->advance_ms > 0 || is_expired;
	needs->crp_lines |= probe->want_crp != NULL;
	needs->passwords |= is_expired || is_word(probe->challenge, "used") ||
	                    is_word(probe->challenge, "wrong");
}

bool
play_has_door(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->rule_count; i++) {
		const struct rule *rule = &scenario->rules[i];
		const struct connection *connection = &rule->action.connection;
		const struct delay *delay = &rule->shaping.delay;

		if (rule->action.kind == ACTION_TLS ||
		    (delay->kind != DELAY_NONE && delay->at == DELAY_ACCEPT))
			return true;
		if (rule->action.kind == ACTION_CONNECTION &&
		    (connection->is_at_accept || connection->fate == FATE_REFUSE ||
		        connection->fate == FATE_NO_ACCEPT))
			return true;
	}
	return false;
}

static bool
start(struct play *play, const struct play_settings *settings, const char *state,
    struct err *err)
{
	const struct server_change *change = &settings->scenario->server;
	const char *args[ARGS_MAX] = {"--scenario", settings->choice, "--listen",
	    "127.0.0.1:0", "--tls", "127.0.0.1:0", "--logs", play->logs.folder, "--state",
	    state, "--quiet"};
	size_t count = 11;

	play->is_one_time = is_word(change->challenge, "one-time");
	if (!settings->needs.crp_lines)
		args[count++] = "--no-crp-lines";
	if (settings->needs.manual_clock) {
		args[count++] = "--clock";
		args[count++] = "manual";
	}
	if (settings->needs.passwords && change->challenge == NULL) {
		args[count++] = "--challenge";
		args[count++] = "one-time";
		play->is_one_time = true;
	}
	if (settings->scenario->needs_profile != NULL) {
		args[count++] = "--profile";
		args[count++] = settings->scenario->needs_profile;
	}
	return server_process_start(&play->server, settings->program, args, err);
}

static SSL_CTX *
careful_client(const char *ca_path, struct err *err)
{
	SSL_CTX *tls = peer_trust(ca_path, err);

	if (tls == NULL)
		return NULL;
	SSL_CTX_set_security_level(tls, TLS_LEVEL);
	SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
	return tls;
}

bool
play_open(struct play *play, const struct play_settings *settings, struct cast *cast,
    struct err *err)
{
	char *state;
	bool ok;

	*play = (struct play){.cast = cast,
	    .scenario = settings->scenario,
	    .is_tls = settings->is_tls,
	    .has_crp_lines = settings->needs.crp_lines};
	if (!winlogs_open(&play->logs, err))
		return false;
	if (play->has_crp_lines)
		winlogs_part(&play->logs);
	state = mem_format("%s/state", play->logs.folder);
	ok = kept_give(settings->kept, state, err) && start(play, settings, state, err) &&
	     (play->tls = careful_client(play->server.ca_path, err)) != NULL;
	free(state);
	if (!ok) {
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
	if (code != 0 && !(code == EXIT_EXPECTATION && play->scenario->expect_count > 0))
		return err_set(err, ERR_FAILED, "the server ended with code %d", code);
	if (iis + httperr > 0)
		return err_set(err, ERR_FAILED,
		    "%zu lines more in the IIS log and %zu in HTTPERR than requests", iis,
		    httperr);
	return true;
}

/* The port of the fault, unless the probe wants TLS and that port has none. */
static struct peer_way
way_of(const struct play *play, const struct probe *probe)
{
	const struct server_process *server = &play->server;
	bool wants_tls = probe->is_tls || probe->sni != NULL;
	bool is_own = server->fault_port != 0 && (server->is_fault_tls || !wants_tls);
	bool is_tls = is_own ? server->is_fault_tls : wants_tls || play->is_tls;
	struct peer_way way = {.connect_ms = END_WAIT_MS};

	if (is_own)
		way.port = server->fault_port;
	else
		way.port = is_tls ? server->tls_port : server->port;
	if (is_tls) {
		way.tls = play->tls;
		way.name = probe->sni != NULL ? probe->sni : "localhost";
	}
	if (probe->want_fate == PROBE_UNREACHABLE)
		way.connect_ms = ENDING_CONNECT_MS;
	if (ending_is_silence(probe->want_fate))
		way.wait_ms = ENDING_SILENCE_MS;
	return way;
}

/* Where GetCACert is asked for: the port of a fault may say nothing. */
static struct peer_way
honest_way(const struct play *play)
{
	const struct probe plain = {.operation = "GetCACert"};

	if (play->server.fault_port != 0)
		return (struct peer_way){.port = play->server.port};
	return way_of(play, &plain);
}

void
play_exchange(const struct peer_way *way, const struct buf *request, struct take *take)
{
	bool is_head = strcmp(take->probe->method, "HEAD") == 0;
	int64_t began = clock_monotonic_us();
	struct ending *ending = &take->ending;
	struct peer peer;

	ending->is_tls = way->tls != NULL;
	ending->is_connected = peer_dial(&peer, way);
	if (ending->is_connected) {
		peer_send(&peer, buf_bytes(request));
		ending->is_whole = peer_receive(&peer, is_head, &take->answer);
		take->took_us = (uint64_t)(clock_monotonic_us() - began);
		if (peer.fate == PEER_OPEN) {
			peer_wait(&peer, END_WAIT_MS);
			ending->is_ours = take->probe->want_fate != PROBE_TLS_CUT;
			if (ending->is_ours)
				peer_finish(&peer);
			peer_await_end(&peer);
		}
	}
	ending->is_handshake = !ending->is_connected && peer.ssl != NULL;
	ending->end = peer.fate;
	ending_tell(ending, &take->answer);
	peer_close(&peer);
}

static void
settle(struct play *play)
{
	winlog_settle(&play->logs.iis);
	winlog_settle(&play->logs.httperr);
	if (play->has_crp_lines)
		winlog_settle(&play->logs.crp);
}

static void
take_clear(struct take *take)
{
	peer_answer_clear(&take->answer);
	buf_clear(&take->seen);
}

static bool
meet(struct play *play, struct err *err)
{
	struct probe probe = {.operation = "GetCACert", .method = "GET"};
	struct take take = {.probe = &probe};
	struct peer_way way = honest_way(play);
	struct buf request = BUF_INIT;
	struct bytes body = {NULL, 0};
	bool ok = ask_request(&probe, body, &request, err);

	if (ok)
		play_exchange(&way, &request, &take);
	if (take.ending.is_whole && take.answer.status == 200)
		body = buf_bytes(&take.answer.body);
	cast_meet(play->cast, body);
	settle(play);
	take_clear(&take);
	buf_clear(&request);
	return ok;
}

/* Some other client enrols with this password. */
static bool
spend(struct play *play, const char *password, struct err *err)
{
	struct probe probe = {
	    .operation = "PKIOperation", .method = "POST", .message_type = "PKCSReq"};
	struct take take = {.probe = &probe};
	struct peer_way way = honest_way(play);
	struct buf message = BUF_INIT;
	struct buf request = BUF_INIT;
	struct scep_reply reply = {.status = -1};
	bool ok = cast_speak(play->cast, &probe, password, &message, &take.actor, err) &&
	          ask_request(&probe, buf_bytes(&message), &request, err);

	if (ok) {
		play_exchange(&way, &request, &take);
		scep_client_read_reply(
		    take.actor->client, buf_bytes(&take.answer.body), &reply);
		if (reply.status != 0)
			ok = err_set(err, ERR_FAILED,
			    "the password could not be used a first time: status %u",
			    take.answer.status);
		scep_reply_clear(&reply);
	}
	settle(play);
	take_clear(&take);
	buf_clear(&message);
	buf_clear(&request);
	return ok;
}

/* The challengePassword that the probe wants; yours. NULL without err: none. */
static char *
challenge_for(struct play *play, const struct probe *probe, struct err *err)
{
	const char *kind = probe->challenge != NULL ? probe->challenge : "valid";
	char *word;

	if (strcmp(kind, "missing") == 0)
		return NULL;
	if (strcmp(kind, "wrong") == 0)
		return mem_string(WRONG_CHALLENGE);
	if (!play->is_one_time)
		return mem_string(play->server.challenge);
	word = control_client_challenge(&play->server, err);
	if (word == NULL)
		return NULL;
	if ((strcmp(kind, "used") == 0 && !spend(play, word, err)) ||
	    (strcmp(kind, "expired") == 0 &&
	        !control_client_advance(&play->server, EXPIRE_MS, err))) {
		free(word);
		return NULL;
	}
	return word;
}

static bool
make_message(struct play *play, struct take *take, struct buf *out, struct err *err)
{
	struct err failure = ERR_INIT;
	char *challenge;
	bool ok;

	if (!cast_has_met(play->cast) && !meet(play, err))
		return false;
	challenge = challenge_for(play, take->probe, &failure);
	if (failure.kind != ERR_NONE) {
		*err = failure;
		return false;
	}
	ok = cast_speak(play->cast, take->probe, challenge, out, &take->actor, err);
	free(challenge);
	return ok;
}

bool
play_send(struct play *play, struct take *take, struct err *err)
{
	const struct probe *probe = take->probe;
	struct peer_way way = way_of(play, probe);
	struct buf message = BUF_INIT;
	struct buf request = BUF_INIT;
	bool ok = true;

	if (probe->event != NULL)
		ok = control_client_event(&play->server, probe->event, err);
	if (ok && probe->advance_ms > 0)
		ok = control_client_advance(&play->server, probe->advance_ms, err);
	if (ok && probe->message_type != NULL)
		ok = make_message(play, take, &message, err);
	ok = ok && ask_request(probe, buf_bytes(&message), &request, err);
	if (ok)
		play_exchange(&way, &request, take);
	buf_clear(&message);
	buf_clear(&request);
	return ok;
}

void
play_settle(struct play *play, struct take *take)
{
	if (take->ending.is_whole && take->answer.status == 200 &&
	    strcmp(take->probe->operation, "GetCACert") == 0)
		cast_meet(play->cast, buf_bytes(&take->answer.body));
	settle(play);
	take_clear(take);
}
