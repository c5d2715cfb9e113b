#include "flow/flow.h"

#include "base/chance.h"
#include "base/mem.h"
#include "flow/inner.h"
#include "flow/session.h"
#include "scep/bag.h"
#include <stdlib.h>

#define SPARE_EXCHANGES_MAX 64 /* kept with their memory for the next requests */

struct flow *
flow_new(const struct flow_settings *settings, struct pool *pool, flow_answer *answer,
    void *arg, struct err *err)
{
	struct store *store = store_open(settings->state, err);

	if (store == NULL)
		return NULL;
	struct flow *flow = mem_alloc(sizeof(*flow));
	flow->settings = *settings;
	flow->pool = pool;
	flow->answer = answer;
	flow->arg = arg;
	flow->ruling = ruling_new(settings->scenario, &settings->caps);
	clock_start(&flow->clock, settings->is_clock_manual);
	flow->store = store;
	TAILQ_INIT(&flow->spare);
	TAILQ_INIT(&flow->waiting_pki);
	TAILQ_INIT(&flow->turns);
	TAILQ_INIT(&flow->grants);
	return flow;
}

void
flow_free(struct flow *flow)
{
	struct exchange *exchange;
	struct grant *grant;

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
	ruling_release(flow->ruling);
	store_close(flow->store);
	pki_release(flow->pki);
	buf_clear(&flow->bag);
	buf_clear(&flow->next_ca);
	while ((grant = TAILQ_FIRST(&flow->grants)) != NULL) {
		TAILQ_REMOVE(&flow->grants, grant, entry);
		free(grant->transaction_id);
		free(grant);
	}
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
	return flow->ruling->run;
}

bool
flow_has_fired(const struct flow *flow)
{
	return flow->has_fired;
}

int64_t
flow_now_ms(const struct flow *flow)
{
	return clock_now_ms(&flow->clock);
}

void
flow_use(struct flow *flow, struct scenario *scenario)
{
	ruling_release(flow->ruling);
	flow->ruling = ruling_new(scenario, &flow->settings.caps);
}

bool
flow_advance(struct flow *flow, uint64_t ms, struct err *err)
{
	if (!flow->clock.is_manual)
		return err_set(err, ERR_FAILED,
		    "the clock is real: start mockndes with --clock manual to move it");
	if (!clock_advance(&flow->clock, ms))
		return err_set(err, ERR_FAILED, "so far ahead no certificate has a date");
	return true;
}

bool
flow_challenge(struct flow *flow, char **ret, struct err *err)
{
	unsigned char chance[PASSWORD_CHANCE_SIZE];
	char word[PASSWORD_TEXT_SIZE];
	const char *known = challenge_example(&flow->settings.ndes.challenge);

	if (flow->settings.single_password != NULL)
		known = flow->settings.single_password;
	if (known == NULL) {
		chance_fresh(chance, sizeof(chance));
		if (!password_issue_apart(
		        flow->store, SITE_DEFAULT, flow_now_ms(flow), chance, word, err))
			return false;
		known = word;
	}
	*ret = mem_string(known);
	return true;
}

void
flow_left(struct endpoints *endpoints)
{
	session_free(endpoints->session);
	endpoints->session = NULL;
}

bool
flow_reset(struct flow *flow, struct err *err)
{
	ruling_reset(flow->ruling);
	return store_forget(flow->store, SITE_DEFAULT, err);
}

static struct exchange *
begin_exchange(
    struct flow *flow, struct endpoints *endpoints, const struct request *request)
{
	struct exchange *exchange = TAILQ_FIRST(&flow->spare);

	if (exchange != NULL) {
		TAILQ_REMOVE(&flow->spare, exchange, wait);
		flow->spare_count--;
	} else {
		exchange = exchange_new();
	}
	exchange->flow = flow;
	exchange->ruling = ruling_hold(flow->ruling);
	exchange->state = EXCHANGE_BODY;
	exchange->id = slots_put(&flow->exchanges, exchange);
	exchange->started_wall_ms = clock_now_ms(&flow->clock);
	exchange_take_head(exchange, endpoints, request, &flow->settings.ndes);
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
	bool is_message = exchange->answer == ANSWER_MESSAGE;

	if (is_message && exchange->flow->job_count >= FLOW_JOBS_MAX) {
		answer_queue_full(exchange);
		return answer_plan(exchange);
	}
	if (is_message && exchange_read_der(exchange)) {
		enrolment_begin(exchange);
		return NULL;
	}
	if (exchange->decision.verdict == DECIDE_LATER) {
		exchange->facts.stage = STAGE_MESSAGE;
		exchange_decide(exchange);
	}
	if (answer_by_rule(exchange))
		return answer_plan(exchange);
	if (exchange->answer == ANSWER_ADMIN_PAGE ||
	    exchange->target.area == AREA_ADMIN ||
	    exchange->target.area == AREA_ADMIN_NO_SLASH)
		return admin_begin(exchange);
	answer_honest(exchange);
	return answer_plan(exchange);
}

static bool
needs_pki(const struct exchange *exchange)
{
	switch (exchange->answer) {
	case ANSWER_CA_CERT:
	case ANSWER_NEXT_CA_CERT:
	case ANSWER_MESSAGE:
	case ANSWER_ADMIN_PAGE:
		return true;
	case ANSWER_NOT_FOUND:
	case ANSWER_REDIRECT:
	case ANSWER_CA_CAPS:
	case ANSWER_FORBIDDEN:
	case ANSWER_GENERAL_PAGE:
	case ANSWER_CRP:
	case ANSWER_BAD_METHOD_CRP:
		return false;
	}
	return false;
}

const struct plan *
flow_head(struct flow *flow, struct endpoints *endpoints, const struct request *request,
    exchange_id *ret)
{
	struct exchange *exchange = begin_exchange(flow, endpoints, request);
	const struct decision *decision = &exchange->decision;

	*ret = exchange->id;
	exchange_decide(exchange);
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
flow_refused(struct flow *flow, struct endpoints *endpoints,
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
flow_pki_ready(struct flow *flow, struct pki *pki, struct buf *next_ca)
{
	struct err err = ERR_INIT;
	struct exchange *exchange;
	const struct plan *plan;

	flow->pki = pki;
	flow->next_ca = buf_move(next_ca);
	(void)thumbprint_md5(buf_bytes(&pki->ca.der), flow->thumbprint);
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
