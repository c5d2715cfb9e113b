/*
 * plan: what a connection does next, as a short list of steps over bytes.
 *
 * flow makes it, net/conn carries it out and knows nothing of why. A unit test
 * reads it without a socket.
 */
#ifndef HTTP_PLAN_H
#define HTTP_PLAN_H

#include "base/buf.h"
#include "http/reply.h"
#include <time.h>

enum step_kind {
	STEP_WRITE, /* plan->bytes [offset, offset + len) */
	STEP_CLOSE, /* lingering close: FIN, read and drop for a while, close. A plain
	               close() with unread input would send RST and lose the answer */
	STEP_ABORT, /* close at once and without a word */
	STEP_NEXT,  /* keep-alive: read the next request */
};

struct step {
	enum step_kind kind;
	size_t offset;
	size_t len;
};

#define PLAN_STEPS_MAX 8

struct plan {
	struct buf bytes;
	struct step steps[PLAN_STEPS_MAX];
	size_t step_count;
};

void plan_reset(struct plan *plan);
void plan_clear(struct plan *plan);
void plan_add(struct plan *plan, enum step_kind kind); /* a step without bytes */

/* How the request asked to be answered. */
struct plan_manner {
	bool head_only;  /* HEAD: headers as for GET, no body */
	bool keep_alive; /* the request allows another one after it */
	bool say_close;  /* HTTP/1.1 and we close: a Connection: close header is due */
	bool say_keep_alive; /* HTTP/1.0 with keep-alive: say so */
};

/*
 * Replaces what the plan held by the reply in one piece, and what comes after it.
 * `date` is the HTTP date to fill in (clock_http_date).
 */
void plan_from_reply(struct plan *plan, const struct reply *reply,
    const struct plan_manner *manner, const char *date);

#endif
