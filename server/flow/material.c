#include "flow/material.h"

#include "base/mem.h"
#include "certs/variant.h"
#include "flow/inner.h"
#include "scep/served.h"
#include <stdlib.h>

#define RSA_BITS 2048 /* of new keys, as NDES setup makes them */

/* Another CA, made of the server's own. */
struct variant_job {
	struct job job; /* first: a job is its variant_job */
	struct flow *flow;
	struct ruling *ruling; /* held */
	struct pki *base;      /* a reference */
	char *word;
	struct pki_settings settings;
	struct pki *made;
	struct buf bag;
	const char *bag_type;
	struct err err;
};

/* The GetCACert of one rule. */
struct served_job {
	struct job job;
	struct flow *flow;
	struct ruling *ruling; /* held: the wish points into its scenario */
	size_t rule;
	struct pki *pki; /* a reference */
	struct served_wish wish;
	struct buf body;
	const char *content_type;
	struct err err;
};

static bool
is_stopping(void *arg)
{
	const struct variant_job *variant = arg;

	return pool_is_stopping(variant->flow->pool);
}

static void
variant_work(struct job *job)
{
	struct variant_job *variant = (struct variant_job *)job;
	struct served_wish usual = {.certificates = NULL};

	variant->err.kind = ERR_NONE;
	variant->made = variant_make(variant->base, variant->word, &variant->settings,
	    is_stopping, variant, &variant->err);
	if (variant->made != NULL && !served_ca(variant->made, &usual, &variant->bag,
	                                 &variant->bag_type, &variant->err)) {
		pki_release(variant->made);
		variant->made = NULL;
	}
}

static void
variant_done(struct job *job)
{
	struct variant_job *variant = (struct variant_job *)job;
	struct ruling *ruling = variant->ruling;
	struct flow *flow = variant->flow;

	ruling->pki_making = variant->made != NULL ? MAKING_DONE : MAKING_FAILED;
	if (variant->made != NULL) {
		ruling->pki = variant->made;
		ruling->bag = buf_move(&variant->bag);
		ruling->bag_type = variant->bag_type;
		(void)thumbprint_md5(buf_bytes(&ruling->pki->ca.der), ruling->thumbprint);
	} else if (!pool_is_stopping(flow->pool)) {
		ledger_note(&flow->settings.ledger, variant->err.text);
	}
	pki_release(variant->base);
	buf_clear(&variant->bag);
	free(variant->word);
	free(variant);
	flow_material_came(flow);
	ruling_release(ruling);
}

static void
make_variant(struct flow *flow, struct ruling *ruling)
{
	struct variant_job *variant = mem_alloc(sizeof(*variant));

	variant->job.work = variant_work;
	variant->job.done = variant_done;
	variant->flow = flow;
	variant->ruling = ruling_hold(ruling);
	variant->base = pki_reference(flow->pki);
	variant->word = mem_string(ruling->scenario->server.pki);
	variant->settings = (struct pki_settings){
	    .host = flow->settings.ndes.host,
	    .rsa_bits = RSA_BITS,
	    .now = (time_t)(flow_now_ms(flow) / 1000),
	};
	ruling->pki_making = MAKING_UNDER_WAY;
	pool_submit(flow->pool, &variant->job);
}

static void
served_work(struct job *job)
{
	struct served_job *served = (struct served_job *)job;

	served->err.kind = ERR_NONE;
	if (!served_ca(served->pki, &served->wish, &served->body, &served->content_type,
	        &served->err))
		served->content_type = NULL;
}

static void
served_done(struct job *job)
{
	struct served_job *served = (struct served_job *)job;
	struct ruling *ruling = served->ruling;
	struct flow *flow = served->flow;
	struct served *ret = &ruling->served[served->rule];

	ret->making = served->content_type != NULL ? MAKING_DONE : MAKING_FAILED;
	ret->content_type = served->content_type;
	ret->body = buf_move(&served->body);
	if (ret->making == MAKING_FAILED && !pool_is_stopping(flow->pool))
		ledger_note(&flow->settings.ledger, served->err.text);
	pki_release(served->pki);
	free(served);
	flow_material_came(flow);
	ruling_release(ruling);
}

static void
make_served(struct exchange *exchange, size_t rule)
{
	struct served_job *served = mem_alloc(sizeof(*served));
	const struct ca *ca = &exchange->decision.rule->action.ca;

	served->job.work = served_work;
	served->job.done = served_done;
	served->flow = exchange->flow;
	served->ruling = ruling_hold(exchange->ruling);
	served->rule = rule;
	served->pki = pki_reference(exchange_pki(exchange));
	served->wish.certificates = ca->certificates.items;
	served->wish.certificate_count = ca->certificates.count;
	served->wish.now = (time_t)(exchange->started_wall_ms / 1000);
	for (size_t i = 0; i < ca->forms.count; i++)
		(void)served_form_set(
		    &served->wish.forms, ca->forms.items[i].key, ca->forms.items[i].word);
	exchange->ruling->served[rule].making = MAKING_UNDER_WAY;
	pool_submit(exchange->flow->pool, &served->job);
}

static bool
serves_by_rule(const struct exchange *exchange)
{
	return exchange->answer == ANSWER_CA_CERT &&
	       exchange->decision.verdict == DECIDE_RULE &&
	       exchange->decision.rule->action.kind == ACTION_CA;
}

bool
material_is_there(struct exchange *exchange)
{
	struct flow *flow = exchange->flow;
	struct ruling *ruling = exchange->ruling;

	if (flow->pki == NULL)
		return false;
	if (ruling->scenario->server.pki != NULL && ruling->pki_making == MAKING_NOT)
		make_variant(flow, ruling);
	if (ruling->pki_making == MAKING_UNDER_WAY)
		return false;
	if (!serves_by_rule(exchange) || ruling->pki_making == MAKING_FAILED)
		return true;
	if (ruling->served[exchange->decision.rule_index].making == MAKING_NOT)
		make_served(exchange, exchange->decision.rule_index);
	return ruling->served[exchange->decision.rule_index].making != MAKING_UNDER_WAY;
}

bool
material_served(
    const struct exchange *exchange, const struct buf **body, const char **content_type)
{
	const struct ruling *ruling = exchange->ruling;
	const struct flow *flow = exchange->flow;

	if (ruling->pki_making == MAKING_FAILED)
		return false;
	if (serves_by_rule(exchange)) {
		const struct served *served =
		    &ruling->served[exchange->decision.rule_index];

		*body = &served->body;
		*content_type = served->content_type;
		return served->making == MAKING_DONE;
	}
	*body = ruling->pki != NULL ? &ruling->bag : &flow->bag;
	*content_type =
	    ruling->pki != NULL ? ruling->bag_type : "application/x-x509-ca-ra-cert";
	return true;
}
