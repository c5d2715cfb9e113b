/*
 * variations: a scenario file under each of the settings that its own text names.
 *
 * What a scenario shows depends on its parameters: other rules are in play, other texts
 * hold. The variations are the defaults, each word of each parameter by itself, and the
 * params of each probe, those with few settings first, none twice.
 */
#ifndef CLI_VARIATIONS_H
#define CLI_VARIATIONS_H

#include "base/err.h"
#include "scenarios/model.h"

struct variation {
	char *settings; /* "answer=404.15,post=offered"; NULL: the defaults */
	struct scenario *scenario;
};

struct variations {
	struct variation *items; /* the first is the defaults */
	size_t count;
};

/* False and ERR_USAGE: the file is faulty, or it is so under one of them. */
bool variations_load(
    const char *name, struct slice text, struct variations *ret, struct err *err);
/* One choice only: "414:answer=400" of the catalogue. */
bool variations_load_choice(const char *choice, struct variations *ret, struct err *err);
void variations_clear(struct variations *variations);

/* The scenario under its defaults. */
const struct scenario *variations_first(const struct variations *variations);
/* "uri-too-long:answer=404.15"; yours. */
char *variation_name(const struct variation *variation);

#endif
