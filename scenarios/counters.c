#include "scenarios/counters.h"
#include "base/mem.h"
#include <stdlib.h>
#include <string.h>

#define CAPACITY_FIRST 64

/* FNV-1a, then mixed so that the low bits depend on all of it. */
static uint64_t
hash_of(size_t rule, struct bytes key)
{
	uint64_t h = 0xcbf29ce484222325u ^ rule;

	for (size_t i = 0; i < key.len; i++)
		h = (h ^ key.data[i]) * 0x100000001b3u;
	h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
	return h ^ (h >> 33);
}

static bool
is_counter(const struct counter *counter, size_t rule, struct bytes key)
{
	return counter->rule == rule && counter->key_len == key.len &&
	       (key.len == 0 || memcmp(counter->key, key.data, key.len) == 0);
}

/* The slot of the pair, or the free slot where it belongs. */
static size_t
find_slot(const struct counters *c, uint64_t hash, size_t rule, struct bytes key)
{
	size_t at = hash & (c->slot_count - 1);

	while (c->slots[at] != 0) {
		const struct counter *counter = &c->items[c->slots[at] - 1];

		if (counter->hash == hash && is_counter(counter, rule, key))
			return at;
		at = (at + 1) & (c->slot_count - 1);
	}
	return at;
}

/* Those behind a freed slot move up, or a search would stop too early. */
static void
free_slot(struct counters *c, size_t at)
{
	const size_t mask = c->slot_count - 1;
	size_t hole = at;

	for (size_t next = (at + 1) & mask; c->slots[next] != 0;
	     next = (next + 1) & mask) {
		size_t home = c->items[c->slots[next] - 1].hash & mask;

		if (((next - home) & mask) < ((next - hole) & mask))
			continue;
		c->slots[hole] = c->slots[next];
		hole = next;
	}
	c->slots[hole] = 0;
}

static void
forget(struct counters *c, size_t index)
{
	struct counter *counter = &c->items[index];
	struct bytes key = {counter->key, counter->key_len};

	free_slot(c, find_slot(c, counter->hash, counter->rule, key));
	free(counter->key);
	counter->key = NULL;
	tally_clear(&counter->tally);
}

static void
grow(struct counters *c)
{
	c->capacity = c->capacity == 0 ? CAPACITY_FIRST : c->capacity * 2;
	c->items = mem_grow(c->items, c->capacity, sizeof(*c->items));
	free(c->slots);
	c->slot_count = c->capacity * 2;
	c->slots = mem_array(c->slot_count, sizeof(*c->slots));
	for (size_t i = 0; i < c->count; i++) {
		const struct counter *counter = &c->items[i];
		struct bytes key = {counter->key, counter->key_len};

		c->slots[find_slot(c, counter->hash, counter->rule, key)] =
		    (uint32_t)i + 1;
	}
}

/* The index of a free item. */
static size_t
make_room(struct counters *c)
{
	size_t index = c->count;

	if (c->count < COUNTERS_MAX) {
		if (c->count == c->capacity)
			grow(c);
		c->count++;
		return index;
	}
	index = c->oldest;
	c->oldest = (c->oldest + 1) % COUNTERS_MAX;
	forget(c, index);
	return index;
}

struct tally *
counters_find(const struct counters *counters, size_t rule, struct bytes key)
{
	size_t at;

	if (counters->slot_count == 0)
		return NULL;
	at = find_slot(counters, hash_of(rule, key), rule, key);
	return counters->slots[at] == 0 ? NULL
	                                : &counters->items[counters->slots[at] - 1].tally;
}

struct tally *
counters_need(struct counters *counters, size_t rule, struct bytes key)
{
	uint64_t hash = hash_of(rule, key);
	size_t index;

	if (counters->slot_count > 0) {
		size_t at = find_slot(counters, hash, rule, key);

		if (counters->slots[at] != 0)
			return &counters->items[counters->slots[at] - 1].tally;
	}
	index = make_room(counters);
	counters->items[index] = (struct counter){
	    .key = key.len > 0 ? mem_copy(key.data, key.len) : NULL,
	    .key_len = key.len,
	    .rule = rule,
	    .hash = hash,
	};
	counters->slots[find_slot(counters, hash, rule, key)] = (uint32_t)index + 1;
	return &counters->items[index].tally;
}

void
counters_clear(struct counters *counters)
{
	for (size_t i = 0; i < counters->count; i++) {
		free(counters->items[i].key);
		tally_clear(&counters->items[i].tally);
	}
	free(counters->items);
	free(counters->slots);
	*counters = (struct counters)COUNTERS_INIT;
}

/* Of how many requests one time is kept. */
static size_t
tally_step(size_t rate_count)
{
	return (rate_count - 1) / TALLY_TIMES_MAX + 1;
}

/* From the n-th request back to the one counted last. */
static size_t
tally_ring(size_t rate_count)
{
	return rate_count / tally_step(rate_count) + 2;
}

void
tally_add(struct tally *tally, size_t rate_count, int64_t now_ms)
{
	size_t number = tally->count++; /* from 0 */

	if (rate_count == 0 || number % tally_step(rate_count) != 0)
		return;
	if (tally->times == NULL)
		tally->times = mem_array(tally_ring(rate_count), sizeof(*tally->times));
	tally->times[number / tally_step(rate_count) % tally_ring(rate_count)] = now_ms;
}

bool
tally_is_over(
    const struct tally *tally, size_t rate_count, uint64_t rate_ms, int64_t now_ms)
{
	size_t back;
	int64_t then;

	if (tally->count < rate_count || tally->times == NULL)
		return false;
	back = tally->count - rate_count;
	then = tally->times[back / tally_step(rate_count) % tally_ring(rate_count)];
	return now_ms <= then || (uint64_t)(now_ms - then) < rate_ms;
}

void
tally_clear(struct tally *tally)
{
	free(tally->times);
	*tally = (struct tally){.count = 0};
}
