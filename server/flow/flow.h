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

#include "auth/user.h"
#include "base/pool.h"
#include "certs/pki.h"
#include "flow/endpoints.h"
#include "flow/ledger.h"
#include "http/plan.h"
#include "http/request.h"
#include "ndes/iis.h"
#include "ndes/settings.h"
#include "scenarios/match.h"
#include "scep/capabilities.h"
#include "store/store.h"

struct flow_settings {
	struct ndes_settings ndes;
	struct iis iis;
	const char *single_password; /* NULL: one-time passwords */
	const struct auth_user
	    *user;                 /* who may see mscep_admin; borrowed; NULL: anyone */
	bool has_crp_lines;        /* the IIS log has the policy module's own calls */
	struct capabilities caps;  /* before a scenario takes some out */
	struct scenario *scenario; /* taken when flow_new succeeds */
	const char *state;         /* directory; NULL: in memory */
	bool is_clock_manual;
	uint64_t seed;          /* of every chance in a scenario */
	bool has_own_challenge; /* chosen by the caller: no scenario replaces it */
	struct ledger ledger;   /* taken */
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

/*
 * The CA is made: whoever waited for it goes on. Takes the reference and moves
 * `next_ca` out, the answer to GetNextCACert (empty: none).
 */
void flow_pki_ready(struct flow *flow, struct pki *pki, struct buf *next_ca);

/* What becomes of a connection before a byte of it is read. */
enum accept_kind { ACCEPT_GO, ACCEPT_RESET, ACCEPT_CLOSE, ACCEPT_STALL };
struct accept {
	enum accept_kind kind;
	uint64_t delay_ms; /* before that */
};
/* For doors that ask (net_listen_faulty, DOOR_ASKS): the scenario in force decides. */
struct accept flow_accept(struct flow *flow, const struct endpoints *endpoints);
/*
 * A client has chosen a fault of TLS by its server name, on a door without one: the
 * scenario in force has fired if it is of that word.
 */
void flow_tls_fault_used(struct flow *flow, const char *word);

/*
 * Each returns a plan to carry out now, or NULL: after flow_head the body is
 * wanted, after flow_body the answer comes by the callback.
 */
const struct plan *flow_head(struct flow *flow, struct endpoints *endpoints,
    const struct request *request, exchange_id *ret);
const struct plan *flow_body(struct flow *flow, exchange_id id);
const struct plan *flow_refused(struct flow *flow, struct endpoints *endpoints,
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

/* The connection is gone: what was known of it is forgotten. After flow_finished. */
void flow_left(struct endpoints *endpoints);

size_t flow_pending(const struct flow *flow);        /* exchanges under way */
const struct run *flow_run(const struct flow *flow); /* of the scenario in force */
/* Whether a rule of any scenario that ruled ever matched. */
bool flow_has_fired(const struct flow *flow);
/* NULL: no path chose what there is not; else the first sentence that said so. */
const char *flow_misled(const struct flow *flow);
/* One call an expectation of every scenario that ever ruled, in the order they came. */
typedef void flow_judged(void *arg, const struct scenario *scenario,
    const struct expect *expect, enum judgement judgement, const char *why);
void flow_judge(const struct flow *flow, flow_judged *judged, void *arg);
/* The port of the first TLS door, for redirects. */
void flow_set_tls_port(struct flow *flow, unsigned port);
int64_t flow_now_ms(const struct flow *flow); /* the time that the server goes by */

/* What a person at the controls may do. */
/* Takes the scenario, also on failure. ERR_USAGE: it needs another profile. */
bool flow_use(struct flow *flow, struct scenario *scenario, struct err *err);
/*
 * An event for the machines of the scenario in force, or of a site by path ("503@job17";
 * NULL: the default one). `iisreset` also makes NDES forget its passwords.
 */
bool
flow_event(struct flow *flow, const char *event, const char *selector, struct err *err);
/* The states of the machines of the scenario in force, "scep-pool=down"; yours. */
char *flow_states(const struct flow *flow);
bool flow_advance(struct flow *flow, uint64_t ms, struct err *err);
/* A one-time password that does not count among those of mscep_admin; yours. */
bool flow_challenge(struct flow *flow, char **ret, struct err *err);
/* Counters, transactions and challenges begin anew; certificates stay issued. */
bool flow_reset(struct flow *flow, struct err *err);

#endif
