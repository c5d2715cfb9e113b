#include "net/conn.h"

#include "base/clock.h"
#include "certs/ossl.h"
#include "net/inner.h"
#include <event2/buffer.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define ACKED_LOOK_MS 1

static bool
has_output(const struct conn *conn)
{
	return evbuffer_get_length(bufferevent_get_output(conn->bev)) > 0;
}

/* Pipelined requests that the peer sent before it ended its side. */
static bool
has_input(const struct conn *conn)
{
	return evbuffer_get_length(bufferevent_get_input(conn->bev)) > 0;
}

/* The write callback comes when all is with the socket. */
static enum carried
await_output(struct conn *conn)
{
	conn_enter(conn, CONN_WRITING);
	conn_set_deadline(conn, conn->net->settings.body_timeout_ms, REFUSAL_NONE);
	return CARRIED_WAIT;
}

/*
 * All bytes out, or false: the rest is with the bufferevent. On a plain socket with
 * nothing queued the bytes go out at once, which saves a turn of the loop.
 */
static bool
conn_write(struct conn *conn, const unsigned char *data, size_t len)
{
	size_t sent = 0;

	if (conn->ssl == NULL && !has_output(conn)) {
		ssize_t n = send(conn->fd, data, len, MSG_NOSIGNAL | MSG_DONTWAIT);

		sent = n > 0 ? (size_t)n : 0;
	}
	conn->written += len;
	if (sent == len)
		return true;
	bufferevent_write(conn->bev, data + sent, len - sent);
	return false;
}

static enum carried
carry_write(struct conn *conn, const struct step *step)
{
	conn->step++;
	if (conn_write(conn, conn->plan->bytes.data + step->offset, step->len))
		return CARRIED_ON;
	return await_output(conn);
}

static enum carried
conn_pause(struct conn *conn, uint64_t ms)
{
	conn_set_timer(conn, ms);
	conn_enter(conn, CONN_PAUSED);
	return CARRIED_WAIT;
}

static enum carried
conn_lose(struct conn *conn)
{
	conn_close(conn);
	return CARRIED_GONE;
}

static enum carried
carry_wait(struct conn *conn, const struct step *step)
{
	conn->step++;
	if (conn->wants_drain)
		return CARRIED_ON;
	if (conn->peer_is_done)
		return conn_lose(conn);
	return conn_pause(conn, step->wait_ms);
}

/* The last piece is a write like any other; what a slow peer leaves is queued. */
static enum carried
carry_drip(struct conn *conn, const struct step *step)
{
	const unsigned char *data = conn->plan->bytes.data + step->offset + conn->dripped;
	size_t left = step->len - conn->dripped;

	if (conn->wants_drain || step->chunk == 0 || step->chunk >= left) {
		conn->step++;
		conn->dripped = 0;
		return conn_write(conn, data, left) ? CARRIED_ON : await_output(conn);
	}
	if (conn->peer_is_done)
		return conn_lose(conn);
	conn->dripped += step->chunk;
	(void)conn_write(conn, data, step->chunk);
	return conn_pause(conn, step->wait_ms);
}

/* Nothing is with the bufferevent, nothing is with our system (tcp(7), SIOCOUTQ). */
static bool
is_acked(const struct conn *conn)
{
	int unsent = 0;

	return !has_output(conn) &&
	       (ioctl(conn->fd, SIOCOUTQ, &unsent) != 0 || unsent == 0);
}

static enum carried
carry_acked(struct conn *conn)
{
	int64_t now = clock_monotonic_us();

	if (conn->acked_until_us == 0)
		conn->acked_until_us = now + (int64_t)CONN_ACKED_MS * 1000;
	if (!is_acked(conn) && now < conn->acked_until_us)
		return conn_pause(conn, ACKED_LOOK_MS);
	conn->acked_until_us = 0;
	conn->step++;
	return CARRIED_ON;
}

bool
conn_omits_close_notify(const struct conn *conn)
{
	return conn->tls_fault != NULL && conn->tls_fault->omits_close_notify;
}

static void
say_fin(struct conn *conn, bool with_close_notify)
{
	if (!conn->has_said_fin) {
		if (conn->ssl != NULL && with_close_notify &&
		    !conn_omits_close_notify(conn)) {
			SSL_shutdown(conn->ssl); /* the peer's own is not awaited */
			ossl_forget();
		}
		shutdown(conn->fd, SHUT_WR);
	}
	conn->has_said_fin = true;
	conn_drop_input(conn);
}

void
conn_linger(struct conn *conn, bool with_close_notify)
{
	conn_enter(conn, CONN_LINGERING);
	say_fin(conn, with_close_notify);
	conn_set_deadline(conn, NET_LINGER_MS, REFUSAL_NONE);
}

static enum carried
carry_fin(struct conn *conn)
{
	if (has_output(conn))
		return await_output(conn);
	conn->step++;
	say_fin(conn, true);
	return CARRIED_ON;
}

static enum carried
carry_hold(struct conn *conn)
{
	if (conn->peer_is_done)
		return conn_lose(conn);
	if (conn->wants_drain) {
		conn_finish_exchange(conn, FLOW_SENT);
		return conn_lose(conn);
	}
	conn_enter(conn, CONN_HOLDING);
	conn_drop_input(conn);
	conn_set_deadline(conn, conn->net->settings.idle_timeout_ms, REFUSAL_NONE);
	return CARRIED_WAIT;
}

static enum carried
carry_close(struct conn *conn, bool with_close_notify)
{
	if (has_output(conn))
		return await_output(conn);
	conn_finish_exchange(conn, FLOW_SENT);
	conn_linger(conn, with_close_notify);
	return CARRIED_WAIT;
}

static enum carried
carry_abort(struct conn *conn)
{
	conn_finish_exchange(conn, FLOW_SENT);
	return conn_lose(conn);
}

static enum carried
carry_next(struct conn *conn)
{
	conn_finish_exchange(conn, FLOW_SENT);
	if (conn->wants_drain || conn->has_said_fin || conn_omits_close_notify(conn) ||
	    (conn->peer_is_done && !has_input(conn))) {
		conn_linger(conn, true);
		return CARRIED_WAIT;
	}
	reader_next(&conn->reader);
	conn_enter(conn, CONN_READING);
	conn_set_deadline(
	    conn, conn->net->settings.idle_timeout_ms, REFUSAL_IDLE_TIMEOUT);
	return CARRIED_NEXT;
}

static enum carried
carry_step(struct conn *conn, const struct step *step)
{
	switch (step->kind) {
	case STEP_WRITE:
		return carry_write(conn, step);
	case STEP_DRIP:
		return carry_drip(conn, step);
	case STEP_WAIT:
		return carry_wait(conn, step);
	case STEP_ACKED:
		return carry_acked(conn);
	case STEP_FIN:
		return carry_fin(conn);
	case STEP_HOLD:
		return carry_hold(conn);
	case STEP_CLOSE:
		return carry_close(conn, true);
	case STEP_CUT:
		return carry_close(conn, false);
	case STEP_RESET:
		conn_reset_on_close(conn);
		return carry_abort(conn);
	case STEP_ABORT:
		return carry_abort(conn);
	case STEP_NEXT:
		return carry_next(conn);
	}
	return CARRIED_ON;
}

/* Goes on with the plan from its current step. */
static enum carried
conn_carry(struct conn *conn)
{
	enum carried carried = CARRIED_ON;

	while (carried == CARRIED_ON) {
		if (conn->step == conn->plan->step_count) /* it has no last word */
			return conn_lose(conn);
		carried = carry_step(conn, &conn->plan->steps[conn->step]);
	}
	return carried;
}

enum carried
conn_begin(struct conn *conn, const struct plan *plan)
{
	conn->plan = plan;
	conn->step = 0;
	conn->dripped = 0;
	conn->acked_until_us = 0;
	conn->written = 0;
	return conn_carry(conn);
}

void
conn_carry_on(struct conn *conn)
{
	if (conn_carry(conn) == CARRIED_NEXT)
		conn_read(conn);
}

void
conn_answer(struct conn *conn, const struct plan *plan)
{
	if (conn_begin(conn, plan) == CARRIED_NEXT)
		conn_read(conn);
}
