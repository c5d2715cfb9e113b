#include "ndes/challenge.h"
#include <criterion/criterion.h>

static const struct {
	const char *policy;
	const char *given;
	bool accepted;
} cases[] = {
    {"any", "x", true},
    {"any", "", false},
    {"optional", "", true},
    {"optional", "x", true},
    {"secret", "secret", true},
    {"secret", "Secret", false},
    {"secret", "secret2", false},
    {"secret", "", false},
};

Test(challenge, each_policy_accepts_what_it_says)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct challenge_policy policy = challenge_policy_of(cases[i].policy);

		cr_expect(challenge_accepts(&policy, slice_of(cases[i].given)) ==
		              cases[i].accepted,
		    "case %s given '%s'", cases[i].policy, cases[i].given);
	}
}

Test(challenge, the_example_is_always_accepted)
{
	static const char *const policies[] = {"any", "optional", "secret"};

	for (size_t i = 0; i < 3; i++) {
		struct challenge_policy policy = challenge_policy_of(policies[i]);

		cr_expect(
		    challenge_accepts(&policy, slice_of(challenge_example(&policy))),
		    "case %s", policies[i]);
	}
}
