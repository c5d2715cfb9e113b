#include "net/conn.h"

#include "net/inner.h"
#include <poll.h>
#include <sys/socket.h>

/* Whatever was sent is left unread, so only the socket's own state can tell. */
bool
conn_has_lost_peer(const struct conn *conn)
{
	struct pollfd socket = {.fd = conn->fd, .events = POLLRDHUP};

	if (conn->peer_is_done ||
	    (conn->state != CONN_AT_DOOR && conn->state != CONN_PAUSED))
		return false;
	return poll(&socket, 1, 0) == 1 &&
	       (socket.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/* The SSL goes with its bufferevent, if there is one; the descriptor must not. */
static void
drop_tls(struct conn *conn)
{
	if (conn->bev == NULL) {
		SSL_free(conn->ssl);
	} else {
		SSL_set_bio(conn->ssl, NULL, NULL); /* through it libevent would close */
		bufferevent_free(conn->bev);
		conn->bev = NULL;
	}
	conn->ssl = NULL;
}

void
conn_turn_away(struct conn *conn)
{
	drop_tls(conn);
	if (conn_serve(conn))
		conn_linger(conn, false);
}

void
conn_admit(struct conn *conn)
{
	switch (conn->welcome) {
	case ACCEPT_GO:
		(void)conn_serve(conn);
		return;
	case ACCEPT_RESET:
		conn_reset_on_close(conn);
		conn_close(conn);
		return;
	case ACCEPT_CLOSE:
		conn_turn_away(conn);
		return;
	case ACCEPT_STALL:
		conn_set_deadline(
		    conn, conn->net->settings.idle_timeout_ms, REFUSAL_NONE);
		return;
	}
}

void
conn_greet(struct conn *conn)
{
	struct accept accept = flow_accept(conn->net->flow, &conn->endpoints);

	conn->welcome = accept.kind;
	if (accept.delay_ms > 0)
		conn_set_timer(conn, accept.delay_ms);
	else
		conn_admit(conn);
}
