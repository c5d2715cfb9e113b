#include "base/chance.h"
#include "base/mem.h"
#include "flow/edit.h"
#include "flow/inner.h"
#include "flow/jobs.h"
#include "ndes/enrol.h"
#include <stdlib.h>
#include <string.h>

static struct job_sender
sender_of(const struct exchange *exchange)
{
	return (struct job_sender){
	    .arg = exchange->flow,
	    .id = exchange->id,
	    .pool = exchange->flow->pool,
	    .pki = exchange_pki(exchange),
	};
}

static void
note(struct flow *flow, const struct err *err)
{
	if (err->kind != ERR_NONE)
		ledger_note(&flow->settings.ledger, err->text);
}

/* The request is known from the moment it is decided: a poll may be decided next. */
static void
remember_request(const struct exchange *exchange)
{
	struct flow *flow = exchange->flow;
	const struct certrep *certrep = &exchange->certrep;
	struct err err = ERR_INIT;
	struct transaction row = {.state = TRANSACTION_PENDING};

	if (certrep->csr == NULL || certrep->transaction_id == NULL)
		return;
	row.csr = certrep->csr->der;
	(void)store_put_transaction(
	    flow->store, exchange->site->name, certrep->transaction_id, &row, &err);
	note(flow, &err);
}

/* Kept before it is answered: what a client holds is never lost. */
static void
remember_certificate(
    struct flow *flow, const char *site, const struct certrep *certrep, struct err *err)
{
	struct bytes serial = {certrep->leaf.serial, sizeof(certrep->leaf.serial)};
	struct transaction row = {.state = TRANSACTION_ISSUED, .leaf = certrep->leaf_der};
	struct buf known = BUF_INIT;
	const char *id = certrep->transaction_id != NULL ? certrep->transaction_id : "";

	if (certrep->csr == NULL)
		return; /* given out before */
	row.csr = certrep->csr->der;
	/* the same request, twice under way, is the same certificate sealed twice */
	if (!store_find_certificate(flow->store, serial, &known, err) &&
	    err->kind == ERR_NONE)
		(void)store_put_issued(flow->store, site, id, &row, serial, err);
	buf_clear(&known);
}

static struct grant *
find_grant(const struct flow *flow, const struct site *site, const char *transaction_id)
{
	struct grant *grant;

	TAILQ_FOREACH (grant, &flow->grants, entry)
		if (transaction_id != NULL &&
		    strcmp(grant->site->name, site->name) == 0 &&
		    strcmp(grant->transaction_id, transaction_id) == 0)
			return grant;
	return NULL;
}

static void
add_grant(struct exchange *exchange)
{
	const struct certrep *certrep = &exchange->certrep;
	struct enrol_plan plan;

	if (certrep->transaction_id == NULL || !enrol_plan_of(certrep, &plan))
		return;
	struct grant *grant = mem_alloc(sizeof(*grant));
	grant->site = exchange->site;
	grant->transaction_id = mem_string(certrep->transaction_id);
	grant->plan = plan;
	TAILQ_INSERT_HEAD(&exchange->flow->grants, grant, entry);
}

/*
 * By its serial number: two requests of one transaction may be under way. Gives the
 * name of the site that it was granted on.
 */
static const char *
remove_grant(struct flow *flow, const struct certrep *certrep)
{
	struct enrol_plan plan;
	struct grant *grant = TAILQ_FIRST(&flow->grants);
	const char *site;

	if (!enrol_plan_of(certrep, &plan))
		return "";
	while (grant != NULL &&
	       memcmp(grant->plan.serial, plan.serial, sizeof(plan.serial)) != 0)
		grant = TAILQ_NEXT(grant, entry);
	if (grant == NULL)
		return "";
	site = grant->site->name;
	TAILQ_REMOVE(&flow->grants, grant, entry);
	free(grant->transaction_id);
	free(grant);
	return site;
}

static void
on_sealed(void *arg, uint64_t id, struct certrep *certrep, struct buf *bytes,
    const struct err *err)
{
	struct flow *flow = arg;
	struct exchange *exchange = slots_get(&flow->exchanges, id);
	struct err failure = *err;

	flow->job_count--;
	const char *site = remove_grant(flow, certrep);
	if (failure.kind == ERR_NONE && certrep->status == PKI_SUCCESS)
		remember_certificate(flow, site, certrep, &failure);
	note(flow, &failure);
	if (exchange == NULL)
		return;
	if (failure.kind == ERR_NONE) {
		iis_mscep_reply(
		    &exchange->reply, &flow->settings.iis, "application/x-pki-message");
		buf_clear(&exchange->reply.body);
		exchange->reply.body = buf_move(bytes);
		if (exchange_rule(exchange) != NULL)
			edit_evidence(
			    &exchange->reply, &exchange_rule(exchange)->evidence);
	} else {
		iis_error_reply(
		    &exchange->reply, &flow->settings.iis, LAYER_MSCEP, 500, 0);
	}
	answer_now(exchange);
}

/* What is known of the one-time password that a request brings. */
static enum challenge_fact
look_up_password(struct exchange *exchange, const struct buf *given)
{
	static const enum challenge_fact facts[] = {
	    [PASSWORD_GOOD] = CHALLENGE_FACT_GOOD,
	    [PASSWORD_UNKNOWN] = CHALLENGE_FACT_UNKNOWN,
	    [PASSWORD_SPENT] = CHALLENGE_FACT_SPENT,
	    [PASSWORD_EXPIRED] = CHALLENGE_FACT_EXPIRED,
	};
	struct flow *flow = exchange->flow;
	struct password_rules rules = PASSWORD_RULES_DEFAULT;
	struct err err = ERR_INIT;
	enum password_verdict verdict;

	if (exchange->ruling->challenge.mode != CHALLENGE_ONE_TIME)
		return CHALLENGE_FACT_POLICY;
	verdict = password_look(flow->store, exchange->site->name, &rules,
	    flow_now_ms(flow), buf_slice(given), &err);
	note(flow, &err);
	return facts[verdict];
}

static bool
find_wanted(struct exchange *exchange, struct buf *ret)
{
	struct bytes serial;
	struct err err = ERR_INIT;

	if (!message_wanted_serial(exchange->message, &serial))
		return false;
	bool is_found = store_find_certificate(exchange->flow->store, serial, ret, &err);
	note(exchange->flow, &err);
	return is_found;
}

static bool
find_stored(struct exchange *exchange, struct transaction *ret)
{
	const char *id = exchange->message->transaction_id;
	struct err err = ERR_INIT;

	if (id == NULL)
		return false;
	bool is_found = store_find_transaction(
	    exchange->flow->store, exchange->site->name, id, ret, &err);
	note(exchange->flow, &err);
	return is_found;
}

/* Used up with the decision, before anything of it can be answered. */
static void
spend_password(struct exchange *exchange, const struct buf *given)
{
	struct err err = ERR_INIT;

	if (!exchange->certrep.spends_challenge)
		return;
	(void)password_spend(
	    exchange->flow->store, exchange->site->name, buf_slice(given), &err);
	note(exchange->flow, &err);
}

/* The honest CertRep; false: NDES has none for this message. */
static bool
make_certrep(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;
	struct transaction stored = {.state = TRANSACTION_PENDING};
	struct buf wanted = BUF_INIT, password = BUF_INIT;
	unsigned char chance[NONCE_SIZE + ENROL_SERIAL_SIZE];
	const struct grant *grant =
	    find_grant(flow, exchange->site, exchange->message->transaction_id);
	struct enrol_input input = {
	    .message = exchange->message,
	    .plan = grant != NULL ? &grant->plan : NULL,
	    .challenge = &exchange->ruling->challenge,
	    .is_rfc8894 = flow->settings.ndes.is_rfc8894,
	    .chance = chance,
	    .now = (time_t)(exchange->started_wall_ms / 1000),
	};

	chance_fresh(chance, sizeof(chance));
	if (find_stored(exchange, &stored))
		input.stored = &stored;
	if (find_wanted(exchange, &wanted))
		input.found_cert = &wanted;
	if (enrol_password(exchange->message, &password))
		input.challenge_fact = look_up_password(exchange, &password);
	exchange->certrep = (struct certrep)CERTREP_INIT;
	bool has_certrep =
	    enrol_decide(&input, &exchange->certrep, &exchange->summary.reason);
	if (has_certrep)
		spend_password(exchange, &password);
	transaction_clear(&stored);
	buf_clear(&wanted);
	buf_clear(&password);
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
	if (exchange->certrep.status != PKI_FAILURE)
		remember_request(exchange);
	add_grant(exchange);
	exchange->flow->job_count++;
	job_seal_submit(&sender, &exchange->certrep, on_sealed);
}

/* What a scenario's `challenge` asks for. */
static const char *
challenge_word(struct exchange *exchange)
{
	struct buf password = BUF_INIT;
	const char *word = "missing";

	if (exchange->message->csr == NULL)
		return NULL;
	if (enrol_password(exchange->message, &password))
		switch (look_up_password(exchange, &password)) {
		case CHALLENGE_FACT_POLICY:
			word = challenge_accepts(
			           &exchange->ruling->challenge, buf_slice(&password))
			           ? "valid"
			           : "wrong";
			break;
		case CHALLENGE_FACT_GOOD:
			word = "valid";
			break;
		case CHALLENGE_FACT_UNKNOWN:
			word = "wrong";
			break;
		case CHALLENGE_FACT_SPENT:
			word = "used";
			break;
		case CHALLENGE_FACT_EXPIRED:
			word = "expired";
			break;
		}
	if (password.len == 0)
		word = "missing";
	buf_clear(&password);
	return word;
}

/* The nonce of the request before: a scenario may answer with it. */
static void
keep_nonce(struct exchange *exchange)
{
	struct site *site = exchange->site;

	buf_add(
	    &exchange->certrep.stale_nonce, site->last_nonce.data, site->last_nonce.len);
	buf_reset(&site->last_nonce);
	buf_add(&site->last_nonce, exchange->message->sender_nonce.data,
	    exchange->message->sender_nonce.len);
}

static void
decide_message(struct exchange *exchange)
{
	if (exchange->decision.verdict != DECIDE_LATER)
		return;
	if (exchange->ruling->scenario->asks_challenge)
		exchange->facts.challenge = challenge_word(exchange);
	exchange_decide(exchange);
}

/* The message is open (or could not be) and it is this exchange's turn. */
static void
answer_message(struct exchange *exchange)
{
	const struct rule *rule;

	decide_message(exchange);
	rule = exchange_rule(exchange);
	if (answer_by_rule(exchange)) {
		answer_now(exchange);
		return;
	}
	if (!make_certrep(exchange)) {
		answer_undecodable(exchange);
		answer_now(exchange);
		return;
	}
	keep_nonce(exchange);
	if (rule != NULL && rule->action.kind == ACTION_SCEP) {
		edit_certrep(&exchange->certrep, &rule->action.scep);
		exchange->summary.reason = NULL;
	}
	seal(exchange);
}

/* Whoever is at the head of the queue and open may be decided. */
void
enrolment_take_turns(struct site *site)
{
	struct exchange *exchange;

	if (site->is_taking_turns) /* an answer ended at once: the loop below goes on */
		return;
	site->is_taking_turns = true;
	while ((exchange = TAILQ_FIRST(&site->turns)) != NULL &&
	       exchange->state == EXCHANGE_OPENED) {
		TAILQ_REMOVE(&site->turns, exchange, turn);
		exchange->has_turn = false;
		answer_message(exchange);
	}
	site->is_taking_turns = false;
}

static void
on_opened(void *arg, uint64_t id, struct scep_message *message)
{
	struct flow *flow = arg;
	struct exchange *exchange = slots_get(&flow->exchanges, id);

	flow->job_count--;
	if (exchange == NULL || message == NULL) {
		message_free(message);
		return;
	}
	exchange_take_message(exchange, message);
	exchange->state = EXCHANGE_OPENED;
	if (exchange->has_turn)
		enrolment_take_turns(exchange->site);
	else
		answer_message(exchange);
}

/*
 * Decisions are taken in order of arrival where the scenario counts: two workers
 * finish in any order, and nth or times must not depend on it.
 */
void
enrolment_begin(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;
	struct job_sender sender = sender_of(exchange);

	if (exchange->decision.verdict == DECIDE_LATER &&
	    run_counts(exchange->ruling->run)) {
		TAILQ_INSERT_TAIL(&exchange->site->turns, exchange, turn);
		exchange->has_turn = true;
	}
	exchange->state = EXCHANGE_OPENING;
	flow->job_count++;
	job_open_submit(&sender, &exchange->der,
	    (time_t)(exchange->started_wall_ms / 1000), on_opened);
}
