/*
 * request: one HTTP/1.x request, and the reader that makes it from a stream.
 *
 * The reader (reader.c) has no socket: it is fed bytes and says what it has. The
 * line is read by line.c, fields and body by llhttp (strict mode). All slices of a
 * request point into its own `raw` bytes, which keep the head exactly as it was
 * received; they live until request_reset. A request is big: make one a
 * connection and use it again.
 */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include "http/line.h"
#include "http/refusal.h"
#include "http/url.h"
#include <llhttp.h>
#include <stdint.h>

#define REQUEST_HEADERS_MAX   100 /* more: REFUSAL_REQUEST_LENGTH */
/* The registry's largest value for MaxRequestBytes would be 16 MiB; nobody sends it. */
#define REQUEST_HEAD_HARD_MAX (1024 * 1024)
#define REQUEST_BODY_KEPT     (256 * 1024) /* a larger body's memory is not kept */

struct header {
	struct slice name;
	struct slice value; /* trimmed; of a folded field the first line with text */
};

/* HTTP.sys: registry values of the same name (Services\HTTP\Parameters), bytes. */
struct request_limits {
	size_t max_field_length;  /* one header line, and the URL; default 65534 */
	size_t max_request_bytes; /* request line and headers together; default 65534 */
	size_t max_body_bytes;    /* IIS maxAllowedContentLength; default 30000000 */
};

#define REQUEST_LIMITS_NDES            \
	{                              \
		65534, 65534, 30000000 \
	}

struct request {
	struct buf raw; /* the head as received, with the empty line */
	struct request_line line;
	struct url url;
	struct header headers[REQUEST_HEADERS_MAX];
	size_t header_count;
	struct buf body;
	size_t body_bytes; /* as counted on the wire, after chunked decoding */
	bool keep_alive;   /* what version and Connection ask for */
	bool has_length;   /* Content-Length is there */
	bool is_chunked;
	bool expects_continue;
	enum refusal refusal; /* REFUSAL_NONE: HTTP.sys would not refuse it */
};

/* The first header of that name (case folded); the empty slice when there is none. */
struct slice request_header(const struct request *request, const char *name);
/* Exact case: "get" is not "GET". */
bool request_is_method(const struct request *request, const char *method);
void request_reset(struct request *request); /* keeps the memory */
void request_clear(struct request *request);

enum reader_state {
	READER_MORE,    /* feed again with more bytes */
	READER_HEAD,    /* the head is complete: look at it, then feed on */
	READER_DONE,    /* the body is complete too */
	READER_REFUSED, /* request->refusal says why; the connection has to close,
	                   its further bytes mean nothing: *used is all of them */
};

struct reader {
	struct request *request;
	struct request_limits limits;
	enum reader_state state; /* what reader_feed said last */
	bool in_body;            /* the head was given out */
	/* Of the bytes not yet taken: */
	size_t line_len;   /* the request line with its end; 0: not complete yet */
	size_t searched;   /* no end of line from line_start to here */
	size_t line_start; /* of the line that is not complete yet */
	size_t framing;    /* chunk heads and trailers since the last body byte */
	const char *taken; /* during a call: the end of the body bytes taken so far */
	llhttp_t parser;
	llhttp_t behind_line[2]; /* as it is behind a line of HTTP/1.0 and HTTP/1.1 */
};

/* `request` is borrowed for the reader's life. */
void reader_init(
    struct reader *reader, struct request *request, const struct request_limits *limits);

/* What a caller who caps its input must be able to offer above the larger limit. */
#define REQUEST_SLACK 512

/*
 * Reads on. `data` holds what has come and was not yet used; `*used` is how much
 * of it the caller may drop now. While the head is incomplete nothing is used and
 * the caller comes back with the same bytes and more. After READER_HEAD the body
 * (perhaps empty) is read by further calls, with len 0 if nothing more is there;
 * after READER_DONE reader_next starts the next request. Bytes behind the end of
 * a request (pipelining) are never used.
 *
 * A malformed or over-long request gives READER_REFUSED as early as it is known,
 * even with an incomplete head; raw and line then hold what had come. Empty lines
 * before a request line are skipped (RFC 9112 2.2), also without READER_HEAD. How
 * the bytes are cut into calls does not change what is said about them.
 *
 * Order: length of the URL, length of the request, line end, request line; then
 * header by header its length, its line end, its form; then what the headers say.
 * That the URL comes before the request is observed of HTTP.sys as shipped (limits
 * 16384: a target of 16379 bytes is 414, one of 16283 is 400 with a usual head); the
 * rest is our choice. URL over the limit: the target is longer than
 * max_field_length - 6, the fit to the same observation.
 *
 * To tell the two apart an unfinished request line has to be seen a little longer
 * than max_request_bytes: see REQUEST_SLACK.
 */
enum reader_state
reader_feed(struct reader *reader, const unsigned char *data, size_t len, size_t *used);

/* Forgets the request that was read; its bytes are invalid from here. Needed after
   READER_DONE: until then reader_feed uses nothing and says the same again. */
void reader_next(struct reader *reader);

#endif
