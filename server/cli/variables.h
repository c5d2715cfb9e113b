/*
 * variables: options from the environment: MOCKNDES_OPT_X_Y is --x-y, and
 * MOCKNDES_SCENARIO is --scenario.
 */
#ifndef CLI_VARIABLES_H
#define CLI_VARIABLES_H

#include "cli/option.h"

/* One option as it was given. */
struct given {
	const struct option *option;
	const char *value;
	struct slice variable; /* empty: on the command line */
};

struct givens {
	struct given *items;
	size_t count;
};

/* How many entries read_environment may add at most. */
size_t environment_count(void);
/* Adds the options that the environment names; an unknown one is refused. */
bool read_environment(struct givens *givens, struct err *err);

#endif
