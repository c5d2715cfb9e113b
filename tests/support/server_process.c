#include "support/server_process.h"

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include <dirent.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_FD       3
#define READY_FD_TEXT  "3"
#define READY_LINE_MAX 65536
#define OWN_PREFIX     "MOCKNDES_"

/* The environment without settings that are meant for a user's own server. Yours. */
static char **
clean_environment(void)
{
	size_t count = 0;
	size_t kept = 0;
	char **ret;

	while (environ[count] != NULL)
		count++;
	ret = mem_array(count + 1, sizeof(*ret));
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], OWN_PREFIX, strlen(OWN_PREFIX)) != 0)
			ret[kept++] = environ[i];
	return ret;
}

static char *
argument(const char *text)
{
	return (char *)(uintptr_t)text; /* posix_spawn leaves it as it is */
}

static int
spawn(struct server_process *process, const char *program, const char *const args[],
    int ready)
{
	char *argv[SERVER_PROCESS_ARGS_MAX + 5] = {argument(program),
	    argument("--exit-with-parent"), argument("--ready-fd"),
	    argument(READY_FD_TEXT)};
	char **environment = clean_environment();
	posix_spawn_file_actions_t files;
	int error;

	for (size_t i = 0; args[i] != NULL && i < SERVER_PROCESS_ARGS_MAX; i++)
		argv[4 + i] = argument(args[i]);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&files, ready, READY_FD);
	error = posix_spawn(&process->pid, program, &files, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&files);
	free(environment);
	if (error == 0)
		process->pid_fd = (int)syscall(SYS_pidfd_open, process->pid, 0);
	return error;
}

/* False: the process went, or was silent for too long. */
static bool
read_line(int fd, struct buf *line)
{
	int64_t until = clock_monotonic_us() + SERVER_PROCESS_START_MS * 1000LL;
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char bytes[1024];

	while (line->len < READY_LINE_MAX) {
		int64_t left_ms = (until - clock_monotonic_us()) / 1000;
		ssize_t n = 0;

		if (left_ms > 0 && poll(&ready, 1, (int)left_ms) == 1)
			n = read(fd, bytes, sizeof(bytes));
		if (n <= 0)
			return false;
		buf_add(line, bytes, (size_t)n);
		if (memchr(bytes, '\n', (size_t)n) != NULL)
			return true;
	}
	return false;
}

static unsigned
first_port(const json_t *ports, bool is_tls)
{
	size_t i;
	json_t *port;

	json_array_foreach(ports, i,
	    port) if (json_is_true(json_object_get(port, "tls")) ==
	              is_tls) return (unsigned)json_integer_value(json_object_get(port,
	    "port"));
	return 0;
}

/* Behind "unix:". */
static char *
path_of(const char *address)
{
	const char *colon = address != NULL ? strchr(address, ':') : NULL;

	return mem_string(colon != NULL ? colon + 1 : "");
}

static bool
read_ready(struct server_process *process, const struct buf *line)
{
	json_t *ready = json_loadb((const char *)line->data, line->len, 0, NULL);
	const json_t *ports = json_object_get(ready, "ports");
	const json_t *fault = json_object_get(ready, "fault");
	const char *ca = json_string_value(json_object_get(ready, "ca"));
	const char *challenge = json_string_value(json_object_get(ready, "challenge"));
	bool ok = json_integer_value(json_object_get(ready, "pid")) == process->pid &&
	          ca != NULL && challenge != NULL;

	if (ok) {
		process->port = first_port(ports, false);
		process->tls_port = first_port(ports, true);
		process->fault_port =
		    (unsigned)json_integer_value(json_object_get(fault, "port"));
		process->is_fault_tls = json_is_true(json_object_get(fault, "tls"));
		process->control =
		    path_of(json_string_value(json_object_get(ready, "control")));
		process->ca_path = mem_string(ca);
		process->challenge = mem_string(challenge);
	}
	json_decref(ready);
	return ok;
}

bool
server_process_start(struct server_process *ret, const char *program,
    const char *const args[], struct err *err)
{
	struct buf line = BUF_INIT;
	int ends[2];
	int error;
	bool ok;

	*ret = (struct server_process){.pid_fd = -1};
	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_set_errno(err, ERR_FAILED, "no pipe for the ready line");
	error = spawn(ret, program, args, ends[1]);
	close(ends[1]);
	if (error != 0) {
		close(ends[0]);
		return err_set(
		    err, ERR_FAILED, "cannot run %s: %s", program, strerror(error));
	}
	ok = read_line(ends[0], &line) && read_ready(ret, &line);
	close(ends[0]);
	buf_clear(&line);
	if (!ok)
		err_set(err, ERR_FAILED, "%s did not get ready, exit code %d", program,
		    server_process_stop(ret));
	return ok;
}

static bool
await_end(const struct server_process *process, int ms)
{
	struct pollfd end = {.fd = process->pid_fd, .events = POLLIN};

	return poll(&end, 1, ms) == 1;
}

bool
server_process_is_running(const struct server_process *process)
{
	return process->pid != 0 && !await_end(process, 0);
}

int
server_process_stop(struct server_process *process)
{
	bool is_killed = false;
	int status = 0;

	if (process->pid == 0)
		return 0;
	kill(process->pid, SIGTERM);
	if (!await_end(process, SERVER_PROCESS_STOP_MS)) {
		is_killed = true;
		kill(process->pid, SIGKILL);
	}
	waitpid(process->pid, &status, 0);
	close(process->pid_fd);
	free(process->ca_path);
	free(process->challenge);
	free(process->control);
	*process = (struct server_process){.pid_fd = -1};
	if (is_killed)
		return SERVER_PROCESS_KILLED;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

size_t
server_process_descriptors(const struct server_process *process)
{
	char *path = mem_format("/proc/%d/fd", (int)process->pid);
	DIR *folder = opendir(path);
	size_t count = 0;

	free(path);
	if (folder == NULL)
		return 0;
	for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
		count += entry->d_name[0] != '.';
	closedir(folder);
	return count;
}
