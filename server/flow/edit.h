/*
 * edit: what a scenario's rule does to an honest answer: the edit points. Pure: the rule
 * and the answer go in, the edited answer comes out.
 */
#ifndef FLOW_EDIT_H
#define FLOW_EDIT_H

#include "http/plan.h"
#include "http/reply.h"
#include "ndes/admin.h"
#include "ndes/iis.h"
#include "scenarios/model.h"
#include "scep/certrep.h"

/* Whether it does anything that an honest server would not: all but a bare pass. */
bool rule_is_fault(const struct rule *rule);

/* The CertRep before it is sealed: what the rule's `scep` says. */
void edit_certrep(struct certrep *certrep, const struct scep *scep);

/* The whole reply of a rule's `respond`, in the manner of its layer. */
void edit_respond(struct reply *reply, const struct rule *rule, const struct iis *iis,
    const struct admin_facts *admin);

/* Whatever leaves, by the rule's `reply`. */
void edit_reply(struct reply *reply, const struct reply_edit *edit);

/* How it leaves; `delay_ms` is what the decision drew. */
void
edit_shaping(struct shaping *ret, const struct shaping_wish *wish, uint64_t delay_ms);

/* What the rule's `evidence` says of the log line. */
void edit_evidence(struct reply *reply, const struct evidence *evidence);
/* The same where the rule lets the server answer (pass, ca, a connection closed behind
   the answer), and the IIS log has its line. */
void edit_honest_evidence(struct reply *reply, const struct rule *rule);

#endif
