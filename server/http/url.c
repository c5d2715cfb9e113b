#include "http/url.h"
#include <string.h>

static bool
is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_scheme_char(char c)
{
	return is_alpha(c) || (c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.';
}

/* RFC 9112 3.2.2: "scheme://authority"; its length, 0 when the target has none. */
static size_t
authority_end(struct slice target)
{
	size_t i = 0;

	if (target.len == 0 || !is_alpha(target.text[0]))
		return 0;
	while (i < target.len && is_scheme_char(target.text[i]))
		i++;
	if (target.len - i < 3 || memcmp(target.text + i, "://", 3) != 0)
		return 0;
	i += 3;
	while (i < target.len && target.text[i] != '/' && target.text[i] != '?')
		i++;
	return i;
}

void
url_split(struct slice target, struct url *ret)
{
	*ret = (struct url){.path = target};
	if (target.len == 0) /* its pointer may be NULL */
		return;

	size_t authority = authority_end(target);
	struct slice rest = {target.text + authority, target.len - authority};
	const char *mark = rest.len > 0 ? memchr(rest.text, '?', rest.len) : NULL;

	ret->path = rest;
	if (mark != NULL) {
		ret->path.len = (size_t)(mark - rest.text);
		ret->query =
		    (struct slice){mark + 1, rest.len - (size_t)(mark - rest.text) - 1};
		ret->has_query = true;
	}
	if (authority > 0 && ret->path.len == 0) /* RFC 9110 4.2.3 */
		ret->path = SLICE("/");
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The value of the escape at `text[at]`, -1 when it is broken. */
static int
escape_value(struct slice text, size_t at)
{
	if (text.len - at < 3)
		return -1;
	int high = hex_value(text.text[at + 1]);
	int low = hex_value(text.text[at + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

void
url_decode(struct slice text, struct buf *out)
{
	size_t at = 0;

	buf_reserve(out, text.len);
	while (at < text.len) {
		const char *from = text.text + at;
		const char *mark = memchr(from, '%', text.len - at);
		size_t plain = mark == NULL ? text.len - at : (size_t)(mark - from);
		buf_add(out, from, plain);
		at += plain;
		if (mark == NULL)
			break;
		int value = escape_value(text, at);
		buf_add_char(out, value < 0 ? '%' : (char)value);
		at += value < 0 ? 1 : 3;
	}
}

bool
url_query_find(struct slice query, const char *name, struct slice *ret)
{
	while (query.len > 0) {
		const char *and = memchr(query.text, '&', query.len);
		size_t len = and == NULL ? query.len : (size_t)(and-query.text);
		const char *equals = memchr(query.text, '=', len);
		size_t name_len = equals == NULL ? len : (size_t)(equals - query.text);
		if (slice_is_nocase((struct slice){query.text, name_len}, name)) {
			size_t value = equals == NULL ? len : name_len + 1;
			*ret = (struct slice){query.text + value, len - value};
			return true;
		}
		size_t step = and == NULL ? len : len + 1;
		query.text += step;
		query.len -= step;
	}
	return false;
}
