/*
 * How long a server takes from its start to its first answer:
 *
 *	bench-start PORT COMMAND [ARG...]   runs COMMAND, which shall listen on PORT, asks
 *	                                    for GetCACaps again and again until a 200
 *	                                    comes, ends COMMAND; prints microseconds
 *	bench-start --free-port             prints a port that nobody uses
 */
#include "base/clock.h"
#include "bench/link.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define START_MAX_US (10 * 1000000)
#define STOP_MAX_US  (5 * 1000000)
#define STOP_LOOK_NS (2 * 1000000)

/* Below what Linux gives to outgoing connections: nobody takes it by chance. */
#define PORT_FIRST 20000
#define PORT_COUNT 10000

extern char **environ;

static bool
is_free(unsigned port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int one = 1;
	bool ok;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	ok = fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
	close(fd);
	return ok;
}

static unsigned
free_port(void)
{
	unsigned first = (unsigned)getpid() % PORT_COUNT;

	for (unsigned i = 0; i < PORT_COUNT; i++) {
		unsigned port = PORT_FIRST + (first + i) % PORT_COUNT;

		if (is_free(port))
			return port;
	}
	die("no port between %d and %d is free", PORT_FIRST, PORT_FIRST + PORT_COUNT);
}

static pid_t
start(char **command)
{
	posix_spawn_file_actions_t files;
	pid_t pid = 0;
	int error;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&pid, command[0], &files, NULL, command, environ);
	posix_spawn_file_actions_destroy(&files);
	if (error != 0)
		die("cannot run %s: %s", command[0], strerror(error));
	return pid;
}

/* However this program ends: it leaves no server behind. */
static void
stop(int code, void *arg)
{
	const struct timespec look = {.tv_nsec = STOP_LOOK_NS};
	int64_t until = clock_monotonic_us() + STOP_MAX_US;
	pid_t pid = (pid_t)(intptr_t)arg;

	kill(pid, SIGTERM);
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (clock_monotonic_us() > until)
			kill(pid, SIGKILL);
		nanosleep(&look, NULL);
	}
}

/* A connection as soon as there is one; -1: none in time, or `pid` has ended. */
static int
reach(pid_t pid, unsigned port, int64_t until)
{
	siginfo_t end = {0};
	int fd = -1;

	while ((fd = link_open(port)) < 0 && clock_monotonic_us() < until)
		if (waitid(P_PID, (id_t)pid, &end, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    end.si_pid == pid)
			break;
	return fd;
}

int
main(int argc, char **argv)
{
	struct buf request = BUF_INIT;
	struct answer answer = {0};

	if (argc == 2 && strcmp(argv[1], "--free-port") == 0) {
		printf("%u\n", free_port());
		return 0;
	}
	if (argc < 3)
		die("usage: bench-start PORT COMMAND [ARG...] | bench-start --free-port");
	unsigned port = link_port(argv[1]);
	buf_add_text(&request,
	    "GET /certsrv/mscep/mscep.dll?operation=GetCACaps HTTP/1.1\r\n"
	    "Host: localhost\r\n\r\n");

	int64_t begun = clock_monotonic_us();
	pid_t pid = start(argv + 2);
	on_exit(stop, (void *)(intptr_t)pid);
	int fd = reach(pid, port, begun + START_MAX_US);
	if (fd < 0)
		die("%s did not answer on port %u", argv[2], port);
	link_send(fd, &request);
	link_receive(fd, &answer);
	int64_t ended = clock_monotonic_us();

	close(fd);
	if (answer.status != 200)
		die("%s answered %u to its first request", argv[2], answer.status);
	printf("%" PRId64 "\n", ended - begun);
	buf_clear(&answer.body);
	buf_clear(&request);
	return 0;
}
