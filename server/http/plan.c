#include "http/plan.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PLAN_HEAD_USUAL    512 /* room for a usual head: one growth instead of several */
#define CHUNK_LEN          1024
#define LENGTH_TOO_LONG_BY 100

void
plan_reset(struct plan *plan)
{
	buf_reset(&plan->bytes);
	plan->body_at = 0;
	plan->step_count = 0;
}

void
plan_clear(struct plan *plan)
{
	plan_reset(plan);
	buf_clear(&plan->bytes);
}

static void
add_step(struct plan *plan, struct step step)
{
	if (plan->step_count == PLAN_STEPS_MAX)
		abort();
	plan->steps[plan->step_count++] = step;
}

void
plan_add(struct plan *plan, enum step_kind kind)
{
	add_step(plan, (struct step){.kind = kind});
}

void
plan_add_bytes(struct plan *plan, const char *bytes, size_t len)
{
	size_t offset = plan->bytes.len;

	buf_add(&plan->bytes, bytes, len);
	add_step(plan, (struct step){.kind = STEP_WRITE, .offset = offset, .len = len});
}

static void
add_status_line(struct buf *out, const struct reply *reply)
{
	const char *reason = reply->reason;

	if (reason == NULL)
		reason = status_reason(reply->status);
	buf_add_text(out, reply->is_http10 ? "HTTP/1.0 " : "HTTP/1.1 ");
	buf_add_size(out, reply->status);
	buf_add_char(out, ' ');
	buf_add_text(out, reason);
	buf_add(out, "\r\n", 2);
}

static void
add_size_header(struct buf *out, const char *name, size_t value)
{
	buf_add_text(out, name);
	buf_add(out, ": ", 2);
	buf_add_size(out, value);
	buf_add(out, "\r\n", 2);
}

/* The two placeholders are known by their address. */
static void
add_header(
    struct buf *out, const struct reply_header *header, size_t body_len, const char *date)
{
	const char *value = header->value == reply_date ? date : header->value;

	if (value == reply_length) {
		add_size_header(out, header->name, body_len);
		return;
	}
	buf_add_text(out, header->name);
	buf_add(out, ": ", 2);
	buf_add_text(out, value);
	buf_add(out, "\r\n", 2);
}

static const char *
find_header(const struct reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->header_count; i++) {
		if (strcasecmp(reply->headers[i].name, name) == 0)
			return reply->headers[i].value;
	}
	return NULL;
}

/* What stands in place of Content-Length (RFC 9112 6). */
static void
add_framing(struct buf *out, enum framing framing, size_t body_len)
{
	const char *name = "Content-Length";

	switch (framing) {
	case FRAMING_USUAL:
	case FRAMING_UNTIL_CLOSE:
		return;
	case FRAMING_CHUNKED:
	case FRAMING_BAD_CHUNK:
		buf_add_text(out, "Transfer-Encoding: chunked\r\n");
		return;
	case FRAMING_LENGTH_SHORT:
		add_size_header(out, name, body_len > 0 ? body_len - 1 : 0);
		return;
	case FRAMING_LENGTH_LONG:
		add_size_header(out, name, body_len + LENGTH_TOO_LONG_BY);
		return;
	case FRAMING_LENGTH_TWICE: /* the second is shorter: nobody waits for more */
		add_size_header(out, name, body_len);
		add_size_header(out, name, body_len > 0 ? body_len - 1 : 1);
		return;
	}
}

/* Framing takes the place of the first Content-Length; without one it comes last. */
static void
add_headers(struct buf *out, const struct reply *reply, size_t body_len, const char *date)
{
	bool is_framed = reply->framing == FRAMING_USUAL;

	for (size_t i = 0; i < reply->header_count; i++) {
		const struct reply_header *header = &reply->headers[i];

		if (reply->framing == FRAMING_USUAL ||
		    strcasecmp(header->name, "Content-Length") != 0) {
			add_header(out, header, body_len, date);
		} else if (!is_framed) {
			add_framing(out, reply->framing, body_len);
			is_framed = true;
		}
	}
	if (!is_framed)
		add_framing(out, reply->framing, body_len);
}

/* RFC 9112 9.6 and, for HTTP/1.0, 9.3. A reply's own Connection header stands. */
static void
add_connection(struct buf *out, const struct reply *reply,
    const struct plan_manner *manner, bool says_last)
{
	if (find_header(reply, "Connection") != NULL)
		return;
	if (manner->say_close || reply->framing == FRAMING_UNTIL_CLOSE)
		buf_add_text(out, "Connection: close\r\n");
	else if (manner->say_keep_alive && !says_last)
		buf_add_text(out, "Connection: keep-alive\r\n");
}

/* RFC 9112 7.1, in chunks of CHUNK_LEN. */
static void
add_chunks(struct buf *out, struct bytes body)
{
	size_t len;

	for (size_t at = 0; at < body.len; at += len) {
		len = body.len - at < CHUNK_LEN ? body.len - at : CHUNK_LEN;
		buf_add_format(out, "%zx\r\n", len);
		buf_add(out, body.data + at, len);
		buf_add(out, "\r\n", 2);
	}
	buf_add_text(out, "0\r\n\r\n");
}

static void
add_body(struct buf *out, const struct reply *reply)
{
	struct bytes body = reply_body(reply);

	switch (reply->framing) {
	case FRAMING_USUAL:
	case FRAMING_UNTIL_CLOSE:
	case FRAMING_LENGTH_SHORT:
	case FRAMING_LENGTH_LONG:
	case FRAMING_LENGTH_TWICE:
		buf_add(out, body.data, body.len);
		return;
	case FRAMING_CHUNKED:
		add_chunks(out, body);
		return;
	case FRAMING_BAD_CHUNK:
		buf_add_text(out, "xyz\r\n");
		buf_add(out, body.data, body.len);
		buf_add_text(out, "\r\n0\r\n\r\n");
		return;
	}
}

/* Whether what is said in the head makes it the last answer of the connection. */
static bool
says_it_is_last(const struct reply *reply, const struct plan_manner *manner)
{
	const char *own = find_header(reply, "Connection");

	if (reply->close || !manner->keep_alive || reply->framing == FRAMING_UNTIL_CLOSE)
		return true;
	return reply->is_http10 && !manner->say_keep_alive &&
	       (own == NULL || strcasecmp(own, "keep-alive") != 0);
}

void
plan_from_reply(struct plan *plan, const struct reply *reply,
    const struct plan_manner *manner, const char *date)
{
	size_t body_len = reply_body(reply).len;
	bool says_last = says_it_is_last(reply, manner);
	bool is_last =
	    says_last || reply->breaks_off || reply->framing == FRAMING_LENGTH_LONG;

	plan_reset(plan);
	buf_reserve(&plan->bytes, PLAN_HEAD_USUAL + body_len);
	add_status_line(&plan->bytes, reply);
	add_headers(&plan->bytes, reply, body_len, date);
	add_connection(&plan->bytes, reply, manner, says_last);
	buf_add(&plan->bytes, "\r\n", 2);
	plan->body_at = plan->bytes.len;
	if (!manner->head_only)
		add_body(&plan->bytes, reply);
	add_step(plan, (struct step){STEP_WRITE, 0, plan->bytes.len});
	plan_add(plan, is_last ? STEP_CLOSE : STEP_NEXT);
}

/* The bytes from `from` to `to`, in one piece or in many. */
static void
add_piece(struct plan *plan, const struct shaping *shaping, size_t from, size_t to)
{
	struct step step = {STEP_WRITE, from, to - from};

	if (from == to)
		return;
	if (shaping->drip_bytes > 0) {
		step.kind = STEP_DRIP;
		step.chunk = shaping->drip_bytes;
		step.wait_ms = shaping->drip_ms;
	}
	add_step(plan, step);
}

static void
add_wait(struct plan *plan, uint64_t wait_ms)
{
	if (wait_ms > 0)
		add_step(plan, (struct step){.kind = STEP_WAIT, .wait_ms = wait_ms});
}

static size_t
percent_of(size_t len, size_t percent)
{
	if (percent >= 100)
		return len;
	return len / 100 * percent + len % 100 * percent / 100;
}

/* Where the bytes end that are sent; a cut behind their end is one at their end. */
static size_t
cut_at(const struct plan *plan, const struct cut *cut)
{
	size_t body_len = plan->bytes.len - plan->body_at;
	const unsigned char *line_end;

	switch (cut->where) {
	case CUT_NOWHERE:
		return plan->bytes.len;
	case CUT_STATUS_LINE:
		line_end = memmem(plan->bytes.data, plan->bytes.len, "\r\n", 2);
		return line_end == NULL ? plan->bytes.len
		                        : (size_t)(line_end - plan->bytes.data) + 2;
	case CUT_BODY_BYTES:
		return plan->body_at + (cut->after < body_len ? cut->after : body_len);
	case CUT_BODY_PERCENT:
		return plan->body_at + percent_of(body_len, cut->after);
	}
	return plan->bytes.len;
}

static void
add_cut_end(struct plan *plan, enum cut_end end)
{
	switch (end) {
	case CUT_END_CLOSE:
		plan_add(plan, STEP_CUT);
		return;
	case CUT_END_RESET: /* a reset overtakes what the peer's system does not have */
		plan_add(plan, STEP_ACKED);
		plan_add(plan, STEP_RESET);
		return;
	case CUT_END_STALL:
		plan_add(plan, STEP_HOLD);
		return;
	}
}

void
plan_shape(struct plan *plan, const struct shaping *shaping)
{
	size_t end = cut_at(plan, &shaping->cut);
	bool waits_for_body = shaping->wait_body_ms > 0 && plan->body_at <= end &&
	                      plan->body_at < plan->bytes.len;
	size_t begin = 0;
	struct step old[PLAN_STEPS_MAX];
	size_t old_count = plan->step_count;

	memcpy(old, plan->steps, old_count * sizeof(old[0]));
	plan->step_count = 0;
	add_wait(plan, shaping->wait_head_ms);
	if (waits_for_body) {
		add_piece(plan, shaping, 0, plan->body_at);
		add_wait(plan, shaping->wait_body_ms);
		begin = plan->body_at;
	}
	add_piece(plan, shaping, begin, end);
	if (shaping->cut.where != CUT_NOWHERE) {
		add_cut_end(plan, shaping->cut.end);
		return;
	}
	for (size_t i = 0; i < old_count; i++) {
		if (old[i].kind != STEP_WRITE)
			add_step(plan, old[i]);
	}
}
