/*
 * child: COMMAND of the wrapper: started with the MOCKNDES_* variables, watched by
 * a pidfd in the loop, ended by --timeout.
 *
 * COMMAND sees no input variable (MOCKNDES_SCENARIO, MOCKNDES_OPT_*), only what it
 * is given. It runs in a process group of its own; when the time is up the group
 * gets TERM, and KILL two seconds later. SIGINT, SIGTERM and SIGHUP that reach the
 * wrapper are passed on to the group. Where stdin is our terminal the group is put into
 * its foreground, so that COMMAND can read it and Ctrl-C reaches COMMAND, and we take it
 * back at the end. What COMMAND leaves running in its group is killed by child_free.
 */
#ifndef CLI_CHILD_H
#define CLI_CHILD_H

#include "base/err.h"
#include "cli/options.h"

#define CHILD_GRACE_MS 2000

struct child_variable {
	const char *name;
	const char *value;
};

struct child;

/* How COMMAND ended. */
struct child_end {
	bool timed_out;
	int code;   /* exit code, or -1 */
	int signal; /* number, or 0 */
};

/* What to run and whom to tell; strings are borrowed for the call. */
struct child_order {
	char **argv;                            /* ends in NULL */
	const struct child_variable *variables; /* a NULL value: not set */
	size_t variable_count;
	uint64_t timeout_ms;
	void (*ended)(void *arg, const struct child_end *end); /* once, from the loop */
	void *arg;
};

/*
 * Starts it. On failure `*exit_code` is 126 (found, cannot be run), 127 (not found) or
 * 1 (cannot be watched).
 */
struct child *child_start(struct event_base *base, const struct child_order *order,
    int *exit_code, struct err *err);
void child_signal(struct child *child, int signal); /* to its process group */
void child_free(struct child *child); /* kills what is left of the group; NULL is fine */

/* What COMMAND's end is judged by. */
struct verdict_terms {
	enum child_must must;
	bool fired; /* a rule that is no `pass` did, or there is none */
	bool allow_unfired;
	const char *hint; /* what the client would have had to send; NULL: not said */
};

/*
 * The wrapper's verdict: the exit code of mockndes and, unless it is 0, the sentence
 * that says whose code it is, "exit 3: ..." (for the last line on stderr).
 *   124  timed out
 *   --child ok: COMMAND's own code, or 128 + the signal
 *   --child fail: 3 after 0 and after a crash. A shell reports a crash as 128 + the
 *   signal and a command that it could not run as 126 or 127: these are not the plain
 *   failure that was asked for either.
 *   4  it did not fire and that is not allowed
 */
int child_verdict(
    const struct child_end *end, const struct verdict_terms *terms, struct buf *sentence);

#endif
