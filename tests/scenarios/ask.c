#include "scenarios/ask.h"

#include "base/base64.h"
#include <stdio.h>
#include <string.h>
#include <strings.h>

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

	if (strcmp(probe->operation, "none") == 0 ||
	    strcmp(probe->operation, "admin-page") == 0)
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

/* The probe's own header of this name; NULL: it has none. */
static const struct probe_header *
own_header(const struct probe *probe, const char *name)
{
	for (size_t i = 0; i < probe->header_count; i++)
		if (strcasecmp(probe->headers[i].name, name) == 0)
			return &probe->headers[i];
	return NULL;
}

/* Left to the probe where it has a header of this name. */
static void
add_header(
    const struct probe *probe, const char *name, const char *value, struct buf *out)
{
	if (value != NULL && own_header(probe, name) == NULL)
		buf_add_format(out, "%s: %s\r\n", name, value);
}

static void
add_headers(const struct probe *probe, size_t body_len, struct buf *out)
{
	char length[32];

	snprintf(length, sizeof(length), "%zu", body_len);
	add_header(probe, "Host", "localhost", out);
	add_header(probe, "User-Agent", probe->user_agent, out);
	if (probe->want_fate == PROBE_TLS_CUT) /* only the server's own end tells */
		add_header(probe, "Connection", "close", out);
	for (size_t i = 0; i < probe->header_count; i++)
		if (probe->headers[i].value != NULL)
			buf_add_format(out, "%s: %s\r\n", probe->headers[i].name,
			    probe->headers[i].value);
	if (ask_has_body(probe)) {
		add_header(probe, "Content-Type", "application/x-pki-message", out);
		add_header(probe, "Content-Length", length, out);
	}
	buf_add_text(out, "\r\n");
}

static const char *
path_of(const struct probe *probe)
{
	if (probe->path != NULL)
		return probe->path;
	return strcmp(probe->operation, "admin-page") == 0 ? ASK_ADMIN_PATH : ASK_PATH;
}

/* The pkiMessage, or what stands for it, with zeros up to body_bytes. */
static bool
make_body(
    const struct probe *probe, struct bytes message, struct buf *out, struct err *err)
{
	if (message.len > 0)
		buf_add(out, message.data, message.len);
	else if (is_message(probe) && probe->body_bytes == 0)
		buf_add_text(out, ASK_GARBAGE);
	if (probe->body_bytes == 0)
		return true;
	if (out->len > probe->body_bytes)
		return err_set(err, ERR_FAILED,
		    "the body has %zu bytes and cannot be made %zu bytes long", out->len,
		    probe->body_bytes);
	buf_reserve(out, probe->body_bytes - out->len);
	while (out->len < probe->body_bytes)
		buf_add_char(out, '\0');
	return true;
}

bool
ask_request(
    const struct probe *probe, struct bytes message, struct buf *out, struct err *err)
{
	struct buf query = BUF_INIT;
	struct buf body = BUF_INIT;
	bool ok;

	add_words(probe, message, &query);
	ok = pad(probe, &query, err) &&
	     (!ask_has_body(probe) || make_body(probe, message, &body, err));
	buf_add_format(out, "%s %s", probe->method, path_of(probe));
	if (query.len > 0) {
		buf_add_char(out, '?');
		buf_add(out, query.data, query.len);
	}
	buf_add_text(out, " HTTP/1.1\r\n");
	add_headers(probe, body.len, out);
	if (body.len > 0)
		buf_add(out, body.data, body.len);
	buf_clear(&query);
	buf_clear(&body);
	return ok;
}
