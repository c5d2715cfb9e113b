#include "http/plan.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PLAN_HEAD_USUAL 512 /* room for a usual head: one growth instead of several */

void
plan_reset(struct plan *plan)
{
	buf_reset(&plan->bytes);
	plan->step_count = 0;
}

void
plan_clear(struct plan *plan)
{
	buf_clear(&plan->bytes);
	plan->step_count = 0;
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

static void
add_status_line(struct buf *out, const struct reply *reply)
{
	const char *reason = reply->reason;

	if (reason == NULL)
		reason = status_reason(reply->status);
	buf_add(out, "HTTP/1.1 ", 9);
	buf_add_size(out, reply->status);
	buf_add_char(out, ' ');
	buf_add_text(out, reason);
	buf_add(out, "\r\n", 2);
}

/* The two placeholders are known by their address. */
static void
add_header(
    struct buf *out, const struct reply_header *header, size_t body_len, const char *date)
{
	buf_add_text(out, header->name);
	buf_add(out, ": ", 2);
	if (header->value == reply_date)
		buf_add_text(out, date);
	else if (header->value == reply_length)
		buf_add_size(out, body_len);
	else
		buf_add_text(out, header->value);
	buf_add(out, "\r\n", 2);
}

static bool
has_header(const struct reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->header_count; i++) {
		if (strcasecmp(reply->headers[i].name, name) == 0)
			return true;
	}
	return false;
}

/* RFC 9112 9.6 and, for HTTP/1.0, 9.3. A reply's own Connection header stands. */
static void
add_connection(struct buf *out, const struct reply *reply,
    const struct plan_manner *manner, bool is_last)
{
	if (!manner->say_close && !manner->say_keep_alive)
		return;
	if (has_header(reply, "Connection"))
		return;
	if (manner->say_close)
		buf_add_text(out, "Connection: close\r\n");
	else if (!is_last)
		buf_add_text(out, "Connection: keep-alive\r\n");
}

void
plan_from_reply(struct plan *plan, const struct reply *reply,
    const struct plan_manner *manner, const char *date)
{
	struct bytes body = reply_body(reply);
	bool is_last = reply->close || !manner->keep_alive;

	plan_reset(plan);
	buf_reserve(&plan->bytes, PLAN_HEAD_USUAL + body.len);
	add_status_line(&plan->bytes, reply);
	for (size_t i = 0; i < reply->header_count; i++)
		add_header(&plan->bytes, &reply->headers[i], body.len, date);
	add_connection(&plan->bytes, reply, manner, is_last);
	buf_add(&plan->bytes, "\r\n", 2);
	if (!manner->head_only)
		buf_add(&plan->bytes, body.data, body.len);
	add_step(plan, (struct step){STEP_WRITE, 0, plan->bytes.len});
	plan_add(plan, is_last ? STEP_CLOSE : STEP_NEXT);
}
