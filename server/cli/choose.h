/*
 * choose: the scenario that rules, from --scenario or --scenario-file.
 */
#ifndef CLI_CHOOSE_H
#define CLI_CHOOSE_H

#include "cli/options.h"
#include "scenarios/model.h"

/* NULL: no such scenario, or a faulty file; err says what and where. */
struct scenario *choose_scenario(const struct options *options, struct err *err);

#endif
