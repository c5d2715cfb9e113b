/*
 * conn: one connection: bytes in, requests to flow, plans out. The state changes
 * in conn_enter alone, and a connection leaves through conn_close alone.
 *
 *   READING    a request is coming (or awaited)
 *   WAITING    flow has the request and will call back
 *   WRITING    a plan is being carried out, the socket is full
 *   LINGERING  FIN is sent; what still comes is read and dropped
 *
 * Timeouts are deadlines that net looks at now and then; nothing is armed per
 * request. Used by server/net alone.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "flow/flow.h"
#include "net/net.h"
#include <event2/bufferevent.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

enum conn_state { CONN_READING, CONN_WAITING, CONN_WRITING, CONN_LINGERING };

#define CONN_ADDRESS_SIZE (INET6_ADDRSTRLEN + 18) /* with a scope: "fe80::1%eth0" */

struct conn {
	struct net *net;
	uint64_t id;
	struct bufferevent *bev;
	SSL *ssl; /* NULL: plain; bev's */
	int fd;
	enum conn_state state;
	bool peer_is_done; /* it has shut down its side; answers may still reach it */
	bool wants_drain;  /* closes after the answer under way */
	int64_t deadline_us;
	enum refusal on_deadline; /* REFUSAL_IDLE_TIMEOUT .. */

	struct endpoints endpoints;
	char client_ip[CONN_ADDRESS_SIZE];
	char server_ip[CONN_ADDRESS_SIZE];

	struct request request;
	struct reader reader;
	exchange_id exchange; /* 0: none under way */

	const struct plan *plan; /* flow's, until it is told that it is finished */
	size_t step;
	uint64_t written; /* of this plan */
};

/* Takes fd; `ssl` NULL for plain, else taken. NULL: the peer is gone already. */
struct conn *conn_new(struct net *net, int fd, SSL *ssl);
/* Carries out a plan that came by flow's callback. */
void conn_answer(struct conn *conn, const struct plan *plan);
/* The deadline is over. */
void conn_expire(struct conn *conn);
/* Closes now if nothing is under way, else after the answer. */
void conn_drain(struct conn *conn);
/* At once; an exchange under way is told that its peer is gone. */
void conn_close(struct conn *conn);

#endif
