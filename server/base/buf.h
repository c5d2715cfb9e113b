/*
 * buf: bytes that grow, and the two ways to point at bytes of others.
 *
 * `struct slice` is text and `struct bytes` is binary that somebody else owns;
 * neither ends in NUL. A `struct buf` owns its memory: buf_clear frees it,
 * buf_reset only forgets the content (the memory is used again).
 * Invariant: data is NULL exactly while cap is 0.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

struct slice {
	const char *text;
	size_t len;
};

struct bytes {
	const unsigned char *data;
	size_t len;
};

struct buf {
	unsigned char *data;
	size_t len;
	size_t cap;
};

#define BUF_INIT             \
	{                    \
		.data = NULL \
	}
#define SLICE(literal) ((struct slice){literal, sizeof(literal) - 1})

struct slice slice_of(const char *text);                /* NULL gives the empty slice */
bool slice_is(struct slice s, const char *text);        /* byte for byte */
bool slice_is_nocase(struct slice s, const char *text); /* ASCII case folded */
bool slice_equal(struct slice a, struct slice b);
bool slice_starts_nocase(struct slice s, const char *prefix);
struct slice slice_trim(struct slice s); /* without blanks and tabs at both ends */
char *slice_string(struct slice s);      /* a copy, yours */

struct bytes buf_bytes(const struct buf *buf); /* borrowed */
struct slice buf_slice(const struct buf *buf); /* borrowed */

void buf_reserve(struct buf *buf, size_t more); /* room for `more` further bytes */
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_char(struct buf *buf, char c);
void buf_add_text(struct buf *buf, const char *text);
void buf_add_slice(struct buf *buf, struct slice s);
void buf_add_size(struct buf *buf, size_t number); /* decimal; quicker than a format */
void buf_add_format(struct buf *buf, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void buf_consume(struct buf *buf, size_t len); /* drops the first `len` bytes */
void buf_reset(struct buf *buf);
void buf_clear(struct buf *buf);
struct buf buf_move(struct buf *buf); /* the content is the caller's; buf is empty */
char *buf_string(struct buf *buf);    /* adds NUL, detaches: yours; buf is empty */

#endif
