/*
 * kept: a CA that was made once and that many servers start with, each in a state
 * folder of its own: they are ready in milliseconds, and share nothing but the keys.
 */
#ifndef SCENARIOS_KEPT_H
#define SCENARIOS_KEPT_H

#include "base/buf.h"
#include "base/err.h"
#include <stdbool.h>

struct kept {
	char folder[64]; /* "": none */
	struct buf bag;  /* what GetCACert answers with it */
};

/* Runs `program` once for the keys. False and err: nothing is left over. */
bool kept_open(struct kept *kept, const char *program, struct err *err);
void kept_close(struct kept *kept);
/* A new state folder `folder` with the CA in it. */
bool kept_give(const struct kept *kept, const char *folder, struct err *err);

#endif
