#include "net/conn.h"

#include "base/clock.h"
#include "base/mem.h"
#include "net/inner.h"
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Of pipelined requests, while another one is being answered; a read may go above it. */
#define CONN_READ_AHEAD (64 * 1024)
#define CONTINUE_LINE   "HTTP/1.1 100 Continue\r\n\r\n"

static void
conn_enter(struct conn *conn, enum conn_state state)
{
	conn->state = state;
}

static void
set_deadline(struct conn *conn, uint64_t ms, enum refusal refusal)
{
	conn->deadline_us = clock_monotonic_us() + (int64_t)ms * 1000;
	conn->on_deadline = refusal;
}

static void
finish_exchange(struct conn *conn, enum flow_end end)
{
	exchange_id id = conn->exchange;

	conn->exchange = 0;
	conn->plan = NULL;
	if (id != 0)
		flow_finished(conn->net->flow, id, end, conn->written);
}

void
conn_close(struct conn *conn)
{
	struct net *net = conn->net;

	finish_exchange(conn, FLOW_DROPPED);
	flow_left(&conn->endpoints);
	slots_remove(&net->connections, conn->id);
	bufferevent_free(conn->bev); /* frees the SSL, closes the descriptor */
	request_clear(&conn->request);
	free(conn);
	net->conn_gone(net);
}

/*
 * Not by libevent's high watermark: it leaves bytes with OpenSSL that it never asks for
 * again, unless more comes from the socket.
 */
static void
pause_reading(struct conn *conn)
{
	if (evbuffer_get_length(bufferevent_get_input(conn->bev)) >= CONN_READ_AHEAD)
		bufferevent_disable(conn->bev, EV_READ);
}

static void
resume_reading(struct conn *conn)
{
	if (!conn->peer_is_done && (bufferevent_get_enabled(conn->bev) & EV_READ) == 0)
		bufferevent_enable(conn->bev, EV_READ);
}

/* FIN now; the answer is lost if we close with input unread. */
static void
conn_linger(struct conn *conn)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);

	conn_enter(conn, CONN_LINGERING);
	if (conn->ssl != NULL)
		SSL_shutdown(conn->ssl); /* close_notify; the peer's own is not awaited */
	shutdown(conn->fd, SHUT_WR);
	evbuffer_drain(input, evbuffer_get_length(input));
	resume_reading(conn);
	set_deadline(conn, NET_LINGER_MS, REFUSAL_NONE);
}

/*
 * All bytes out, or false: the rest is with the bufferevent and its write callback
 * comes when it is gone. On a plain socket with nothing queued the bytes go out at
 * once, which saves a turn of the loop.
 */
static bool
conn_write(struct conn *conn, const unsigned char *data, size_t len)
{
	struct evbuffer *output = bufferevent_get_output(conn->bev);
	size_t sent = 0;

	if (conn->ssl == NULL && evbuffer_get_length(output) == 0) {
		ssize_t n = send(conn->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		sent = n > 0 ? (size_t)n : 0;
	}
	conn->written += sent;
	if (sent == len)
		return true;
	bufferevent_write(conn->bev, data + sent, len - sent);
	conn->written += len - sent;
	return false;
}

/* Pipelined requests that the peer sent before it ended its side. */
static bool
has_input(const struct conn *conn)
{
	return evbuffer_get_length(bufferevent_get_input(conn->bev)) > 0;
}

enum carried { CARRIED_NEXT, CARRIED_WAIT, CARRIED_GONE };

/* Goes on with the plan from its current step. */
static enum carried
conn_carry(struct conn *conn)
{
	while (conn->step < conn->plan->step_count) {
		const struct step *step = &conn->plan->steps[conn->step++];

		switch (step->kind) {
		case STEP_WRITE:
			if (conn_write(
			        conn, conn->plan->bytes.data + step->offset, step->len))
				break;
			conn_enter(conn, CONN_WRITING);
			set_deadline(
			    conn, conn->net->settings.body_timeout_ms, REFUSAL_NONE);
			return CARRIED_WAIT;
		case STEP_CLOSE:
			finish_exchange(conn, FLOW_SENT);
			conn_linger(conn);
			return CARRIED_WAIT;
		case STEP_ABORT:
			finish_exchange(conn, FLOW_SENT);
			conn_close(conn);
			return CARRIED_GONE;
		case STEP_NEXT:
			finish_exchange(conn, FLOW_SENT);
			if (conn->wants_drain ||
			    (conn->peer_is_done && !has_input(conn))) {
				conn_linger(conn);
				return CARRIED_WAIT;
			}
			reader_next(&conn->reader);
			conn_enter(conn, CONN_READING);
			set_deadline(conn, conn->net->settings.idle_timeout_ms,
			    REFUSAL_IDLE_TIMEOUT);
			return CARRIED_NEXT;
		}
	}
	conn_close(conn); /* a plan that ends without a last word */
	return CARRIED_GONE;
}

static enum carried
conn_begin(struct conn *conn, const struct plan *plan)
{
	conn->plan = plan;
	conn->step = 0;
	conn->written = 0;
	return conn_carry(conn);
}

/* The head is in: flow may answer at once; a client that waits is told to go on. */
static enum carried
on_head(struct conn *conn)
{
	const struct plan *plan =
	    flow_head(conn->net->flow, &conn->endpoints, &conn->request, &conn->exchange);

	if (plan != NULL)
		return conn_begin(conn, plan);
	if (conn->request.expects_continue)
		bufferevent_write(conn->bev, CONTINUE_LINE, sizeof(CONTINUE_LINE) - 1);
	return CARRIED_NEXT;
}

static enum carried
on_body(struct conn *conn)
{
	const struct plan *plan = flow_body(conn->net->flow, conn->exchange);

	if (plan != NULL)
		return conn_begin(conn, plan);
	conn_enter(conn, CONN_WAITING);
	return CARRIED_WAIT;
}

static enum carried
on_refused(struct conn *conn, enum refusal refusal)
{
	if (conn->exchange != 0) /* refused in its body: the head was with flow already */
		flow_forget(conn->net->flow, conn->exchange);
	conn->exchange = 0;
	return conn_begin(conn, flow_refused(conn->net->flow, &conn->endpoints,
	                            &conn->request, refusal, &conn->exchange));
}

static enum carried
on_more(struct conn *conn, size_t unread)
{
	const struct net_settings *settings = &conn->net->settings;

	if (conn->peer_is_done) { /* what is missing will never come */
		conn_close(conn);
		return CARRIED_GONE;
	}
	if (conn->exchange != 0)
		set_deadline(conn, settings->body_timeout_ms, REFUSAL_BODY_TIMEOUT);
	else if (unread > 0 && conn->on_deadline != REFUSAL_HEAD_TIMEOUT)
		set_deadline(conn, settings->head_timeout_ms, REFUSAL_HEAD_TIMEOUT);
	return CARRIED_WAIT;
}

/* Feeds the reader with what is there; pipelined requests follow one another. */
static void
conn_read(struct conn *conn)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);
	enum carried carried = CARRIED_NEXT;

	resume_reading(conn);
	while (carried == CARRIED_NEXT) {
		size_t len = evbuffer_get_length(input);
		size_t used = 0;
		enum reader_state state =
		    reader_feed(&conn->reader, evbuffer_pullup(input, -1), len, &used);

		evbuffer_drain(input, used);
		switch (state) {
		case READER_MORE:
			carried = on_more(conn, len - used);
			break;
		case READER_HEAD:
			carried = on_head(conn);
			break;
		case READER_DONE:
			carried = on_body(conn);
			break;
		case READER_REFUSED:
			carried = on_refused(conn, conn->request.refusal);
			break;
		}
	}
}

static void
on_readable(struct bufferevent *bev, void *arg)
{
	struct conn *conn = arg;
	struct evbuffer *input = bufferevent_get_input(bev);

	switch (conn->state) {
	case CONN_READING:
		conn_read(conn);
		return;
	case CONN_LINGERING:
		evbuffer_drain(input, evbuffer_get_length(input));
		return;
	case CONN_WAITING:
	case CONN_WRITING:
		pause_reading(conn); /* pipelined: it is read when its turn comes */
		return;
	}
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct conn *conn = arg;

	if (conn->state == CONN_WRITING && conn_carry(conn) == CARRIED_NEXT)
		conn_read(conn);
}

/* The peer has said all it will say; what it asked for is still answered. */
static void
on_end_of_input(struct conn *conn)
{
	bool is_answering = conn->state == CONN_WAITING || conn->state == CONN_WRITING;

	conn->peer_is_done = true;
	if (is_answering && conn->ssl == NULL)
		bufferevent_disable(conn->bev, EV_READ);
	else
		conn_close(conn);
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *conn = arg;

	if (what & BEV_EVENT_CONNECTED)
		return;
	if (what & BEV_EVENT_EOF)
		on_end_of_input(conn);
	else
		conn_close(conn);
}

void
conn_answer(struct conn *conn, const struct plan *plan)
{
	if (conn_begin(conn, plan) == CARRIED_NEXT)
		conn_read(conn);
}

void
conn_expire(struct conn *conn)
{
	if (conn->state != CONN_READING || conn->on_deadline == REFUSAL_NONE) {
		conn_close(conn);
		return;
	}
	(void)on_refused(conn, conn->on_deadline);
}

void
conn_drain(struct conn *conn)
{
	bool is_idle = conn->state == CONN_READING && conn->exchange == 0;

	conn->wants_drain = true;
	if (is_idle || conn->state == CONN_LINGERING)
		conn_close(conn);
}

static unsigned
read_address(
    const struct sockaddr_storage *address, socklen_t len, char out[CONN_ADDRESS_SIZE])
{
	char port[8];

	if (getnameinfo((const struct sockaddr *)address, len, out, CONN_ADDRESS_SIZE,
	        port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
		snprintf(out, CONN_ADDRESS_SIZE, "-");
		return 0;
	}
	return (unsigned)strtoul(port, NULL, 10);
}

static bool
read_endpoints(struct conn *conn)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	if (getpeername(conn->fd, (struct sockaddr *)&address, &len) != 0)
		return false;
	conn->endpoints.client_port = read_address(&address, len, conn->client_ip);
	conn->endpoints.client_ip = slice_of(conn->client_ip);
	len = sizeof(address);
	if (getsockname(conn->fd, (struct sockaddr *)&address, &len) != 0)
		return false;
	conn->endpoints.server_port = read_address(&address, len, conn->server_ip);
	conn->endpoints.server_ip = slice_of(conn->server_ip);
	conn->endpoints.is_tls = conn->ssl != NULL;
	return true;
}

static struct bufferevent *
open_bufferevent(struct net *net, int fd, SSL *ssl)
{
	int options = BEV_OPT_CLOSE_ON_FREE;

	if (ssl == NULL)
		return bufferevent_socket_new(net->base, fd, options);
	return bufferevent_openssl_socket_new(
	    net->base, fd, ssl, BUFFEREVENT_SSL_ACCEPTING, options);
}

struct conn *
conn_new(struct net *net, int fd, SSL *ssl)
{
	struct conn *conn = mem_alloc(sizeof(*conn));
	int one = 1;

	conn->net = net;
	conn->fd = fd;
	conn->ssl = ssl;
	conn->bev = read_endpoints(conn) ? open_bufferevent(net, fd, ssl) : NULL;
	if (conn->bev == NULL) {
		SSL_free(ssl);
		close(fd);
		free(conn);
		return NULL;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	conn->id = slots_put(&net->connections, conn);
	conn->endpoints.connection = conn->id;
	reader_init(&conn->reader, &conn->request, &net->settings.limits);
	bufferevent_setcb(conn->bev, on_readable, on_written, on_event, conn);
	set_deadline(conn, net->settings.idle_timeout_ms, REFUSAL_IDLE_TIMEOUT);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
	net->conn_came(net);
	return conn;
}
