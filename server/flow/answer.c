#include "flow/edit.h"
#include "flow/inner.h"

static const char *
http_date(struct flow *flow, int64_t wall_ms)
{
	time_t now = (time_t)(wall_ms / 1000);

	if (now != flow->date_of) {
		flow->date_of = now;
		clock_http_date(now, flow->date);
	}
	return flow->date;
}

const struct plan *
answer_plan(struct exchange *exchange)
{
	const struct request *request = exchange->request;
	bool keep_alive = request->keep_alive && !exchange->reply.close;
	struct plan_manner manner = {
	    .head_only = request_is_method(request, "HEAD"),
	    .keep_alive = keep_alive,
	    .say_close = !keep_alive,
	    .say_keep_alive = keep_alive && request->line.minor == 0,
	};

	exchange->state = EXCHANGE_ANSWERED;
	plan_from_reply(&exchange->plan, &exchange->reply, &manner,
	    http_date(exchange->flow, exchange->started_wall_ms));
	return &exchange->plan;
}

void
answer_now(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;
	uint64_t connection = exchange->endpoints->connection;

	flow->answer(flow->arg, connection, answer_plan(exchange));
}

/* What mscep.dll answers to what is no pkiMessage: nothing but a 200 is known. */
void
answer_undecodable(struct exchange *exchange)
{
	iis_mscep_reply(&exchange->reply, &exchange->flow->settings.iis, NULL);
}

static void
reply_redirect(struct exchange *exchange)
{
	const struct request *request = exchange->request;

	buf_add_slice(&exchange->location, request->url.path);
	buf_add_char(&exchange->location, '/');
	if (request->url.has_query) {
		buf_add_char(&exchange->location, '?');
		buf_add_slice(&exchange->location, request->url.query);
	}
	buf_add_char(&exchange->location, '\0');
	iis_redirect_reply(&exchange->reply, &exchange->flow->settings.iis,
	    (const char *)exchange->location.data);
}

static void
reply_shared(struct exchange *exchange, const char *content_type, const struct buf *body)
{
	iis_mscep_reply(&exchange->reply, &exchange->flow->settings.iis, content_type);
	exchange->reply.shared_body = buf_bytes(body);
}

/* The honest answer to everything that has no pkiMessage. */
void
answer_honest(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;

	if (exchange->target.area == AREA_OTHER) {
		iis_error_reply(&exchange->reply, &flow->settings.iis, LAYER_IIS, 404, 0);
		exchange->reply.win32 = 2; /* ERROR_FILE_NOT_FOUND */
		return;
	}
	if (exchange->target.area == AREA_MSCEP_NO_SLASH) {
		reply_redirect(exchange);
		return;
	}
	switch (exchange->target.operation) {
	case OPERATION_GET_CA_CAPS:
		reply_shared(exchange, "text/plain", &flow->caps_body);
		return;
	case OPERATION_GET_CA_CERT:
		reply_shared(exchange, "application/x-x509-ca-ra-cert", &flow->bag);
		return;
	case OPERATION_PKI_OPERATION:
		answer_undecodable(exchange);
		return;
	case OPERATION_NONE: /* 403.0 is the sign of a working policy module */
	case OPERATION_GET_NEXT_CA_CERT:
	case OPERATION_UNKNOWN:
		iis_error_reply(
		    &exchange->reply, &flow->settings.iis, LAYER_MSCEP, 403, 0);
		return;
	}
}

/* True: the rule in force answers by itself, and has done so. */
bool
answer_by_rule(struct exchange *exchange)
{
	const struct decision *decision = &exchange->decision;

	if (decision->verdict != DECIDE_RULE || decision->rule->action != ACTION_RESPOND)
		return false;
	edit_respond(&exchange->reply, decision->rule, &exchange->flow->settings.iis);
	return true;
}
