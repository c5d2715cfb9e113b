#include "flow/flow.h"

#include "base/chance.h"
#include "base/mem.h"
#include "flow/inner.h"
#include "flow/material.h"
#include "flow/session.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include "scep/bag.h"
#include <stdlib.h>

#define SPARE_EXCHANGES_MAX 64 /* kept with their memory for the next requests */

struct ruling *
flow_new_ruling(const struct flow *flow, struct scenario *scenario)
{
	struct ruling_terms terms = {
	    .caps = &flow->settings.caps,
	    .challenge = &flow->settings.ndes.challenge,
	    .has_own_challenge = flow->settings.has_own_challenge,
	    .seed = flow->settings.seed,
	};

	return ruling_new(scenario, &terms);
}

struct flow *
flow_new(const struct flow_settings *settings, struct pool *pool, flow_answer *answer,
    void *arg, struct err *err)
{
	if (!ruling_fits(settings->scenario, &settings->ndes, err))
		return NULL;
	struct store *store = store_open(settings->state, err);

	if (store == NULL)
		return NULL;
	struct flow *flow = mem_alloc(sizeof(*flow));
	flow->settings = *settings;
	flow->pool = pool;
	flow->answer = answer;
	flow->arg = arg;
	flow->site = site_new(SLICE(""), flow_new_ruling(flow, settings->scenario));
	clock_start(&flow->clock, settings->is_clock_manual);
	flow->store = store;
	TAILQ_INIT(&flow->spare);
	TAILQ_INIT(&flow->waiting);
	TAILQ_INIT(&flow->grants);
	TAILQ_INIT(&flow->past);
	return flow;
}

static void
free_rulings(struct flow *flow)
{
	struct ruling *ruling;

	while ((ruling = TAILQ_FIRST(&flow->past)) != NULL) {
		TAILQ_REMOVE(&flow->past, ruling, entry);
		ruling_release(ruling);
	}
	for (size_t i = 0; i < flow->site_count; i++)
		site_free(flow->sites[i]);
	site_free(flow->site);
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
	free_rulings(flow);
	store_close(flow->store);
	pki_release(flow->pki);
	buf_clear(&flow->bag);
	buf_clear(&flow->next_ca);
	while ((grant = TAILQ_FIRST(&flow->grants)) != NULL) {
		TAILQ_REMOVE(&flow->grants, grant, entry);
		free(grant->transaction_id);
		free(grant);
	}
	free(flow->misled);
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
	return flow->site->ruling->run;
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
	const char *known = challenge_example(&flow->site->ruling->challenge);

	if (flow->settings.single_password != NULL)
		known = flow->settings.single_password;
	if (known == NULL) {
		chance_fresh(chance, sizeof(chance));
		if (!password_issue_apart(flow->store, flow->site->name,
		        flow_now_ms(flow), chance, word, err))
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
	ruling_reset(flow->site->ruling);
	return store_forget(flow->store, flow->site->name, err);
}

/* The site that a path chooses, made when it is first chosen. */
static struct site *
find_site(struct flow *flow, struct slice key, struct err *err)
{
	char choice[SITE_KEY_MAX + 1];
	struct scenario *scenario;

	for (size_t i = 0; i < flow->site_count; i++)
		if (slice_is(key, flow->sites[i]->key))
			return flow->sites[i];
	if (!site_choice(key, choice)) {
		err_set(err, ERR_USAGE, "a selector has at most %d bytes", SITE_KEY_MAX);
		return NULL;
	}
	if (flow->site_count == SITES_MAX) {
		err_set(err, ERR_USAGE,
		    "%d sites are in use already: take one of them, or start anew",
		    SITES_MAX);
		return NULL;
	}
	scenario = catalogue_load(choice, err);
	if (scenario == NULL)
		return NULL;
	if (!site_can_play(scenario, choice, err) ||
	    !ruling_fits(scenario, &flow->settings.ndes, err)) {
		scenario_free(scenario);
		return NULL;
	}
	flow->sites[flow->site_count] = site_new(key, flow_new_ruling(flow, scenario));
	return flow->sites[flow->site_count++];
}

static void
choose_site(struct exchange *exchange, const struct request *request)
{
	struct flow *flow = exchange->flow;
	struct err err = ERR_INIT;
	struct slice selector;

	exchange->site = flow->site;
	if (!exchange_take_path(exchange, request, &selector))
		return;
	exchange->site = find_site(flow, selector, &err);
	if (exchange->site != NULL)
		return;
	exchange->site = flow->site;
	exchange->misled = mem_string(err.text);
	if (flow->misled == NULL)
		flow->misled = mem_string(err.text);
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
	choose_site(exchange, request);
	exchange->ruling = ruling_hold(exchange->site->ruling);
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
	exchange->facts.stage = STAGE_MESSAGE;
	exchange_decide(exchange);
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

/* HTTP.sys answers without having read the body; the others read it first. */
static bool
is_answered_at_head(const struct exchange *exchange)
{
	const struct rule *rule = exchange_rule(exchange);

	return rule != NULL && rule->action.kind == ACTION_RESPOND &&
	       rule->action.respond.layer == LAYER_HTTP_SYS;
}

const struct plan *
flow_head(struct flow *flow, struct endpoints *endpoints, const struct request *request,
    exchange_id *ret)
{
	struct exchange *exchange = begin_exchange(flow, endpoints, request);

	*ret = exchange->id;
	if (exchange->misled != NULL) {
		answer_misled(exchange);
		return answer_plan(exchange);
	}
	exchange_decide(exchange);
	if (!is_answered_at_head(exchange))
		return NULL;
	(void)answer_by_rule(exchange);
	return answer_plan(exchange);
}

static const struct plan *
proceed_or_wait(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;

	if (!needs_pki(exchange) || material_is_there(exchange))
		return proceed(exchange);
	exchange->state = EXCHANGE_WAIT_PKI;
	TAILQ_INSERT_TAIL(&flow->waiting, exchange, wait);
	return NULL;
}

const struct plan *
flow_body(struct flow *flow, exchange_id id)
{
	struct exchange *exchange = slots_get(&flow->exchanges, id);
	bool may_have_message = exchange->answer == ANSWER_MESSAGE;

	exchange->facts.body_bytes = exchange->request->body_bytes;
	exchange->facts.stage = may_have_message ? STAGE_BODY : STAGE_MESSAGE;
	exchange_decide(exchange);
	if (answer_by_rule(exchange))
		return answer_plan(exchange);
	return proceed_or_wait(exchange);
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
		TAILQ_REMOVE(&flow->waiting, exchange, wait);
	if (exchange->has_turn) {
		TAILQ_REMOVE(&exchange->site->turns, exchange, turn);
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

/* Not a connection that ended without a request, and none from before a reset. */
static bool
is_observed(const struct exchange *exchange)
{
	return exchange->misled == NULL && exchange->request->line.method.len > 0 &&
	       exchange->facts.arrival > exchange->ruling->since;
}

void
flow_finished(struct flow *flow, exchange_id id, enum flow_end end, uint64_t bytes_sent)
{
	struct exchange *exchange = slots_get(&flow->exchanges, id);

	if (exchange == NULL)
		return;
	struct site *site = exchange->site;
	exchange->bytes_sent = bytes_sent;
	exchange->is_dropped = end == FLOW_DROPPED;
	leave_queues(flow, exchange);
	if (is_observed(exchange))
		run_observe(exchange->ruling->run, &exchange->facts, &exchange->decision);
	ledger_write(&flow->settings.ledger, exchange);
	end_exchange(flow, exchange);
	enrolment_take_turns(site);
}

void
flow_material_came(struct flow *flow)
{
	struct exchange *exchange, *next;
	const struct plan *plan;

	for (exchange = TAILQ_FIRST(&flow->waiting); exchange != NULL; exchange = next) {
		next = TAILQ_NEXT(exchange, wait);
		if (!material_is_there(exchange))
			continue;
		TAILQ_REMOVE(&flow->waiting, exchange, wait);
		exchange->state = EXCHANGE_BODY;
		plan = proceed(exchange);
		if (plan != NULL)
			flow->answer(flow->arg, exchange->endpoints->connection, plan);
		next = TAILQ_FIRST(&flow->waiting); /* an answer may have ended others */
	}
}

void
flow_pki_ready(struct flow *flow, struct pki *pki, struct buf *next_ca)
{
	struct err err = ERR_INIT;

	flow->pki = pki;
	flow->next_ca = buf_move(next_ca);
	(void)thumbprint_md5(buf_bytes(&pki->ca.der), flow->thumbprint);
	if (!bag_of_pki(pki, &flow->bag, &err))
		ledger_note(&flow->settings.ledger, err.text);
	flow_material_came(flow);
}
