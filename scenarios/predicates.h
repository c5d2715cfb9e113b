/*
 * predicates: what a rule, or an expectation, asks of a request.
 *
 * All that are set must hold. Plain predicates come first; counting ones (nth, every,
 * times, probability, rate_over) are asked last, of those requests alone that satisfy
 * the plain ones.
 */
#ifndef SCENARIOS_PREDICATES_H
#define SCENARIOS_PREDICATES_H

#include "scenarios/texts.h"
#include <stdbool.h>
#include <stdint.h>

/* A number that must lie in a range; both bounds inclusive. */
struct range {
	bool is_set;
	size_t min, max;
};

/* COUNT_BY_SITE: all requests of the run. */
enum count_by {
	COUNT_BY_SITE,
	COUNT_BY_CLIENT,
	COUNT_BY_CONNECTION,
	COUNT_BY_TRANSACTION
};

/* IPv4 as ::ffff:a.b.c.d */
struct network {
	unsigned char address[16];
	unsigned bits; /* of these 128 */
};

/* A header and a glob for its value; value NULL: it must not be there. */
struct header_match {
	const char *name;
	const char *value;
};

/* A machine must be in one of these states. */
struct state_match {
	size_t machine;  /* index in scenario->machines */
	uint32_t states; /* bit n: states[n] */
};

enum tri { TRI_ANY, TRI_NO, TRI_YES };

struct match {
	/* accept */
	struct network *clients;
	size_t client_count;
	enum tri tls;
	/* head; texts with count 0: any */
	struct texts operations;
	struct texts methods;
	struct texts
	    paths; /* globs: `*` within a segment, `**` across; case is ignored */
	struct range query_bytes;
	struct range uri_bytes;
	struct texts user_agents; /* globs: `*` is anything; case counts */
	struct texts platforms;   /* words_platform */
	struct header_match *headers;
	size_t header_count;
	struct texts client_certs; /* words_client_cert */
	/* body */
	struct range body_bytes;
	/* message */
	struct texts message_types;
	struct range key_bits;
	struct texts digests;         /* words_digest */
	struct texts ciphers;         /* words_cipher */
	struct texts subjects;        /* globs over "CN=a,O=b" */
	struct texts challenges;      /* words_challenge */
	struct texts challenge_types; /* words_challenge_type */
	/* machines */
	struct state_match *states;
	size_t state_count;
	const struct match *none_of; /* `not`: plain predicates; NULL: none */
	/* counting */
	struct range nth; /* the number of this request among those counted, from 1 */
	size_t every;     /* each n-th; 0: any */
	size_t times;     /* only the first n; 0: all */
	bool has_probability;
	uint32_t per_million;
	size_t rate_count; /* only what comes above n in the window; 0: any */
	uint64_t rate_ms;
	enum count_by count_by;
};

#endif
