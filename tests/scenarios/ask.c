#include "scenarios/ask.h"

#include "base/base64.h"
#include <string.h>

#define PAD "pad="

static bool
is_message(const struct probe *probe)
{
	return strcmp(probe->operation, "PKIOperation") == 0;
}

bool
ask_has_body(const struct probe *probe)
{
	static const char *const with_body[] = {"POST", "PUT", "PATCH"};

	for (size_t i = 0; i < sizeof(with_body) / sizeof(with_body[0]); i++)
		if (strcmp(probe->method, with_body[i]) == 0)
			return true;
	return false;
}

void
ask_escape(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.text[i];

		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		    (c >= 'a' && c <= 'z') || (c != '\0' && strchr("-._~", c) != NULL))
			buf_add_char(out, (char)c);
		else
			buf_add_format(out, "%%%02X", c);
	}
}

static void
add_message(const struct probe *probe, struct bytes message, struct buf *query)
{
	struct buf base64 = BUF_INIT;

	buf_add_text(query, "&message=");
	if (message.len > 0) {
		base64_encode(message, &base64);
		ask_escape(buf_slice(&base64), query);
		buf_clear(&base64);
		return;
	}
	if (probe->query_bytes == 0)
		buf_add_text(query, ASK_GARBAGE);
	while (query->len < probe->query_bytes)
		buf_add_char(query, 'x');
}

static void
add_words(const struct probe *probe, struct bytes message, struct buf *query)
{
	bool is_unknown = strcmp(probe->operation, "unknown") == 0;

	if (strcmp(probe->operation, "none") == 0)
		return;
	buf_add_format(
	    query, "operation=%s", is_unknown ? "NoSuchOperation" : probe->operation);
	if (!is_message(probe))
		buf_add_text(query, "&message=ca");
	else if (!ask_has_body(probe))
		add_message(probe, message, query);
}

static bool
pad(const struct probe *probe, struct buf *query, struct err *err)
{
	const char *word = query->len == 0 ? PAD : "&" PAD;

	if (probe->query_bytes == 0 || query->len == probe->query_bytes)
		return true;
	if (query->len + strlen(word) > probe->query_bytes)
		return err_set(err, ERR_FAILED,
		    "the query has %zu bytes and cannot be made %zu bytes long",
		    query->len, probe->query_bytes);
	buf_add_text(query, word);
	while (query->len < probe->query_bytes)
		buf_add_char(query, 'x');
	return true;
}

bool
ask_request(
    const struct probe *probe, struct bytes message, struct buf *out, struct err *err)
{
	struct bytes body = message;
	struct buf query = BUF_INIT;
	bool ok;

	if (body.len == 0 && is_message(probe))
		body = (struct bytes){
		    (const unsigned char *)ASK_GARBAGE, strlen(ASK_GARBAGE)};
	add_words(probe, message, &query);
	ok = pad(probe, &query, err);
	buf_add_format(
	    out, "%s %s", probe->method, probe->path != NULL ? probe->path : ASK_PATH);
	if (query.len > 0) {
		buf_add_char(out, '?');
		buf_add(out, query.data, query.len);
	}
	buf_add_text(out, " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: probe\r\n");
	if (ask_has_body(probe)) {
		buf_add_format(out,
		    "Content-Type: application/x-pki-message\r\n"
		    "Content-Length: %zu\r\n\r\n",
		    body.len);
		buf_add(out, body.data, body.len);
	} else {
		buf_add_text(out, "\r\n");
	}
	buf_clear(&query);
	return ok;
}
