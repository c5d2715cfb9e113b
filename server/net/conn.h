/*
 * conn: one connection: bytes in, requests to flow, plans out. The state changes
 * in conn_enter alone, and a connection leaves through conn_close alone.
 *
 *   AT_DOOR    flow was asked about it; nothing is read (greet.c)
 *   READING    a request is coming (or awaited)
 *   WAITING    flow has the request and will call back
 *   WRITING    a plan is being carried out, the socket is full (carry.c)
 *   PAUSED     a plan is being carried out, a timer goes on with it
 *   HOLDING    a plan has nothing more to say; what still comes is read and dropped
 *   LINGERING  FIN is sent; what still comes is read and dropped
 *
 * A peer that ends its side is answered all the same, unless it does so while a
 * scenario lets it wait (PAUSED, HOLDING): that is how a client gives up. When the
 * server ends, whoever waits has its answer at once and in one piece, and who is held
 * is let go.
 *
 * Timeouts are deadlines that net looks at now and then; nothing is armed per
 * request but by a plan that waits. Used by server/net alone.
 */
#ifndef NET_CONN_H
#define NET_CONN_H

#include "flow/flow.h"
#include "net/net.h"
#include <event2/bufferevent.h>
#include <netinet/in.h>
#include <openssl/ssl.h>

struct net_door;
struct tls_fault;

enum conn_state {
	CONN_AT_DOOR,
	CONN_READING,
	CONN_WAITING,
	CONN_WRITING,
	CONN_PAUSED,
	CONN_HOLDING,
	CONN_LINGERING,
};

#define CONN_ADDRESS_SIZE (INET6_ADDRSTRLEN + 18) /* with a scope: "fe80::1%eth0" */
#define CONN_ACKED_MS     200                     /* STEP_ACKED waits no longer */

struct conn {
	struct net *net;
	uint64_t id;
	struct bufferevent *bev; /* NULL: AT_DOOR */
	SSL *ssl;                /* NULL: plain; bev's if there is one */
	int fd;
	enum conn_state state;
	bool peer_is_done; /* it has shut down its side; answers may still reach it */
	bool wants_drain;  /* closes after the answer under way */
	bool has_said_fin; /* what comes from here on is dropped */
	bool is_shaking;   /* hands, that is: TLS is being set up */
	const struct tls_fault *tls_fault; /* the door's, or of the client's choice */
	int64_t deadline_us;
	enum refusal on_deadline; /* REFUSAL_IDLE_TIMEOUT .. */
	struct event *timer;      /* made when first needed */
	int64_t timer_until_us;
	enum accept_kind welcome; /* AT_DOOR: what becomes of it */

	struct endpoints endpoints;
	char client_ip[CONN_ADDRESS_SIZE];
	char server_ip[CONN_ADDRESS_SIZE];

	struct request request;
	struct reader reader;
	exchange_id exchange; /* 0: none under way */

	const struct plan *plan; /* flow's, until it is told that it is finished */
	size_t step;
	size_t dripped;         /* of the step under way */
	int64_t acked_until_us; /* 0: not begun */
	uint64_t written;       /* of this plan */
};

/* Takes fd; `ssl` NULL for plain, else taken. The door may ask flow_accept first. */
void conn_open(const struct net_door *door, int fd, SSL *ssl);
/* Carries out a plan that came by flow's callback. */
void conn_answer(struct conn *conn, const struct plan *plan);
/* The deadline is over. */
void conn_expire(struct conn *conn);
/* Closes now if nothing is under way, else after the answer. */
void conn_drain(struct conn *conn);
/* At once; an exchange under way is told that its peer is gone. */
void conn_close(struct conn *conn);
/* A peer whose leaving no read can tell, since nothing is read; net asks now and then. */
bool conn_has_lost_peer(const struct conn *conn);

/* Between conn.c, carry.c and greet.c. */

void conn_enter(struct conn *conn, enum conn_state state);
void conn_set_deadline(struct conn *conn, uint64_t ms, enum refusal refusal);
void conn_set_timer(struct conn *conn, uint64_t ms); /* in place of the deadline */
void conn_finish_exchange(struct conn *conn, enum flow_end end);
void conn_drop_input(struct conn *conn);
void conn_read(struct conn *conn);  /* requests that are there, until one waits */
bool conn_serve(struct conn *conn); /* HTTP begins; false: it is closed already */
void conn_reset_on_close(struct conn *conn); /* conn_close will send RST */

/* What became of a plan. */
enum carried {
	CARRIED_ON,   /* the next step may come */
	CARRIED_NEXT, /* the next request may come */
	CARRIED_WAIT, /* a callback goes on with it */
	CARRIED_GONE, /* conn is freed */
};
enum carried conn_begin(struct conn *conn, const struct plan *plan);
void conn_carry_on(struct conn *conn);
/* Whether the TLS fault in play forbids close_notify. */
bool conn_omits_close_notify(const struct conn *conn);
/* FIN now; the answer is lost if we close with input unread. */
void conn_linger(struct conn *conn, bool with_close_notify);

void conn_greet(struct conn *conn); /* asks flow, does what it says */
/* FIN, of TLS not a byte more; no RST for what came meanwhile. */
void conn_turn_away(struct conn *conn);
void conn_admit(struct conn *conn); /* after its delay */

#endif
