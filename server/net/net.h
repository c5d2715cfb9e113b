/*
 * net: the doors that devices knock at, and their connections. The only sockets
 * on the device-facing side; everything in between is flow's.
 */
#ifndef NET_NET_H
#define NET_NET_H

#include "certs/tlscert.h"
#include "flow/flow.h"
#include <event2/event.h>

struct net_settings {
	struct request_limits limits;
	uint64_t
	    idle_timeout_ms; /* between requests; HTTP.sys connectionTimeout, 120 s */
	uint64_t head_timeout_ms; /* from the first byte to the end of the head */
	uint64_t body_timeout_ms; /* between two bytes of the body, and of the answer */
};

#define NET_SETTINGS_DEFAULT                                \
	{                                                   \
		REQUEST_LIMITS_NDES, 120000, 120000, 120000 \
	}
#define NET_LINGER_MS     1000  /* after FIN: read and drop this long */
#define NET_DRAIN_MS      3000  /* at the end: peers get this long */
#define NET_DRAIN_WORK_MS 15000 /* and answers that are being made get this long */
#define NET_BACKLOG       1024

struct net;

struct net *net_new(struct event_base *base, const struct net_settings *settings);
void net_free(struct net *net); /* closes everything; NULL is fine */
/* Before the first connection: who decides. */
void net_set_flow(struct net *net, struct flow *flow);

/*
 * Opens a door. `port` 0: the system picks one. A TLS door takes connections from
 * net_start_tls on; until then the kernel keeps them waiting.
 */
bool net_listen(
    struct net *net, const char *host, unsigned port, bool is_tls, struct err *err);

/* What a door does below HTTP. */
enum door_fault {
	DOOR_SOUND,
	DOOR_REFUSES,   /* bound, not listening: ECONNREFUSED */
	DOOR_NO_ACCEPT, /* connect() never ends: the queue is full of our own; Linux */
	DOOR_ASKS,      /* flow_accept decides on each connection */
};

struct door_wish {
	const char *host;
	unsigned port; /* 0: the system picks one */
	bool is_tls;
	enum door_fault fault;
	const char *tls_fault; /* a word of a scenario's `tls`; NULL: none */
};

/*
 * A door with a fault, in that state when this returns (a TLS door: from net_start_tls
 * on; it may be opened later too). `*index` is its number for net_door.
 */
bool net_listen_faulty(
    struct net *net, const struct door_wish *wish, size_t *index, struct err *err);
/* Shuts the door; its connections stay. Its number is not used again. */
void net_shut(struct net *net, size_t index);
size_t net_door_count(const struct net *net);
/* Door `index` in the order of net_listen. `host` is the address in numbers. */
void net_door(
    const struct net *net, size_t index, const char **host, unsigned *port, bool *is_tls);
/*
 * `cert` is the healthy one of the HTTPS listeners, made by tlscert_issue; the pki, which
 * gains a reference, makes the faulty ones, and what it issued is a trusted client.
 */
bool net_start_tls(
    struct net *net, const struct tlscert *cert, struct pki *pki, struct err *err);

/* flow's callback: `arg` is the net. */
void net_answer(void *arg, uint64_t connection, const struct plan *plan);

/*
 * Takes no more connections, lets open exchanges end (at most NET_DRAIN_MS, or
 * NET_DRAIN_WORK_MS where only the server itself is awaited), then
 * calls `drained` from the loop, once.
 */
void net_drain(struct net *net, void (*drained)(void *arg), void *arg);
size_t net_connection_count(const struct net *net);

#endif
