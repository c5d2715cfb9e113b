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
#include <stdint.h>
#include <time.h>

enum step_kind {
	STEP_WRITE, /* plan->bytes [offset, offset + len) */
	STEP_DRIP,  /* the same, `chunk` bytes every `wait_ms` */
	STEP_WAIT,  /* nothing for `wait_ms`; what the peer sends meanwhile is kept */
	STEP_ACKED, /* until the peer's system has all that was sent (at most a while) */
	STEP_FIN,   /* half-close: our side is done, the peer's is read on and dropped */
	STEP_HOLD,  /* nothing more, until the peer goes or the idle timeout is over */
	STEP_CLOSE, /* lingering close: FIN, read and drop for a while, close. A plain
	               close() with unread input would send RST and lose the answer.
	               Over TLS with close_notify */
	STEP_CUT,   /* the same, but over TLS without close_notify: a truncation */
	STEP_RESET, /* RST; over TLS too, beneath it */
	STEP_ABORT, /* close at once and without a word */
	STEP_NEXT,  /* keep-alive: read the next request */
};

struct step {
	enum step_kind kind;
	size_t offset;
	size_t len;
	size_t chunk;
	uint64_t wait_ms;
};

#define PLAN_STEPS_MAX 12

struct plan {
	struct buf bytes;
	size_t body_at; /* where the body begins in `bytes`; their end: no body */
	struct step steps[PLAN_STEPS_MAX];
	size_t step_count;
};

/* Where a cut answer ends, and how. */
enum cut_where {
	CUT_NOWHERE,
	CUT_STATUS_LINE, /* behind the status line */
	CUT_BODY_BYTES,  /* behind `after` bytes of the body (0: behind the head) */
	CUT_BODY_PERCENT,
};
enum cut_end { CUT_END_CLOSE, CUT_END_RESET, CUT_END_STALL };

struct cut {
	enum cut_where where;
	size_t after;
	enum cut_end end;
};

/* How a scenario wants the bytes to leave. */
struct shaping {
	uint64_t wait_head_ms; /* before the first byte */
	uint64_t wait_body_ms; /* between head and body */
	size_t drip_bytes;     /* 0: in one piece */
	uint64_t drip_ms;
	struct cut cut;
};

void plan_reset(struct plan *plan);
void plan_clear(struct plan *plan);
void plan_add(struct plan *plan, enum step_kind kind); /* a step without bytes */
void plan_add_bytes(struct plan *plan, const char *bytes, size_t len); /* STEP_WRITE */

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

/*
 * Changes the steps of a plan from plan_from_reply; its bytes stay as they are. A drip
 * goes on across head and body. A cut takes the place of all that came behind the bytes:
 * STEP_CUT, STEP_ACKED and STEP_RESET, or STEP_HOLD; one behind the end of the body is
 * one at its end. The body is counted as it is sent, with its chunk lines. A plan without
 * bytes can wait all the same.
 */
void plan_shape(struct plan *plan, const struct shaping *shaping);

#endif
