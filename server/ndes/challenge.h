/*
 * challenge: whether the challengePassword of a request will do.
 *
 *   any       a password must be there and not be empty (the policy module of
 *             another system would check it)
 *   optional  none is needed
 *   one-time  one that was given out and not yet used (ndes/password); whoever keeps
 *             the passwords finds out what is known of it: enum challenge_fact
 *   WORD      exactly this one
 */
#ifndef NDES_CHALLENGE_H
#define NDES_CHALLENGE_H

#include "base/buf.h"

enum challenge_mode {
	CHALLENGE_ANY,
	CHALLENGE_OPTIONAL,
	CHALLENGE_ONE_TIME,
	CHALLENGE_WORD,
};

/* What is known of the password in a request. */
enum challenge_fact {
	CHALLENGE_FACT_POLICY, /* nothing was looked up: the policy judges by itself */
	CHALLENGE_FACT_GOOD,
	CHALLENGE_FACT_UNKNOWN, /* never given out */
	CHALLENGE_FACT_SPENT,
	CHALLENGE_FACT_EXPIRED,
};

struct challenge_policy {
	enum challenge_mode mode;
	const char *word; /* CHALLENGE_WORD; borrowed */
};

/* From --challenge; every text but "any", "optional" and "one-time" is a WORD. */
struct challenge_policy challenge_policy_of(const char *text);
/*
 * `given` is the password as text, empty when there was none. A one-time password is
 * none that a policy could accept by itself: it takes a fact.
 */
bool challenge_accepts(const struct challenge_policy *policy, struct slice given);
/*
 * A password that this policy accepts, for the banner and for COMMAND. NULL: one-time,
 * so it has to be given out first.
 */
const char *challenge_example(const struct challenge_policy *policy);

/* NULL when the password holds; else a static sentence on what is wrong with it. */
const char *challenge_objection(
    const struct challenge_policy *policy, enum challenge_fact fact, struct slice given);

#endif
