/*
 * ruling: a scenario while it rules, with its counters. Exchanges hold the one they
 * began under, so that another may take over at any time.
 */
#ifndef FLOW_RULING_H
#define FLOW_RULING_H

#include "scenarios/match.h"
#include "scep/capabilities.h"

struct ruling {
	struct scenario *scenario;
	struct run *run;
	struct buf caps_body; /* what GetCACaps answers */
	unsigned users;       /* flow itself and each exchange */
};

/* Takes the scenario. `caps` are what the server lists before it takes some out. */
struct ruling *ruling_new(struct scenario *scenario, const struct capabilities *caps);
struct ruling *ruling_hold(struct ruling *ruling); /* returns ruling */
void ruling_release(struct ruling *ruling);        /* NULL is fine */
/* The counters begin anew. */
void ruling_reset(struct ruling *ruling);

#endif
