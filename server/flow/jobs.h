/*
 * jobs: what must not run in the loop, as jobs for the pool: the two private-key
 * operations of an enrolment (open a pkiMessage, seal a CertRep) and a step of a logon. A
 * job owns copies of its bytes and a reference to the pki; it names its exchange by id
 * and gives its result to a callback in the loop's thread, whether the exchange still
 * exists or not.
 */
#ifndef FLOW_JOBS_H
#define FLOW_JOBS_H

#include "auth/context.h"
#include "base/pool.h"
#include "scep/certrep.h"
#include "scep/message.h"
#include <stdint.h>

/* Whom a job reports to. */
struct job_sender {
	void *arg;
	uint64_t id; /* of the exchange */
	struct pool *pool;
	struct pki *pki; /* the job takes a reference of its own */
};

/* `opened` gets the message (its own). NULL: the job never ran. Takes der's content. */
void job_open_submit(const struct job_sender *sender, struct buf *der, time_t now,
    void (*opened)(void *arg, uint64_t id, struct scep_message *message));

/*
 * `sealed` gets the certrep back (the leaf's DER filled in), to be moved out or
 * cleared, and the bytes; false: it could not be sealed, err says why.
 */
void job_seal_submit(const struct job_sender *sender, struct certrep *certrep,
    void (*sealed)(void *arg, uint64_t id, struct certrep *certrep, struct buf *bytes,
        const struct err *err));

/* How a step of a logon ended. What is left in it is freed behind `stepped`. */
struct auth_outcome {
	struct auth_context *context;
	enum auth_result result;
	struct buf reply; /* the token to send */
	struct err err;   /* AUTH_UNAVAILABLE */
};

/* Takes the context and the token's content. */
void job_auth_submit(const struct job_sender *sender, struct auth_context *context,
    struct buf *token,
    void (*stepped)(void *arg, uint64_t id, struct auth_outcome *outcome));

#endif
