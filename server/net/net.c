#include "net/net.h"

#include "base/clock.h"
#include "base/mem.h"
#include "net/conn.h"
#include "net/inner.h"
#include <stdlib.h>

/* Deadlines are looked at this many times in the shortest timeout. */
#define SWEEP_FRACTION 8
#define SWEEP_MIN_MS   20
#define SWEEP_MAX_MS   500

void
net_arm_sweep(struct net *net)
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
	net_arm_sweep(net);
	if (net->connections.count < NET_CONNECTIONS_MAX || net->is_full)
		return;
	net->is_full = true;
	doors_update(net);
}

static void
conn_gone(struct net *net)
{
	if (net->is_draining && net->connections.count == 0)
		event_active(net->sweep, EV_TIMEOUT, 0);
	if (!net->is_full || net->connections.count >= NET_CONNECTIONS_MAX)
		return;
	net->is_full = false;
	doors_update(net);
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
		if (is_drained(net, conn, now) || conn_has_lost_peer(conn))
			conn_close(conn);
		else if (conn->state != CONN_WAITING && now >= conn->deadline_us)
			conn_expire(conn);
	}
	if (net->is_full)
		conn_gone(net); /* a descriptor may be free again */
	if (net->connections.count > 0)
		net_arm_sweep(net);
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
	doors_free(net);
	slots_clear(&net->connections);
	event_free(net->sweep);
	tls_free(net->tls);
	free(net);
}

bool
net_start_tls(
    struct net *net, const struct tlscert *cert, struct pki *pki, struct err *err)
{
	net->tls = tls_new(net, cert, pki, err);
	if (net->tls == NULL)
		return false;
	doors_update(net);
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
	doors_update(net);
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
