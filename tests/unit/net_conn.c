#include "certs/tlscert.h"
#include "tests/support/net_rig.h"
#include <criterion/new/assert.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#define CAPS     "/certsrv/mscep/mscep.dll?operation=GetCACaps"
#define HOST     "Host: h\r\n"
#define GET      "GET " CAPS " HTTP/1.1\r\n" HOST "\r\n"
#define CAPS_END "\r\n\r\nSHA-256"

static size_t
count(const struct buf *buf, const char *word)
{
	size_t found = 0;
	const unsigned char *at = buf->data;
	const unsigned char *end = buf->data + buf->len;

	while (at < end &&
	       (at = memmem(at, (size_t)(end - at), word, strlen(word))) != NULL) {
		found++;
		at += strlen(word);
	}
	return found;
}

/* One connection, one text sent, then what is expected to come. */
static int
talk(const char *scenario, const char *text, const char *want, struct buf *got)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;

	rig_open(&rig, scenario, &settings);
	int fd = rig_connect(&rig);
	rig_send(fd, text);
	int end = rig_expect(&rig, fd, want, got);
	close(fd);
	rig_close(&rig);
	return end;
}

Test(conn, pipelined_requests_are_answered_in_order, .timeout = 10)
{
	struct buf got = BUF_INIT;

	cr_expect(eq(int,
	    talk("healthy",
	        GET "GET /nothing HTTP/1.1\r\n" HOST "\r\n" GET "GET / HTTP/1.0\r\n\r\n",
	        NULL, &got),
	    0));
	cr_expect(eq(sz, count(&got, "HTTP/1.1 200 OK"), 2));
	cr_expect(eq(sz, count(&got, "HTTP/1.1 404 "), 2));
	const char *first = memmem(got.data, got.len, "404 ", 4);
	cr_expect(
	    first > (char *)got.data + 20, "the first answer is the first request's");
	buf_clear(&got);
}

Test(conn, a_request_may_come_byte_by_byte, .timeout = 10)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	struct buf got = BUF_INIT;
	const char *text = GET;

	rig_open(&rig, "healthy", &settings);
	int fd = rig_connect(&rig);
	for (; *text != '\0'; text++) {
		cr_assert(send(fd, text, 1, 0) == 1);
		event_base_loop(rig.base, EVLOOP_NONBLOCK);
	}
	cr_expect(eq(int, rig_expect(&rig, fd, CAPS_END, &got), 1));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

Test(conn, http_1_0_is_answered_and_closed, .timeout = 10)
{
	struct buf got = BUF_INIT;

	cr_expect(
	    eq(int, talk("healthy", "GET " CAPS " HTTP/1.0\r\n\r\n", NULL, &got), 0));
	cr_expect(eq(sz, count(&got, CAPS_END), 1));
	cr_expect(eq(sz, count(&got, "Connection: close\r\n"), 1));
	buf_clear(&got);
}

Test(conn, an_early_answer_is_not_lost_with_unread_input, .timeout = 10)
{
	struct buf got = BUF_INIT;
	struct buf text = BUF_INIT;

	buf_add_text(
	    &text, "POST /x HTTP/1.1\r\n" HOST "Content-Length: 99999999\r\n\r\n");
	for (int i = 0; i < 20000; i++)
		buf_add_char(&text, 'x');
	buf_add_char(&text, '\0');
	cr_expect(eq(int, talk("healthy", (char *)text.data, NULL, &got), 0),
	    "a clean end, not a reset");
	cr_expect(eq(sz, count(&got, "HTTP/1.1 413 "), 1));
	cr_expect(eq(sz, count(&got, "</HTML>"), 1));
	buf_clear(&got);
	buf_clear(&text);
}

Test(conn, a_client_that_expects_100_is_told_to_go_on, .timeout = 10)
{
	struct buf got = BUF_INIT;

	cr_expect(eq(int,
	    talk("healthy",
	        "POST /x HTTP/1.1\r\n" HOST
	        "Content-Length: 3\r\nExpect: 100-continue\r\n\r\n",
	        "HTTP/1.1 100 Continue\r\n\r\n", &got),
	    1));
	buf_clear(&got);
}

Test(conn, chunked_bodies_are_read, .timeout = 10)
{
	struct buf got = BUF_INIT;

	cr_expect(eq(int,
	    talk("healthy",
	        "POST /x HTTP/1.1\r\n" HOST "Transfer-Encoding: chunked\r\n\r\n"
	        "3\r\nabc\r\n0\r\n\r\n" GET,
	        CAPS_END, &got),
	    1));
	cr_expect(eq(sz, count(&got, "HTTP/1.1 404 "), 1));
	buf_clear(&got);
}

Test(conn, a_peer_that_ends_its_side_still_gets_its_answer, .timeout = 10)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	struct buf got = BUF_INIT;

	rig_open(&rig, "healthy", &settings);
	int fd = rig_connect(&rig);
	rig_send(fd, GET);
	shutdown(fd, SHUT_WR);
	cr_expect(eq(int, rig_expect(&rig, fd, NULL, &got), 0));
	cr_expect(eq(sz, count(&got, CAPS_END), 1));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

Test(conn, all_that_was_pipelined_before_the_end_is_answered, .timeout = 10)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	struct buf got = BUF_INIT;
	const char *post = "POST /certsrv/mscep/mscep.dll HTTP/1.1\r\n" HOST
	                   "Content-Length: 3\r\n\r\nabc";

	rig_open(&rig, "healthy", &settings);
	int fd = rig_connect(&rig);
	for (int i = 0; i < 3; i++)
		rig_send(fd, post);
	shutdown(fd, SHUT_WR);
	while (flow_pending(rig.flow) == 0)
		rig_turn(&rig);
	rig_make_ca(&rig); /* the three wait for it while the end of input comes */
	cr_expect(eq(int, rig_expect(&rig, fd, NULL, &got), 0));
	cr_expect(eq(sz, count(&got, "HTTP/1.1 200 OK"), 3));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

Test(conn, a_request_in_pieces_waits_for_the_ca_and_the_peer_may_leave, .timeout = 10)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;

	rig_open(&rig, "healthy", &settings);
	int fd = rig_connect(&rig);
	rig_send(fd,
	    "GET /certsrv/mscep/mscep.dll?operation=GetCACert HTTP/1.1\r\n" HOST "\r\n");
	while (flow_pending(rig.flow) == 0)
		rig_turn(&rig);
	close(fd);
	/* the end of input is seen; an answer could still be wanted, so it stays until
	 * the socket says otherwise, and nothing is left when the server goes */
	rig_turn(&rig);
	rig_close(&rig);
}

/* A client over TLS, in the server's thread. */
static SSL *
tls_connect(struct net_rig *rig, SSL_CTX *context, int *fd)
{
	const char *host;
	bool is_tls;
	SSL *ssl = SSL_new(context);
	unsigned http_port = rig->port;

	net_door(rig->net, 1, &host, &rig->port, &is_tls);
	*fd = rig_connect(rig);
	rig->port = http_port;
	SSL_set_fd(ssl, *fd);
	for (int i = 0; i < 1000 && SSL_connect(ssl) != 1; i++)
		rig_turn(rig);
	cr_assert(SSL_is_init_finished(ssl));
	return ssl;
}

static void
open_tls_door(struct net_rig *rig)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki = fixture_pki("localhost");
	struct tlscert cert = {.key = NULL};
	struct err err = ERR_INIT;

	cr_assert(net_listen(rig->net, "127.0.0.1", 0, true, &err), "%s", err.text);
	cr_assert(tlscert_issue(&cert, pki, names, 1, FIXTURE_NOW, &err), "%s", err.text);
	cr_assert(net_start_tls(rig->net, &cert, pki, &err));
	tlscert_clear(&cert);
	pki_release(pki);
}

/* A request that waits for the CA, and behind it one that fills whole TLS records. */
static void
fill_records(struct buf *text, size_t records)
{
	buf_add_text(text, "POST /certsrv/mscep/mscep.dll HTTP/1.1\r\n" HOST
	                   "Content-Length: 3\r\n\r\nabc");
	buf_add_text(text, "POST /x HTTP/1.1\r\n" HOST "Content-Length: ");
	size_t left =
	    records * SSL3_RT_MAX_PLAIN_LENGTH - text->len - strlen("nnnnnn\r\n\r\n");
	buf_add_format(text, "%06zu\r\n\r\n", left);
	while (left-- > 0)
		buf_add_char(text, 'x');
}

Test(conn, nothing_pipelined_over_tls_is_left_lying, .timeout = 20)
{
	for (size_t records = 2; records < 12; records++) {
		struct net_settings settings = NET_SETTINGS_DEFAULT;
		SSL_CTX *context = SSL_CTX_new(TLS_client_method());
		struct net_rig rig;
		struct buf text = BUF_INIT;
		char got[8192];
		size_t done = 0, answers = 0;
		int fd;

		rig_open(&rig, "healthy", &settings);
		open_tls_door(&rig);
		SSL_CTX_set_mode(context,
		    SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
		SSL *ssl = tls_connect(&rig, context, &fd);
		fill_records(&text, records);
		for (int i = 0; i < 100; i++) {
			int n = done < text.len ? SSL_write(ssl, text.data + done,
			                              (int)(text.len - done))
			                        : 0;

			done += n > 0 ? (size_t)n : 0;
			rig_turn(&rig);
		}
		rig_make_ca(&rig);
		for (int i = 0; i < 500 && answers < 2; i++) {
			int n = SSL_read(ssl, got, sizeof(got) - 1);

			if (n > 0) {
				struct buf part = {
				    (unsigned char *)got, (size_t)n, (size_t)n};
				answers += count(&part, "HTTP/1.1 ");
			} else {
				if (done < text.len &&
				    (n = SSL_write(ssl, text.data + done,
				         (int)(text.len - done))) > 0)
					done += (size_t)n;
				rig_turn(&rig);
				rig_collect(&rig);
			}
		}
		cr_expect(eq(sz, answers, 2), "%zu records", records);
		SSL_free(ssl);
		SSL_CTX_free(context);
		close(fd);
		rig_close(&rig);
		buf_clear(&text);
		ERR_clear_error();
	}
}

static const struct {
	const char *name;
	const char *sent;
} slow[] = {
    {"no request at all", ""},
    {"half a head", "GET / HTTP/1.1\r\nHo"},
    {"half a body", "POST /x HTTP/1.1\r\n" HOST "Content-Length: 9\r\n\r\nabc"},
};

Test(conn, slow_peers_are_cut_off_after_their_timeout, .timeout = 20)
{
	for (size_t i = 0; i < sizeof(slow) / sizeof(slow[0]); i++) {
		struct net_settings settings = NET_SETTINGS_DEFAULT;
		struct net_rig rig;
		struct buf got = BUF_INIT;

		settings.idle_timeout_ms = settings.head_timeout_ms = 50;
		settings.body_timeout_ms = 50;
		rig_open(&rig, "healthy", &settings);
		int fd = rig_connect(&rig);
		rig_send(fd, slow[i].sent);
		int end = rig_expect(&rig, fd, NULL, &got);
		cr_expect(
		    end == 0 || end == -ECONNRESET, "case %s: %d", slow[i].name, end);
		cr_expect(got.len == 0, "case %s: closed without a word", slow[i].name);
		cr_expect(net_connection_count(rig.net) == 0, "case %s", slow[i].name);
		close(fd);
		rig_close(&rig);
		buf_clear(&got);
	}
}

Test(conn, a_414_arrives_whole_and_ends_cleanly, .timeout = 10)
{
	struct buf got = BUF_INIT;

	cr_expect(eq(int,
	    talk("414:limit=10",
	        "GET /?aaaaaaaaaaaaaaaaaaaaaaaaa HTTP/1.1\r\n" HOST "\r\n", NULL, &got),
	    0));
	cr_expect(eq(sz, count(&got, "HTTP/1.1 414 "), 1));
	cr_expect(eq(sz, count(&got, "</HTML>\r\n"), 1));
	buf_clear(&got);
}
