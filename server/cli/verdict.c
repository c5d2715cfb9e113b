#include "cli/child.h"
#include <string.h>

#define TIMED_OUT       124
#define SIGNAL_BASE     128
#define SIGNAL_LAST     31 /* real-time signals are no crash */
#define SHELL_CANNOT    126
#define SHELL_NOT_FOUND 127
#define VERDICT_FAILED  3
#define NOTHING_PROVED  4

static bool
is_shells_crash(int code)
{
	return code > SIGNAL_BASE && code <= SIGNAL_BASE + SIGNAL_LAST;
}

static int
verdict_ok(const struct child_end *end, struct buf *sentence)
{
	int code = end->signal != 0 ? SIGNAL_BASE + end->signal : end->code;

	if (end->signal != 0)
		buf_add_format(sentence, "exit %d: COMMAND was ended by signal %d (%s)",
		    code, end->signal, strsignal(end->signal));
	else if (code != 0)
		buf_add_format(sentence, "exit %d: COMMAND's own exit code", code);
	return code;
}

static int
verdict_fail(const struct child_end *end, struct buf *sentence)
{
	int signal = end->signal != 0             ? end->signal
	             : is_shells_crash(end->code) ? end->code - SIGNAL_BASE
	                                          : 0;
	struct buf how = BUF_INIT;

	if (signal != 0)
		buf_add_format(
		    &how, "was ended by signal %d (%s)", signal, strsignal(signal));
	else if (end->code == 0)
		buf_add_text(&how, "ended with 0");
	else if (end->code == SHELL_CANNOT || end->code == SHELL_NOT_FOUND)
		buf_add_format(&how,
		    "ended with %d, a shell's word for a command that %s", end->code,
		    end->code == SHELL_CANNOT ? "cannot be run" : "was not found");
	else
		return 0;
	buf_add_format(sentence,
	    "exit %d: COMMAND %.*s; --child fail wants it to notice the fault and end with a "
	    "code of its own that is not 0",
	    VERDICT_FAILED, (int)how.len, (const char *)how.data);
	buf_clear(&how);
	return VERDICT_FAILED;
}

int
child_verdict(
    const struct child_end *end, const struct verdict_terms *terms, struct buf *sentence)
{
	int code = 0;

	if (end->timed_out) {
		buf_add_format(sentence,
		    "exit %d: COMMAND was still running when --timeout was up",
		    TIMED_OUT);
		return TIMED_OUT;
	}
	switch (terms->must) {
	case CHILD_OK:
		code = verdict_ok(end, sentence);
		break;
	case CHILD_FAIL:
		code = verdict_fail(end, sentence);
		break;
	case CHILD_ANY:
		break;
	}
	if (code != 0 || terms->fired || terms->allow_unfired)
		return code;
	buf_add_format(sentence,
	    "exit %d: nothing was proved, the fault never fired%s%s; "
	    "--allow-unfired accepts that",
	    NOTHING_PROVED, terms->hint != NULL ? ": " : "",
	    terms->hint != NULL ? terms->hint : "");
	return NOTHING_PROVED;
}
