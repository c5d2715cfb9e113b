/*
 * A scenario file, loaded and played. A first line "#:limit=3,post=offered" gives
 * settings (to the loader it is a comment), so the files of scenarios/catalogue are
 * seeds as they are.
 *
 * Held: a file is loaded or refused with a sentence and a code; at the last stage every
 * request is decided; a rule fires no more often than its `times`; machines stay in
 * their states, and every expectation is judged.
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
	must(facts->stage < STAGE_MESSAGE || decision.verdict != DECIDE_LATER);
	must((decision.verdict == DECIDE_RULE) == (decision.rule != NULL));
	decision_why(&decision, facts, &words);
	if (decision.rule != NULL)
		rule_describe(decision.rule, &words);
	buf_clear(&words);
}

/* Every event that a machine waits for, as a person may send it. */
static void
send_events(struct run *run, const struct scenario *scenario, int64_t now_ms)
{
	struct buf states = BUF_INIT;

	for (size_t i = 0; i < scenario->machine_count; i++) {
		const struct machine *machine = &scenario->machines[i];

		must(machine->initial < machine->state_count);
		for (size_t j = 0; j < machine->state_count; j++)
			for (size_t k = 0; k < machine->states[j].transition_count; k++)
				must(run_event(run,
				    machine->states[j].transitions[k].event, now_ms));
	}
	run_states(run, now_ms, &states);
	must((states.len > 0) == (scenario->machine_count > 0));
	buf_clear(&states);
}

static void
judge(const struct run *run, const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->expect_count; i++) {
		struct buf why = BUF_INIT;

		must(run_judge(run, i, &why) != JUDGED_BROKEN || why.len > 0);
		buf_clear(&why);
	}
}

static void
play(const struct scenario *scenario)
{
	static const char *const operations[] = {"GetCACaps", "PKIOperation", "none"};
	struct run *run = run_new(scenario, 1);
	const size_t rounds = 4;

	for (size_t i = 0; i < rounds * 6; i++) {
		struct facts facts = {
		    .stage = STAGE_ACCEPT,
		    .now_ms = (int64_t)i * 1000,
		    .arrival = i + 1,
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
		facts.stage = i % 2 == 0 ? STAGE_HEAD : STAGE_MESSAGE;
		ask(run, &facts);
		run_observe(run, &facts, NULL);
		if (i % 6 == 5)
			send_events(run, scenario, facts.now_ms);
	}
	judge(run, scenario);
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
		must((strncmp(err.text, NAME ":", strlen(NAME ":")) == 0 &&
		         err.text[strlen(err.text) - 1] == ']') ||
		     strncmp(err.text, "scenario ", strlen("scenario ")) == 0);
	} else {
		play(scenario);
	}
	scenario_free(scenario);
	free(settings);
	return 0;
}
