/*
 * counters: how often a rule has matched for a key (a client, a connection, a
 * transaction).
 *
 * At most COUNTERS_MAX pairs of rule and key are kept. When there are more, the
 * pair that was counted first is forgotten, so that a server that runs for weeks
 * does not grow; its key then starts again at 0.
 */
#ifndef SCENARIOS_COUNTERS_H
#define SCENARIOS_COUNTERS_H

#include "base/buf.h"
#include <stdint.h>

#define COUNTERS_MAX 65536

struct counter {
	unsigned char *key;
	size_t key_len;
	size_t rule;
	size_t count;
	uint64_t hash;
};

struct counters {
	struct counter *items; /* a ring once COUNTERS_MAX is reached */
	size_t count;
	size_t capacity;
	size_t oldest;     /* the item that goes next */
	uint32_t *slots;   /* index + 1 of an item; 0: free. Linear probing */
	size_t slot_count; /* a power of two, at least twice `capacity` */
};

#define COUNTERS_INIT         \
	{                     \
		.items = NULL \
	}

size_t counters_get(const struct counters *counters, size_t rule, struct bytes key);
void counters_add(struct counters *counters, size_t rule, struct bytes key);
void counters_clear(struct counters *counters);

#endif
