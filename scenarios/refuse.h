/*
 * refuse: words and names that are not there, refused with the nearest that is.
 */
#ifndef SCENARIOS_REFUSE_H
#define SCENARIOS_REFUSE_H

#include "scenarios/fields.h"

/* Refuses `word` with the nearest of `known`, or with all of them when none is near. */
bool refuse_word(const struct fields *fields, const struct node *node, const char *what,
    struct slice word, const struct words *known);

/* The same of a key: "'titel' is not a key of a scenario". */
bool refuse_key(const struct fields *fields, const struct node *key, const char *what,
    const struct words *known);

/* An event that none of the machines waits for. */
bool refuse_event(const struct fields *fields, const struct node *node,
    struct slice event, const struct words *known);

/* The id of a rule that is not in the file. */
bool refuse_rule_name(const struct fields *fields, const struct node *node,
    struct slice name, const struct words *known);

/* The parameter that `${name}`, `with` or a probe names; NULL: there is none. */
const struct param *param_find(const struct fields *fields, struct slice name);
bool
refuse_param(const struct fields *fields, const struct node *node, struct slice name);

#endif
