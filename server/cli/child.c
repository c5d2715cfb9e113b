#include "cli/child.h"
#include "base/mem.h"
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define CANNOT_RUN 126
#define NOT_FOUND  127

struct child {
	pid_t pid; /* a zombie until child_free, so that the group's number stays ours */
	int pidfd;
	bool has_terminal;
	struct sigaction terminal_action; /* SIGTTOU before we ignored it */
	bool timed_out;
	struct event *gone;
	struct event *timer;
	struct event *stopped; /* NULL without a terminal */
	void (*ended)(void *arg, const struct child_end *end);
	void *arg;
};

/* What COMMAND must not inherit, besides the options. */
static const char *const hidden[] = {
    "MOCKNDES_SCENARIO",
    "MOCKNDES_URL",
    "MOCKNDES_TLS_URL",
    "MOCKNDES_BASE",
    "MOCKNDES_CA",
    "MOCKNDES_CHALLENGE",
    "MOCKNDES_RUNNING",
    "MOCKNDES_CONTROL",
    "MOCKNDES_TOKEN",
};

static bool
is_hidden(const char *entry)
{
	struct slice name = {entry, strcspn(entry, "=")};

	if (strncmp(entry, "MOCKNDES_OPT_", strlen("MOCKNDES_OPT_")) == 0)
		return true;
	for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++)
		if (slice_is(name, hidden[i]))
			return true;
	return false;
}

/* Ours without what is hidden, then `variables`. The variables' texts are copies. */
static char **
make_environment(const struct child_variable *variables, size_t count)
{
	size_t used = 0, have = 0;
	char **ret;

	while (environ[have] != NULL)
		have++;
	ret = mem_array(have + count + 1, sizeof(char *));
	for (size_t i = 0; i < have; i++)
		if (!is_hidden(environ[i]))
			ret[used++] = mem_string(environ[i]);
	for (size_t i = 0; i < count; i++)
		if (variables[i].value != NULL)
			ret[used++] =
			    mem_format("%s=%s", variables[i].name, variables[i].value);
	return ret;
}

static void
free_environment(char **environment)
{
	for (char **entry = environment; *entry != NULL; entry++)
		free(*entry);
	free(environment);
}

/* Only who is in the foreground may hand the terminal on. */
static bool
owns_terminal(void)
{
	return isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
}

/* A process group of its own, no blocked signal, none of the ones that we ignore. */
static int
spawn(pid_t *pid, char **argv, char **environment, bool give_terminal)
{
	posix_spawnattr_t attr;
	posix_spawn_file_actions_t actions;
	sigset_t none, ignored;
	int rc;

	sigemptyset(&none);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	sigaddset(&ignored, SIGTTOU);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_setflags(&attr,
	    POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &ignored);
	if (give_terminal) /* in the child before exec, so ahead of its first read */
		posix_spawn_file_actions_addtcsetpgrp_np(&actions, STDIN_FILENO);
	rc = posix_spawnp(pid, argv[0], &actions, &attr, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

static bool
refuse_spawn(int why, const char *command, int *exit_code, struct err *err)
{
	bool is_there = strchr(command, '/') != NULL && access(command, F_OK) == 0;

	*exit_code = why == ENOENT && !is_there ? NOT_FOUND : CANNOT_RUN;
	if (why == ENOENT && is_there)
		return err_set(err, ERR_FAILED,
		    "exit %d: COMMAND %s cannot be run: the interpreter that its first line "
		    "names, or the loader of a program, is not there",
		    CANNOT_RUN, command);
	if (why == ENOENT)
		return err_set(err, ERR_FAILED, "exit %d: COMMAND %s was not found",
		    NOT_FOUND, command);
	return err_set(err, ERR_FAILED, "exit %d: COMMAND %s cannot be run: %s%s",
	    CANNOT_RUN, command, strerror(why),
	    why == ENOEXEC  ? "; a script needs a first line like #!/bin/sh"
	    : why == EACCES ? "; chmod +x makes a file a program"
	                    : "");
}

/* Until tcsetpgrp is through we are in the background: SIGTTOU would stop us. */
static void
take_terminal(struct child *child)
{
	if (!child->has_terminal)
		return;
	tcsetpgrp(STDIN_FILENO, getpgrp());
	sigaction(SIGTTOU, &child->terminal_action, NULL);
	child->has_terminal = false;
}

/*
 * Ctrl-Z reaches COMMAND's group alone, while the shell waits for ours: stop as well,
 * and go on together. Where no shell would wake us (an orphaned group) the kernel
 * drops our SIGTSTP, and COMMAND goes on at once.
 */
static void
on_stopped(evutil_socket_t number, short what, void *arg)
{
	struct child *child = arg;
	siginfo_t info = {.si_pid = 0};

	if (waitid(P_PID, (id_t)child->pid, &info, WSTOPPED | WNOHANG) != 0 ||
	    info.si_pid == 0)
		return;
	tcsetpgrp(STDIN_FILENO, getpgrp());
	kill(0, SIGTSTP);
	if (owns_terminal())
		tcsetpgrp(STDIN_FILENO, child->pid);
	child_signal(child, SIGCONT);
}

static void
on_gone(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	struct child_end end = {.timed_out = child->timed_out, .code = -1};
	siginfo_t info = {.si_pid = 0};

	if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
	    info.si_pid == 0)
		return;
	event_del(child->gone);
	event_del(child->timer);
	if (child->stopped != NULL)
		event_del(child->stopped);
	take_terminal(child);
	if (info.si_code == CLD_EXITED)
		end.code = info.si_status;
	else
		end.signal = info.si_status;
	child->ended(child->arg, &end);
}

static void
on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct child *child = arg;
	struct timeval grace = {.tv_sec = CHILD_GRACE_MS / 1000};

	if (child->timed_out) {
		child_signal(child, SIGKILL);
		return;
	}
	child->timed_out = true;
	child_signal(child, SIGTERM);
	child_signal(child, SIGCONT); /* who is stopped would not see TERM */
	event_add(child->timer, &grace);
}

static bool
child_watch(
    struct child *child, struct event_base *base, uint64_t timeout_ms, struct err *err)
{
	struct timeval time = {.tv_sec = (time_t)(timeout_ms / 1000),
	    .tv_usec = (suseconds_t)(timeout_ms % 1000 * 1000)};

	child->pidfd = (int)syscall(SYS_pidfd_open, child->pid, 0);
	if (child->pidfd < 0)
		return err_set_errno(
		    err, ERR_FAILED, "cannot watch COMMAND (pidfd_open)");
	child->gone = event_new(base, child->pidfd, EV_READ | EV_PERSIST, on_gone, child);
	child->timer = event_new(base, -1, 0, on_timer, child);
	if (child->gone == NULL || child->timer == NULL ||
	    event_add(child->gone, NULL) != 0 || event_add(child->timer, &time) != 0)
		return err_set(err, ERR_FAILED, "cannot watch COMMAND (event loop)");
	if (!child->has_terminal)
		return true;
	child->stopped = evsignal_new(base, SIGCHLD, on_stopped, child);
	if (child->stopped == NULL || event_add(child->stopped, NULL) != 0)
		return err_set(err, ERR_FAILED, "cannot watch COMMAND (SIGCHLD)");
	return true;
}

struct child *
child_start(struct event_base *base, const struct child_order *order, int *exit_code,
    struct err *err)
{
	struct child *child = mem_alloc(sizeof(*child));
	struct sigaction ignore = {.sa_handler = SIG_IGN}; /* see take_terminal */
	char **environment = make_environment(order->variables, order->variable_count);
	int rc;

	*child = (struct child){
	    .pid = -1, .pidfd = -1, .ended = order->ended, .arg = order->arg};
	child->has_terminal = owns_terminal();
	if (child->has_terminal)
		sigaction(SIGTTOU, &ignore, &child->terminal_action);
	rc = spawn(&child->pid, order->argv, environment, child->has_terminal);
	free_environment(environment);
	if (rc != 0) {
		child->pid = -1;
		refuse_spawn(rc, order->argv[0], exit_code, err);
	} else if (child_watch(child, base, order->timeout_ms, err)) {
		return child;
	} else {
		*exit_code = ERR_FAILED;
	}
	child_free(child);
	return NULL;
}

void
child_signal(struct child *child, int signal)
{
	kill(-child->pid, signal);
}

void
child_free(struct child *child)
{
	if (child == NULL)
		return;
	if (child->pid > 0) {
		child_signal(child, SIGKILL);
		while (waitpid(child->pid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	take_terminal(child);
	if (child->gone != NULL)
		event_free(child->gone);
	if (child->timer != NULL)
		event_free(child->timer);
	if (child->stopped != NULL)
		event_free(child->stopped);
	if (child->pidfd >= 0)
		close(child->pidfd);
	free(child);
}
