/*
 * inner: what net.c, door.c, conn.c and tls.c know of each other.
 */
#ifndef NET_INNER_H
#define NET_INNER_H

#include "base/slots.h"
#include "net/net.h"
#include "net/tlsfault.h"
#include <event2/listener.h>
#include <openssl/ssl.h>

#define NET_DOORS_MAX       64   /* open at once */
#define NET_FILLERS_MAX     4    /* connections of our own that fill a queue */
#define NET_CONNECTIONS_MAX 4096 /* more wait in the kernel's queue */

struct net_door {
	struct net *net;
	struct evconnlistener *listener; /* NULL: nobody is let in, or shut */
	char *host;                      /* in numbers; it stays when the door is shut */
	unsigned port;
	bool is_tls;
	enum door_fault fault;
	const struct tls_fault *tls_fault; /* NULL: none */
	int bound; /* DOOR_REFUSES, DOOR_NO_ACCEPT: its socket; else -1 */
	int fillers[NET_FILLERS_MAX];
	size_t filler_count;
	bool is_shut;
};

struct tls; /* tls.c: what TLS doors serve with */

struct net {
	struct event_base *base;
	struct net_settings settings;
	struct flow *flow;
	struct slots connections; /* of struct conn */
	struct net_door **doors;  /* each stays where it is: its listener points to it */
	size_t door_count;        /* with those that are shut */
	/* a connection has begun or ended: doors, sweep and drain follow */
	void (*conn_came)(struct net *net);
	void (*conn_gone)(struct net *net);
	struct tls *tls;     /* NULL: not started */
	struct event *sweep; /* looks at deadlines while there are connections */
	int64_t sweep_us;
	bool is_full; /* doors are shut: NET_CONNECTIONS_MAX or no descriptor free */
	bool is_draining;
	int64_t drain_until_us;
	void (*drained)(void *arg);
	void *drained_arg;
};

/* net.c: deadlines are looked at from here on. */
void net_arm_sweep(struct net *net);

/* door.c: each takes connections or not, as the net's state wants it. */
void doors_update(struct net *net);
void doors_free(struct net *net);

/* tls.c: `cert` is the healthy one. The pki gains a reference. NULL and err. */
struct tls *
tls_new(struct net *net, const struct tlscert *cert, struct pki *pki, struct err *err);
void tls_free(struct tls *tls); /* NULL is fine */
/* The server's end of a new connection; NULL: OpenSSL has none to give. */
SSL *tls_accept(struct tls *tls);
/*
 * Before the handshake, and for as long as it takes: `*chosen` is the door's fault, if it
 * has one, and becomes the one that the client's server name asks for.
 */
void tls_watch(SSL *ssl, const struct tls_fault **chosen);
/* After the handshake: "none", "untrusted" or "trusted". */
const char *tls_client_cert(const SSL *ssl);

#endif
