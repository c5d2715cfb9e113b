/*
 * wants: what came back, held against a probe's `want`.
 */
#ifndef SCENARIOS_WANTS_H
#define SCENARIOS_WANTS_H

#include "scenarios/play.h"

/* False: err says in one sentence what is not as wanted. */
bool wants_check(struct play *play, struct take *take, struct err *err);

/* `*` stands for anything. */
bool wants_glob(const char *glob, struct slice text);

#endif
