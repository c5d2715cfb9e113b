#include "support/plan_rig.h"
#include <criterion/new/assert.h>
#include <openssl/err.h>

#define IDLE_MS 60000

static void
answer_shortly(struct plan_rig *rig)
{
	struct plan *plan = &rig->flow.plan;

	buf_add_text(&plan->bytes, "hello");
	plan->steps[0] = (struct step){STEP_WRITE, 0, 5};
	plan->step_count = 1;
	plan_add(plan, STEP_CLOSE);
}

Test(door, one_that_refuses_is_bound_and_refuses, .timeout = 10)
{
	struct plan_rig rig;
	struct err err = ERR_INIT;

	rig_init(&rig, IDLE_MS);
	rig_open_door(&rig, DOOR_REFUSES, false);
	cr_expect(rig.port > 0);
	for (int i = 0; i < 3; i++) {
		int fd = rig_dial(&rig);

		cr_expect(eq(int, rig_connected(fd, RIG_PATIENCE_US), ECONNREFUSED));
		close(fd);
	}
	cr_expect(not(net_listen(rig.net, "127.0.0.1", rig.port, false, &err)),
	    "nobody else gets the port");
	rig_close(&rig);
}

Test(door, of_ipv6_refuses_too, .timeout = 10)
{
	struct door_wish wish = {.host = "::1", .fault = DOOR_REFUSES};
	struct sockaddr_in6 address = {
	    .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct plan_rig rig;
	struct err err = ERR_INIT;
	const char *host;
	size_t index;
	bool is_tls;
	int fd = socket(AF_INET6, SOCK_STREAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		cr_skip_test("there is no IPv6 here");
	close(fd);
	rig_init(&rig, IDLE_MS);
	cr_assert(net_listen_faulty(rig.net, &wish, &index, &err), "%s", err.text);
	net_door(rig.net, index, &host, &rig.port, &is_tls);
	address.sin6_port = htons((unsigned short)rig.port);
	fd = socket(AF_INET6, SOCK_STREAM, 0);
	cr_expect(connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0);
	cr_expect(eq(int, errno, ECONNREFUSED));
	close(fd);
	rig_close(&rig);
}

Test(door, without_accept_no_connect_ends, .timeout = 10)
{
	struct plan_rig rig;
	int fds[4];

	rig_init(&rig, IDLE_MS);
	rig_open_door(&rig, DOOR_NO_ACCEPT, false);
	for (size_t i = 0; i < 4; i++)
		fds[i] = rig_dial(&rig);
	rig_turn(&rig);
	cr_expect(eq(int, rig_connected(fds[0], 300000), ETIMEDOUT));
	for (size_t i = 0; i < 4; i++) {
		cr_expect(rig_connected(fds[i], 0) == ETIMEDOUT, "case %zu", i);
		close(fds[i]);
	}
	rig_close(&rig);
}

Test(door, without_accept_on_every_address_no_connect_ends, .timeout = 10)
{
	struct door_wish wish = {.host = "0.0.0.0", .fault = DOOR_NO_ACCEPT};
	struct plan_rig rig;
	struct err err = ERR_INIT;
	const char *host;
	size_t index;
	bool is_tls;

	rig_init(&rig, IDLE_MS);
	cr_assert(net_listen_faulty(rig.net, &wish, &index, &err), "%s", err.text);
	net_door(rig.net, index, &host, &rig.port, &is_tls);
	int fd = rig_dial(&rig);
	cr_expect(eq(int, rig_connected(fd, 300000), ETIMEDOUT));
	close(fd);
	rig_close(&rig);
}

Test(door, that_asks_and_may_go_on_answers, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;

	rig_init(&rig, IDLE_MS);
	rig_open_door(&rig, DOOR_ASKS, false);
	answer_shortly(&rig);
	rig.flow.welcome = (struct accept){ACCEPT_GO, 100};
	int64_t begun = clock_monotonic_us();
	int fd = rig_ask(&rig);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), 0));
	cr_expect(slice_is(buf_slice(&got), "hello"));
	cr_expect(clock_monotonic_us() - begun >= 100000);
	cr_expect(eq(uint, rig.flow.asked, 1));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

static const struct {
	const char *name;
	struct accept welcome;
	int end;
} welcomes[] = {
    {"go", {ACCEPT_GO, 0}, 0},
    {"reset", {ACCEPT_RESET, 0}, -ECONNRESET},
    {"reset, late", {ACCEPT_RESET, 30}, -ECONNRESET},
    {"close", {ACCEPT_CLOSE, 0}, 0},
    {"close, late", {ACCEPT_CLOSE, 30}, 0},
    {"stall", {ACCEPT_STALL, 0}, -ETIMEDOUT},
    {"stall, late", {ACCEPT_STALL, 30}, -ETIMEDOUT},
};

Test(door, that_asks_does_what_it_is_told, .timeout = 20)
{
	for (size_t i = 0; i < sizeof(welcomes) / sizeof(welcomes[0]); i++) {
		const char *name = welcomes[i].name;
		bool goes = welcomes[i].welcome.kind == ACCEPT_GO;
		struct plan_rig rig;
		struct buf got = BUF_INIT;

		rig_init(&rig, IDLE_MS);
		rig_open_door(&rig, DOOR_ASKS, false);
		answer_shortly(&rig);
		rig.flow.welcome = welcomes[i].welcome;
		int fd = rig_ask(&rig);
		int end = rig_read(&rig, fd, RIG_SILENCE_US, &got, NULL);
		cr_expect(end == welcomes[i].end, "case %s: %d", name, end);
		cr_expect(
		    slice_is(buf_slice(&got), goes ? "hello" : ""), "case %s", name);
		cr_expect(rig.flow.begun == (goes ? 1 : 0), "case %s", name);
		cr_expect(net_connection_count(rig.net) <= 1, "case %s", name);
		close(fd);
		cr_expect(rig_empties(&rig), "case %s: it is noticed", name);
		rig_close(&rig);
		buf_clear(&got);
	}
}

Test(door, that_asks_resets_before_a_byte_is_sent, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;

	rig_init(&rig, IDLE_MS);
	rig_open_door(&rig, DOOR_ASKS, false);
	rig.flow.welcome.kind = ACCEPT_RESET;
	int fd = rig_connect(&rig);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), -ECONNRESET));
	close(fd);
	rig_close(&rig);
}

Test(door, a_stalled_connection_ends_with_the_idle_timeout, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;

	rig_init(&rig, 300);
	rig_open_door(&rig, DOOR_ASKS, false);
	rig.flow.welcome.kind = ACCEPT_STALL;
	int fd = rig_connect(&rig);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_SILENCE_US, &got, NULL), -ETIMEDOUT));
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), 0));
	close(fd);
	rig_close(&rig);
}

Test(door, a_stalled_client_that_resets_is_noticed, .timeout = 10)
{
	struct linger at_once = {.l_onoff = 1, .l_linger = 0};
	struct plan_rig rig;

	rig_init(&rig, IDLE_MS);
	rig_open_door(&rig, DOOR_ASKS, false);
	rig.flow.welcome = (struct accept){ACCEPT_GO, IDLE_MS};
	int fd = rig_ask(&rig);
	for (int i = 0; i < 10; i++)
		rig_turn(&rig);
	cr_expect(eq(sz, net_connection_count(rig.net), 1));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(fd);
	cr_expect(rig_empties(&rig));
	rig_close(&rig);
}

static void
on_drained(void *arg)
{
	unsigned *calls = arg;

	(*calls)++;
}

Test(door, draining_lets_go_of_all_that_stand_at_it, .timeout = 10)
{
	struct plan_rig rig;
	unsigned calls = 0;
	int fds[4];

	rig_init(&rig, IDLE_MS);
	rig_open_door(&rig, DOOR_ASKS, false);
	for (size_t i = 0; i < 4; i++) {
		rig.flow.welcome = (struct accept){
		    i % 2 == 0 ? ACCEPT_STALL : ACCEPT_GO, i < 2 ? IDLE_MS : 0};
		fds[i] = rig_connect(&rig);
		while (rig.flow.asked <= i)
			rig_turn(&rig);
	}
	net_drain(rig.net, on_drained, &calls);
	rig_turn(&rig);
	cr_expect(eq(uint, calls, 1));
	for (size_t i = 0; i < 4; i++)
		close(fds[i]);
	rig_close(&rig);
}

/* Opened when TLS has started long since. */
Test(door, over_tls_is_asked_before_the_handshake, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;

	rig_init(&rig, IDLE_MS);
	rig_start_tls(&rig);
	rig_open_door(&rig, DOOR_ASKS, true);
	for (int kind = ACCEPT_RESET; kind <= ACCEPT_STALL; kind++) {
		static const int ends[] = {0, -ECONNRESET, 0, -ETIMEDOUT};
		SSL *ssl = SSL_new(rig.client);

		rig.flow.welcome.kind = (enum accept_kind)kind;
		int fd = rig_connect(&rig);
		SSL_set_fd(ssl, fd);
		(void)SSL_connect(ssl); /* says hello */
		int end = rig_read(&rig, fd, RIG_SILENCE_US, &got, NULL);
		cr_expect(end == ends[kind], "case %d: %d", kind, end);
		cr_expect(eq(sz, got.len, 0), "case %d: not even an alert", kind);
		SSL_free(ssl);
		close(fd);
		cr_expect(rig_empties(&rig), "case %d", kind);
		ERR_clear_error();
	}
	cr_expect(rig.flow.was_tls);
	rig.flow.welcome.kind = ACCEPT_GO;
	SSL *ssl = SSL_new(rig.client);
	int fd = rig_connect(&rig);
	SSL_set_fd(ssl, fd);
	for (int i = 0; i < 1000 && SSL_connect(ssl) != 1; i++)
		rig_turn(&rig);
	cr_expect(SSL_is_init_finished(ssl));
	SSL_free(ssl);
	close(fd);
	rig_close(&rig);
	ERR_clear_error();
}

Test(door, once_shut_refuses_and_its_connections_stay, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;

	rig_init(&rig, IDLE_MS);
	size_t index = rig_open_door(&rig, DOOR_ASKS, false);
	answer_shortly(&rig);
	unsigned port = rig.port;
	int fd = rig_connect(&rig);
	while (net_connection_count(rig.net) == 0)
		rig_turn(&rig);
	net_shut(rig.net, index);
	net_shut(rig.net, index); /* twice is once */
	int late = rig_dial(&rig);
	cr_expect(eq(int, rig_connected(late, RIG_PATIENCE_US), ECONNREFUSED));
	close(late);
	cr_assert(send(fd, RIG_REQUEST, strlen(RIG_REQUEST), 0) > 0);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), 0));
	cr_expect(slice_is(buf_slice(&got), "hello"));
	close(fd);

	cr_expect(eq(sz, rig_open_door(&rig, DOOR_SOUND, false), index + 1),
	    "its number is not used again");
	const char *host;
	unsigned number;
	bool is_tls;
	net_door(rig.net, index, &host, &number, &is_tls);
	cr_expect(eq(uint, number, port));
	rig_close(&rig);
	buf_clear(&got);
}

Test(door, of_every_fault_leaves_its_port_when_shut, .timeout = 10)
{
	for (int fault = DOOR_SOUND; fault <= DOOR_ASKS; fault++) {
		struct plan_rig rig;
		struct err err = ERR_INIT;

		rig_init(&rig, IDLE_MS);
		net_shut(rig.net, rig_open_door(&rig, (enum door_fault)fault, false));
		cr_expect(net_listen(rig.net, "127.0.0.1", rig.port, false, &err),
		    "case %d: %s", fault, err.text);
		int fd = rig_connect(&rig);
		close(fd);
		rig_close(&rig);
	}
}

Test(door, there_may_be_many_but_not_too_many, .timeout = 10)
{
	struct door_wish wish = {.host = "127.0.0.1", .fault = DOOR_REFUSES};
	struct plan_rig rig;
	struct err err = ERR_INIT;
	size_t index;

	rig_init(&rig, IDLE_MS);
	for (size_t i = 0; i < 64; i++)
		rig_open_door(&rig, DOOR_REFUSES, false);
	cr_expect(not(net_listen_faulty(rig.net, &wish, &index, &err)));
	cr_expect(eq(int, err.kind, ERR_USAGE));
	net_shut(rig.net, 5);
	cr_expect(net_listen_faulty(rig.net, &wish, &index, &err), "one is shut");
	cr_expect(eq(sz, index, 64));
	rig_close(&rig);
}
