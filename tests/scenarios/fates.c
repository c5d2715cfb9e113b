/*
 * fates: the player itself is tried: servers of a few lines do to a connection what a
 * scenario can do, and the player has to find the word for it:
 *
 *	fates
 *
 * Each case is a thread that accepts one connection and does one thing with it.
 */
#include "base/mem.h"
#include "certs/ossl.h"
#include "scenarios/play.h"
#include "scenarios/tap.h"
#include "support/scepclient.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HEAD "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n"

enum act {
	ACT_END, /* of the acts: the connection is closed */
	ACT_READ,
	ACT_SAY,
	ACT_RESET,
	ACT_HOLD,      /* until the client has gone */
	ACT_TLS,       /* the handshake */
	ACT_TLS_CLOSE, /* close_notify */
};

#define ACTS_MAX 6

struct story {
	const char *name;
	enum act acts[ACTS_MAX];
	const char *text; /* for ACT_SAY */
	bool is_tls;
	bool is_verified; /* the client wants to know the certificate */
	enum probe_fate want;
	enum probe_fate also; /* a second word for it; PROBE_ANSWERED: none */
};

static const struct story stories[] = {
    {"a whole answer", {ACT_READ, ACT_SAY}, HEAD "abcd", .want = PROBE_ANSWERED},
    {"a whole answer in chunks", {ACT_READ, ACT_SAY},
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nTrailer: 1\r\n\r\n",
        .want = PROBE_ANSWERED},
    {"an answer up to the end of the connection", {ACT_READ, ACT_SAY},
        "HTTP/1.1 200 OK\r\n\r\nabcd", .want = PROBE_ANSWERED},
    {"more than was announced", {ACT_READ, ACT_SAY}, HEAD "abcdef",
        .want = PROBE_ANSWERED},
    {"closed", {ACT_READ}, .want = PROBE_CLOSED},
    {"reset", {ACT_READ, ACT_RESET}, .want = PROBE_RESET},
    {"reset at once", {ACT_RESET}, .want = PROBE_RESET},
    {"silent", {ACT_READ, ACT_HOLD}, .want = PROBE_SILENT},
    {"cut in the head", {ACT_READ, ACT_SAY}, "HTTP/1.1 200 OK\r\nConte",
        .want = PROBE_CUT},
    {"cut in the version", {ACT_READ, ACT_SAY}, "HTT", .want = PROBE_CUT},
    {"cut in the body", {ACT_READ, ACT_SAY}, HEAD "ab", .want = PROBE_CUT},
    {"cut between chunks", {ACT_READ, ACT_SAY},
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        .want = PROBE_CUT},
    {"a chunk that is none", {ACT_READ, ACT_SAY},
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n",
        .want = PROBE_CUT, .also = PROBE_GARBAGE},
    {"cut by a reset", {ACT_READ, ACT_SAY, ACT_RESET}, HEAD "ab",
        .want = PROBE_CUT_RESET},
    {"cut by silence", {ACT_READ, ACT_SAY, ACT_HOLD}, HEAD "ab",
        .want = PROBE_CUT_SILENT},
    {"garbage", {ACT_READ, ACT_SAY}, "SSH-2.0-OpenSSH_9.2\r\n\r\n",
        .want = PROBE_GARBAGE},
    {"a whole answer over TLS", {ACT_TLS, ACT_READ, ACT_SAY, ACT_TLS_CLOSE}, HEAD "abcd",
        .is_tls = true, .want = PROBE_ANSWERED},
    {"no close_notify", {ACT_TLS, ACT_READ, ACT_SAY}, HEAD "abcd", .is_tls = true,
        .want = PROBE_TLS_CUT},
    {"no close_notify where the body ends with the connection",
        {ACT_TLS, ACT_READ, ACT_SAY}, "HTTP/1.1 200 OK\r\n\r\nabcd", .is_tls = true,
        .want = PROBE_CUT, .also = PROBE_TLS_CUT},
    {"cut over TLS", {ACT_TLS, ACT_READ, ACT_SAY, ACT_TLS_CLOSE}, HEAD "ab",
        .is_tls = true, .want = PROBE_CUT},
    {"reset over TLS", {ACT_TLS, ACT_READ, ACT_RESET}, .is_tls = true,
        .want = PROBE_RESET},
    {"a certificate that nobody knows", {ACT_TLS, ACT_READ}, .is_tls = true,
        .is_verified = true, .want = PROBE_TLS_FAILED},
    {"closed in the handshake", {ACT_READ}, .is_tls = true, .want = PROBE_TLS_FAILED,
        .also = PROBE_CLOSED},
    {"reset in the handshake", {ACT_READ, ACT_RESET}, .is_tls = true, .want = PROBE_RESET,
        .also = PROBE_TLS_FAILED},
    {"silent in the handshake", {ACT_READ, ACT_HOLD}, .is_tls = true,
        .want = PROBE_SILENT},
    {"no TLS at all", {ACT_READ, ACT_SAY}, HEAD "abcd", .is_tls = true,
        .want = PROBE_TLS_FAILED},
};

#define STORIES (sizeof(stories) / sizeof(stories[0]))

struct stage {
	const struct story *story;
	int listener;
	unsigned port;
	SSL_CTX *server;
};

static bool
listen_somewhere(struct stage *stage, int backlog)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t len = sizeof(address);

	stage->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(stage->listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    listen(stage->listener, backlog) != 0 ||
	    getsockname(stage->listener, (struct sockaddr *)&address, &len) != 0)
		return false;
	stage->port = ntohs(address.sin_port);
	return true;
}

static void
say(int fd, SSL *ssl, const char *text)
{
	if (ssl != NULL)
		SSL_write(ssl, text, (int)strlen(text));
	else
		send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void
take_act(enum act act, const struct stage *stage, int fd, SSL **ssl)
{
	struct linger hard = {.l_onoff = 1, .l_linger = 0};
	char bytes[4096];

	switch (act) {
	case ACT_END:
		break;
	case ACT_READ:
		if (*ssl != NULL)
			SSL_read(*ssl, bytes, sizeof(bytes));
		else
			recv(fd, bytes, sizeof(bytes), 0);
		break;
	case ACT_SAY:
		say(fd, *ssl, stage->story->text);
		break;
	case ACT_RESET:
		setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		break;
	case ACT_HOLD:
		while (recv(fd, bytes, sizeof(bytes), 0) > 0)
			continue;
		break;
	case ACT_TLS:
		*ssl = SSL_new(stage->server);
		SSL_set_fd(*ssl, fd);
		SSL_accept(*ssl);
		break;
	case ACT_TLS_CLOSE:
		SSL_shutdown(*ssl);
		break;
	}
}

static void *
serve(void *arg)
{
	const struct stage *stage = arg;
	int fd = accept4(stage->listener, NULL, NULL, SOCK_CLOEXEC);
	SSL *ssl = NULL;

	for (size_t i = 0; i < ACTS_MAX && stage->story->acts[i] != ACT_END; i++)
		take_act(stage->story->acts[i], stage, fd, &ssl);
	SSL_free(ssl);
	close(fd);
	return NULL;
}

static void
check(struct tap *tap, const char *name, const struct take *take, enum probe_fate want,
    enum probe_fate also)
{
	bool ok =
	    ending_is(&take->ending, want, &take->answer) &&
	    (also == PROBE_ANSWERED || ending_is(&take->ending, also, &take->answer));
	bool is_any = ending_is(&take->ending, PROBE_REFUSED, &take->answer);

	if (want == PROBE_REFUSED)
		is_any = ending_is(&take->ending, PROBE_SILENT, &take->answer);
	if (!tap_check(tap, ok && !is_any, "%s: %s", name, ending_name(want)))
		tap_note("it was %s (%s)", ending_name(take->ending.outcome),
		    peer_fate_name(take->ending.end));
}

static void
ask(const struct peer_way *way, struct take *take)
{
	struct buf request = BUF_INIT;

	buf_add_text(&request, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
	play_exchange(way, &request, take);
	buf_clear(&request);
}

static void
tell(struct tap *tap, struct stage *stage, SSL_CTX *client, const struct story *story)
{
	struct probe probe = {
	    .operation = "none", .method = "GET", .want_fate = story->want};
	struct take take = {.probe = &probe};
	struct peer_way way = {.port = stage->port, .name = "localhost"};
	pthread_t thread;

	stage->story = story;
	if (story->is_tls)
		way.tls = client;
	SSL_CTX_set_verify(
	    client, story->is_verified ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, NULL);
	if (ending_is_silence(story->want))
		way.wait_ms = ENDING_SILENCE_MS;
	if (pthread_create(&thread, NULL, serve, stage) != 0)
		return;
	ask(&way, &take);
	pthread_join(thread, NULL);
	check(tap, story->name, &take, story->want, story->also);
	peer_answer_clear(&take.answer);
}

/* A queue of one, and nobody who takes from it. */
static void
tell_unreachable(struct tap *tap)
{
	struct probe probe = {.operation = "none", .method = "GET"};
	struct take take = {.probe = &probe};
	struct stage stage = {.story = NULL};
	struct peer_way way = {.connect_ms = ENDING_CONNECT_MS};
	struct peer waiting[4];

	listen_somewhere(&stage, 0);
	way.port = stage.port;
	for (size_t i = 0; i < 4; i++) {
		way.connect_ms = 20;
		peer_dial(&waiting[i], &way);
	}
	way.connect_ms = ENDING_CONNECT_MS;
	ask(&way, &take);
	check(tap, "nobody accepts", &take, PROBE_UNREACHABLE, PROBE_ANSWERED);
	for (size_t i = 0; i < 4; i++)
		peer_close(&waiting[i]);
	close(stage.listener);
	take = (struct take){.probe = &probe};
	ask(&way, &take);
	check(tap, "nobody listens", &take, PROBE_REFUSED, PROBE_ANSWERED);
}

int
main(void)
{
	struct stage stage = {.story = NULL};
	struct scep_client *name;
	SSL_CTX *client;
	struct tap tap;

	ossl_init(); /* providers stay: nothing is cleaned up behind them at exit */
	client = SSL_CTX_new(TLS_client_method());
	stage.server = SSL_CTX_new(TLS_server_method());
	name = scep_client_new(&(struct scep_identity){0});
	if (name == NULL || !listen_somewhere(&stage, 8) ||
	    SSL_CTX_use_certificate(stage.server, name->cert) != 1 ||
	    SSL_CTX_use_PrivateKey(stage.server, name->key) != 1)
		return tap_bail_out("no server could be set up");
	tap_plan(&tap, STORIES + 2);
	for (size_t i = 0; i < STORIES; i++)
		tell(&tap, &stage, client, &stories[i]);
	tell_unreachable(&tap);
	close(stage.listener);
	scep_client_free(name);
	SSL_CTX_free(client);
	SSL_CTX_free(stage.server);
	return tap_end(&tap);
}
