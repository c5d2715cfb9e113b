#include "flow/flow.h"

#include "base/mem.h"
#include "flow/inner.h"
#include "scep/bag.h"
#include <stdlib.h>

#define SPARE_EXCHANGES_MAX 64 /* kept with their memory for the next requests */

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
	exchange->scenario = flow->settings.scenario;
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

/* The body is in and the CA is there: an answer now, or NULL and one later. */
static const struct plan *
proceed(struct exchange *exchange)
{
	bool is_message = exchange->target.operation == OPERATION_PKI_OPERATION;

	if (is_message && exchange_read_der(exchange)) {
		enrolment_begin(exchange);
		return NULL;
	}
	if (exchange->decision.verdict == DECIDE_LATER) {
		exchange->facts.stage = STAGE_MESSAGE;
		exchange_decide(exchange, exchange->flow->run);
	}
	if (!answer_by_rule(exchange))
		answer_honest(exchange);
	return answer_plan(exchange);
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
	exchange_decide(exchange, exchange->flow->run);
	/* HTTP.sys answers without having read the body; the others read it first */
	if (decision->verdict != DECIDE_RULE ||
	    decision->rule->action != ACTION_RESPOND ||
	    decision->rule->respond.layer != LAYER_HTTP_SYS)
		return NULL;
	(void)answer_by_rule(exchange);
	return answer_plan(exchange);
}

const struct plan *
flow_body(struct flow *flow, exchange_id id)
{
	struct exchange *exchange = slots_get(&flow->exchanges, id);

	if (answer_by_rule(exchange))
		return answer_plan(exchange);
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
		return answer_plan(exchange);
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
	enrolment_take_turns(flow);
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
