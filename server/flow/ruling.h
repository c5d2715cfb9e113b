/*
 * ruling: a scenario while it rules: its run (counters, states, expectations), what the
 * server is under it (capabilities, challenge, CA), and what was made for it. Exchanges
 * hold the one they began under, so that another may take over at any time.
 */
#ifndef FLOW_RULING_H
#define FLOW_RULING_H

#include "base/err.h"
#include "certs/pki.h"
#include "certs/thumbprint.h"
#include "ndes/challenge.h"
#include "ndes/settings.h"
#include "scenarios/match.h"
#include "scep/capabilities.h"
#include <sys/queue.h>

/* What is made by a job when it is first needed. */
enum making { MAKING_NOT, MAKING_UNDER_WAY, MAKING_DONE, MAKING_FAILED };

/* The body of GetCACert as a rule's `ca` wants it. */
struct served {
	enum making making;
	struct buf body;
	const char *content_type; /* static */
};

struct ruling {
	struct scenario *scenario;
	struct run *run;
	uint64_t seed;
	uint64_t arrivals; /* requests so far */
	uint64_t since;    /* those up to here came before the last reset */
	struct capabilities caps;
	struct buf caps_body; /* what GetCACaps answers */
	struct challenge_policy challenge;
	enum making pki_making; /* of a pki that is not the usual one */
	struct pki *pki;        /* a reference; NULL: not there yet */
	struct buf bag;         /* what GetCACert answers under it */
	const char *bag_type;
	char thumbprint[THUMBPRINT_TEXT_SIZE]; /* of its CA, for mscep_admin */
	struct served *served;                 /* one a rule */
	unsigned users;                        /* its site, each exchange, each job */
	TAILQ_ENTRY(ruling) entry;
};

TAILQ_HEAD(rulings, ruling);

/* What the server is without a scenario; borrowed. */
struct ruling_terms {
	const struct capabilities *caps;
	const struct challenge_policy *challenge;
	bool
	    has_own_challenge; /* the caller chose it: a scenario's does not replace it */
	uint64_t seed;
};

/* Takes the scenario. */
struct ruling *ruling_new(struct scenario *scenario, const struct ruling_terms *terms);
struct ruling *ruling_hold(struct ruling *ruling); /* returns ruling */
void ruling_release(struct ruling *ruling);        /* NULL is fine */
/* Counters, states and expectations begin anew. */
void ruling_reset(struct ruling *ruling);
/* ERR_USAGE where the scenario needs another --profile. */
bool ruling_fits(const struct scenario *scenario, const struct ndes_settings *settings,
    struct err *err);

#endif
