/*
 * reply: what leaves, before it is bytes: status, ordered headers, body, and what
 * the Windows log of its layer will say.
 *
 * The honest server makes one, a scenario's rule may edit it. Header names and
 * values are borrowed and have to live as long as the reply.
 * Nothing is added when it becomes a plan: what is not in the list is not sent,
 * but for the two values that are only known at the end, Date and Content-Length,
 * which stand in the list as a place (value REPLY_DATE, REPLY_LENGTH).
 */
#ifndef HTTP_REPLY_H
#define HTTP_REPLY_H

#include "base/buf.h"
#include "http/layer.h"
#include <stdint.h>

#define REPLY_HEADERS_MAX 32 /* more abort: the catalogue is checked at load */

extern const char reply_date[];   /* placeholder: the date when the plan is made */
extern const char reply_length[]; /* placeholder: the length of the body */

/* How the end of the body is told. Values follow the words of a scenario's `framing`. */
enum framing {
	FRAMING_USUAL,        /* as the headers have it: Content-Length */
	FRAMING_CHUNKED,      /* Transfer-Encoding: chunked in place of Content-Length */
	FRAMING_UNTIL_CLOSE,  /* neither; the connection closes behind it */
	FRAMING_LENGTH_SHORT, /* Content-Length says one byte less than is sent */
	FRAMING_LENGTH_LONG,  /* 100 more than is sent; then the connection closes */
	FRAMING_LENGTH_TWICE, /* two Content-Length headers, the second one byte less */
	FRAMING_BAD_CHUNK,    /* chunked, with a chunk size that is no number */
};
#define FRAMING_COUNT 7

struct reply_header {
	const char *name;
	const char *value;
};

struct reply {
	unsigned status;
	const char *reason; /* borrowed, static */
	struct reply_header headers[REPLY_HEADERS_MAX];
	size_t header_count;
	struct buf body;
	struct bytes shared_body; /* if data is set: borrowed, instead of `body` */
	bool close;      /* the connection ends after it; adds no header by itself */
	bool breaks_off; /* it ends all the same although its headers promise more */
	bool is_http10; /* the status line says HTTP/1.0; it closes unless it says else */
	enum framing framing;

	enum layer layer;
	unsigned substatus;         /* sc-substatus of the IIS line */
	uint32_t win32;             /* sc-win32-status of the IIS line */
	const char *httperr_reason; /* s-reason of the HTTPERR line; NULL: "-" */
	const char *httperr_queue;  /* s-queuename; NULL: "-" */
};

void reply_reset(struct reply *reply); /* empty again, memory kept */
void reply_clear(struct reply *reply);
void reply_header(struct reply *reply, const char *name, const char *value); /* borrows */
/* Replaces the value in its place, or appends; value NULL takes the header out. */
void reply_set_header(struct reply *reply, const char *name, const char *value);
struct bytes reply_body(const struct reply *reply);
/* The usual reason phrase: "OK", "Not Found"; "Unknown" for a number without one. */
const char *status_reason(unsigned status);

#endif
