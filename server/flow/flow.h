/*
 * flow: walks a request from its arrival to a plan, and to the logs. Knows no
 * socket: net/conn feeds it and carries its plans out.
 *
 *   flow_head      the head is in: first decisions; may answer before the body
 *   flow_body      the body is in too
 *   flow_refused   HTTP.sys would not take it
 *   flow_finished  the plan was carried out, or the peer is gone: logs are written
 *
 * An exchange is named by an id; jobs hold ids, never pointers, so that a peer may
 * leave at any time. Between flow_head and flow_finished the request belongs to
 * the connection and must stay as it is.
 */
#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "base/pool.h"
#include "certs/pki.h"
#include "flow/endpoints.h"
#include "flow/ledger.h"
#include "http/plan.h"
#include "http/request.h"
#include "ndes/challenge.h"
#include "ndes/iis.h"
#include "scenarios/match.h"
#include "scep/capabilities.h"
#include "store/store.h"

struct flow_settings {
	struct iis iis;
	struct challenge_policy challenge;
	struct capabilities caps;        /* before a scenario takes some out */
	const struct scenario *scenario; /* borrowed */
	struct ledger ledger;            /* taken */
};

struct flow;

/*
 * `answer` is called when a plan is ready, never from inside flow_head, flow_body
 * or flow_refused of the same exchange. The plan is lent until flow_finished.
 */
typedef void flow_answer(void *arg, uint64_t connection, const struct plan *plan);

struct flow *flow_new(const struct flow_settings *settings, struct pool *pool,
    flow_answer *answer, void *arg, struct err *err);
void flow_free(struct flow *flow); /* after pool_free; NULL is fine */

/* The CA is made: whoever waited for it goes on. Takes the reference. */
void flow_pki_ready(struct flow *flow, struct pki *pki);

/*
 * Each returns a plan to carry out now, or NULL: after flow_head the body is
 * wanted, after flow_body the answer comes by the callback.
 */
const struct plan *flow_head(struct flow *flow, const struct endpoints *endpoints,
    const struct request *request, exchange_id *ret);
const struct plan *flow_body(struct flow *flow, exchange_id id);
const struct plan *flow_refused(struct flow *flow, const struct endpoints *endpoints,
    const struct request *request, enum refusal refusal, exchange_id *ret);

/* The request turned out to be refused in its body: nothing is logged of it as it was. */
void flow_forget(struct flow *flow, exchange_id id);

enum flow_end {
	FLOW_SENT,    /* all bytes of the plan were handed to the peer's socket */
	FLOW_DROPPED, /* the peer was gone before that */
};

/* Writes the logs; the id is invalid from here. */
void
flow_finished(struct flow *flow, exchange_id id, enum flow_end end, uint64_t bytes_sent);

size_t flow_pending(const struct flow *flow);        /* exchanges under way */
const struct run *flow_run(const struct flow *flow); /* which rules fired */

#endif
