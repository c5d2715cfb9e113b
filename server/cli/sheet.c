#include "cli/sheet.h"
#include "base/mem.h"
#include "scenarios/load.h"
#include <stdlib.h>
#include <string.h>

const struct scenario *
sheet_scenario(const struct sheet *sheet)
{
	return sheet->subject->variations.items[sheet->lead].scenario;
}

static void
add_shown(struct shown_list *list, const struct sign *sign, const char *settings)
{
	if (sign->kind < SIGN_CLIENT)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (sign_equal(list->items[i].sign, sign))
			return;
	list->items = mem_grow(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = (struct shown){sign, settings};
}

static const char *
settings_of(const struct variation *variation)
{
	return variation->settings != NULL ? variation->settings : "the defaults";
}

struct shown_list
sheet_shown(const struct sheet *sheet)
{
	const struct subject *subject = sheet->subject;
	struct shown_list list = {.items = NULL};

	for (size_t i = 0; i < subject->signs[sheet->lead].count; i++)
		add_shown(&list, &subject->signs[sheet->lead].items[i], NULL);
	for (size_t v = 0; v < subject->variations.count; v++)
		for (size_t i = 0; i < subject->signs[v].count; i++)
			add_shown(&list, &subject->signs[v].items[i],
			    settings_of(&subject->variations.items[v]));
	return list;
}

static const char *
unless_same(const char *text, const char *usual)
{
	return strcmp(text, usual) == 0 ? NULL : text;
}

static bool
is_same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void
add_case(struct case_list *list, struct other_case item)
{
	if (item.symptom == NULL && item.cause == NULL && item.fix == NULL &&
	    item.outcome == NULL)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (is_same(list->items[i].symptom, item.symptom) &&
		    is_same(list->items[i].cause, item.cause) &&
		    is_same(list->items[i].fix, item.fix) &&
		    is_same(list->items[i].outcome, item.outcome))
			return;
	list->items = mem_grow(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = item;
}

struct case_list
sheet_cases(const struct sheet *sheet)
{
	const struct variations *variations = &sheet->subject->variations;
	const struct doc *usual = &sheet_scenario(sheet)->doc;
	struct case_list list = {.items = NULL};

	for (size_t v = 0; v < variations->count; v++) {
		const struct scenario *other = variations->items[v].scenario;
		const struct doc *doc = &other->doc;

		add_case(&list, (struct other_case){
		                    .settings = settings_of(&variations->items[v]),
		                    .symptom = unless_same(doc->symptom, usual->symptom),
		                    .cause = unless_same(doc->cause, usual->cause),
		                    .fix = unless_same(doc->fix, usual->fix),
		                    .outcome = unless_same(outcome_name(other->outcome),
		                        outcome_name(sheet_scenario(sheet)->outcome)),
		                });
	}
	return list;
}

static void
add_advice(struct advice_list *list, const struct expect *expect, const char *settings)
{
	if (expect->hint == NULL)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].expect->hint, expect->hint) == 0)
			return;
	list->items = mem_grow(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = (struct advice){expect, settings};
}

struct advice_list
sheet_advice(const struct sheet *sheet)
{
	const struct variations *variations = &sheet->subject->variations;
	const struct scenario *lead = sheet_scenario(sheet);
	struct advice_list list = {.items = NULL};

	for (size_t i = 0; i < lead->expect_count; i++)
		add_advice(&list, &lead->expects[i], NULL);
	for (size_t v = 0; v < variations->count; v++) {
		const struct variation *variation = &variations->items[v];

		for (size_t i = 0; i < variation->scenario->expect_count; i++)
			add_advice(&list, &variation->scenario->expects[i],
			    settings_of(variation));
	}
	return list;
}

char *
scenario_command(const struct scenario *scenario, const char *settings)
{
	bool is_ndes = scenario->needs_profile != NULL &&
	               strcmp(scenario->needs_profile, "ndes") == 0;

	return mem_format("mockndes %s--scenario %s%s%s",
	    is_ndes ? "--profile ndes " : "", scenario->id, settings != NULL ? ":" : "",
	    settings != NULL ? settings : "");
}

char *
sheet_command(const struct sheet *sheet)
{
	return scenario_command(sheet_scenario(sheet),
	    sheet->subject->variations.items[sheet->lead].settings);
}

const char *
provenance_text(enum provenance provenance)
{
	switch (provenance) {
	case PROVENANCE_CAPTURED:
		return "captured from a real server";
	case PROVENANCE_DOCUMENTED:
		return "documented by its maker";
	case PROVENANCE_INFERRED:
		return "inferred, not seen on a real server";
	}
	return "";
}

const char *
outcome_text(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_MUST_ENROL:
		return "a good client enrols";
	case OUTCOME_MUST_FAIL:
		return "a good client ends with a failure";
	case OUTCOME_EITHER:
		return "a good client may enrol or fail";
	}
	return "";
}

void
subject_layers(const struct subject *subject, bool ret[LAYER_COUNT])
{
	memset(ret, 0, LAYER_COUNT * sizeof(*ret));
	for (size_t v = 0; v < subject->variations.count; v++) {
		const struct scenario *scenario = subject->variations.items[v].scenario;

		for (size_t i = 0; i < scenario->rule_count; i++) {
			const struct action *action = &scenario->rules[i].action;

			switch (action->kind) {
			case ACTION_RESPOND:
				ret[action->respond.layer] = true;
				break;
			case ACTION_CONNECTION:
				ret[action->connection.layer] = true;
				break;
			case ACTION_SCEP:
			case ACTION_CA:
				ret[LAYER_MSCEP] = true;
				break;
			case ACTION_TLS:
				ret[LAYER_NETWORK] = true;
				break;
			case ACTION_PASS:
				break;
			}
		}
	}
}
