/*
 * attacks: the kinds of bad input that a siege chooses from.
 */
#ifndef SCENARIOS_ATTACKS_H
#define SCENARIOS_ATTACKS_H

#include "scenarios/siege.h"

/* NULL: there is no such kind. */
const char *attack_name(size_t kind);
/* Appends a good POST with this body. */
void attack_post(struct bytes body, struct buf *out);

/* siege.c: sets trouble, returns false. */
bool siege_fails(struct siege *siege, const char *what, enum peer_fate fate);
void siege_count(struct siege *siege, const struct peer_answer *answer);

#endif
