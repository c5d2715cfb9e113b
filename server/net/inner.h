/*
 * inner: what net.c, conn.c and tls.c know of each other.
 */
#ifndef NET_INNER_H
#define NET_INNER_H

#include "base/slots.h"
#include "net/net.h"
#include <event2/listener.h>
#include <openssl/ssl.h>

#define NET_DOORS_MAX       16
#define NET_CONNECTIONS_MAX 4096 /* more wait in the kernel's queue */

struct net_door {
	struct net *net;
	struct evconnlistener *listener;
	char *host; /* in numbers */
	unsigned port;
	bool is_tls;
};

struct net {
	struct event_base *base;
	struct net_settings settings;
	struct flow *flow;
	struct slots connections; /* of struct conn */
	struct net_door doors[NET_DOORS_MAX];
	size_t door_count;
	/* a connection has begun or ended: doors, sweep and drain follow */
	void (*conn_came)(struct net *net);
	void (*conn_gone)(struct net *net);
	SSL_CTX *tls;        /* NULL: not started */
	struct event *sweep; /* looks at deadlines while there are connections */
	int64_t sweep_us;
	bool is_full; /* doors are shut: NET_CONNECTIONS_MAX or no descriptor free */
	bool is_draining;
	int64_t drain_until_us;
	void (*drained)(void *arg);
	void *drained_arg;
};

/* tls.c: the server context for a certificate; NULL and err. */
SSL_CTX *tls_context(const struct tlscert *cert, struct bytes ca_der, struct err *err);

#endif
