#include "base/slots.h"

#include "base/mem.h"
#include <stdlib.h>

uint64_t
slots_put(struct slots *slots, void *thing)
{
	uint32_t index;

	if (slots->first_free != 0) {
		index = slots->first_free - 1;
		slots->first_free = slots->items[index].next_free;
	} else {
		if (slots->size == slots->capacity) {
			slots->capacity = slots->capacity == 0 ? 16 : slots->capacity * 2;
			slots->items = mem_grow(
			    slots->items, slots->capacity, sizeof(slots->items[0]));
		}
		index = (uint32_t)slots->size++;
		slots->items[index].turn = 0;
	}
	slots->items[index].thing = thing;
	slots->items[index].turn++;
	slots->count++;
	return (uint64_t)slots->items[index].turn << 32 | (index + 1);
}

static struct slot *
slots_find(const struct slots *slots, uint64_t id)
{
	uint32_t number = (uint32_t)id;

	if (number == 0 || number > slots->size)
		return NULL;
	struct slot *slot = &slots->items[number - 1];
	return slot->thing != NULL && slot->turn == id >> 32 ? slot : NULL;
}

void *
slots_get(const struct slots *slots, uint64_t id)
{
	const struct slot *slot = slots_find(slots, id);

	return slot == NULL ? NULL : slot->thing;
}

void
slots_remove(struct slots *slots, uint64_t id)
{
	struct slot *slot = slots_find(slots, id);

	if (slot == NULL)
		return;
	slot->thing = NULL;
	slot->next_free = slots->first_free;
	slots->first_free = (uint32_t)id;
	slots->count--;
}

void *
slots_at(const struct slots *slots, size_t index)
{
	return index < slots->size ? slots->items[index].thing : NULL;
}

void
slots_clear(struct slots *slots)
{
	free(slots->items);
	*slots = (struct slots)SLOTS_INIT;
}
