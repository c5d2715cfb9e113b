/*
 * line: the request line of RFC 9112 section 3, read by ourselves.
 *
 * llhttp refuses verbs, blanks and targets that HTTP.sys lets through or answers
 * with a page of its own, so the line never reaches it. The exact bytes are kept:
 * any verb, any target, blanks inside the target; the last word is the version.
 */
#ifndef HTTP_LINE_H
#define HTTP_LINE_H

#include "base/buf.h"
#include "http/refusal.h"

struct request_line {
	struct slice method;
	struct slice target; /* as received, between the first and the last blank */
	unsigned major;
	unsigned minor;
};

/*
 * `line` is without its line end. On anything but REFUSAL_NONE `*ret` holds what
 * could be read (slices may be empty), for the log.
 *   REFUSAL_VERB     method empty or not a token
 *   REFUSAL_BAD_REQUEST  no version at all (HTTP/0.9), or no target
 *   REFUSAL_URL      control characters in the target
 *   REFUSAL_VERSION  version is not HTTP/1.0 or HTTP/1.1
 */
enum refusal line_parse(struct slice line, struct request_line *ret);

#endif
