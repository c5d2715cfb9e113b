#include "flow/inner.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "flow/edit.h"
#include "ndes/enrol.h"
#include "scep/words.h"
#include <stdlib.h>
#include <string.h>

struct exchange *
exchange_new(void)
{
	struct exchange *exchange = mem_alloc(sizeof(*exchange));

	exchange->decision.verdict = DECIDE_LATER; /* not yet asked */
	return exchange;
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
	buf_reset(&exchange->subject);
	free(exchange->misled);
	exchange->misled = NULL;
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
	exchange->decision.verdict = DECIDE_LATER; /* not yet asked */
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
	buf_clear(&exchange->subject);
	reply_clear(&exchange->reply);
	plan_clear(&exchange->plan);
	free(exchange);
}

static struct slice
decoded_path(struct exchange *exchange, struct slice raw)
{
	if (raw.len == 0 || memchr(raw.text, '%', raw.len) == NULL)
		return raw;
	url_decode(raw, &exchange->path_bytes);
	return buf_slice(&exchange->path_bytes);
}

bool
exchange_take_path(
    struct exchange *exchange, const struct request *request, struct slice *selector)
{
	struct slice raw = request->url.path;
	struct slice target = request->line.target;
	struct slice raw_selector, raw_rest, rest;

	exchange->path = decoded_path(exchange, raw);
	exchange->uri = target;
	if (!site_path(raw, &raw_selector, &raw_rest) ||
	    !site_path(exchange->path, selector, &rest))
		return false;
	exchange->path = rest;
	exchange->uri = SLICE("/");
	if (raw_rest.text >= target.text && raw_rest.text < target.text + target.len)
		exchange->uri = (struct slice){
		    raw_rest.text, target.len - (size_t)(raw_rest.text - target.text)};
	return true;
}

static bool
find_header(const void *arg, const char *name, struct slice *ret)
{
	const struct request *request = arg;

	*ret = request_header(request, name);
	return ret->text != NULL;
}

static bool
is_admin(const struct exchange *exchange)
{
	return exchange->target.area == AREA_ADMIN ||
	       exchange->target.area == AREA_ADMIN_NO_SLASH;
}

void
exchange_take_head(struct exchange *exchange, struct endpoints *endpoints,
    const struct request *request, const struct ndes_settings *settings)
{
	exchange->endpoints = endpoints;
	exchange->request = request;
	exchange->started_us = clock_monotonic_us();
	target_read(&exchange->target, request, exchange->path);
	exchange->answer = target_answer(&exchange->target, request, settings);
	exchange->facts = (struct facts){
	    .stage = STAGE_HEAD,
	    .now_ms = exchange->started_wall_ms,
	    .arrival = ++exchange->ruling->arrivals,
	    .connection = endpoints->connection,
	    .client = endpoints->client_ip,
	    .is_tls = endpoints->is_tls,
	    .client_cert = endpoints->client_cert,
	    .operation = is_admin(exchange) ? "admin-page"
	                                    : operation_name(exchange->target.operation),
	    .method = request->line.method,
	    .path = exchange->path,
	    .query_bytes = request->url.query.len,
	    .uri_bytes = exchange->uri.len,
	    .user_agent = request_header(request, "User-Agent"),
	    .header = find_header,
	    .header_arg = request,
	};
}

void
exchange_take_message(struct exchange *exchange, struct scep_message *message)
{
	struct facts *facts = &exchange->facts;

	exchange->message = message;
	facts->stage = STAGE_MESSAGE;
	exchange->summary.type = message->type;
	exchange->summary.transaction_id = mem_string(message->transaction_id);
	if (!enrol_answers(message->fate))
		return; /* for a scenario, what gets no CertRep is no message */
	facts->message_type = message_type_name(message->type);
	facts->transaction_id = slice_of(message->transaction_id);
	facts->digest = digest_word(message->digest_nid);
	facts->cipher = cipher_word(message->cipher_nid);
	if (message->csr == NULL)
		return;
	facts->key_bits = spki_bits(message->csr->spki);
	facts->challenge_type = challenge_type_word(message->csr->challenge_type);
	if (exchange->ruling->scenario->rule_count > 0)
		subject_text(message->csr->subject, &exchange->subject);
	facts->subject = buf_slice(&exchange->subject);
}

const struct rule *
exchange_rule(const struct exchange *exchange)
{
	return exchange->decision.verdict == DECIDE_RULE ? exchange->decision.rule : NULL;
}

struct pki *
exchange_pki(const struct exchange *exchange)
{
	return exchange->ruling->pki != NULL ? exchange->ruling->pki
	                                     : exchange->flow->pki;
}

static void
forget_passwords(struct exchange *exchange)
{
	struct err err = ERR_INIT;

	if (!store_forget_challenges(exchange->flow->store, exchange->site->name, &err))
		ledger_note(&exchange->flow->settings.ledger, err.text);
}

void
exchange_decide(struct exchange *exchange)
{
	const struct rule *rule;

	if (exchange->decision.verdict != DECIDE_LATER)
		return;
	run_decide(exchange->ruling->run, &exchange->facts, &exchange->decision);
	rule = exchange_rule(exchange);
	if (rule != NULL && rule_is_fault(rule))
		exchange->flow->has_fired = true;
	if (rule != NULL && rule->forgets_passwords)
		forget_passwords(exchange);
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
