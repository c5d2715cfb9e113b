/*
 * server_process: the real program as a child process of a test.
 *
 * It is started with --ready-fd and --exit-with-parent, so it is there when
 * server_process_start returns and goes when the test goes. Its standard error is the
 * test's own. Settings of the user in the environment (MOCKNDES_*) do not reach it.
 */
#ifndef SUPPORT_SERVER_PROCESS_H
#define SUPPORT_SERVER_PROCESS_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define SERVER_PROCESS_ARGS_MAX 32
#define SERVER_PROCESS_START_MS 60000 /* three RSA keys, perhaps under a sanitizer */
#define SERVER_PROCESS_STOP_MS  20000
#define SERVER_PROCESS_KILLED   (-1)

struct server_process {
	pid_t pid; /* 0: not running */
	int pid_fd;
	unsigned port;       /* of the first HTTP listener; 0: none */
	unsigned tls_port;   /* of the first HTTPS listener; 0: none */
	unsigned fault_port; /* of a scenario with a door of its own; 0: it has none */
	bool is_fault_tls;
	char *ca_path;   /* PEM; there as long as the process runs */
	char *challenge; /* one that will be accepted */
	char *control;   /* the path of the control socket */
};

/* `args` are further options and end in NULL. False and err: it did not get ready. */
bool server_process_start(struct server_process *ret, const char *program,
    const char *const args[], struct err *err);
/*
 * SIGTERM, then the exit code; 128 + n: signal n ended it; SERVER_PROCESS_KILLED: it
 * did not end in time and was killed.
 */
int server_process_stop(struct server_process *process);
bool server_process_is_running(const struct server_process *process);
size_t server_process_descriptors(const struct server_process *process); /* open ones */

#endif
