/*
 * parts: the large parts of a scenario file, each read by a function of its own.
 * load.c calls them; nobody else does.
 */
#ifndef SCENARIOS_PARTS_H
#define SCENARIOS_PARTS_H

#include "scenarios/fields.h"

/* NULL nodes: the part is not there. Items not in play are checked and left out. */
bool server_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);
bool rules_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);
bool probes_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);

/* `match:` and the three actions of one rule. */
bool match_read(const struct fields *fields, const struct node *node, struct match *ret);
bool
respond_read(const struct fields *fields, const struct node *node, struct respond *ret);
bool scep_read(const struct fields *fields, const struct node *node, struct scep *ret);

#endif
