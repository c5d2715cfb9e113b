#include "flow/flow.h"

#include "base/chance.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/slots.h"
#include "flow/edit.h"
#include "flow/exchange.h"
#include "flow/jobs.h"
#include "ndes/enrol.h"
#include "scep/bag.h"
#include <stdlib.h>
#include <string.h>

#define SPARE_EXCHANGES_MAX 64 /* kept with their memory for the next requests */
#define SITE_DEFAULT        "" /* the one site there is, as the store names it */

struct flow {
	struct flow_settings settings;
	struct pool *pool;
	flow_answer *answer;
	void *arg;
	struct run *run;
	struct store *store;
	struct pki *pki;      /* NULL: still being made */
	struct buf caps_body; /* what GetCACaps answers */
	struct buf bag;       /* what GetCACert answers, once there is a pki */
	struct slots exchanges;
	struct exchanges spare;
	size_t spare_count;
	struct exchanges waiting_pki;
	struct exchanges turns; /* PKIOperations not yet decided, in order of arrival */
	time_t date_of;
	char date[CLOCK_HTTP_DATE_SIZE];
};

struct flow *
flow_new(const struct flow_settings *settings, struct pool *pool, flow_answer *answer,
    void *arg, struct err *err)
{
	struct store *store = store_open(err);
	struct capabilities caps = settings->caps;
	struct capabilities without = {.count = 0};
	const struct texts *words = &settings->scenario->server.caps_without;

	if (store == NULL)
		return NULL;
	struct flow *flow = mem_alloc(sizeof(*flow));
	flow->settings = *settings;
	flow->pool = pool;
	flow->answer = answer;
	flow->arg = arg;
	flow->run = run_new(settings->scenario);
	flow->store = store;
	TAILQ_INIT(&flow->spare);
	TAILQ_INIT(&flow->waiting_pki);
	TAILQ_INIT(&flow->turns);
	for (size_t i = 0; i < words->count && i < CAPABILITIES_MAX; i++)
		without.lines[without.count++] = slice_of(words->items[i]);
	capabilities_remove(&caps, &without);
	capabilities_body(&caps, &flow->caps_body);
	return flow;
}

void
flow_free(struct flow *flow)
{
	struct exchange *exchange;

	if (flow == NULL)
		return;
	for (size_t i = 0; i < flow->exchanges.size; i++)
		exchange_free(slots_at(&flow->exchanges, i));
	slots_clear(&flow->exchanges);
	while ((exchange = TAILQ_FIRST(&flow->spare)) != NULL) {
		TAILQ_REMOVE(&flow->spare, exchange, wait);
		exchange_free(exchange);
	}
	ledger_close(&flow->settings.ledger);
	run_free(flow->run);
	store_close(flow->store);
	pki_release(flow->pki);
	buf_clear(&flow->caps_body);
	buf_clear(&flow->bag);
	free(flow);
}

size_t
flow_pending(const struct flow *flow)
{
	return flow->exchanges.count;
}

const struct run *
flow_run(const struct flow *flow)
{
	return flow->run;
}

static struct exchange *
begin_exchange(
    struct flow *flow, const struct endpoints *endpoints, const struct request *request)
{
	struct exchange *exchange = TAILQ_FIRST(&flow->spare);

	if (exchange != NULL) {
		TAILQ_REMOVE(&flow->spare, exchange, wait);
		flow->spare_count--;
	} else {
		exchange = exchange_new();
	}
	exchange->flow = flow;
	exchange->state = EXCHANGE_BODY;
	exchange->id = slots_put(&flow->exchanges, exchange);
	exchange_take_head(exchange, endpoints, request);
	return exchange;
}

static void
end_exchange(struct flow *flow, struct exchange *exchange)
{
	slots_remove(&flow->exchanges, exchange->id);
	if (flow->spare_count >= SPARE_EXCHANGES_MAX) {
		exchange_free(exchange);
		return;
	}
	exchange_reset(exchange);
	TAILQ_INSERT_HEAD(&flow->spare, exchange, wait);
	flow->spare_count++;
}

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

static const struct plan *
make_plan(struct exchange *exchange)
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

static void
answer_now(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;
	uint64_t connection = exchange->endpoints->connection;

	flow->answer(flow->arg, connection, make_plan(exchange));
}

/* What mscep.dll answers to what is no pkiMessage: nothing but a 200 is known. */
static void
reply_undecodable(struct exchange *exchange)
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
static void
reply_honest(struct exchange *exchange)
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
		reply_undecodable(exchange);
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
static bool
reply_by_rule(struct exchange *exchange)
{
	const struct decision *decision = &exchange->decision;

	if (decision->verdict != DECIDE_RULE || decision->rule->action != ACTION_RESPOND)
		return false;
	edit_respond(&exchange->reply, decision->rule, &exchange->flow->settings.iis);
	return true;
}

static void
decide(struct exchange *exchange)
{
	run_decide(exchange->flow->run, &exchange->facts, &exchange->decision);
}

static struct job_sender
sender_of(const struct exchange *exchange)
{
	return (struct job_sender){
	    .arg = exchange->flow,
	    .id = exchange->id,
	    .pool = exchange->flow->pool,
	    .pki = exchange->flow->pki,
	};
}

/* The transaction's row follows what was really answered. */
static void
remember(struct flow *flow, const struct certrep *certrep)
{
	struct err err = ERR_INIT;
	struct transaction row = {.state = TRANSACTION_PENDING};
	bool is_pending = certrep->status == PKI_PENDING;

	if (certrep->csr == NULL || certrep->transaction_id == NULL)
		return;
	if (!is_pending && certrep->status != PKI_SUCCESS)
		return;
	row.csr = certrep->csr->der;
	if (!is_pending) {
		row.state = TRANSACTION_ISSUED;
		row.leaf = certrep->leaf_der;
	}
	if (!store_put_transaction(
	        flow->store, SITE_DEFAULT, certrep->transaction_id, &row, &err))
		ledger_note(&flow->settings.ledger, err.text);
}

static void
on_sealed(void *arg, uint64_t id, struct certrep *certrep, struct buf *bytes,
    const struct err *err)
{
	struct flow *flow = arg;
	struct exchange *exchange = slots_get(&flow->exchanges, id);

	if (err->kind == ERR_NONE)
		remember(flow, certrep);
	else
		ledger_note(&flow->settings.ledger, err->text);
	if (exchange == NULL)
		return;
	if (err->kind == ERR_NONE) {
		iis_mscep_reply(
		    &exchange->reply, &flow->settings.iis, "application/x-pki-message");
		buf_clear(&exchange->reply.body);
		exchange->reply.body = buf_move(bytes);
	} else {
		iis_error_reply(
		    &exchange->reply, &flow->settings.iis, LAYER_MSCEP, 500, 0);
	}
	answer_now(exchange);
}

/* The honest CertRep; false: NDES has none for this message. */
static bool
make_certrep(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;
	struct err err = ERR_INIT;
	struct transaction stored = {.state = TRANSACTION_PENDING};
	unsigned char chance[NONCE_SIZE + sizeof(exchange->certrep.leaf.serial)];
	struct enrol_input input = {
	    .message = exchange->message,
	    .challenge = &flow->settings.challenge,
	    .chance = chance,
	    .now = (time_t)(exchange->started_wall_ms / 1000),
	};

	chance_fresh(chance, sizeof(chance));
	if (exchange->message->transaction_id != NULL &&
	    store_find_transaction(flow->store, SITE_DEFAULT,
	        exchange->message->transaction_id, &stored, &err))
		input.stored = &stored;
	else if (err.kind != ERR_NONE)
		ledger_note(&flow->settings.ledger, err.text);
	exchange->certrep = (struct certrep)CERTREP_INIT;
	bool has_certrep =
	    enrol_decide(&input, &exchange->certrep, &exchange->summary.reason);
	transaction_clear(&stored);
	return has_certrep;
}

static void
seal(struct exchange *exchange)
{
	struct job_sender sender = sender_of(exchange);

	exchange->summary.has_certrep = true;
	exchange->summary.status = exchange->certrep.status;
	exchange->summary.fail_info = exchange->certrep.fail_info;
	exchange->state = EXCHANGE_SEALING;
	job_seal_submit(&sender, &exchange->certrep, on_sealed);
}

/* The message is open (or could not be) and it is this exchange's turn. */
static void
answer_message(struct exchange *exchange)
{
	if (exchange->decision.verdict == DECIDE_LATER)
		decide(exchange);
	if (reply_by_rule(exchange)) {
		answer_now(exchange);
		return;
	}
	if (!make_certrep(exchange)) {
		reply_undecodable(exchange);
		answer_now(exchange);
		return;
	}
	if (exchange->decision.verdict == DECIDE_RULE &&
	    exchange->decision.rule->action == ACTION_SCEP) {
		edit_certrep(&exchange->certrep, &exchange->decision.rule->scep);
		exchange->summary.reason = NULL;
	}
	seal(exchange);
}

/* Whoever is at the head of the queue and open may be decided. */
static void
take_turns(struct flow *flow)
{
	struct exchange *exchange;

	while ((exchange = TAILQ_FIRST(&flow->turns)) != NULL &&
	       exchange->state == EXCHANGE_OPENED) {
		TAILQ_REMOVE(&flow->turns, exchange, turn);
		exchange->has_turn = false;
		answer_message(exchange);
	}
}

static void
on_opened(void *arg, uint64_t id, struct scep_message *message)
{
	struct flow *flow = arg;
	struct exchange *exchange = slots_get(&flow->exchanges, id);

	if (exchange == NULL || message == NULL) {
		message_free(message);
		return;
	}
	exchange_take_message(exchange, message);
	exchange->state = EXCHANGE_OPENED;
	if (exchange->has_turn)
		take_turns(flow);
	else
		answer_message(exchange);
}

/*
 * Decisions are taken in order of arrival where the scenario counts: two workers
 * finish in any order, and nth or times must not depend on it.
 */
static void
open_message(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;
	struct job_sender sender = sender_of(exchange);

	if (exchange->decision.verdict == DECIDE_LATER && run_counts(flow->run)) {
		TAILQ_INSERT_TAIL(&flow->turns, exchange, turn);
		exchange->has_turn = true;
	}
	exchange->state = EXCHANGE_OPENING;
	job_open_submit(&sender, &exchange->der,
	    (time_t)(exchange->started_wall_ms / 1000), on_opened);
}

/* The body is in and the CA is there: an answer now, or NULL and one later. */
static const struct plan *
proceed(struct exchange *exchange)
{
	bool is_message = exchange->target.operation == OPERATION_PKI_OPERATION;

	if (is_message && exchange_read_der(exchange)) {
		open_message(exchange);
		return NULL;
	}
	if (exchange->decision.verdict == DECIDE_LATER) {
		exchange->facts.stage = STAGE_MESSAGE;
		decide(exchange);
	}
	if (!reply_by_rule(exchange))
		reply_honest(exchange);
	return make_plan(exchange);
}

static bool
needs_pki(const struct exchange *exchange)
{
	return exchange->target.operation == OPERATION_GET_CA_CERT ||
	       exchange->target.operation == OPERATION_PKI_OPERATION;
}

const struct plan *
flow_head(struct flow *flow, const struct endpoints *endpoints,
    const struct request *request, exchange_id *ret)
{
	struct exchange *exchange = begin_exchange(flow, endpoints, request);
	const struct decision *decision = &exchange->decision;

	*ret = exchange->id;
	decide(exchange);
	/* HTTP.sys answers without having read the body; the others read it first */
	if (decision->verdict != DECIDE_RULE ||
	    decision->rule->action != ACTION_RESPOND ||
	    decision->rule->respond.layer != LAYER_HTTP_SYS)
		return NULL;
	(void)reply_by_rule(exchange);
	return make_plan(exchange);
}

const struct plan *
flow_body(struct flow *flow, exchange_id id)
{
	struct exchange *exchange = slots_get(&flow->exchanges, id);

	if (reply_by_rule(exchange))
		return make_plan(exchange);
	if (flow->pki == NULL && needs_pki(exchange)) {
		exchange->state = EXCHANGE_WAIT_PKI;
		TAILQ_INSERT_TAIL(&flow->waiting_pki, exchange, wait);
		return NULL;
	}
	return proceed(exchange);
}

const struct plan *
flow_refused(struct flow *flow, const struct endpoints *endpoints,
    const struct request *request, enum refusal refusal, exchange_id *ret)
{
	struct exchange *exchange = begin_exchange(flow, endpoints, request);

	*ret = exchange->id;
	if (http_sys_refuse(&exchange->reply, refusal))
		return make_plan(exchange);
	exchange->state = EXCHANGE_ANSWERED;
	plan_add(&exchange->plan, STEP_ABORT);
	return &exchange->plan;
}

static void
leave_queues(struct flow *flow, struct exchange *exchange)
{
	if (exchange->state == EXCHANGE_WAIT_PKI)
		TAILQ_REMOVE(&flow->waiting_pki, exchange, wait);
	if (exchange->has_turn) {
		TAILQ_REMOVE(&flow->turns, exchange, turn);
		exchange->has_turn = false;
	}
}

void
flow_forget(struct flow *flow, exchange_id id)
{
	struct exchange *exchange = slots_get(&flow->exchanges, id);

	if (exchange == NULL)
		return;
	leave_queues(flow, exchange);
	end_exchange(flow, exchange);
}

void
flow_finished(struct flow *flow, exchange_id id, enum flow_end end, uint64_t bytes_sent)
{
	struct exchange *exchange = slots_get(&flow->exchanges, id);

	if (exchange == NULL)
		return;
	exchange->bytes_sent = bytes_sent;
	exchange->is_dropped = end == FLOW_DROPPED;
	leave_queues(flow, exchange);
	ledger_write(&flow->settings.ledger, exchange);
	end_exchange(flow, exchange);
	take_turns(flow);
}

void
flow_pki_ready(struct flow *flow, struct pki *pki)
{
	struct err err = ERR_INIT;
	struct exchange *exchange;
	const struct plan *plan;

	flow->pki = pki;
	if (!bag_of_pki(pki, &flow->bag, &err))
		ledger_note(&flow->settings.ledger, err.text);
	while ((exchange = TAILQ_FIRST(&flow->waiting_pki)) != NULL) {
		TAILQ_REMOVE(&flow->waiting_pki, exchange, wait);
		exchange->state = EXCHANGE_BODY;
		plan = proceed(exchange);
		if (plan != NULL)
			flow->answer(flow->arg, exchange->endpoints->connection, plan);
	}
}
