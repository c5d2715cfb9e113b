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
    {"one-time", "one-time", false},
    {"one-time", "", false},
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

Test(challenge, a_one_time_password_has_no_example)
{
	struct challenge_policy policy = challenge_policy_of("one-time");

	cr_expect(policy.mode == CHALLENGE_ONE_TIME);
	cr_expect(challenge_example(&policy) == NULL);
}

Test(challenge, what_is_known_of_a_password_counts_more_than_its_text)
{
	static const struct {
		enum challenge_fact fact;
		bool holds;
	} rows[] = {
	    {CHALLENGE_FACT_POLICY, false},
	    {CHALLENGE_FACT_GOOD, true},
	    {CHALLENGE_FACT_UNKNOWN, false},
	    {CHALLENGE_FACT_SPENT, false},
	    {CHALLENGE_FACT_EXPIRED, false},
	};
	struct challenge_policy policy = challenge_policy_of("one-time");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *why =
		    challenge_objection(&policy, rows[i].fact, SLICE("8CE317021F690069"));
		bool holds = why == NULL;

		cr_expect(holds == rows[i].holds, "case %zu", i);
	}
}
