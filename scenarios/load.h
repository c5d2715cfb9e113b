/*
 * load: a scenario file into a model, or one sentence that says what is wrong
 * and where: "file:line:column: sentence". Unknown keys and words are refused
 * with the nearest right one; there are no silent defaults.
 */
#ifndef SCENARIOS_LOAD_H
#define SCENARIOS_LOAD_H

#include "base/err.h"
#include "scenarios/model.h"

/*
 * `name` is for messages. `settings` is what stands behind the colon on the
 * command line, "limit=4096,post=offered", or NULL. ERR_USAGE on any fault,
 * also for an unknown parameter or a value outside its range.
 */
struct scenario *
scenario_load(const char *name, struct slice text, const char *settings, struct err *err);
void scenario_free(struct scenario *scenario); /* NULL is fine */

const char *provenance_name(enum provenance provenance);
const char *outcome_name(enum outcome outcome);

#endif
