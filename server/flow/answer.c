#include "flow/edit.h"
#include "flow/inner.h"
#include "ndes/admin.h"
#include "ndes/crp.h"

#define WIN32_FILE_NOT_FOUND 2

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

static void
detail(struct exchange *exchange)
{
	struct iis_request request = {
	    .is_tls = exchange->endpoints->is_tls,
	    .host = request_header(exchange->request, "Host"),
	    .path = exchange->request->url.path,
	    .user = exchange->username,
	};

	(void)iis_detail_reply(&exchange->reply, &exchange->flow->settings.iis, &request);
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
	if (exchange->flow->settings.ndes.error_pages == ERROR_PAGES_DETAILED)
		detail(exchange);
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

static void
reply_error(struct exchange *exchange, enum layer layer, unsigned status, uint32_t win32)
{
	iis_error_reply(
	    &exchange->reply, &exchange->flow->settings.iis, layer, status, 0);
	exchange->reply.win32 = win32;
}

/* Pages of mscep.dll are UTF-16LE, whatever their own META says. */
static void
reply_general_page(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;
	struct admin_facts facts = {
	    .host = flow->settings.ndes.host,
	    .rules = PASSWORD_RULES_DEFAULT,
	};

	iis_mscep_reply(&exchange->reply, &flow->settings.iis, "text/html");
	admin_page_make(&exchange->reply.body, ADMIN_GENERAL, &facts);
}

/* What the pool cannot take is turned away by HTTP.sys. */
void
answer_queue_full(struct exchange *exchange)
{
	http_sys_reply(&exchange->reply, 503, "503-unavailable", "QueueFull");
	exchange->reply.httperr_queue = "SCEP";
}

/* The honest answer to everything that has no pkiMessage and needs no logon. */
void
answer_honest(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;

	switch (exchange->answer) {
	case ANSWER_NOT_FOUND:
		reply_error(exchange, LAYER_IIS, 404, WIN32_FILE_NOT_FOUND);
		return;
	case ANSWER_REDIRECT:
		reply_redirect(exchange);
		return;
	case ANSWER_CA_CAPS:
		reply_shared(exchange, "text/plain", &exchange->ruling->caps_body);
		return;
	case ANSWER_CA_CERT:
		reply_shared(exchange, "application/x-x509-ca-ra-cert", &flow->bag);
		return;
	case ANSWER_NEXT_CA_CERT:
		reply_shared(exchange, "application/x-x509-next-ca-cert", &flow->next_ca);
		return;
	case ANSWER_MESSAGE:
		answer_undecodable(exchange);
		return;
	case ANSWER_GENERAL_PAGE:
		reply_general_page(exchange);
		return;
	case ANSWER_CRP:
		crp_reply(&exchange->reply, &flow->settings.iis, exchange->target.area);
		return;
	case ANSWER_BAD_METHOD_CRP:
		crp_bad_method_reply(&exchange->reply, &flow->settings.iis);
		return;
	case ANSWER_FORBIDDEN:  /* 403.0 is the sign of a working policy module */
	case ANSWER_ADMIN_PAGE: /* admin.c's, never this way */
		reply_error(exchange, LAYER_MSCEP, 403, 0);
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
