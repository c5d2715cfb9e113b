/*
 * unfired: which rules of a scenario are its fault, and what a client would have to
 * send for one to fire. A `pass` only keeps requests away from the fault: that it
 * matched proves nothing, and nobody waits for it.
 */
#ifndef CLI_UNFIRED_H
#define CLI_UNFIRED_H

#include "scenarios/model.h"

/* Whether there is a fault at all that could fire. */
bool unfired_can_fire(const struct scenario *scenario);
/* "uri-too-long/long-get waits for GET, query over 2048 bytes"; yours. */
char *unfired_hint(const struct scenario *scenario);

#endif
