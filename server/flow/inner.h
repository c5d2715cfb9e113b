/*
 * inner: what the files of server/flow know of each other: flow.c (life of exchanges,
 * the verbs of flow.h), answer.c (replies and plans), enrolment.c (the way of a
 * pkiMessage through jobs and decisions).
 */
#ifndef FLOW_INNER_H
#define FLOW_INNER_H

#include "base/clock.h"
#include "base/slots.h"
#include "flow/exchange.h"
#include "flow/flow.h"

#define SITE_DEFAULT "" /* the one site there is, as the store names it */

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

/* answer.c: the honest answer to everything that has no pkiMessage. */
void answer_honest(struct exchange *exchange);
/* NDES's answer to what is no pkiMessage, or none that it gives a CertRep for. */
void answer_undecodable(struct exchange *exchange);
/* True: the rule in force answers by itself, and the reply is made. */
bool answer_by_rule(struct exchange *exchange);
/* The reply becomes a plan; the exchange is answered. */
const struct plan *answer_plan(struct exchange *exchange);
/* The same, handed to the connection by flow's callback. */
void answer_now(struct exchange *exchange);

/* enrolment.c: `der` is filled: it is opened, decided, sealed and answered. */
void enrolment_begin(struct exchange *exchange);
/* Whoever is first in the queue and open may be decided. */
void enrolment_take_turns(struct flow *flow);

#endif
