/*
 * list: `mockndes list`, the catalogue for people (aligned, by group) and for machines
 * (--json, with parameters, layers and sources).
 */
#ifndef CLI_LIST_H
#define CLI_LIST_H

#include "base/err.h"
#include "cli/options.h"

/* Prints to stdout. ERR_USAGE for a group that does not exist. */
bool list_print(const struct options *options, struct err *err);

#endif
