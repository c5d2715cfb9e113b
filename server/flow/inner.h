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

/* A new certificate that was granted and is still being sealed. */
struct grant {
	const struct site *site;
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
	struct site *site;             /* the default one */
	struct site *sites[SITES_MAX]; /* chosen by path */
	size_t site_count;
	struct rulings past; /* no longer in force, but with expectations to be judged */
	bool has_fired;      /* some rule did, under whichever ruling */
	char *misled;      /* the first sentence on a path that chose what there is not */
	unsigned tls_port; /* where a redirect to HTTPS leads; 0: nowhere */
	size_t job_count;  /* not yet back; a peer that leaves does not end its job */
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
	struct exchanges waiting; /* for certificates */
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
/* A path chose what there is not: a sentence, and no line in a Windows log. */
void answer_misled(struct exchange *exchange);
/* Of the CA that answers the exchange. */
const char *answer_thumbprint(const struct exchange *exchange);
/* The reply becomes a plan; the exchange is answered. */
const struct plan *answer_plan(struct exchange *exchange);
/* The same, handed to the connection by flow's callback. */
void answer_now(struct exchange *exchange);

/* admin.c: mscep_admin, behind its logon: a plan now, or NULL and one later. */
const struct plan *admin_begin(struct exchange *exchange);

/* enrolment.c: `der` is filled: it is opened, decided, sealed and answered. */
void enrolment_begin(struct exchange *exchange);
/* Whoever is first in the site's queue and open may be decided. */
void enrolment_take_turns(struct site *site);

/* flow.c: the scenario as it rules here. Takes it. */
struct ruling *flow_new_ruling(const struct flow *flow, struct scenario *scenario);
/* flow.c: certificates were made: who waited for them goes on. */
void flow_material_came(struct flow *flow);

#endif
