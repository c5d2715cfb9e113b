/*
 * params: the parameters of a scenario, the settings a caller gives them, and
 * `with`, which puts a rule in play under some of them only.
 */
#ifndef SCENARIOS_PARAMS_H
#define SCENARIOS_PARAMS_H

#include "scenarios/fields.h"

/* Reads `params:` (NULL: none) into the scenario; values are the defaults. */
bool params_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);
/* Puts "name=value,name=value" in force. NULL: nothing to do. */
bool
params_set(const struct fields *fields, struct scenario *scenario, const char *settings);
/* The value as it is kept ("007" is "7", "60s" is "1m"); NULL: not allowed. */
const char *
param_value(const struct fields *fields, const struct param *param, struct slice text);
/* "a number from 1 to 9, or one of a, b"; "a duration from 0ms to 10m" */
char *param_domain(const struct param *param);

/* Reads `with:` (NULL: none); fields->params are the parameters. */
bool with_read(const struct fields *fields, const struct node *node, struct with *ret);
/* Under the values in force. */
bool with_holds(const struct with *with);
/* Whenever `narrow` holds, `wide` holds too. */
bool with_includes(const struct with *wide, const struct with *narrow);

#endif
