#include "net/net.h"

#include "base/clock.h"
#include "base/mem.h"
#include "certs/ossl.h"
#include "net/conn.h"
#include "net/inner.h"
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Deadlines are looked at this many times in the shortest timeout. */
#define SWEEP_FRACTION 8
#define SWEEP_MIN_MS   20
#define SWEEP_MAX_MS   500

static void
set_doors(struct net *net, bool open)
{
	for (size_t i = 0; i < net->door_count; i++) {
		struct net_door *door = &net->doors[i];

		if (!open || net->is_draining || (door->is_tls && net->tls == NULL))
			evconnlistener_disable(door->listener);
		else
			evconnlistener_enable(door->listener);
	}
}

static void
arm_sweep(struct net *net)
{
	struct timeval every = {net->sweep_us / 1000000, net->sweep_us % 1000000};

	if (!evtimer_pending(net->sweep, NULL))
		evtimer_add(net->sweep, &every);
}

static void
finish_drain(struct net *net)
{
	void (*drained)(void *) = net->drained;

	net->drained = NULL;
	if (drained != NULL)
		drained(net->drained_arg);
}

static void
conn_came(struct net *net)
{
	arm_sweep(net);
	if (net->connections.count < NET_CONNECTIONS_MAX || net->is_full)
		return;
	net->is_full = true;
	set_doors(net, false);
}

static void
conn_gone(struct net *net)
{
	if (net->is_draining && net->connections.count == 0)
		event_active(net->sweep, EV_TIMEOUT, 0);
	if (!net->is_full || net->connections.count >= NET_CONNECTIONS_MAX)
		return;
	net->is_full = false;
	set_doors(net, true);
}

/* Peers get NET_DRAIN_MS; whoever waits for the server itself gets more. */
static bool
is_drained(const struct net *net, const struct conn *conn, int64_t now)
{
	int64_t more = conn->state == CONN_WAITING
	                   ? (int64_t)(NET_DRAIN_WORK_MS - NET_DRAIN_MS) * 1000
	                   : 0;

	return net->is_draining && now >= net->drain_until_us + more;
}

static void
on_sweep(evutil_socket_t fd, short what, void *arg)
{
	struct net *net = arg;
	int64_t now = clock_monotonic_us();
	for (size_t i = 0; i < net->connections.size; i++) {
		struct conn *conn = slots_at(&net->connections, i);

		if (conn == NULL)
			continue;
		if (is_drained(net, conn, now))
			conn_close(conn);
		else if (conn->state != CONN_WAITING && now >= conn->deadline_us)
			conn_expire(conn);
	}
	if (net->is_full)
		conn_gone(net); /* a descriptor may be free again */
	if (net->connections.count > 0)
		arm_sweep(net);
	if (net->is_draining && net->connections.count == 0)
		finish_drain(net);
}

static uint64_t
smallest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void
drop_library_message(int severity, const char *text)
{
	/* libevent warns on stderr of what peers do wrong; that is no news here */
}

struct net *
net_new(struct event_base *base, const struct net_settings *settings)
{
	struct net *net = mem_alloc(sizeof(*net));
	uint64_t shortest = smallest(settings->idle_timeout_ms,
	    smallest(settings->head_timeout_ms, settings->body_timeout_ms));
	uint64_t every =
	    smallest(smallest(shortest, NET_LINGER_MS) / SWEEP_FRACTION, SWEEP_MAX_MS);

	event_set_log_callback(drop_library_message);
	net->base = base;
	net->conn_came = conn_came;
	net->conn_gone = conn_gone;
	net->settings = *settings;
	net->sweep_us = (int64_t)(every < SWEEP_MIN_MS ? SWEEP_MIN_MS : every) * 1000;
	net->sweep = evtimer_new(base, on_sweep, net);
	return net;
}

void
net_set_flow(struct net *net, struct flow *flow)
{
	net->flow = flow;
}

void
net_free(struct net *net)
{
	if (net == NULL)
		return;
	for (size_t i = 0; i < net->connections.size; i++) {
		struct conn *conn = slots_at(&net->connections, i);

		if (conn != NULL)
			conn_close(conn);
	}
	for (size_t i = 0; i < net->door_count; i++) {
		evconnlistener_free(net->doors[i].listener);
		free(net->doors[i].host);
	}
	slots_clear(&net->connections);
	event_free(net->sweep);
	SSL_CTX_free(net->tls);
	free(net);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
    int len, void *arg)
{
	struct net_door *door = arg;
	SSL *ssl = NULL;

	if (door->is_tls && (ssl = SSL_new(door->net->tls)) == NULL) {
		ossl_forget();
		close(fd);
		return;
	}
	conn_new(door->net, fd, ssl);
}

/* Out of descriptors: wait until one is free; the sweep opens the doors again. */
static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct net_door *door = arg;

	door->net->is_full = true;
	set_doors(door->net, false);
	arm_sweep(door->net);
}

static int
bind_address(const struct addrinfo *address, int *error)
{
	int one = 1;
	int fd =
	    socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0) {
		*error = errno;
		return -1;
	}
	/* REUSEADDR alone: with REUSEPORT a second server would share the port in silence
	 */
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	if (bind(fd, address->ai_addr, address->ai_addrlen) == 0 &&
	    listen(fd, NET_BACKLOG) == 0)
		return fd;
	*error = errno;
	close(fd);
	return -1;
}

static bool
refuse_bind(const char *host, unsigned port, int error, struct err *err)
{
	if (error == EADDRINUSE)
		return err_set(err, ERR_FAILED,
		    "port %u on %s is in use by another program: stop it, or choose another "
		    "port (port 0 lets the system pick one)",
		    port, host);
	if (error == EACCES)
		return err_set(err, ERR_FAILED,
		    "no right to listen on port %u of %s: ports below 1024 need root; choose "
		    "a higher one",
		    port, host);
	return err_set(err, ERR_FAILED,
	    "cannot listen on %s port %u: %s; choose an address of this machine", host,
	    port, strerror(error));
}

static int
bind_host(const char *host, unsigned port, struct err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *list = NULL;
	char service[8];
	int error = 0;

	snprintf(service, sizeof(service), "%u", port);
	int failed = getaddrinfo(host, service, &hints, &list);
	if (failed != 0) {
		err_set(err, ERR_FAILED, "cannot listen on %s: %s", host,
		    gai_strerror(failed));
		return -1;
	}
	int fd = bind_address(list, &error);
	freeaddrinfo(list);
	if (fd < 0)
		refuse_bind(host, port, error, err);
	return fd;
}

static void
name_door(struct net_door *door, int fd)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);
	char host[CONN_ADDRESS_SIZE] = "-";
	char port[8] = "0";

	if (getsockname(fd, (struct sockaddr *)&address, &len) == 0)
		getnameinfo((struct sockaddr *)&address, len, host, sizeof(host), port,
		    sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV);
	door->host = mem_string(host);
	door->port = (unsigned)strtoul(port, NULL, 10);
}

bool
net_listen(struct net *net, const char *host, unsigned port, bool is_tls, struct err *err)
{
	struct net_door *door = &net->doors[net->door_count];

	if (net->door_count == NET_DOORS_MAX)
		return err_set(err, ERR_USAGE, "more than %d listeners", NET_DOORS_MAX);
	int fd = bind_host(host, port, err);
	if (fd < 0)
		return false;
	*door = (struct net_door){.net = net, .is_tls = is_tls};
	door->listener = evconnlistener_new(net->base, on_accept, door,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC |
	        (is_tls ? LEV_OPT_DISABLED : 0),
	    0, fd);
	if (door->listener == NULL) {
		close(fd);
		return err_set(err, ERR_FAILED, "the event loop takes no listener");
	}
	evconnlistener_set_error_cb(door->listener, on_accept_error);
	name_door(door, fd);
	net->door_count++;
	return true;
}

size_t
net_door_count(const struct net *net)
{
	return net->door_count;
}

void
net_door(
    const struct net *net, size_t index, const char **host, unsigned *port, bool *is_tls)
{
	*host = net->doors[index].host;
	*port = net->doors[index].port;
	*is_tls = net->doors[index].is_tls;
}

bool
net_start_tls(
    struct net *net, const struct tlscert *cert, struct bytes ca_der, struct err *err)
{
	net->tls = tls_context(cert, ca_der, err);
	if (net->tls == NULL)
		return false;
	set_doors(net, !net->is_full);
	return true;
}

void
net_answer(void *arg, uint64_t connection, const struct plan *plan)
{
	struct net *net = arg;
	struct conn *conn = slots_get(&net->connections, connection);

	if (conn != NULL)
		conn_answer(conn, plan);
}

void
net_drain(struct net *net, void (*drained)(void *arg), void *arg)
{
	net->is_draining = true;
	net->drained = drained;
	net->drained_arg = arg;
	net->drain_until_us = clock_monotonic_us() + (int64_t)NET_DRAIN_MS * 1000;
	set_doors(net, false);
	for (size_t i = 0; i < net->connections.size; i++) {
		struct conn *conn = slots_at(&net->connections, i);

		if (conn != NULL)
			conn_drain(conn);
	}
	event_active(net->sweep, EV_TIMEOUT, 0);
}

size_t
net_connection_count(const struct net *net)
{
	return net->connections.count;
}
