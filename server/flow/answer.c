#include "flow/edit.h"
#include "flow/inner.h"
#include "flow/material.h"
#include "ndes/admin.h"
#include "ndes/crp.h"
#include "scep/served.h"
#include <string.h>

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
	    .path = exchange->path,
	    .user = exchange->username,
	};

	(void)iis_detail_reply(&exchange->reply, &exchange->flow->settings.iis, &request);
}

static void
write_plan(struct exchange *exchange)
{
	const struct request *request = exchange->request;
	bool keep_alive = request->keep_alive && !exchange->reply.close;
	struct plan_manner manner = {
	    .head_only = request_is_method(request, "HEAD"),
	    .keep_alive = keep_alive,
	    .say_close = !keep_alive,
	    .say_keep_alive = keep_alive && request->line.minor == 0,
	};

	plan_from_reply(&exchange->plan, &exchange->reply, &manner,
	    http_date(exchange->flow, exchange->started_wall_ms));
}

/* What a rule does instead of answering, or to an answer (FATE_CLOSE). */
static void
plan_fate(struct exchange *exchange, enum fate fate)
{
	static const char garbage[] = "\x15\x03\x01 mockndes: this is no HTTP\r\n\r\n";
	struct plan *plan = &exchange->plan;

	switch (fate) {
	case FATE_RESET:
		plan_add(plan, STEP_RESET);
		return;
	case FATE_CLOSE_UNANSWERED:
		plan_add(plan, STEP_CLOSE);
		return;
	case FATE_GARBAGE:
		plan_add_bytes(plan, garbage, sizeof(garbage) - 1);
		plan_add(plan, STEP_CLOSE);
		return;
	case FATE_HALF_CLOSE:
		plan_add(plan, STEP_FIN);
		plan_add(plan, STEP_HOLD);
		return;
	case FATE_STALL:
	case FATE_REFUSE: /* of a door: never decided here */
	case FATE_NO_ACCEPT:
		plan_add(plan, STEP_HOLD);
		return;
	case FATE_CLOSE:
		write_plan(exchange);
		return;
	}
}

/* A connection that gets no answer at all: no reply, and a plan of its own. */
static bool
is_fate(const struct rule *rule)
{
	return rule != NULL && rule->action.kind == ACTION_CONNECTION &&
	       rule->action.connection.fate != FATE_CLOSE;
}

const struct plan *
answer_plan(struct exchange *exchange)
{
	const struct rule *rule = exchange_rule(exchange);
	struct shaping shaping;

	exchange->state = EXCHANGE_ANSWERED;
	if (exchange->flow->settings.ndes.error_pages == ERROR_PAGES_DETAILED)
		detail(exchange);
	if (rule != NULL) {
		edit_honest_evidence(&exchange->reply, rule);
		edit_reply(&exchange->reply, &rule->reply);
	}
	if (is_fate(rule))
		plan_fate(exchange, rule->action.connection.fate);
	else
		write_plan(exchange);
	if (rule != NULL) {
		edit_shaping(&shaping, &rule->shaping, exchange->decision.delay_ms);
		plan_shape(&exchange->plan, &shaping);
	}
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

	buf_add_slice(&exchange->location, request->url.path); /* the site stays chosen */
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
reply_caps(struct exchange *exchange)
{
	const struct rule *rule = exchange_rule(exchange);
	const struct ca *ca = &rule->action.ca;
	struct served_forms forms = {0};

	iis_mscep_reply(&exchange->reply, &exchange->flow->settings.iis, "text/plain");
	for (size_t i = 0; i < ca->forms.count; i++)
		(void)served_form_set(
		    &forms, ca->forms.items[i].key, ca->forms.items[i].word);
	served_caps(&exchange->ruling->caps, &forms, &exchange->reply.body);
}

static bool
edits_ca(const struct exchange *exchange)
{
	const struct rule *rule = exchange_rule(exchange);

	return rule != NULL && rule->action.kind == ACTION_CA;
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

static void
reply_ca_cert(struct exchange *exchange)
{
	const char *content_type;
	const struct buf *body;

	if (material_served(exchange, &body, &content_type))
		reply_shared(exchange, content_type, body);
	else
		reply_error(exchange, LAYER_MSCEP, 500, 0);
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
		if (edits_ca(exchange))
			reply_caps(exchange);
		else
			reply_shared(
			    exchange, "text/plain", &exchange->ruling->caps_body);
		return;
	case ANSWER_CA_CERT:
		reply_ca_cert(exchange);
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

static struct slice
without_port(struct slice host)
{
	size_t len = host.len;

	while (len > 0 && host.text[len - 1] >= '0' && host.text[len - 1] <= '9')
		len--;
	if (len > 0 && len < host.len && host.text[len - 1] == ':')
		host.len = len - 1;
	return host;
}

/* The whole URL of a redirect; the path keeps what chooses the site. */
static void
set_location(struct exchange *exchange, enum redirect redirect)
{
	const struct request *request = exchange->request;
	struct buf *out = &exchange->location;
	struct slice host = request_header(request, "Host");
	bool is_tls = exchange->endpoints->is_tls;

	buf_reset(out);
	if (redirect == REDIRECT_ELSEWHERE) {
		buf_add_text(out, "http://ndes.mockndes.invalid");
	} else if (redirect == REDIRECT_HTTPS) {
		buf_add_text(out, "https://");
		buf_add_slice(out, without_port(host));
		buf_add_format(out, ":%u", exchange->flow->tls_port);
	} else {
		buf_add_text(out, is_tls ? "https://" : "http://");
		buf_add_slice(out, host);
	}
	buf_add_slice(out, request->url.path);
	if (redirect == REDIRECT_MOVED)
		buf_add_text(out, "/pkiclient.exe");
	if (request->url.has_query) {
		buf_add_char(out, '?');
		buf_add_slice(out, request->url.query);
	}
	buf_add_char(out, '\0');
	reply_set_header(&exchange->reply, "Location", (const char *)out->data);
}

static void
respond_by_rule(struct exchange *exchange, const struct rule *rule)
{
	const struct flow *flow = exchange->flow;
	struct admin_facts facts = {
	    .thumbprint = answer_thumbprint(exchange),
	    .password =
	        "0123456789ABCDEF", /* of a page that is not NDES's own: no good */
	    .host = flow->settings.ndes.host,
	    .rules = PASSWORD_RULES_DEFAULT,
	};

	edit_respond(&exchange->reply, rule, &flow->settings.iis, &facts);
	if (rule->action.respond.redirect != REDIRECT_NONE)
		set_location(exchange, rule->action.respond.redirect);
}

const char *
answer_thumbprint(const struct exchange *exchange)
{
	return exchange->ruling->pki != NULL ? exchange->ruling->thumbprint
	                                     : exchange->flow->thumbprint;
}

void
answer_misled(struct exchange *exchange)
{
	struct reply *reply = &exchange->reply;

	reply->status = 404;
	reply->reason = status_reason(404);
	reply->layer = LAYER_NETWORK;
	reply->close = true; /* its body is not read */
	reply_header(reply, "Content-Type", "text/plain; charset=utf-8");
	reply_header(reply, "Server", "mockndes");
	reply_header(reply, "Date", reply_date);
	reply_header(reply, "Content-Length", reply_length);
	buf_add_format(&reply->body, "%s\n", exchange->misled);
}

/* True: the rule in force answers by itself, and has done so. */
bool
answer_by_rule(struct exchange *exchange)
{
	const struct rule *rule = exchange_rule(exchange);

	if (rule == NULL)
		return false;
	if (rule->action.kind == ACTION_RESPOND) {
		respond_by_rule(exchange, rule);
		return true;
	}
	if (is_fate(rule)) {
		exchange->reply.layer = rule->action.connection.layer;
		edit_evidence(&exchange->reply, &rule->evidence);
		return true;
	}
	exchange->reply.breaks_off = rule->action.kind == ACTION_CONNECTION;
	return false;
}
