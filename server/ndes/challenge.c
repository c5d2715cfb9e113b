#include "ndes/challenge.h"

#include <string.h>

static const struct {
	const char *text;
	enum challenge_mode mode;
} modes[] = {
    {"any", CHALLENGE_ANY},
    {"optional", CHALLENGE_OPTIONAL},
    {"one-time", CHALLENGE_ONE_TIME},
};

struct challenge_policy
challenge_policy_of(const char *text)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(text, modes[i].text) == 0)
			return (struct challenge_policy){modes[i].mode, NULL};
	return (struct challenge_policy){CHALLENGE_WORD, text};
}

bool
challenge_accepts(const struct challenge_policy *policy, struct slice given)
{
	switch (policy->mode) {
	case CHALLENGE_ANY:
		return given.len > 0;
	case CHALLENGE_OPTIONAL:
		return true;
	case CHALLENGE_ONE_TIME:
		return false;
	case CHALLENGE_WORD:
		return slice_is(given, policy->word);
	}
	return false;
}

const char *
challenge_example(const struct challenge_policy *policy)
{
	switch (policy->mode) {
	case CHALLENGE_ANY:
	case CHALLENGE_OPTIONAL:
		return "mockndes";
	case CHALLENGE_ONE_TIME:
		return NULL;
	case CHALLENGE_WORD:
		return policy->word;
	}
	return NULL;
}

const char *
challenge_objection(
    const struct challenge_policy *policy, enum challenge_fact fact, struct slice given)
{
	switch (fact) {
	case CHALLENGE_FACT_POLICY:
		return challenge_accepts(policy, given)
		           ? NULL
		           : "the challengePassword is missing or wrong (see "
		             "--challenge)";
	case CHALLENGE_FACT_GOOD:
		return NULL;
	case CHALLENGE_FACT_UNKNOWN:
		return "the challengePassword is none that mscep_admin or ctl gave out";
	case CHALLENGE_FACT_SPENT:
		return "the challengePassword was used before: each one enrols once";
	case CHALLENGE_FACT_EXPIRED:
		return "the challengePassword has expired: ask mscep_admin for a new one";
	}
	return NULL;
}
