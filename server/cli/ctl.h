/*
 * ctl: the client of the control socket: drives a server that runs on this machine.
 *
 *   use ID[:k=v,...]  another scenario from now on
 *   event NAME        moves the scenario's machines
 *   advance TIME      moves a manual clock
 *   challenge         a fresh one-time password, alone on stdout
 *   reset             forgets counters, passwords and transactions
 *   status            what it is and how busy
 *
 * The server is found by --control, else by the variable MOCKNDES_CONTROL (which COMMAND
 * of the wrapper has), else it is the only one whose socket lies in the default folder.
 */
#ifndef CLI_CTL_H
#define CLI_CTL_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>

#define CTL_VARIABLE   "MOCKNDES_CONTROL"
#define CTL_TIMEOUT_MS 10000        /* of a server that is silent */
#define CTL_ANSWER_MAX (256 * 1024) /* bytes; more is no answer of ours */

struct ctl_options {
	const char *control;      /* "unix:PATH"; NULL: not given */
	const char *const *words; /* the verb and what it takes */
	size_t word_count;
	bool is_json; /* prints the answer as it came, a refusal too */
};

/*
 * Prints to stdout. ERR_USAGE: the words make no sense; nothing was sent. ERR_FAILED:
 * no server there, or it will not, in its own sentence.
 */
bool ctl_run(const struct ctl_options *options, struct err *err);

#endif
