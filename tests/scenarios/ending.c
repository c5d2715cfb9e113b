#include "scenarios/ending.h"

#include "base/parse.h"
#include <string.h>

#define VERSION "HTTP/1."

const char *
ending_name(enum probe_fate fate)
{
	static const char *const names[] = {
	    [PROBE_ANSWERED] = "answered",
	    [PROBE_CLOSED] = "closed",
	    [PROBE_RESET] = "reset",
	    [PROBE_REFUSED] = "refused",
	    [PROBE_SILENT] = "silent",
	    [PROBE_UNREACHABLE] = "unreachable",
	    [PROBE_CUT] = "cut",
	    [PROBE_CUT_RESET] = "cut-reset",
	    [PROBE_CUT_SILENT] = "cut-silent",
	    [PROBE_GARBAGE] = "garbage",
	    [PROBE_TLS_FAILED] = "tls-failed",
	    [PROBE_TLS_CUT] = "tls-cut",
	};

	return names[fate];
}

bool
ending_is_silence(enum probe_fate want)
{
	return want == PROBE_SILENT || want == PROBE_CUT_SILENT;
}

/* Whatever came begins as an answer does. */
static bool
is_http(const struct peer_answer *answer)
{
	size_t len = strlen(VERSION);

	if (answer->head.len < len)
		len = answer->head.len;
	return len == 0 || memcmp(answer->head.data, VERSION, len) == 0;
}

unsigned
ending_status(const struct peer_answer *answer)
{
	size_t status = 0;

	if (answer->status != 0)
		return answer->status;
	if (answer->head.len < 12 || !is_http(answer) ||
	    !parse_size(
	        (struct slice){(const char *)answer->head.data + 9, 3}, 599, &status))
		return 0;
	return (unsigned)status;
}

/* Nothing was received. */
static enum probe_fate
tell_empty(const struct ending *ending)
{
	switch (ending->end) {
	case PEER_OPEN:
	case PEER_LATE:
		return PROBE_SILENT;
	case PEER_RESET:
		return PROBE_RESET;
	case PEER_BROKEN:
		return PROBE_TLS_FAILED;
	case PEER_REFUSED:
		return PROBE_REFUSED;
	case PEER_UNREACHED:
		return PROBE_UNREACHABLE;
	case PEER_CLOSED:
	case PEER_CUT:
		break;
	}
	return ending->is_handshake ? PROBE_TLS_FAILED : PROBE_CLOSED;
}

static enum probe_fate
tell_part(const struct ending *ending, const struct peer_answer *answer)
{
	if (ending->end == PEER_RESET)
		return PROBE_CUT_RESET;
	if (ending->end == PEER_LATE || ending->end == PEER_OPEN)
		return PROBE_CUT_SILENT;
	return is_http(answer) ? PROBE_CUT : PROBE_GARBAGE;
}

void
ending_tell(struct ending *ending, const struct peer_answer *answer)
{
	bool is_cut = ending->end == PEER_CUT && !ending->is_ours;

	if (ending->is_whole)
		ending->outcome = is_cut ? PROBE_TLS_CUT : PROBE_ANSWERED;
	else if (answer->head.len == 0)
		ending->outcome = tell_empty(ending);
	else
		ending->outcome = tell_part(ending, answer);
}

/* Its body ends with the connection. */
static bool
is_until_close(const struct peer_answer *answer)
{
	return answer->status != 0 && peer_header(answer, "Content-Length").len == 0 &&
	       peer_header(answer, "Transfer-Encoding").len == 0;
}

bool
ending_is(
    const struct ending *ending, enum probe_fate want, const struct peer_answer *answer)
{
	bool is_end = ending->end == PEER_CLOSED || ending->end == PEER_CUT;

	if (ending->outcome == want)
		return true;
	if (ending->is_handshake)
		return (want == PROBE_TLS_FAILED && ending->end == PEER_RESET) ||
		       (want == PROBE_CLOSED && is_end);
	if (want == PROBE_TLS_CUT)
		return ending->end == PEER_CUT && is_until_close(answer);
	return want == PROBE_GARBAGE && ending->outcome == PROBE_CUT &&
	       answer->is_malformed;
}
