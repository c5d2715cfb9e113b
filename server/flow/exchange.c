#include "flow/exchange.h"

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
	buf_reset(&exchange->path_bytes);
	buf_reset(&exchange->der);
	buf_reset(&exchange->location);
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
exchange_take_head(struct exchange *exchange, const struct endpoints *endpoints,
    const struct request *request)
{
	exchange->endpoints = endpoints;
	exchange->request = request;
	exchange->started_wall_ms = clock_wall_ms();
	exchange->started_us = clock_monotonic_us();
	read_path(exchange);
	target_read(&exchange->target, request, exchange->path);
	bool may_have_message = exchange->target.operation == OPERATION_PKI_OPERATION;
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
exchange_decide(struct exchange *exchange, struct run *run)
{
	run_decide(run, &exchange->facts, &exchange->decision);
}

bool
exchange_read_der(struct exchange *exchange)
{
	struct buf text = BUF_INIT;

	if (!request_is_method(exchange->request, "GET")) {
		buf_add(&exchange->der, exchange->request->body.data,
		    exchange->request->body.len);
		return exchange->der.len > 0;
	}
	url_decode(exchange->target.message, &text);
	unsigned oddities = base64_decode(buf_slice(&text), &exchange->der);
	buf_clear(&text);
	return (oddities & BASE64_NOT_BASE64) == 0 && exchange->der.len > 0;
}
