/*
 * exchange: one request on its way to a plan: what is known, what was decided,
 * what is to leave. Shared by the files of server/flow alone.
 */
#ifndef FLOW_EXCHANGE_H
#define FLOW_EXCHANGE_H

#include "flow/endpoints.h"
#include "flow/site.h"
#include "http/plan.h"
#include "ndes/operations.h"
#include "scenarios/match.h"
#include "scep/certrep.h"
#include "scep/message.h"
#include <sys/queue.h>

enum exchange_state {
	EXCHANGE_BODY,     /* the head is in, the body is not */
	EXCHANGE_WAIT_PKI, /* needs certificates that are still being made */
	EXCHANGE_OPENING,  /* a worker opens the pkiMessage */
	EXCHANGE_OPENED,   /* opened, but earlier ones of the site are not yet decided */
	EXCHANGE_SEALING,  /* a worker seals the CertRep */
	EXCHANGE_ANSWERED, /* the plan is with the connection */
};

/* What the logs say of the CertRep, after a scenario has had its say. */
struct flow;

struct exchange_summary {
	bool has_certrep;
	enum message_type type;
	enum pki_status status;
	enum fail_info fail_info;
	char *transaction_id; /* NULL: none */
	const char *reason;   /* why it was refused, static; NULL: it was not */
};

struct exchange {
	struct flow *flow;
	struct site *site;
	struct ruling *ruling; /* in force there when it began; held */
	char *misled;          /* its path chooses what there is not; NULL: it does not */
	exchange_id id;
	enum exchange_state state;
	struct endpoints *endpoints;   /* the connection's */
	const struct request *request; /* the connection's */
	int64_t started_wall_ms;
	int64_t started_us;

	/* As of a server of its own: without what chooses the site. */
	struct slice path; /* decoded; points into the request or path_bytes */
	struct slice uri;  /* the request target, as received */
	struct buf path_bytes;
	struct target target;
	enum answer answer;   /* what an honest server gives for it */
	const char *username; /* logged on as; borrowed; NULL: nobody */
	struct facts facts;
	struct decision decision;

	struct buf der; /* the pkiMessage as received, until a job takes it */
	struct scep_message *message;
	struct certrep certrep;
	struct exchange_summary summary;

	struct buf location; /* of a redirect, a C string */
	struct buf subject;  /* of the CSR, for the facts */
	struct buf token;    /* of a logon, a C string: the value of WWW-Authenticate */
	struct reply reply;
	struct plan plan;
	uint64_t bytes_sent;
	bool is_dropped; /* the peer left before it had the answer */

	TAILQ_ENTRY(exchange) wait; /* for certificates */
	TAILQ_ENTRY(exchange) turn; /* for the decision, in order of arrival */
	bool has_turn;
};

struct exchange *exchange_new(void);
/* Empty again; the memory of buffers is kept for the next request. */
void exchange_reset(struct exchange *exchange);
void exchange_free(struct exchange *exchange);
/* Reads the path, and what of it chooses a site: false, there is none of that. */
bool exchange_take_path(
    struct exchange *exchange, const struct request *request, struct slice *selector);
/*
 * Reads target and the facts of stage HEAD from the request. started_wall_ms is
 * the caller's: the time that the played server goes by.
 */
void exchange_take_head(struct exchange *exchange, struct endpoints *endpoints,
    const struct request *request, const struct ndes_settings *settings);
/* Takes the message: the facts of stage MESSAGE, and what the logs say of it. */
void exchange_take_message(struct exchange *exchange, struct scep_message *message);
/* Asks the scenario with the facts there are, unless it has decided. */
void exchange_decide(struct exchange *exchange);
/* The rule in force for it; NULL: none. */
const struct rule *exchange_rule(const struct exchange *exchange);
/* The CA that answers it; NULL: not made yet. Borrowed. */
struct pki *exchange_pki(const struct exchange *exchange);
/* Puts the bytes of the pkiMessage into `der`; false: it is not even base64. */
bool exchange_read_der(struct exchange *exchange);

#endif
