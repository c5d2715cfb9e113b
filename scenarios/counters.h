/*
 * counters: how often a rule was asked for a key (a client, a connection, a
 * transaction), and when, as far as a rate needs it.
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

/*
 * For a rate of n, the times of the latest n requests are kept, but no more than about
 * TALLY_TIMES_MAX: above that, of each k-th request alone (the first one among them).
 * A request is then over a rate of n at the latest k - 1 requests later than it should.
 */
#define TALLY_TIMES_MAX 64

struct tally {
	size_t count;
	int64_t *times; /* a ring; NULL: no rate, or none counted yet */
};

/* Counts a request at now_ms; rate_count 0: no rate is asked for. */
void tally_add(struct tally *tally, size_t rate_count, int64_t now_ms);
/* Whether the next request, at now_ms, is above rate_count in any rate_ms. A request
   exactly rate_ms ago is no more counted. */
bool tally_is_over(
    const struct tally *tally, size_t rate_count, uint64_t rate_ms, int64_t now_ms);
void tally_clear(struct tally *tally);

struct counter {
	unsigned char *key;
	size_t key_len;
	size_t rule;
	uint64_t hash;
	struct tally tally;
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

/* NULL: never counted, or forgotten. Valid until the next counters_need. */
struct tally *
counters_find(const struct counters *counters, size_t rule, struct bytes key);
/* The same, made with a count of 0 where there is none. */
struct tally *counters_need(struct counters *counters, size_t rule, struct bytes key);
void counters_clear(struct counters *counters);

#endif
