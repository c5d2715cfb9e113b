/*
 * catalogue: the scenarios that are built into the program.
 *
 * The files under scenarios/catalogue are put into the program with an index of
 * ids and aliases when it is built (embed.c makes it, and refuses a faulty file); a
 * scenario is parsed when it is first asked for.
 */
#ifndef SCENARIOS_CATALOGUE_H
#define SCENARIOS_CATALOGUE_H

#include "base/err.h"
#include "scenarios/model.h"

struct catalogue_entry {
	const char *file; /* "uri-too-long.yaml" */
	const char *id;
	const char *const *aliases; /* ends in NULL */
	const char *text;
	size_t len;
};

extern const struct catalogue_entry catalogue_entries[]; /* sorted by id */
extern const size_t catalogue_count;

/* By id or alias, exactly; NULL: there is none. */
const struct catalogue_entry *catalogue_find(struct slice name);

/*
 * "id[:k=v,...]" into a scenario. ERR_USAGE with the nearest three when there is
 * no such id or alias.
 */
struct scenario *catalogue_load(const char *choice, struct err *err);

#endif
