#include "support/plan_rig.h"

struct accept
flow_accept(struct flow *flow, const struct endpoints *endpoints)
{
	flow->asked++;
	flow->was_tls = endpoints->is_tls;
	cr_expect(slice_is(endpoints->client_ip, "127.0.0.1"));
	cr_expect(endpoints->connection != 0);
	return flow->welcome;
}

void
flow_tls_fault_used(struct flow *flow, const char *word)
{
	flow->tls_word = word;
}

int64_t
flow_now_ms(const struct flow *flow)
{
	return (int64_t)time(NULL) * 1000;
}

const struct plan *
flow_head(struct flow *flow, struct endpoints *endpoints, const struct request *request,
    exchange_id *ret)
{
	flow->begun++;
	flow->connection = endpoints->connection;
	if (endpoints->client_cert != NULL)
		snprintf(flow->client_cert, sizeof(flow->client_cert), "%s",
		    endpoints->client_cert);
	*ret = flow->begun;
	return NULL;
}

const struct plan *
flow_body(struct flow *flow, exchange_id id)
{
	return flow->answers_late ? NULL : &flow->plan;
}

const struct plan *
flow_refused(struct flow *flow, struct endpoints *endpoints,
    const struct request *request, enum refusal refusal, exchange_id *ret)
{
	static const struct plan nothing = {
	    .steps = {{.kind = STEP_ABORT}}, .step_count = 1};

	flow->begun++;
	*ret = flow->begun;
	return &nothing;
}

void
flow_forget(struct flow *flow, exchange_id id)
{
	flow->begun--;
}

void
flow_finished(struct flow *flow, exchange_id id, enum flow_end end, uint64_t bytes_sent)
{
	if (end == FLOW_SENT)
		flow->sent++;
	else
		flow->dropped++;
	flow->bytes_sent = bytes_sent;
}

void
flow_left(struct endpoints *endpoints)
{
	/* the rig keeps nothing of a connection */
}

void
rig_init(struct plan_rig *rig, uint64_t idle_timeout_ms)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;

	memset(rig, 0, sizeof(*rig));
	settings.idle_timeout_ms = idle_timeout_ms;
	rig->base = event_base_new();
	rig->net = net_new(rig->base, &settings);
	net_set_flow(rig->net, &rig->flow);
}

size_t
rig_open_door(struct plan_rig *rig, enum door_fault fault, bool is_tls)
{
	struct door_wish wish = {.host = "127.0.0.1", .fault = fault, .is_tls = is_tls};
	struct err err = ERR_INIT;
	const char *host;
	size_t index = 99;

	cr_assert(net_listen_faulty(rig->net, &wish, &index, &err), "%s", err.text);
	net_door(rig->net, index, &host, &rig->port, &is_tls);
	return index;
}

void
rig_start_tls(struct plan_rig *rig)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki = fixture_pki("localhost");
	struct tlscert cert = {.key = NULL};
	struct err err = ERR_INIT;

	cr_assert(tlscert_issue(&cert, pki, names, 1, FIXTURE_NOW, &err), "%s", err.text);
	cr_assert(net_start_tls(rig->net, &cert, pki, &err));
	tlscert_clear(&cert);
	pki_release(pki);
	rig->client = SSL_CTX_new(TLS_client_method());
}

void
rig_close(struct plan_rig *rig)
{
	net_free(rig->net);
	cr_expect(rig->flow.sent + rig->flow.dropped == rig->flow.begun,
	    "every exchange was told its end: %u + %u of %u", rig->flow.sent,
	    rig->flow.dropped, rig->flow.begun);
	plan_clear(&rig->flow.plan);
	SSL_CTX_free(rig->client);
	event_base_free(rig->base);
}

void
rig_turn(struct plan_rig *rig)
{
	struct timeval soon = {0, 1000};

	event_base_loopexit(rig->base, &soon);
	event_base_dispatch(rig->base);
}

bool
rig_empties(struct plan_rig *rig)
{
	int64_t end = clock_monotonic_us() + RIG_PATIENCE_US;

	while (net_connection_count(rig->net) > 0 && clock_monotonic_us() < end)
		rig_turn(rig);
	return net_connection_count(rig->net) == 0;
}

int
rig_dial(const struct plan_rig *rig)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET,
	    .sin_port = htons((unsigned short)rig->port),
	    .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	cr_assert(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ||
	          errno == EINPROGRESS || errno == ECONNREFUSED);
	return fd;
}

int
rig_connected(int fd, int64_t us)
{
	struct pollfd socket = {.fd = fd, .events = POLLOUT};
	int error = ETIMEDOUT;
	socklen_t len = sizeof(error);

	if (poll(&socket, 1, (int)(us / 1000)) == 1)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len);
	return error;
}

int
rig_connect(const struct plan_rig *rig)
{
	int fd = rig_dial(rig);

	cr_assert(rig_connected(fd, RIG_PATIENCE_US) == 0);
	return fd;
}

int
rig_ask(const struct plan_rig *rig)
{
	int fd = rig_connect(rig);

	cr_assert(send(fd, RIG_REQUEST, strlen(RIG_REQUEST), MSG_NOSIGNAL) > 0);
	return fd;
}

int
rig_read(struct plan_rig *rig, int fd, int64_t us, struct buf *got, unsigned *pieces)
{
	int64_t end = clock_monotonic_us() + us;
	char bytes[65536];

	while (clock_monotonic_us() < end) {
		ssize_t n = recv(fd, bytes, sizeof(bytes), 0);

		if (n > 0) {
			buf_add(got, bytes, (size_t)n);
			if (pieces != NULL)
				(*pieces)++;
			continue;
		}
		if (n == 0)
			return 0;
		if (errno != EAGAIN)
			return -errno;
		rig_turn(rig);
	}
	return -ETIMEDOUT;
}

void
rig_add_step(struct plan_rig *rig, struct step step)
{
	rig->flow.plan.steps[rig->flow.plan.step_count++] = step;
}

void
rig_add_text(struct plan_rig *rig, const char *text)
{
	struct plan *plan = &rig->flow.plan;

	rig_add_step(rig, (struct step){STEP_WRITE, plan->bytes.len, strlen(text)});
	buf_add_text(&plan->bytes, text);
}

void
rig_add_filling(struct plan_rig *rig, size_t len)
{
	struct plan *plan = &rig->flow.plan;

	rig_add_step(rig, (struct step){STEP_WRITE, plan->bytes.len, len});
	for (size_t i = 0; i < len; i++)
		buf_add_char(&plan->bytes, (char)i);
}

void
rig_turn_until_begun(struct plan_rig *rig, unsigned count)
{
	int64_t end = clock_monotonic_us() + RIG_PATIENCE_US;

	while (rig->flow.begun < count && clock_monotonic_us() < end)
		rig_turn(rig);
	cr_assert(rig->flow.begun == count, "%u requests", rig->flow.begun);
}

void
rig_wait_plan(struct plan_rig *rig)
{
	rig_add_step(rig, (struct step){.kind = STEP_WAIT, .wait_ms = 60000});
	rig_add_text(rig, RIG_TEXT);
	plan_add(&rig->flow.plan, STEP_NEXT);
}
