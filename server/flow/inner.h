/*
 * inner: what the files of server/flow know of each other: flow.c (life of exchanges,
 * the verbs of flow.h), answer.c (replies and plans), enrolment.c (the way of a
 * pkiMessage through jobs and decisions), admin.c (mscep_admin and its logon).
 */
#ifndef FLOW_INNER_H
#define FLOW_INNER_H

#include "base/clock.h"
#include "base/slots.h"
#include "certs/thumbprint.h"
#include "flow/exchange.h"
#include "flow/flow.h"
#include "flow/ruling.h"
#include "ndes/enrol.h"
#include "ndes/password.h"

/* Messages are up to a megabyte, so more than this many at work are turned away. */
#define FLOW_JOBS_MAX 1024

#define SITE_DEFAULT "" /* the one site there is, as the store names it */

/* A new certificate that was granted and is still being sealed. */
struct grant {
	char *transaction_id;
	struct enrol_plan plan;
	TAILQ_ENTRY(grant) entry;
};

TAILQ_HEAD(grants, grant);

struct flow {
	struct flow_settings settings;
	struct pool *pool;
	flow_answer *answer;
	void *arg;
	struct ruling *ruling; /* in force */
	bool has_fired;        /* some rule did, under whichever ruling */
	bool is_taking_turns;
	size_t job_count; /* not yet back; a peer that leaves does not end its job */
	struct clock clock;
	struct store *store;
	struct pki *pki;    /* NULL: still being made */
	struct buf next_ca; /* what GetNextCACert answers; empty: none */
	char thumbprint[THUMBPRINT_TEXT_SIZE]; /* of the CA, for mscep_admin */
	struct grants grants;                  /* being sealed */
	struct buf bag; /* what GetCACert answers, once there is a pki */
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
/* HTTP.sys's 503 when the application pool's request queue is full. */
void answer_queue_full(struct exchange *exchange);
/* True: the rule in force answers by itself, and the reply is made. */
bool answer_by_rule(struct exchange *exchange);
/* The reply becomes a plan; the exchange is answered. */
const struct plan *answer_plan(struct exchange *exchange);
/* The same, handed to the connection by flow's callback. */
void answer_now(struct exchange *exchange);

/* admin.c: mscep_admin, behind its logon: a plan now, or NULL and one later. */
const struct plan *admin_begin(struct exchange *exchange);

/* enrolment.c: `der` is filled: it is opened, decided, sealed and answered. */
void enrolment_begin(struct exchange *exchange);
/* Whoever is first in the queue and open may be decided. */
void enrolment_take_turns(struct flow *flow);

#endif
