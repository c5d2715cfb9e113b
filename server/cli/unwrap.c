#include "cli/unwrap.h"

#include "base/base64.h"
#include "http/url.h"
#include "scep/describe.h"
#include <string.h>

#define DER_SEQUENCE 0x30
#define PEM_BEGIN    "-----BEGIN "
#define PEM_END      "-----END "
#define PEM_DASHES   "-----"
#define MESSAGE      "message="
#define SHOWN_MAX    32 /* letters of a message= that is none */

/* Where `word` begins in the text, case folded; the text's length: nowhere. */
static size_t
find_word(struct slice text, const char *word)
{
	size_t len = strlen(word);
	size_t at = 0;

	while (at + len <= text.len && strncasecmp(text.text + at, word, len) != 0)
		at++;
	return at + len <= text.len ? at : text.len;
}

static struct slice
from(struct slice text, size_t start)
{
	return (struct slice){text.text + start, text.len - start};
}

static struct slice
until(struct slice text, size_t end)
{
	return (struct slice){text.text, end};
}

static struct slice
trim_all(struct slice text)
{
	static const char blanks[] = " \t\r\n\v\f";

	while (text.len > 0 && memchr(blanks, text.text[0], sizeof(blanks) - 1) != NULL)
		text = from(text, 1);
	while (text.len > 0 &&
	       memchr(blanks, text.text[text.len - 1], sizeof(blanks) - 1) != NULL)
		text.len--;
	return text;
}

/* Base64 of a SEQUENCE, as all of SCEP is; %XX is undone first where there is any. */
static bool
read_base64(struct slice text, struct buf *ret, unsigned *oddities)
{
	struct buf plain = BUF_INIT;
	size_t start = ret->len;

	if (text.len > 0 && memchr(text.text, '%', text.len) != NULL)
		url_decode(text, &plain);
	else
		buf_add_slice(&plain, text);
	*oddities = base64_decode(trim_all(buf_slice(&plain)), ret);
	buf_clear(&plain);
	if (ret->len > start && ret->data[start] == DER_SEQUENCE)
		return true;
	ret->len = start;
	return false;
}

/* A block that is not a private key; *rest goes on behind it. False: no more. */
static bool
next_block(struct slice *rest, struct slice *label, struct slice *body)
{
	while (rest->len > 0) {
		size_t begin = find_word(*rest, PEM_BEGIN);
		struct slice text;
		size_t end;

		if (begin == rest->len)
			return false;
		text = from(*rest, begin + strlen(PEM_BEGIN));
		end = find_word(text, PEM_DASHES);
		*label = until(text, end);
		text = from(text, end < text.len ? end + strlen(PEM_DASHES) : end);
		end = find_word(text, PEM_END);
		*body = until(text, end);
		*rest = from(text, end);
		if (find_word(*label, "PRIVATE KEY") == label->len)
			return true;
	}
	return false;
}

static bool
unwrap_pem(struct slice text, struct fact *into, struct buf *ret, struct err *err)
{
	struct slice label, body;
	struct fact *fact;
	size_t more = 0;

	if (!next_block(&text, &label, &body))
		return err_set(err, ERR_FAILED,
		    "cannot be decoded: there is a private key and nothing else; give it with --key");
	if ((base64_decode(trim_all(body), ret) & BASE64_NOT_BASE64) != 0)
		return err_set(err, ERR_FAILED,
		    "cannot be decoded: the PEM block %.*s is no base64",
		    (int)(label.len < SHOWN_MAX ? label.len : SHOWN_MAX), label.text);
	fact = fact_add_format(into, "source", "PEM block ");
	while (next_block(&text, &body, &(struct slice){NULL, 0}))
		more++;
	fact_set_format(fact, "PEM, %.*s",
	    (int)(label.len < FACT_TEXT_MAX ? label.len : FACT_TEXT_MAX), label.text);
	if (more > 0)
		fact_add_format(fact, "more", "%zu PEM blocks that are not shown", more);
	return true;
}

/* What cannot be part of a URL where people and logs write one. */
static bool
ends_url(char c)
{
	return (unsigned char)c <= ' ' || strchr("\"'<>`", c) != NULL;
}

/* The value that follows MESSAGE at the head of the text. */
static struct slice
message_value(struct slice text)
{
	size_t len = 0;

	while (len < text.len && !ends_url(text.text[len]) && text.text[len] != '&' &&
	       text.text[len] != '#')
		len++;
	return until(text, len);
}

/* Octets of the query around the MESSAGE at `at`. */
static size_t
query_len(struct slice text, size_t at)
{
	size_t start = at;
	size_t end = at;

	while (
	    start > 0 && !ends_url(text.text[start - 1]) && text.text[start - 1] != '?')
		start--;
	while (end < text.len && !ends_url(text.text[end]) && text.text[end] != '#')
		end++;
	return end - start;
}

static void
judge_url(struct fact *fact, struct slice value, unsigned oddities, size_t query)
{
	if ((oddities & BASE64_URL_ALPHABET) != 0)
		fact_find(fact, FACT_ERROR, "C-04",
		    "The message is base64url; a GET carries plain base64.");
	if (memchr(value.text, '+', value.len) != NULL)
		fact_find(fact, FACT_ERROR, "C-05",
		    "A + stands in the URL unescaped, and many servers read a blank there.");
	else if (memchr(value.text, '/', value.len) != NULL ||
	         memchr(value.text, '=', value.len) != NULL)
		fact_find(fact, FACT_WARNING, "C-05",
		    "A / or = of the base64 stands in the URL unescaped.");
	if ((oddities & BASE64_BLANK_FOR_PLUS) != 0)
		fact_find(fact, FACT_ERROR, "C-05",
		    "There are blanks in the message: each was a + that nobody escaped.");
	if ((oddities & BASE64_LINE_BREAK) != 0)
		fact_find(fact, FACT_WARNING, "C-06",
		    "There are line breaks in the base64 of the message.");
	if (query > UNWRAP_QUERY_MAX)
		fact_find(fact, FACT_WARNING, "C-07",
		    "The query has %zu octets: IIS as shipped refuses more than %d.",
		    query, UNWRAP_QUERY_MAX);
}

/* The first message= that holds something; the others are counted. */
static bool
unwrap_url(struct slice text, struct fact *into, struct buf *ret, struct err *err)
{
	struct slice first = {NULL, 0};
	struct fact *fact = NULL;
	struct buf other = BUF_INIT;
	unsigned oddities = 0;
	size_t more = 0;

	for (size_t at = find_word(text, MESSAGE); at < text.len;) {
		size_t start = at + strlen(MESSAGE);
		struct slice value = message_value(from(text, start));

		if (first.text == NULL)
			first = value;
		if (read_base64(value, fact == NULL ? ret : &other, &oddities)) {
			if (fact == NULL) {
				fact = fact_add_format(into, "source",
				    "message= of a URL, %zu letters of base64",
				    value.len);
				judge_url(fact, value, oddities, query_len(text, at));
			} else {
				more++;
			}
		}
		buf_reset(&other);
		start += value.len;
		at = start + find_word(from(text, start), MESSAGE);
	}
	buf_clear(&other);
	if (fact == NULL)
		return err_set(err, ERR_FAILED,
		    "cannot be decoded: the message= in it (%.*s%s) is no base64 of a pkiMessage",
		    (int)(first.len < SHOWN_MAX ? first.len : SHOWN_MAX), first.text,
		    first.len > SHOWN_MAX ? ".." : "");
	if (more > 0)
		fact_add_format(fact, "more", "%zu messages that are not shown", more);
	return true;
}

static bool
is_hex(struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		if (strchr("0123456789abcdefABCDEF: \t\r\n", text.text[i]) == NULL ||
		    text.text[i] == '\0')
			return false;
	return text.len > 0;
}

bool
unwrap(struct bytes input, struct fact *into, struct buf *ret, struct err *err)
{
	struct slice text = {(const char *)input.data, input.len};
	struct slice trimmed = trim_all(text);
	unsigned oddities = 0;

	if (input.len > 0 && input.data[0] == DER_SEQUENCE) {
		fact_add_format(into, "source", "binary, %zu octets", input.len);
	} else if (describe_is_capabilities(text)) {
		fact_add_format(into, "source", "text, %zu octets", input.len);
	} else if (find_word(text, PEM_BEGIN) < text.len) {
		return unwrap_pem(text, into, ret, err);
	} else if (find_word(text, MESSAGE) < text.len) {
		return unwrap_url(text, into, ret, err);
	} else if (read_base64(trimmed, ret, &oddities)) {
		fact_add_format(into, "source", "%s, %zu letters",
		    (oddities & BASE64_URL_ALPHABET) != 0 ? "base64url" : "base64",
		    trimmed.len);
		return true;
	} else if (is_hex(trimmed)) {
		return err_set(err, ERR_FAILED,
		    "cannot be decoded: it looks like hexadecimal; xxd -r -p makes octets of it");
	}
	buf_add(ret, input.data, input.len);
	return true;
}
