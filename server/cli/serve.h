/*
 * serve: sets everything up, runs the loop, takes it down; returns the exit code.
 */
#ifndef CLI_SERVE_H
#define CLI_SERVE_H

#include "base/err.h"
#include "cli/options.h"

/* Failures before the loop starts are in err (and the code is err's kind). */
int serve(const struct options *options, struct err *err);

#endif
