/*
 * rfc8894: the rules of RFC 8894 that bind a server, as checks by name: S-01 to S-34.
 * Each is asked of NDES's way, with its known deviations, and of the standard's.
 */
#ifndef SCENARIOS_RFC8894_H
#define SCENARIOS_RFC8894_H

#include "scenarios/talk.h"

/* Three runs of the program in one profile. */
struct stage {
	bool is_rfc8894;
	struct talk healthy;
	struct talk pending;  /* the first answer of each transaction is PENDING */
	struct talk one_time; /* passwords from mscep_admin */
	struct talk *failed;  /* whose `why` tells; NULL: healthy's */
};

struct rule {
	const char *id;    /* "S-01" */
	const char *title; /* what is promised */
	bool (*holds)(struct stage *stage);
};

/* Those of messages and their forms; those of operations over HTTP. */
extern const struct rule rfc8894_messages[];
extern const size_t rfc8894_message_count;
extern const struct rule rfc8894_operations[];
extern const size_t rfc8894_operation_count;

#endif
