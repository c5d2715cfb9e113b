/*
 * facts: what is known about a request when rules are matched, stage by stage.
 *
 * At stage HEAD the request line and headers are known, at MESSAGE the opened
 * pkiMessage too. A predicate on what is not known yet makes match say "later".
 * For a request that will never have a message (no PKIOperation) flow sets stage
 * MESSAGE at once with message_type NULL: then the predicate simply does not hold.
 */
#ifndef SCENARIOS_FACTS_H
#define SCENARIOS_FACTS_H

#include "base/buf.h"
#include <stdint.h>

enum stage { STAGE_HEAD = 1, STAGE_MESSAGE = 2 };

struct facts {
	enum stage stage;
	/* head */
	const char *operation; /* "GetCACaps" .. "PKIOperation", "none", "unknown" */
	struct slice method;
	struct slice path;   /* decoded */
	size_t query_bytes;  /* as received, without '?' */
	size_t uri_bytes;    /* the whole request target, as received */
	uint64_t connection; /* id, for count_by */
	struct slice client; /* address, for count_by */
	/* message */
	const char *message_type;    /* "PKCSReq"; NULL: none */
	struct slice transaction_id; /* for count_by; empty: none */
};

#endif
