#include "net/net.h"

#include "base/mem.h"
#include "net/conn.h"
#include "net/inner.h"
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FILL_LOOKS   200 /* at the queue, a millisecond apart, until it is full */
#define FILL_LOOK_MS 1

static void
update_door(struct net_door *door)
{
	const struct net *net = door->net;

	if (door->listener == NULL)
		return;
	if (net->is_full || net->is_draining || (door->is_tls && net->tls == NULL))
		evconnlistener_disable(door->listener);
	else
		evconnlistener_enable(door->listener);
}

void
doors_update(struct net *net)
{
	for (size_t i = 0; i < net->door_count; i++)
		update_door(net->doors[i]);
}

static void
on_accept(struct evconnlistener *listener, evutil_socket_t fd, struct sockaddr *address,
    int len, void *arg)
{
	struct net_door *door = arg;
	SSL *ssl = NULL;

	if (door->is_tls && (ssl = tls_accept(door->net->tls)) == NULL) {
		close(fd);
		return;
	}
	conn_open(door, fd, ssl);
}

/* Out of descriptors: wait until one is free; the sweep opens the doors again. */
static void
on_accept_error(struct evconnlistener *listener, void *arg)
{
	struct net_door *door = arg;

	door->net->is_full = true;
	doors_update(door->net);
	net_arm_sweep(door->net);
}

static bool
try_bind(int fd, const struct addrinfo *address, bool shares)
{
	int reuse = shares ? 1 : 0;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
	return bind(fd, address->ai_addr, address->ai_addrlen) == 0;
}

/*
 * REUSEADDR alone: with REUSEPORT a second server would share the port in silence.
 * That is what REUSEADDR would do too for a socket that never listens, so such a one
 * does without, unless connections of an earlier server still linger on the port.
 */
static bool
bind_socket(int fd, const struct addrinfo *address, enum door_fault fault)
{
	int one = 1;

	if (address->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &one, sizeof(one));
	switch (fault) {
	case DOOR_SOUND:
	case DOOR_ASKS:
		return try_bind(fd, address, true) && listen(fd, NET_BACKLOG) == 0;
	case DOOR_NO_ACCEPT:
		return try_bind(fd, address, true) && listen(fd, 0) == 0;
	case DOOR_REFUSES:
		return try_bind(fd, address, false) || try_bind(fd, address, true);
	}
	return false;
}

static int
bind_address(const struct addrinfo *address, enum door_fault fault, int *error)
{
	int fd =
	    socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && bind_socket(fd, address, fault))
		return fd;
	*error = errno;
	if (fd >= 0)
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
bind_host(const struct door_wish *wish, struct err *err)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE};
	struct addrinfo *list = NULL;
	char service[8];
	int error = 0;

	snprintf(service, sizeof(service), "%u", wish->port);
	int failed = getaddrinfo(wish->host, service, &hints, &list);
	if (failed != 0) {
		err_set(err, ERR_FAILED, "cannot listen on %s: %s", wish->host,
		    gai_strerror(failed));
		return -1;
	}
	int fd = bind_address(list, wish->fault, &error);
	freeaddrinfo(list);
	if (fd < 0)
		refuse_bind(wish->host, wish->port, error, err);
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

/* A listening socket tells of its queue here: connections in it, and its length. */
static bool
is_queue_full(int fd)
{
	struct tcp_info info = {.tcpi_state = 0};
	socklen_t len = sizeof(info);

	return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
	       info.tcpi_unacked > info.tcpi_sacked;
}

/* One more connection of our own in the queue; -1: the door's address is not ours. */
static int
connect_filler(const struct sockaddr_storage *address, socklen_t len)
{
	int fd =
	    socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)address, len) == 0 ||
	    errno == EINPROGRESS)
		return fd;
	close(fd);
	return -1;
}

/*
 * A queue that is full makes Linux drop the SYNs of all others, so that their connect()
 * does not end. What we connect is never accepted.
 */
static bool
fill_queue(struct net_door *door)
{
	struct sockaddr_storage address;
	socklen_t len = sizeof(address);

	if (getsockname(door->bound, (struct sockaddr *)&address, &len) != 0)
		return false;
	while (door->filler_count < NET_FILLERS_MAX) {
		int fd = connect_filler(&address, len);

		if (fd < 0)
			return false;
		door->fillers[door->filler_count++] = fd;
		struct pollfd filler = {.fd = fd, .events = POLLOUT};
		(void)poll(&filler, 1, FILL_LOOKS * FILL_LOOK_MS);
		for (int i = 0; i < FILL_LOOKS && filler.revents == POLLOUT; i++) {
			if (is_queue_full(door->bound))
				return true;
			(void)poll(NULL, 0, FILL_LOOK_MS);
		}
	}
	return false;
}

static void
shut_door(struct net_door *door)
{
	door->is_shut = true;
	if (door->listener != NULL)
		evconnlistener_free(door->listener); /* closes its socket */
	door->listener = NULL;
	for (size_t i = 0; i < door->filler_count; i++)
		close(door->fillers[i]);
	door->filler_count = 0;
	if (door->bound >= 0)
		close(door->bound);
	door->bound = -1;
}

static void
free_door(struct net_door *door)
{
	shut_door(door);
	free(door->host);
	free(door);
}

void
doors_free(struct net *net)
{
	for (size_t i = 0; i < net->door_count; i++)
		free_door(net->doors[i]);
	free(net->doors);
}

/* Takes fd. */
static bool
start_listener(struct net_door *door, int fd, struct err *err)
{
	door->listener = evconnlistener_new(door->net->base, on_accept, door,
	    LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_DISABLED, 0, fd);
	if (door->listener == NULL) {
		close(fd);
		return err_set(err, ERR_FAILED, "the event loop takes no listener");
	}
	evconnlistener_set_error_cb(door->listener, on_accept_error);
	update_door(door);
	return true;
}

/* Takes fd. Puts the door into the state that is wished for. */
static bool
start_door(struct net_door *door, int fd, struct err *err)
{
	switch (door->fault) {
	case DOOR_SOUND:
	case DOOR_ASKS:
		return start_listener(door, fd, err);
	case DOOR_REFUSES:
		door->bound = fd;
		return true;
	case DOOR_NO_ACCEPT:
		door->bound = fd;
		return fill_queue(door) ||
		       err_set(err, ERR_FAILED,
		           "cannot fill the queue of port %u on %s, so that connect() "
		           "would end there: this fault needs Linux's own TCP and an "
		           "address of this machine; play it on 127.0.0.1",
		           door->port, door->host);
	}
	return false;
}

static size_t
count_open(const struct net *net)
{
	size_t count = 0;

	for (size_t i = 0; i < net->door_count; i++)
		count += net->doors[i]->is_shut ? 0 : 1;
	return count;
}

bool
net_listen_faulty(
    struct net *net, const struct door_wish *wish, size_t *index, struct err *err)
{
	if (count_open(net) == NET_DOORS_MAX)
		return err_set(err, ERR_USAGE,
		    "more than %d listeners: %s would be one too many; open fewer",
		    NET_DOORS_MAX, wish->host);
	const struct tls_fault *fault = tls_fault_find(slice_of(wish->tls_fault));
	if (wish->tls_fault != NULL && fault == NULL)
		return err_set(err, ERR_USAGE,
		    "%s is no fault of TLS; take one of those "
		    "that the manual of scenario files lists under `tls`",
		    wish->tls_fault);
	int fd = bind_host(wish, err);
	if (fd < 0)
		return false;
	struct net_door *door = mem_alloc(sizeof(*door));
	*door = (struct net_door){.net = net,
	    .is_tls = wish->is_tls,
	    .fault = wish->fault,
	    .tls_fault = fault,
	    .bound = -1};
	name_door(door, fd);
	if (!start_door(door, fd, err)) {
		free_door(door);
		return false;
	}
	net->doors = mem_grow(net->doors, net->door_count + 1, sizeof(net->doors[0]));
	*index = net->door_count;
	net->doors[net->door_count++] = door;
	return true;
}

bool
net_listen(struct net *net, const char *host, unsigned port, bool is_tls, struct err *err)
{
	struct door_wish wish = {.host = host, .port = port, .is_tls = is_tls};
	size_t index;

	return net_listen_faulty(net, &wish, &index, err);
}

void
net_shut(struct net *net, size_t index)
{
	shut_door(net->doors[index]);
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
	*host = net->doors[index]->host;
	*port = net->doors[index]->port;
	*is_tls = net->doors[index]->is_tls;
}
