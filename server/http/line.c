#include "http/line.h"
#include <string.h>

/* RFC 9110 5.6.2 */
static const bool is_token_char[256] = {
    ['!'] = true,
    ['#' ... '\''] = true,
    ['*'] = true,
    ['+'] = true,
    ['-'] = true,
    ['.'] = true,
    ['^'] = true,
    ['_'] = true,
    ['`'] = true,
    ['|'] = true,
    ['~'] = true,
    ['0' ... '9'] = true,
    ['A' ... 'Z'] = true,
    ['a' ... 'z'] = true,
};

static bool
is_token(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_token_char[(unsigned char)s.text[i]])
			return false;
	}
	return s.len > 0;
}

/* No early exit: the target may be 64 KB long and is nearly always clean. */
static bool
has_control(struct slice s)
{
	unsigned found = 0;

	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.text[i];
		found |= (unsigned)(c < 0x20) | (unsigned)(c == 0x7f);
	}
	return found != 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* RFC 9112 2.3: "HTTP/" DIGIT "." DIGIT, nothing longer. Other shapes leave 0.0. */
static bool
version_parse(struct slice word, struct request_line *ret)
{
	if (word.len != 8 || !is_digit(word.text[5]) || word.text[6] != '.' ||
	    !is_digit(word.text[7]))
		return false;
	ret->major = (unsigned)(word.text[5] - '0');
	ret->minor = (unsigned)(word.text[7] - '0');
	return ret->major == 1 && ret->minor <= 1;
}

enum refusal
line_parse(struct slice line, struct request_line *ret)
{
	const char *end = line.text + line.len;
	const char *first = line.len > 0 ? memchr(line.text, ' ', line.len) : NULL;

	*ret = (struct request_line){.method = line};
	if (first == NULL)
		return is_token(line) ? REFUSAL_BAD_REQUEST : REFUSAL_VERB;
	ret->method.len = (size_t)(first - line.text);
	ret->target = (struct slice){first + 1, (size_t)(end - first - 1)};
	if (!is_token(ret->method))
		return REFUSAL_VERB;

	const char *last = memrchr(line.text, ' ', line.len);
	struct slice word = {last + 1, (size_t)(end - last - 1)};
	if (word.len < 5 || memcmp(word.text, "HTTP/", 5) != 0)
		return REFUSAL_BAD_REQUEST;
	if (last == first) { /* "GET HTTP/1.1": that word is the version */
		ret->target.len = 0;
		version_parse(word, ret);
		return REFUSAL_BAD_REQUEST;
	}
	ret->target.len = (size_t)(last - first - 1);

	bool is_known_version = version_parse(word, ret);
	if (ret->target.len == 0)
		return REFUSAL_BAD_REQUEST;
	if (has_control(ret->target))
		return REFUSAL_URL;
	return is_known_version ? REFUSAL_NONE : REFUSAL_VERSION;
}
