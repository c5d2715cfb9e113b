/*
 * transform: what may become of a body on its way out, by the words of a scenario's
 * `reply: body:` (docs/scenario-format.md). Pure.
 *
 *   empty            nothing
 *   base64           RFC 4648 text on one line
 *   pem              the same as PEM of PKCS7 (RFC 7468), lines of 64
 *   half             the first half of its bytes
 *   trailing-crlf    CR LF behind it
 *   trailing-byte    a zero byte behind it
 *   leading-crlf     CR LF in front of it
 *   gzip             compressed (RFC 1952); it needs transform_encoding's header
 *   html             a short HTML page in its place, as a device on the way gives
 *   utf-8            UTF-16LE becomes UTF-8; what is no UTF-16 stays
 *   utf-16-bom       a byte-order mark in front of UTF-16LE, unless there is one
 */
#ifndef HTTP_TRANSFORM_H
#define HTTP_TRANSFORM_H

#include "base/buf.h"

/* In place. False: no such word. gzip is deterministic (no time in it). */
bool transform_body(const char *word, struct buf *body);
/* The Content-Encoding that goes with it; NULL: none. */
const char *transform_encoding(const char *word);

#endif
