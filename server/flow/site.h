/*
 * site: a server in the server, chosen by a path: /s/414/certsrv/... plays scenario 414,
 * /s/414:limit=4096@job17/certsrv/... the same with settings and everything of its own
 * under the name job17. The default site is what has no such path; the scenario in force
 * rules there.
 *
 * Each selector has counters and states of its own; each name (none is a name too) has
 * challenges and transactions of its own.
 */
#ifndef FLOW_SITE_H
#define FLOW_SITE_H

#include "flow/ruling.h"

#define SITES_MAX    1024
#define SITE_KEY_MAX 512 /* bytes of a selector */

struct exchange;
TAILQ_HEAD(exchanges, exchange);

struct site {
	char *key;              /* the selector, decoded; "" is the default site */
	char *name;             /* behind '@', as the store names it; "" without */
	struct ruling *ruling;  /* in force */
	struct exchanges turns; /* PKIOperations not yet decided, in order of arrival */
	bool is_taking_turns;
	struct buf last_nonce; /* senderNonce of the request before, where it is kept */
};

/* Takes the ruling. */
struct site *site_new(struct slice key, struct ruling *ruling);
void site_free(struct site *site); /* NULL is fine */

/*
 * True: the path begins with /s/, and *selector is what follows up to the next '/',
 * *rest the path behind it ("/" at least). For paths as received and decoded alike.
 */
bool site_path(struct slice path, struct slice *selector, struct slice *rest);
/* "414:limit=4096" of "414:limit=4096@job17"; false: longer than a selector may be. */
bool site_choice(struct slice key, char ret[SITE_KEY_MAX + 1]);
/* ERR_USAGE, with the cure, for a scenario whose faults are below HTTP; `choice` is how
   it was asked for. */
bool site_can_play(const struct scenario *scenario, const char *choice, struct err *err);

#endif
