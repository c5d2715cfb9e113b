/*
 * challenge: whether the challengePassword of a request will do.
 *
 *   any       a password must be there and not be empty (the policy module of
 *             another system would check it)
 *   optional  none is needed
 *   WORD      exactly this one
 */
#ifndef NDES_CHALLENGE_H
#define NDES_CHALLENGE_H

#include "base/buf.h"

enum challenge_mode { CHALLENGE_ANY, CHALLENGE_OPTIONAL, CHALLENGE_WORD };

struct challenge_policy {
	enum challenge_mode mode;
	const char *word; /* CHALLENGE_WORD; borrowed */
};

/* From --challenge; every text but "any" and "optional" is a WORD. */
struct challenge_policy challenge_policy_of(const char *text);
/* `given` is the password as text, empty when there was none. */
bool challenge_accepts(const struct challenge_policy *policy, struct slice given);
/* A password that this policy accepts, for the banner and for COMMAND. */
const char *challenge_example(const struct challenge_policy *policy);

#endif
