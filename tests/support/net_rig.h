/*
 * net_rig: a server without keys on a loopback port, and a peer to knock at it, both
 * in one thread: the loop is turned until the peer has what it waits for.
 */
#ifndef SUPPORT_NET_RIG_H
#define SUPPORT_NET_RIG_H

#include "base/clock.h"
#include "net/net.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include "support/pki_fixture.h"
#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RIG_PATIENCE_US 5000000

struct net_rig {
	struct event_base *base;
	struct pool *pool;
	struct net *net;
	struct flow *flow;
	struct scenario *scenario;
	unsigned port;
};

static inline void
rig_open(struct net_rig *rig, const char *scenario, const struct net_settings *settings)
{
	struct err err = ERR_INIT;
	const char *host;
	bool is_tls;
	struct flow_settings flow = {
	    .ndes = {.version = server_version_find("2022"),
	        .host = "localhost",
	        .challenge = challenge_policy_of("any")},
	    .iis = {.version = server_version_find("2022"), .is_aspnet = true},
	};

	rig->base = event_base_new();
	rig->pool = pool_new(0, &err);
	rig->net = net_new(rig->base, settings);
	rig->scenario = catalogue_load(scenario, &err);
	cr_assert(rig->scenario != NULL, "%s", err.text);
	flow.scenario = rig->scenario;
	capabilities_parse(slice_of("SHA-256"), &flow.caps);
	rig->flow = flow_new(&flow, rig->pool, net_answer, rig->net, &err);
	net_set_flow(rig->net, rig->flow);
	cr_assert(net_listen(rig->net, "127.0.0.1", 0, false, &err), "%s", err.text);
	net_door(rig->net, 0, &host, &rig->port, &is_tls);
}

static inline void
rig_close(struct net_rig *rig)
{
	pool_free(rig->pool);
	net_free(rig->net);
	cr_expect(flow_pending(rig->flow) == 0, "no exchange is left over");
	flow_free(rig->flow);
	event_base_free(rig->base);
}

static inline int
rig_connect(const struct net_rig *rig)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons((unsigned short)rig->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	cr_assert(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}

static inline void
rig_turn(struct net_rig *rig)
{
	struct timeval soon = {0, 2000};

	event_base_loopexit(rig->base, &soon);
	event_base_dispatch(rig->base);
}

/* A CA with EC keys: enough for whoever waits for it, not for enrolments. */
static inline void
rig_make_ca(struct net_rig *rig)
{
	struct buf none = BUF_INIT;

	flow_pki_ready(rig->flow, fixture_pki("localhost"), &none);
}

/* Jobs that have finished report back. */
static inline void
rig_collect(struct net_rig *rig)
{
	pool_collect(rig->pool);
}

static inline void
rig_send(int fd, const char *text)
{
	cr_assert(send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text));
}

/*
 * Reads until `want` has come (then 1), the peer closed (0, or -errno), or patience
 * ends (-ETIMEDOUT). What came is added to `got`, with a NUL behind it.
 */
static inline int
rig_expect(struct net_rig *rig, int fd, const char *want, struct buf *got)
{
	int64_t end = clock_monotonic_us() + RIG_PATIENCE_US;
	char bytes[4096];

	while (clock_monotonic_us() < end) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n > 0)
			buf_add(got, bytes, (size_t)n);
		if (want != NULL && got->len > 0 &&
		    memmem(got->data, got->len, want, strlen(want)) != NULL)
			return 1;
		if (n == 0)
			return 0;
		if (n < 0 && errno != EAGAIN)
			return -errno;
		rig_turn(rig);
		rig_collect(rig);
	}
	return -ETIMEDOUT;
}

#endif
