/*
 * slots: things named by ids that are never used twice, for those who must not
 * hold pointers (jobs, timers): an id whose thing is gone simply finds nothing.
 */
#ifndef BASE_SLOTS_H
#define BASE_SLOTS_H

#include <stddef.h>
#include <stdint.h>

struct slot {
	void *thing;        /* NULL: free */
	uint32_t turn;      /* how often this slot was given out */
	uint32_t next_free; /* index + 1 of the next free slot; 0: none */
};

struct slots {
	struct slot *items;
	size_t size; /* slots ever used */
	size_t capacity;
	size_t count;        /* things in it now */
	uint32_t first_free; /* index + 1; 0: none */
};

#define SLOTS_INIT            \
	{                     \
		.items = NULL \
	}

uint64_t slots_put(struct slots *slots, void *thing);    /* the id; never 0 */
void *slots_get(const struct slots *slots, uint64_t id); /* NULL: gone */
void slots_remove(struct slots *slots, uint64_t id);
/* The thing in slot `index` (0 to slots->size - 1), or NULL: for walking them all. */
void *slots_at(const struct slots *slots, size_t index);
void slots_clear(struct slots *slots); /* the things are not touched */

#endif
