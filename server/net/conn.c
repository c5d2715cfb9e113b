#include "net/conn.h"

#include "base/clock.h"
#include "base/mem.h"
#include "certs/ossl.h"
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

void
conn_enter(struct conn *conn, enum conn_state state)
{
	conn->state = state;
}

void
conn_set_deadline(struct conn *conn, uint64_t ms, enum refusal refusal)
{
	conn->deadline_us = clock_monotonic_us() + (int64_t)ms * 1000;
	conn->on_deadline = refusal;
}

static void
arm_timer(struct conn *conn, int64_t us)
{
	struct timeval after = {us / 1000000, us % 1000000};

	evtimer_add(conn->timer, &after);
}

/* libevent counts from when its turn began, with a coarse clock: it may be too early. */
static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct conn *conn = arg;
	int64_t left_us = conn->timer_until_us - clock_monotonic_us();

	if (left_us > 0)
		arm_timer(conn, left_us);
	else if (conn->state == CONN_AT_DOOR)
		conn_admit(conn);
	else if (conn->state == CONN_PAUSED)
		conn_carry_on(conn);
}

void
conn_set_timer(struct conn *conn, uint64_t ms)
{
	int64_t us = (int64_t)ms * 1000;

	if (conn->timer == NULL)
		conn->timer = evtimer_new(conn->net->base, on_timer, conn);
	conn->timer_until_us = clock_monotonic_us() + us;
	arm_timer(conn, us);
	conn->deadline_us = INT64_MAX;
	conn->on_deadline = REFUSAL_NONE;
}

void
conn_finish_exchange(struct conn *conn, enum flow_end end)
{
	exchange_id id = conn->exchange;

	conn->exchange = 0;
	conn->plan = NULL;
	if (id != 0)
		flow_finished(conn->net->flow, id, end, conn->written);
}

/* Set at the last moment only: with it, any close() before would be an RST too. */
void
conn_reset_on_close(struct conn *conn)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};

	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
}

void
conn_close(struct conn *conn)
{
	struct net *net = conn->net;

	conn_finish_exchange(conn, FLOW_DROPPED);
	flow_left(&conn->endpoints);
	slots_remove(&net->connections, conn->id);
	if (conn->timer != NULL)
		event_free(conn->timer);
	if (conn->bev != NULL) {
		bufferevent_free(conn->bev); /* frees the SSL, closes the descriptor */
	} else {
		SSL_free(conn->ssl);
		close(conn->fd);
	}
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

void
conn_drop_input(struct conn *conn)
{
	struct evbuffer *input = bufferevent_get_input(conn->bev);

	evbuffer_drain(input, evbuffer_get_length(input));
	resume_reading(conn);
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
		conn_set_deadline(conn, settings->body_timeout_ms, REFUSAL_BODY_TIMEOUT);
	else if (unread > 0 && conn->on_deadline != REFUSAL_HEAD_TIMEOUT)
		conn_set_deadline(conn, settings->head_timeout_ms, REFUSAL_HEAD_TIMEOUT);
	return CARRIED_WAIT;
}

/* Feeds the reader with what is there; pipelined requests follow one another. */
void
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
	case CONN_HOLDING:
	case CONN_LINGERING:
		evbuffer_drain(input, evbuffer_get_length(input));
		return;
	case CONN_AT_DOOR:
	case CONN_WAITING:
	case CONN_WRITING:
	case CONN_PAUSED:
		if (conn->has_said_fin)
			evbuffer_drain(input, evbuffer_get_length(input));
		else
			pause_reading(conn); /* pipelined: read when its turn comes */
		return;
	}
}

static void
on_written(struct bufferevent *bev, void *arg)
{
	struct conn *conn = arg;

	/* over TLS the callback of an earlier piece may come late */
	if (conn->state == CONN_WRITING &&
	    evbuffer_get_length(bufferevent_get_output(bev)) == 0)
		conn_carry_on(conn);
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

/* An alert may be on its way; an RST, for what the peer has sent since, would eat it. */
static void
on_failed_handshake(struct conn *conn)
{
	if (conn->tls_fault != NULL && conn->tls_fault->hello == TLS_HELLO_RESET) {
		conn_reset_on_close(conn);
		conn_close(conn);
	} else {
		conn_turn_away(conn);
	}
}

static void
on_event(struct bufferevent *bev, short what, void *arg)
{
	struct conn *conn = arg;

	ossl_forget(); /* libevent tells by `what` alone */
	if (what & BEV_EVENT_CONNECTED) {
		conn->is_shaking = false;
		conn->endpoints.client_cert = tls_client_cert(conn->ssl);
		return;
	}
	if (conn->is_shaking && (what & BEV_EVENT_ERROR)) {
		on_failed_handshake(conn);
		return;
	}
	if (what & BEV_EVENT_EOF)
		on_end_of_input(conn);
	else
		conn_close(conn);
}

void
conn_expire(struct conn *conn)
{
	if (conn->state == CONN_HOLDING)
		conn_finish_exchange(conn, FLOW_SENT);
	if (conn->state != CONN_READING || conn->on_deadline == REFUSAL_NONE) {
		conn_close(conn);
		return;
	}
	(void)on_refused(conn, conn->on_deadline);
}

void
conn_drain(struct conn *conn)
{
	conn->wants_drain = true;
	switch (conn->state) {
	case CONN_READING:
		if (conn->exchange == 0)
			conn_close(conn);
		return;
	case CONN_HOLDING:
		conn_finish_exchange(conn, FLOW_SENT);
		conn_close(conn);
		return;
	case CONN_AT_DOOR:
	case CONN_LINGERING:
		conn_close(conn);
		return;
	case CONN_PAUSED:
		conn_carry_on(conn); /* no more waiting */
		return;
	case CONN_WAITING:
	case CONN_WRITING:
		return;
	}
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
	conn->endpoints.client_cert = conn->ssl != NULL ? "none" : NULL;
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

bool
conn_serve(struct conn *conn)
{
	conn->is_shaking = conn->ssl != NULL;
	conn->bev = open_bufferevent(conn->net, conn->fd, conn->ssl);
	if (conn->bev == NULL) {
		conn_close(conn);
		return false;
	}
	bufferevent_setcb(conn->bev, on_readable, on_written, on_event, conn);
	conn_enter(conn, CONN_READING);
	conn_set_deadline(
	    conn, conn->net->settings.idle_timeout_ms, REFUSAL_IDLE_TIMEOUT);
	bufferevent_enable(conn->bev, EV_READ | EV_WRITE);
	return true;
}

void
conn_open(const struct net_door *door, int fd, SSL *ssl)
{
	struct net *net = door->net;
	struct conn *conn = mem_alloc(sizeof(*conn));
	int one = 1;

	conn->net = net;
	conn->fd = fd;
	conn->ssl = ssl;
	conn->tls_fault = door->tls_fault;
	if (ssl != NULL)
		tls_watch(ssl, &conn->tls_fault);
	if (!read_endpoints(conn)) { /* the peer is gone already */
		SSL_free(ssl);
		close(fd);
		free(conn);
		return;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	conn->id = slots_put(&net->connections, conn);
	conn->endpoints.connection = conn->id;
	reader_init(&conn->reader, &conn->request, &net->settings.limits);
	conn_enter(conn, CONN_AT_DOOR);
	net->conn_came(net);
	if (door->fault == DOOR_ASKS)
		conn_greet(conn);
	else
		(void)conn_serve(conn);
}
