#include "ndes/challenge.h"

#include <string.h>

struct challenge_policy
challenge_policy_of(const char *text)
{
	if (strcmp(text, "any") == 0)
		return (struct challenge_policy){CHALLENGE_ANY, NULL};
	if (strcmp(text, "optional") == 0)
		return (struct challenge_policy){CHALLENGE_OPTIONAL, NULL};
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
	case CHALLENGE_WORD:
		return slice_is(given, policy->word);
	}
	return false;
}

const char *
challenge_example(const struct challenge_policy *policy)
{
	return policy->mode == CHALLENGE_WORD ? policy->word : "mockndes";
}
