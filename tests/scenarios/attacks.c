#include "scenarios/attacks.h"

#include "base/base64.h"
#include "scenarios/ask.h"
#include <openssl/err.h>
#include <string.h>
#include <strings.h>

#define HUGE_HEAD       (1024 * 1024)
#define PIPELINE_MAX    10
#define PIPELINE_MS     300
#define NUMBER_OF(list) (sizeof(list) / sizeof((list)[0]))

struct attack {
	const char *name;
	size_t share; /* of all inputs, by weight */
	bool (*go)(struct siege *siege);
};

void
attack_post(struct bytes body, struct buf *out)
{
	buf_add_format(out,
	    "POST " ASK_PATH "?operation=PKIOperation HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/x-pki-message\r\nContent-Length: %zu\r\n\r\n",
	    body.len);
	buf_add(out, body.data, body.len);
}

static void
add_get(struct siege *siege, struct buf *base64, struct buf *out)
{
	if (dice_below(&siege->dice, 3) == 0)
		mutate_bytes(&siege->dice, base64);
	buf_add_text(out, "GET " ASK_PATH "?operation=PKIOperation&message=");
	ask_escape(buf_slice(base64), out);
	buf_add_text(out, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
}

static const struct buf *
choose_base(struct siege *siege)
{
	return &siege->bases[dice_below(&siege->dice, siege->base_count)];
}

/* A message that something was done to, once or a few times. */
static void
add_bad_message(struct siege *siege, struct buf *out)
{
	static void (*const ways[])(struct dice *, struct buf *) = {
	    mutate_bytes, mutate_bytes, mutate_length, mutate_tag, mutate_oid};
	const struct buf *base = choose_base(siege);

	buf_add(out, base->data, base->len);
	for (size_t n = 1 + dice_below(&siege->dice, 3); n > 0; n--)
		ways[dice_below(&siege->dice, NUMBER_OF(ways))](&siege->dice, out);
}

/* A good request head; its body, if there is one, is a bad message. */
static void
add_good_request(struct siege *siege, struct buf *out)
{
	static const char *const requests[] = {
	    "GET " ASK_PATH "?operation=GetCACaps&message=ca HTTP/1.1\r\n"
	    "Host: localhost\r\nAccept: */*\r\n\r\n",
	    "GET " ASK_PATH "/pkiclient.exe?operation=GetCACert HTTP/1.1\r\n"
	    "Host: localhost\r\nUser-Agent: Mozilla/4.0 (compatible; Win32; NDES "
	    "client)\r\nCache-Control: no-cache\r\n\r\n",
	    "HEAD /certsrv/mscep/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	    "POST " ASK_PATH "?operation=PKIOperation HTTP/1.1\r\nHost: localhost\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
	    "GET /certsrv/%6dscep HTTP/1.1\r\nHost: localhost:80\r\n"
	    "Content-Length: 0\r\n\r\n",
	};
	struct buf message = BUF_INIT;
	size_t which = dice_below(&siege->dice, NUMBER_OF(requests) + 1);

	if (which < NUMBER_OF(requests)) {
		buf_add_text(out, requests[which]);
		return;
	}
	add_bad_message(siege, &message);
	attack_post(buf_bytes(&message), out);
	buf_clear(&message);
}

/* `siege->last` on the kept connection. It is good HTTP: an answer has to come. */
static bool
send_kept(struct siege *siege)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	bool ok;

	if (siege->peer.fd < 0 && !peer_open(&siege->peer, siege->server.port, NULL)) {
		siege_fails(siege, "no connection", siege->peer.fate);
		peer_close(&siege->peer);
		return false;
	}
	ok = peer_send(&siege->peer, buf_bytes(&siege->last)) &&
	     peer_receive(&siege->peer, false, &answer);
	siege_count(siege, &answer);
	if (!ok)
		siege_fails(siege, "good HTTP has no whole answer", siege->peer.fate);
	if (!ok || slice_is_nocase(peer_header(&answer, "Connection"), "close"))
		peer_close(&siege->peer);
	peer_answer_clear(&answer);
	return ok;
}

/* `siege->last` on a connection of its own, which has to end when we end our side. */
static bool
send_once(struct siege *siege, unsigned port, SSL_CTX *tls)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	enum peer_fate fate;
	struct peer peer;
	bool ok = peer_open(&peer, port, tls);

	if (ok) {
		peer_send(&peer, buf_bytes(&siege->last));
		peer_finish(&peer);
		peer_receive(&peer, false, &answer);
	}
	siege_count(siege, &answer);
	fate = ok ? peer_await_end(&peer) : peer.fate;
	peer_close(&peer);
	peer_answer_clear(&answer);
	if (!ok)
		return siege_fails(siege, "no connection", fate);
	return fate != PEER_LATE ||
	       siege_fails(siege, "the connection does not end", fate);
}

static bool
post_bad_message(struct siege *siege)
{
	struct buf message = BUF_INIT;

	add_bad_message(siege, &message);
	attack_post(buf_bytes(&message), &siege->last);
	buf_clear(&message);
	return send_kept(siege);
}

static bool
get_bad_message(struct siege *siege)
{
	struct buf message = BUF_INIT;
	struct buf base64 = BUF_INIT;

	add_bad_message(siege, &message);
	base64_encode(buf_bytes(&message), &base64);
	add_get(siege, &base64, &siege->last);
	buf_clear(&message);
	buf_clear(&base64);
	return send_kept(siege);
}

/* As it is: what no NDES can serve is among the messages. */
static bool
post_odd_message(struct siege *siege)
{
	attack_post(buf_bytes(choose_base(siege)), &siege->last);
	return send_kept(siege);
}

static bool
post_random(struct siege *siege)
{
	struct buf body = BUF_INIT;

	dice_fill(&siege->dice, &body, dice_below(&siege->dice, 3000));
	attack_post(buf_bytes(&body), &siege->last);
	buf_clear(&body);
	return send_kept(siege);
}

static bool
send_bad_head(struct siege *siege)
{
	add_good_request(siege, &siege->last);
	for (size_t n = 1 + dice_below(&siege->dice, 3); n > 0; n--)
		if (dice_below(&siege->dice, 2) == 0)
			mutate_lines(&siege->dice, &siege->last);
		else
			mutate_bytes(&siege->dice, &siege->last);
	return send_once(siege, siege->server.port, NULL);
}

static bool
send_random(struct siege *siege)
{
	dice_fill(&siege->dice, &siege->last, 1 + dice_below(&siege->dice, 500));
	return send_once(siege, siege->server.port, NULL);
}

static bool
send_random_to_tls(struct siege *siege)
{
	if (dice_below(&siege->dice, 2) == 0)
		buf_add(&siege->last, "\x16\x03\x01", 3); /* a handshake record begins */
	dice_fill(&siege->dice, &siege->last, 1 + dice_below(&siege->dice, 500));
	return send_once(siege, siege->server.tls_port, NULL);
}

static bool
send_plain_to_tls(struct siege *siege)
{
	add_good_request(siege, &siege->last);
	return send_once(siege, siege->server.tls_port, NULL);
}

/* What a TLS client says first. */
static void
add_client_hello(struct siege *siege, struct buf *out)
{
	SSL *ssl = SSL_new(siege->tls);
	BIO *from = BIO_new(BIO_s_mem());
	BIO *to = BIO_new(BIO_s_mem());
	char *data = NULL;
	long len;

	SSL_set_bio(ssl, from, to); /* takes both */
	SSL_set_connect_state(ssl);
	SSL_do_handshake(ssl);
	len = BIO_get_mem_data(to, &data);
	if (len > 0)
		buf_add(out, data, (size_t)len);
	SSL_free(ssl);
	ERR_clear_error();
}

static bool
send_bad_client_hello(struct siege *siege)
{
	add_client_hello(siege, &siege->last);
	mutate_bytes(&siege->dice, &siege->last);
	return send_once(siege, siege->server.tls_port, NULL);
}

static bool
send_bad_head_over_tls(struct siege *siege)
{
	add_good_request(siege, &siege->last);
	mutate_lines(&siege->dice, &siege->last);
	return send_once(siege, siege->server.tls_port, siege->tls);
}

/* Several requests at once, good and bad; the last one asks to close. */
static bool
send_pipeline(struct siege *siege)
{
	size_t count = 2 + dice_below(&siege->dice, PIPELINE_MAX - 1);
	enum peer_fate fate = PEER_RESET;
	struct peer peer;

	for (size_t i = 0; i < count; i++) {
		struct buf request = BUF_INIT;

		add_good_request(siege, &request);
		if (dice_below(&siege->dice, 6) == 0)
			mutate_lines(&siege->dice, &request);
		buf_add(&siege->last, request.data, request.len);
		buf_clear(&request);
	}
	buf_add_text(&siege->last, "GET " ASK_PATH "?operation=GetCACaps HTTP/1.1\r\n"
	                           "Host: localhost\r\nConnection: close\r\n\r\n");
	siege->inputs += count;
	if (peer_open(&peer, siege->server.port, NULL)) {
		peer_send(&peer, buf_bytes(&siege->last));
		peer_wait(&peer, PIPELINE_MS);
		fate = peer_await_end(&peer);
		peer_finish(&peer);
		peer.fate = fate == PEER_LATE ? PEER_OPEN : fate;
		peer_wait(&peer, PEER_WAIT_MS);
		fate = peer_await_end(&peer);
	}
	peer_close(&peer);
	return fate != PEER_LATE ||
	       siege_fails(siege, "the connection does not end", fate);
}

/* A head without end: it is refused long before, so not all of it can be sent. */
static bool
send_huge_head(struct siege *siege)
{
	static const char *const begins[] = {
	    "GET /", "GET / HTTP/1.1\r\nX: ", "", "GET / HTTP/1.1\r\n"};
	size_t which = dice_below(&siege->dice, NUMBER_OF(begins));

	buf_add_text(&siege->last, begins[which]);
	while (siege->last.len < HUGE_HEAD)
		buf_add_text(&siege->last, which == 3 ? "A: b\r\n" : "abcdef");
	return send_once(siege, siege->server.port, NULL);
}

static const struct attack attacks[] = {
    {"POST of a bad pkiMessage", 400, post_bad_message},
    {"GET of a bad pkiMessage", 150, get_bad_message},
    {"POST of an odd pkiMessage", 40, post_odd_message},
    {"POST of random bytes", 20, post_random},
    {"bad head", 200, send_bad_head},
    {"random bytes", 20, send_random},
    {"random bytes to the TLS port", 20, send_random_to_tls},
    {"plain HTTP to the TLS port", 10, send_plain_to_tls},
    {"bad ClientHello", 40, send_bad_client_hello},
    {"bad head over TLS", 20, send_bad_head_over_tls},
    {"pipeline", 12, send_pipeline},
    {"head of a megabyte", 3, send_huge_head},
};

_Static_assert(NUMBER_OF(attacks) <= SIEGE_KINDS_MAX, "a counter for each kind");

const char *
attack_name(size_t kind)
{
	return kind < NUMBER_OF(attacks) ? attacks[kind].name : NULL;
}

static size_t
choose_attack(struct siege *siege)
{
	size_t all = 0;
	size_t rest;
	size_t kind = 0;

	for (size_t i = 0; i < NUMBER_OF(attacks); i++)
		all += attacks[i].share;
	rest = dice_below(&siege->dice, all);
	while (rest >= attacks[kind].share)
		rest -= attacks[kind++].share;
	return kind;
}

bool
siege_attack(struct siege *siege)
{
	size_t kind = choose_attack(siege);

	siege->inputs++;
	siege->by_kind[kind]++;
	siege->last_kind = attacks[kind].name;
	buf_reset(&siege->last);
	return attacks[kind].go(siege);
}
