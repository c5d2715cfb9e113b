/*
 * texts: some strings, as a scenario file lists them. They belong to its tree.
 */
#ifndef SCENARIOS_TEXTS_H
#define SCENARIOS_TEXTS_H

#include <stddef.h>

struct texts {
	const char **items;
	size_t count;
};

#endif
