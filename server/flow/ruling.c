#include "flow/ruling.h"

#include "base/mem.h"
#include "scenarios/load.h"
#include <stdlib.h>
#include <string.h>

static void
take_words(struct capabilities *ret, const struct texts *words)
{
	ret->count = 0;
	for (size_t i = 0; i < words->count && i < CAPABILITIES_MAX; i++)
		ret->lines[ret->count++] = slice_of(words->items[i]);
}

static void
list_capabilities(struct ruling *ruling, const struct capabilities *usual)
{
	const struct server_change *change = &ruling->scenario->server;
	struct capabilities without;

	ruling->caps = *usual;
	if (change->caps.items != NULL)
		take_words(&ruling->caps, &change->caps);
	take_words(&without, &change->caps_without);
	capabilities_remove(&ruling->caps, &without);
	capabilities_body(&ruling->caps, &ruling->caps_body);
}

struct ruling *
ruling_new(struct scenario *scenario, const struct ruling_terms *terms)
{
	struct ruling *ruling = mem_alloc(sizeof(*ruling));

	ruling->scenario = scenario;
	ruling->run = run_new(scenario, terms->seed);
	ruling->seed = terms->seed;
	ruling->users = 1;
	list_capabilities(ruling, terms->caps);
	ruling->challenge = *terms->challenge;
	if (scenario->server.challenge != NULL && !terms->has_own_challenge)
		ruling->challenge = challenge_policy_of(scenario->server.challenge);
	ruling->served = mem_array(scenario->rule_count + 1, sizeof(*ruling->served));
	return ruling;
}

struct ruling *
ruling_hold(struct ruling *ruling)
{
	ruling->users++;
	return ruling;
}

void
ruling_release(struct ruling *ruling)
{
	if (ruling == NULL || --ruling->users > 0)
		return;
	for (size_t i = 0; i < ruling->scenario->rule_count; i++)
		buf_clear(&ruling->served[i].body);
	free(ruling->served);
	run_free(ruling->run);
	scenario_free(ruling->scenario);
	pki_release(ruling->pki);
	buf_clear(&ruling->bag);
	buf_clear(&ruling->caps_body);
	free(ruling);
}

void
ruling_reset(struct ruling *ruling)
{
	run_free(ruling->run);
	ruling->run = run_new(ruling->scenario, ruling->seed);
	ruling->since = ruling->arrivals;
}

bool
ruling_fits(const struct scenario *scenario, const struct ndes_settings *settings,
    struct err *err)
{
	const char *profile = settings->profile == PROFILE_INTUNE ? "intune" : "ndes";
	const char *needs = scenario->needs_profile;

	if (needs == NULL || strcmp(needs, profile) == 0)
		return true;
	return err_set(err, ERR_USAGE,
	    "scenario %s needs --profile %s: with --profile %s it is the healthy state",
	    scenario->id, needs, profile);
}
