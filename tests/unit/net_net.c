#include "tests/support/net_rig.h"
#include <criterion/new/assert.h>
#include <sys/resource.h>

#define GET "GET /certsrv/mscep/mscep.dll?operation=GetCACaps HTTP/1.1\r\nHost: h\r\n\r\n"

static void
on_drained(void *arg)
{
	unsigned *calls = arg;

	(*calls)++;
}

Test(net, port_0_is_given_a_number)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	const char *host;
	unsigned port;
	bool is_tls;

	rig_open(&rig, "healthy", &settings);
	net_door(rig.net, 0, &host, &port, &is_tls);
	cr_expect(strcmp(host, "127.0.0.1") == 0);
	cr_expect(port > 0);
	cr_expect(not(is_tls));
	rig_close(&rig);
}

Test(net, a_busy_port_is_refused_with_its_number)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	struct err err = ERR_INIT;
	char number[8];

	rig_open(&rig, "healthy", &settings);
	cr_expect(not(net_listen(rig.net, "127.0.0.1", rig.port, false, &err)));
	snprintf(number, sizeof(number), "%u", rig.port);
	cr_expect(strstr(err.text, number) != NULL, "%s", err.text);
	cr_expect(strstr(err.text, "in use") != NULL, "%s", err.text);
	cr_expect(eq(int, err.kind, ERR_FAILED));
	rig_close(&rig);
}

Test(net, an_address_of_another_machine_is_refused)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	struct err err = ERR_INIT;

	rig_open(&rig, "healthy", &settings);
	cr_expect(not(net_listen(rig.net, "192.0.2.1", 0, false, &err)));
	cr_expect(strstr(err.text, "192.0.2.1") != NULL, "%s", err.text);
	rig_close(&rig);
}

Test(net, draining_closes_idle_connections_and_takes_no_more, .timeout = 10)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	struct buf got = BUF_INIT;
	unsigned calls = 0;

	rig_open(&rig, "healthy", &settings);
	int fd = rig_connect(&rig);
	rig_send(fd, GET);
	cr_assert(rig_expect(&rig, fd, "SHA-256", &got) == 1);
	net_drain(rig.net, on_drained, &calls);
	cr_expect(eq(int, rig_expect(&rig, fd, NULL, &got), 0), "closed");
	while (calls == 0)
		rig_turn(&rig);
	cr_expect(eq(uint, calls, 1));
	cr_expect(eq(sz, net_connection_count(rig.net), 0));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

Test(net, draining_without_connections_ends_at_once, .timeout = 10)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	unsigned calls = 0;

	rig_open(&rig, "healthy", &settings);
	net_drain(rig.net, on_drained, &calls);
	rig_turn(&rig);
	cr_expect(eq(uint, calls, 1));
	rig_close(&rig);
}

Test(net, a_hundred_connections_come_and_go, .timeout = 20)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	int fds[100];
	struct buf got = BUF_INIT;

	rig_open(&rig, "healthy", &settings);
	for (size_t i = 0; i < 100; i++) {
		fds[i] = rig_connect(&rig);
		rig_send(fds[i], GET);
	}
	for (size_t i = 0; i < 100; i++) {
		buf_reset(&got);
		cr_expect(rig_expect(&rig, fds[i], "SHA-256", &got) == 1, "case %zu", i);
	}
	cr_expect(eq(sz, net_connection_count(rig.net), 100));
	for (size_t i = 0; i < 100; i++)
		close(fds[i]);
	for (int i = 0; i < 1000 && net_connection_count(rig.net) > 0; i++)
		rig_turn(&rig);
	cr_expect(eq(sz, net_connection_count(rig.net), 0));
	rig_close(&rig);
	buf_clear(&got);
}

/* The lowest descriptor that is free. */
static rlim_t
next_descriptor(void)
{
	int fd = dup(0);

	close(fd);
	return (rlim_t)fd;
}

Test(net, doors_that_ran_out_of_descriptors_open_again, .timeout = 20)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	struct buf got = BUF_INIT;
	int fds[4];
	struct rlimit limit;

	rig_open(&rig, "healthy", &settings);
	getrlimit(RLIMIT_NOFILE, &limit);
	limit.rlim_cur = next_descriptor() + 6; /* four callers, two that are let in */
	cr_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	for (size_t i = 0; i < 4; i++) {
		fds[i] = rig_connect(&rig);
		rig_send(fds[i], GET);
	}
	for (size_t i = 0; i < 2; i++) {
		buf_reset(&got);
		cr_expect(rig_expect(&rig, fds[i], "SHA-256", &got) == 1, "case %zu", i);
	}
	cr_expect(eq(sz, net_connection_count(rig.net), 2), "no room for the others");
	close(fds[0]);
	close(fds[1]);
	for (size_t i = 2; i < 4; i++) {
		buf_reset(&got);
		cr_expect(rig_expect(&rig, fds[i], "SHA-256", &got) == 1, "case %zu", i);
		close(fds[i]);
	}
	rig_close(&rig);
	buf_clear(&got);
}

/* No connection ends that could open them again: somebody else frees a descriptor. */
Test(net, doors_open_again_when_descriptors_come_from_elsewhere, .timeout = 20)
{
	struct net_settings settings = NET_SETTINGS_DEFAULT;
	struct net_rig rig;
	struct buf got = BUF_INIT;
	struct rlimit limit, before;

	rig_open(&rig, "healthy", &settings);
	getrlimit(RLIMIT_NOFILE, &before);
	limit = before;
	limit.rlim_cur = next_descriptor() + 1; /* the caller's own */
	cr_assert(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	int fd = rig_connect(&rig);
	rig_send(fd, GET);
	for (int i = 0; i < 5; i++)
		rig_turn(&rig);
	cr_expect(eq(sz, net_connection_count(rig.net), 0));
	cr_assert(setrlimit(RLIMIT_NOFILE, &before) == 0);
	cr_expect(eq(int, rig_expect(&rig, fd, "SHA-256", &got), 1));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}
