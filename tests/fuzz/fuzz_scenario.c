/*
 * A scenario file, loaded and played. A first line "#:limit=3,post=offered" gives
 * settings (to the loader it is a comment), so the files of scenarios/catalogue are
 * seeds as they are.
 *
 * Held: a file is loaded or refused with a sentence; at the last stage every
 * request is decided; a rule fires no more often than its `times`.
 */
#include "base/mem.h"
#include "fuzz.h"
#include "scenarios/load.h"
#include "scenarios/match.h"
#include <string.h>

#define NAME "fuzz.yaml"

static char *
settings_of(struct slice text)
{
	const char *end;

	if (!slice_starts_nocase(text, "#:"))
		return NULL;
	end = memchr(text.text, '\n', text.len);
	if (end == NULL)
		end = text.text + text.len;
	return mem_text(text.text + 2, (size_t)(end - text.text) - 2);
}

static void
ask(struct run *run, const struct facts *facts)
{
	struct decision decision;
	struct buf words = BUF_INIT;

	run_decide(run, facts, &decision);
	must(facts->stage == STAGE_HEAD || decision.verdict != DECIDE_LATER);
	must((decision.verdict == DECIDE_RULE) == (decision.rule != NULL));
	decision_why(&decision, facts, &words);
	if (decision.rule != NULL)
		rule_describe(decision.rule, &words);
	buf_clear(&words);
}

static void
play(const struct scenario *scenario)
{
	static const char *const operations[] = {"GetCACaps", "PKIOperation", "none"};
	struct run *run = run_new(scenario);
	const size_t rounds = 4;

	for (size_t i = 0; i < rounds * 6; i++) {
		struct facts facts = {
		    .stage = i % 2 == 0 ? STAGE_HEAD : STAGE_MESSAGE,
		    .operation = operations[i / 2 % 3],
		    .method = i % 4 < 2 ? SLICE("GET") : SLICE("POST"),
		    .path = SLICE("/certsrv/mscep/mscep.dll"),
		    .query_bytes = i * 200,
		    .uri_bytes = i * 800,
		    .connection = i / 6,
		    .client = SLICE("127.0.0.1"),
		    .message_type = i % 2 == 0 ? NULL : "PKCSReq",
		    .transaction_id = i % 3 == 0 ? SLICE("A") : SLICE("B"),
		};

		ask(run, &facts);
	}
	for (size_t i = 0; i < scenario->rule_count; i++) {
		const struct match *match = &scenario->rules[i].match;

		must(match->times == 0 || match->count_by != COUNT_BY_SITE ||
		     run_fired(run, i) <= match->times);
	}
	run_free(run);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct slice text = {(const char *)data, len};
	struct err err = ERR_INIT;
	char *settings = settings_of(text);
	struct scenario *scenario = scenario_load(NAME, text, settings, &err);

	if (scenario == NULL) {
		must(err.kind == ERR_USAGE);
		must(strncmp(err.text, NAME ":", strlen(NAME ":")) == 0 ||
		     strncmp(err.text, "scenario ", strlen("scenario ")) == 0);
	} else {
		play(scenario);
	}
	scenario_free(scenario);
	free(settings);
	return 0;
}
