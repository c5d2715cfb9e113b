/*
 * edit: what a scenario's rule does to an honest answer: the two edit points.
 * Pure: the rule and the answer go in, the edited answer comes out.
 */
#ifndef FLOW_EDIT_H
#define FLOW_EDIT_H

#include "http/reply.h"
#include "ndes/iis.h"
#include "scenarios/model.h"
#include "scep/certrep.h"

/* The CertRep before it is sealed: what the rule's `scep` says. */
void edit_certrep(struct certrep *certrep, const struct scep *scep);

/* The whole reply of a rule's `respond`, in the manner of its layer. */
void edit_respond(struct reply *reply, const struct rule *rule, const struct iis *iis);

/* What the rule's `evidence` says of the log line. */
void edit_evidence(struct reply *reply, const struct evidence *evidence);

#endif
