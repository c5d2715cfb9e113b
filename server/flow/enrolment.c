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
	    .pki = exchange->flow->pki,
	};
}

/*
 * The transaction's row follows what was really answered. PENDING is written as soon as
 * it is decided, for a poll may be decided before this answer is sealed; a certificate
 * is there only when it is sealed.
 */
static void
remember(struct flow *flow, const struct certrep *certrep)
{
	struct err err = ERR_INIT;
	struct transaction row = {.state = TRANSACTION_PENDING};

	if (certrep->csr == NULL || certrep->transaction_id == NULL)
		return;
	row.csr = certrep->csr->der;
	if (certrep->status == PKI_SUCCESS) {
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

	if (err->kind == ERR_NONE && certrep->status == PKI_SUCCESS)
		remember(flow, certrep);
	if (err->kind != ERR_NONE)
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
	if (exchange->certrep.status == PKI_PENDING)
		remember(exchange->flow, &exchange->certrep);
	job_seal_submit(&sender, &exchange->certrep, on_sealed);
}

/* The message is open (or could not be) and it is this exchange's turn. */
static void
answer_message(struct exchange *exchange)
{
	if (exchange->decision.verdict == DECIDE_LATER)
		exchange_decide(exchange, exchange->flow->run);
	if (answer_by_rule(exchange)) {
		answer_now(exchange);
		return;
	}
	if (!make_certrep(exchange)) {
		answer_undecodable(exchange);
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
void
enrolment_take_turns(struct flow *flow)
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
		enrolment_take_turns(flow);
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

	if (exchange->decision.verdict == DECIDE_LATER && run_counts(flow->run)) {
		TAILQ_INSERT_TAIL(&flow->turns, exchange, turn);
		exchange->has_turn = true;
	}
	exchange->state = EXCHANGE_OPENING;
	job_open_submit(&sender, &exchange->der,
	    (time_t)(exchange->started_wall_ms / 1000), on_opened);
}
