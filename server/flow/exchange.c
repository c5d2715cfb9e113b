#include "flow/inner.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "ndes/enrol.h"
#include <stdlib.h>
#include <string.h>

struct exchange *
exchange_new(void)
{
	return mem_alloc(sizeof(struct exchange));
}

void
exchange_reset(struct exchange *exchange)
{
	exchange->id = 0;
	ruling_release(exchange->ruling);
	exchange->ruling = NULL;
	buf_reset(&exchange->path_bytes);
	buf_reset(&exchange->der);
	buf_reset(&exchange->location);
	buf_reset(&exchange->token);
	exchange->username = NULL;
	message_free(exchange->message);
	exchange->message = NULL;
	if (exchange->summary.has_certrep)
		certrep_clear(&exchange->certrep);
	free(exchange->summary.transaction_id);
	exchange->summary = (struct exchange_summary){.has_certrep = false};
	reply_reset(&exchange->reply);
	plan_reset(&exchange->plan);
	exchange->bytes_sent = 0;
	exchange->is_dropped = false;
	exchange->has_turn = false;
	exchange->decision.verdict = DECIDE_HONEST;
	exchange->decision.rule = NULL;
}

void
exchange_free(struct exchange *exchange)
{
	if (exchange == NULL)
		return;
	exchange_reset(exchange);
	buf_clear(&exchange->path_bytes);
	buf_clear(&exchange->der);
	buf_clear(&exchange->location);
	buf_clear(&exchange->token);
	reply_clear(&exchange->reply);
	plan_clear(&exchange->plan);
	free(exchange);
}

static void
read_path(struct exchange *exchange)
{
	struct slice raw = exchange->request->url.path;

	exchange->path = raw;
	if (raw.len == 0 || memchr(raw.text, '%', raw.len) == NULL)
		return;
	url_decode(raw, &exchange->path_bytes);
	exchange->path = buf_slice(&exchange->path_bytes);
}

void
exchange_take_head(struct exchange *exchange, struct endpoints *endpoints,
    const struct request *request, const struct ndes_settings *settings)
{
	exchange->endpoints = endpoints;
	exchange->request = request;
	exchange->started_us = clock_monotonic_us();
	read_path(exchange);
	target_read(&exchange->target, request, exchange->path);
	exchange->answer = target_answer(&exchange->target, request, settings);
	bool may_have_message = exchange->answer == ANSWER_MESSAGE;
	exchange->facts = (struct facts){
	    .stage = may_have_message ? STAGE_HEAD : STAGE_MESSAGE,
	    .operation = operation_name(exchange->target.operation),
	    .method = request->line.method,
	    .path = exchange->path,
	    .query_bytes = request->url.query.len,
	    .uri_bytes = request->line.target.len,
	    .connection = endpoints->connection,
	    .client = endpoints->client_ip,
	};
}

void
exchange_take_message(struct exchange *exchange, struct scep_message *message)
{
	exchange->message = message;
	exchange->facts.stage = STAGE_MESSAGE;
	exchange->summary.type = message->type;
	exchange->summary.transaction_id = mem_string(message->transaction_id);
	if (!enrol_answers(message->fate))
		return; /* for a scenario, what gets no CertRep is no message */
	exchange->facts.message_type = message_type_name(message->type);
	exchange->facts.transaction_id = slice_of(message->transaction_id);
}

void
exchange_decide(struct exchange *exchange)
{
	run_decide(exchange->ruling->run, &exchange->facts, &exchange->decision);
	if (exchange->decision.verdict == DECIDE_RULE &&
	    exchange->decision.rule->action != ACTION_PASS)
		exchange->flow->has_fired = true;
}

/* Any verb reaches mscep.dll: a body is the message, else `message=` is. */
bool
exchange_read_der(struct exchange *exchange)
{
	const struct buf *body = &exchange->request->body;
	struct buf text = BUF_INIT;

	if (!request_is_method(exchange->request, "GET") && body->len > 0) {
		buf_add(&exchange->der, body->data, body->len);
		return true;
	}
	url_decode(exchange->target.message, &text);
	unsigned oddities = base64_decode(buf_slice(&text), &exchange->der);
	buf_clear(&text);
	return (oddities & BASE64_NOT_BASE64) == 0 && exchange->der.len > 0;
}
