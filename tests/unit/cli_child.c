#include "base/mem.h"
#include "cli/child.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct watch {
	struct event_base *base;
	struct child *child;
	struct child_end end;
	size_t ends;
};

static void
on_ended(void *arg, const struct child_end *end)
{
	struct watch *watch = arg;

	watch->end = *end;
	watch->ends++;
	event_base_loopbreak(watch->base);
}

/* Runs `sh -c script` to its end. */
static struct child_end
run(const char *script, const struct child_variable *variables, size_t count,
    uint64_t timeout_ms)
{
	struct watch watch = {.base = event_base_new()};
	char *text = mem_string(script);
	char shell[] = "sh", flag[] = "-c";
	char *argv[] = {shell, flag, text, NULL};
	struct err err = ERR_INIT;
	int exit_code = 0;

	struct child_order order = {argv, variables, count, timeout_ms, on_ended, &watch};

	watch.child = child_start(watch.base, &order, &exit_code, &err);
	cr_assert(watch.child != NULL, "%s", err.text);
	event_base_dispatch(watch.base);
	cr_expect(eq(sz, watch.ends, 1), "script %s", script);
	child_free(watch.child);
	event_base_free(watch.base);
	free(text);
	return watch.end;
}

Test(child, its_code_and_its_signal_are_told, .timeout = 10)
{
	static const struct {
		const char *script;
		int code, signal;
	} cases[] = {
	    {"exit 0", 0, 0},
	    {"exit 7", 7, 0},
	    {"exit 255", 255, 0},
	    {"kill -TERM $$", -1, SIGTERM},
	    {"kill -KILL $$", -1, SIGKILL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct child_end end = run(cases[i].script, NULL, 0, 9000);

		cr_expect(not(end.timed_out), "case %s", cases[i].script);
		cr_expect(eq(int, end.code, cases[i].code), "case %s", cases[i].script);
		cr_expect(
		    eq(int, end.signal, cases[i].signal), "case %s", cases[i].script);
	}
}

Test(child, sees_the_outputs_and_no_input, .timeout = 10)
{
	static const struct child_variable variables[] = {
	    {"MOCKNDES_URL", "http://127.0.0.1:1/x"}, {"MOCKNDES_TLS_URL", NULL}};
	struct child_end end;

	setenv("MOCKNDES_SCENARIO", "414", 1);
	setenv("MOCKNDES_OPT_QUIET", "yes", 1);
	setenv("MOCKNDES_URL", "of an outer run", 1);
	setenv("MOCKNDES_TLS_URL", "of an outer run", 1);
	setenv("MOCKNDES_TOKEN", "of an outer run", 1);
	setenv("MY_OWN", "kept", 1);
	end = run("test \"$(env | grep -c ^MOCKNDES)\" = 1 && test \"$MY_OWN\" = kept &&"
	          " test \"$MOCKNDES_URL\" = http://127.0.0.1:1/x",
	    variables, 2, 9000);
	cr_expect(eq(int, end.code, 0));
}

Test(child, has_a_group_of_its_own_and_plain_signals, .timeout = 10)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	struct child_end end;
	char *script;
	sigset_t blocked;

	sigaction(SIGPIPE, &ignore, NULL);
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGUSR1);
	sigprocmask(SIG_BLOCK, &blocked, NULL);
	script = mem_format(
	    "read -r _ _ _ _ group _ </proc/$$/stat; test $group = $$ || exit 2;"
	    "grep -q '^SigBlk:.0*$' /proc/self/status || exit 3;"
	    "kill -PIPE $$; exit 4");
	end = run(script, NULL, 0, 9000);
	cr_expect(eq(int, end.signal, SIGPIPE), "code %d", end.code);
	free(script);
}

Test(child, the_time_is_up_for_the_whole_group, .timeout = 10)
{
	int ends[2];
	char byte;
	struct child_end end;

	/* the pipe is open as long as the grandchild lives */
	cr_assert(eq(int, pipe(ends), 0));
	end = run("sleep 30 & wait", NULL, 0, 100);
	cr_expect(end.timed_out);
	close(ends[1]);
	cr_expect(eq(int, (int)read(ends[0], &byte, 1), 0));
	close(ends[0]);
}

Test(child, who_ignores_term_is_killed_after_the_grace, .timeout = 10)
{
	struct child_end end =
	    run("trap '' TERM; while :; do sleep 0.2; done", NULL, 0, 100);

	cr_expect(end.timed_out);
	cr_expect(eq(int, end.signal, SIGKILL));
}

Test(child, who_is_stopped_is_ended_all_the_same, .timeout = 10)
{
	struct child_end end = run("kill -STOP $$; exit 0", NULL, 0, 100);

	cr_expect(end.timed_out);
	cr_expect(eq(int, end.signal, SIGTERM));
}

/* What a wrapper at a terminal does, in a process that has one. */
static int
run_at_terminal(void)
{
	struct child_end end =
	    run("read -r word && test \"$word\" = hello", NULL, 0, 9000);

	return end.code == 0 && tcgetpgrp(STDIN_FILENO) == getpgrp() ? 0 : 1;
}

Test(child, reads_our_terminal_and_we_get_it_back, .timeout = 10)
{
	int terminal, status = -1;
	pid_t pid = forkpty(&terminal, NULL, NULL, NULL);

	cr_assert(ge(int, pid, 0));
	if (pid == 0)
		_exit(run_at_terminal());
	cr_expect(eq(int, (int)write(terminal, "hello\n", 6), 6));
	cr_assert(eq(int, waitpid(pid, &status, 0), pid));
	cr_expect(eq(int, status, 0));
	close(terminal);
}

Test(child, what_it_leaves_running_is_killed, .timeout = 10)
{
	int ends[2];
	char byte;
	struct child_end end;

	cr_assert(eq(int, pipe(ends), 0));
	end = run("sleep 30 & exit 5", NULL, 0, 9000);
	cr_expect(eq(int, end.code, 5));
	close(ends[1]);
	cr_expect(eq(int, (int)read(ends[0], &byte, 1), 0));
	close(ends[0]);
}

Test(child, a_signal_is_passed_on, .timeout = 10)
{
	struct watch watch = {.base = event_base_new()};
	char name[] = "sleep", seconds[] = "30";
	char *argv[] = {name, seconds, NULL};
	struct err err = ERR_INIT;
	int exit_code = 0;

	struct child_order order = {argv, NULL, 0, 9000, on_ended, &watch};

	watch.child = child_start(watch.base, &order, &exit_code, &err);
	cr_assert(watch.child != NULL, "%s", err.text);
	child_signal(watch.child, SIGINT);
	event_base_dispatch(watch.base);
	cr_expect(eq(int, watch.end.signal, SIGINT));
	cr_expect(not(watch.end.timed_out));
	child_free(watch.child);
	event_base_free(watch.base);
}

Test(child, a_running_one_is_gone_after_free, .timeout = 10)
{
	struct watch watch = {.base = event_base_new()};
	char name[] = "sleep", seconds[] = "30";
	char *argv[] = {name, seconds, NULL};
	struct err err = ERR_INIT;
	int exit_code = 0;

	struct child_order order = {argv, NULL, 0, 9000, on_ended, &watch};

	watch.child = child_start(watch.base, &order, &exit_code, &err);
	cr_assert(watch.child != NULL, "%s", err.text);
	child_free(watch.child);
	cr_expect(eq(sz, watch.ends, 0));
	event_base_free(watch.base);
	child_free(NULL);
}

Test(child, what_cannot_be_run_is_126_and_what_is_missing_127, .timeout = 10)
{
	char plain[] = "/tmp/mockndes-child-XXXXXX";
	char missing[] = "/nonexistent/command", folder[] = "/";
	int fd = mkstemp(plain);
	const struct {
		char *command;
		int exit_code;
		const char *sentence;
	} cases[] = {
	    {missing, 127, "exit 127: COMMAND /nonexistent/command was not found"},
	    {folder, 126, "exit 126: COMMAND / cannot be run: Permission denied"},
	    {plain, 126, "cannot be run: Exec format error; a script needs a first line"},
	};

	cr_assert(fd >= 0 && fchmod(fd, 0755) == 0);
	cr_assert(eq(int, (int)write(fd, "exit 0\n", 7), 7));
	close(fd);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event_base *base = event_base_new();
		char *argv[] = {cases[i].command, NULL};
		struct err err = ERR_INIT;
		int exit_code = 0;
		struct child_order order = {argv, NULL, 0, 1000, on_ended, NULL};
		struct child *child = child_start(base, &order, &exit_code, &err);

		cr_expect(child == NULL, "case %s", cases[i].command);
		cr_expect(
		    eq(int, exit_code, cases[i].exit_code), "case %s", cases[i].command);
		cr_expect(strstr(err.text, cases[i].sentence) != NULL, "case %s: %s",
		    cases[i].command, err.text);
		event_base_free(base);
	}
	unlink(plain);
}

static const struct {
	const char *name;
	bool timed_out;
	int code, signal;
	enum child_must must;
	bool fired, allow_unfired;
	int want;
	const char *sentence; /* NULL: none at all */
} verdicts[] = {
    {"ok, all well", false, 0, 0, CHILD_OK, true, false, 0, NULL},
    {"ok, own code", false, 7, 0, CHILD_OK, true, false, 7, "exit 7: COMMAND's own"},
    {"ok, own code before 4", false, 7, 0, CHILD_OK, false, false, 7, "exit 7: "},
    {"ok, own 3", false, 3, 0, CHILD_OK, true, false, 3, "exit 3: COMMAND's own"},
    {"ok, signal", false, -1, 15, CHILD_OK, true, false, 143,
        "exit 143: COMMAND was ended by signal 15"},
    {"ok, signal before 4", false, -1, 11, CHILD_OK, false, true, 139, "exit 139: "},
    {"ok, unfired", false, 0, 0, CHILD_OK, false, false, 4,
        "exit 4: nothing was proved, the fault never fired: HINT; --allow-unfired"},
    {"ok, unfired allowed", false, 0, 0, CHILD_OK, false, true, 0, NULL},
    {"fail, plain", false, 1, 0, CHILD_FAIL, true, false, 0, NULL},
    {"fail, 255", false, 255, 0, CHILD_FAIL, true, false, 0, NULL},
    {"fail, 128", false, 128, 0, CHILD_FAIL, true, false, 0, NULL},
    {"fail, 160", false, 160, 0, CHILD_FAIL, true, false, 0, NULL},
    {"fail, 0", false, 0, 0, CHILD_FAIL, true, false, 3, "exit 3: COMMAND ended with 0"},
    {"fail, 0 before 4", false, 0, 0, CHILD_FAIL, false, false, 3, "exit 3: "},
    {"fail, crash", false, -1, 11, CHILD_FAIL, true, false, 3,
        "exit 3: COMMAND was ended by signal 11"},
    {"fail, a shell's crash", false, 139, 0, CHILD_FAIL, true, false, 3,
        "exit 3: COMMAND was ended by signal 11"},
    {"fail, a shell's 127", false, 127, 0, CHILD_FAIL, true, false, 3, "was not found"},
    {"fail, a shell's 126", false, 126, 0, CHILD_FAIL, true, false, 3, "cannot be run"},
    {"fail, unfired", false, 1, 0, CHILD_FAIL, false, false, 4, "exit 4: "},
    {"fail, unfired allowed", false, 1, 0, CHILD_FAIL, false, true, 0, NULL},
    {"any, 0", false, 0, 0, CHILD_ANY, true, false, 0, NULL},
    {"any, code", false, 9, 0, CHILD_ANY, true, false, 0, NULL},
    {"any, signal", false, -1, 9, CHILD_ANY, true, false, 0, NULL},
    {"any, unfired", false, 9, 0, CHILD_ANY, false, false, 4, "exit 4: "},
    {"any, unfired allowed", false, 9, 0, CHILD_ANY, false, true, 0, NULL},
    {"time up, ok", true, -1, 15, CHILD_OK, true, false, 124, "exit 124: "},
    {"time up, ended with 0 in the grace", true, 0, 0, CHILD_OK, true, false, 124,
        "exit 124: "},
    {"time up, fail", true, 1, 0, CHILD_FAIL, true, false, 124, "exit 124: "},
    {"time up, any, unfired", true, -1, 9, CHILD_ANY, false, false, 124, "exit 124: "},
};

Test(verdict, the_first_reason_counts)
{

	for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		struct child_end end = {
		    verdicts[i].timed_out, verdicts[i].code, verdicts[i].signal};
		struct buf sentence = BUF_INIT;
		struct verdict_terms terms = {verdicts[i].must, verdicts[i].fired,
		    verdicts[i].allow_unfired, "HINT"};
		int code = child_verdict(&end, &terms, &sentence);
		char *text = buf_string(&sentence);

		cr_expect(eq(int, code, verdicts[i].want), "case %s", verdicts[i].name);
		cr_expect(eq(int, *text == '\0', verdicts[i].sentence == NULL),
		    "case %s: %s", verdicts[i].name, text);
		if (verdicts[i].sentence != NULL)
			cr_expect(strstr(text, verdicts[i].sentence) != NULL,
			    "case %s: %s", verdicts[i].name, text);
		free(text);
	}
}

Test(verdict, an_unfired_fault_needs_no_hint)
{
	struct child_end end = {.code = 0};
	struct verdict_terms terms = {.must = CHILD_OK};
	struct buf sentence = BUF_INIT;

	cr_expect(eq(int, child_verdict(&end, &terms, &sentence), 4));
	cr_expect(slice_starts_nocase(buf_slice(&sentence),
	    "exit 4: nothing was proved, the fault never fired; --allow"));
	buf_clear(&sentence);
}
