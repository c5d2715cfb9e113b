#include "base/buf.h"

#include "base/mem.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUF_CAP_FIRST 128

/* By hand: tolower() looks at the locale, and HTTP is ASCII. */
static char
ascii_lower(char c)
{
	return (c >= 'A' && c <= 'Z') ? (char)(c | 0x20) : c;
}

struct slice
slice_of(const char *text)
{
	return (struct slice){text, text != NULL ? strlen(text) : 0};
}

bool
slice_is(struct slice s, const char *text)
{
	return slice_equal(s, slice_of(text));
}

bool
slice_is_nocase(struct slice s, const char *text)
{
	return strlen(text) == s.len && slice_starts_nocase(s, text);
}

bool
slice_equal(struct slice a, struct slice b)
{
	/* The pointer of an empty slice may be NULL, which memcmp must not see. */
	return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

bool
slice_starts_nocase(struct slice s, const char *prefix)
{
	for (size_t i = 0; prefix[i] != '\0'; i++) {
		if (i == s.len || ascii_lower(s.text[i]) != ascii_lower(prefix[i]))
			return false;
	}
	return true;
}

struct slice
slice_trim(struct slice s)
{
	while (s.len > 0 && (s.text[0] == ' ' || s.text[0] == '\t')) {
		s.text++;
		s.len--;
	}
	while (s.len > 0 && (s.text[s.len - 1] == ' ' || s.text[s.len - 1] == '\t'))
		s.len--;
	return s;
}

char *
slice_string(struct slice s)
{
	return mem_text(s.text, s.len);
}

struct bytes
buf_bytes(const struct buf *buf)
{
	return (struct bytes){buf->data, buf->len};
}

struct slice
buf_slice(const struct buf *buf)
{
	return (struct slice){(const char *)buf->data, buf->len};
}

static void
buf_grow(struct buf *buf, size_t more)
{
	size_t cap;

	/* An impossible size goes to mem_grow as such, which aborts: one place. */
	cap = more <= SIZE_MAX - buf->len ? buf->len + more : SIZE_MAX;
	if (cap < BUF_CAP_FIRST)
		cap = BUF_CAP_FIRST;
	if (buf->cap <= SIZE_MAX / 2 && cap < buf->cap * 2)
		cap = buf->cap * 2;
	buf->data = mem_grow(buf->data, cap, 1);
	buf->cap = cap;
}

void
buf_reserve(struct buf *buf, size_t more)
{
	if (more > buf->cap - buf->len)
		buf_grow(buf, more);
}

void
buf_add(struct buf *buf, const void *data, size_t len)
{
	if (len == 0)
		return;
	if (len > buf->cap - buf->len)
		buf_grow(buf, len);
	memcpy(buf->data + buf->len, data, len);
	buf->len += len;
}

void
buf_add_char(struct buf *buf, char c)
{
	if (buf->len == buf->cap)
		buf_grow(buf, 1);
	buf->data[buf->len++] = (unsigned char)c;
}

void
buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void
buf_add_slice(struct buf *buf, struct slice s)
{
	buf_add(buf, s.text, s.len);
}

void
buf_add_size(struct buf *buf, size_t number)
{
	char digits[3 * sizeof(number)];
	size_t start = sizeof(digits);

	do {
		digits[--start] = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	buf_add(buf, digits + start, sizeof(digits) - start);
}

void
buf_add_format(struct buf *buf, const char *format, ...)
{
	va_list args, again;
	size_t room;
	int len;

	va_start(args, format);
	va_copy(again, args);
	buf_reserve(buf, 1);
	room = buf->cap - buf->len;
	len = vsnprintf((char *)buf->data + buf->len, room, format, args);
	if (len > 0 && (size_t)len >= room) {
		buf_reserve(buf, (size_t)len + 1);
		len = vsnprintf(
		    (char *)buf->data + buf->len, (size_t)len + 1, format, again);
	}
	if (len > 0)
		buf->len += (size_t)len;
	va_end(again);
	va_end(args);
}

void
buf_consume(struct buf *buf, size_t len)
{
	assert(len <= buf->len);
	buf->len -= len;
	if (buf->len > 0 && len > 0)
		memmove(buf->data, buf->data + len, buf->len);
}

void
buf_reset(struct buf *buf)
{
	buf->len = 0;
}

void
buf_clear(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf)BUF_INIT;
}

struct buf
buf_move(struct buf *buf)
{
	struct buf moved = *buf;

	*buf = (struct buf)BUF_INIT;
	return moved;
}

char *
buf_string(struct buf *buf)
{
	buf_add_char(buf, '\0');
	return (char *)buf_move(buf).data;
}
