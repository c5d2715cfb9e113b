#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include "scenarios/match.h"
#include "support/same.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct scenario *
load(const char *choice)
{
	struct err err = ERR_INIT;
	struct scenario *scenario = catalogue_load(choice, &err);

	cr_assert(scenario != NULL, "%s: %s", choice, err.text);
	return scenario;
}

Test(scenarios_catalogue, every_scenario_loads_by_id_and_by_alias)
{
	for (size_t i = 0; i < catalogue_count; i++) {
		const struct catalogue_entry *entry = &catalogue_entries[i];
		struct scenario *scenario = load(entry->id);
		size_t aliases = 0;

		cr_expect(same(scenario->id, entry->id));
		cr_expect(gt(sz, scenario->probe_count, 0), "%s", entry->id);
		for (; entry->aliases[aliases] != NULL; aliases++) {
			struct slice alias = slice_of(entry->aliases[aliases]);

			cr_expect(catalogue_find(alias) == entry, "%s",
			    entry->aliases[aliases]);
		}
		cr_expect(eq(sz, aliases, scenario->aliases.count), "%s", entry->id);
		scenario_free(scenario);
	}
}

Test(scenarios_catalogue, is_sorted_and_whole)
{
	cr_assert(gt(sz, catalogue_count, 3));
	for (size_t i = 0; i + 1 < catalogue_count; i++)
		cr_expect(lt(int,
		    strcmp(catalogue_entries[i].id, catalogue_entries[i + 1].id), 0));
	for (size_t i = 0; i < catalogue_count; i++)
		cr_expect(
		    eq(sz, strlen(catalogue_entries[i].text), catalogue_entries[i].len));
}

Test(scenarios_catalogue, the_healthy_one_has_no_rules)
{
	struct scenario *scenario = load("200");

	cr_expect(same(scenario->id, "healthy"));
	cr_expect(eq(sz, scenario->rule_count, 0));
	cr_expect(eq(int, scenario->outcome, OUTCOME_MUST_ENROL));
	scenario_free(scenario);
}

Test(scenarios_catalogue, an_unknown_name_is_answered_with_the_nearest)
{
	static const struct {
		const char *choice, *want;
	} rows[] = {
	    {"pendin", "there is no scenario 'pendin'; did you mean pending?"},
	    {"uri-to-long:limit=3",
	        "there is no scenario 'uri-to-long'; did you mean uri-too-long"},
	    {"415", "414"},
	    {"qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq", "; mockndes list shows all"},
	    {"", "mockndes list shows all"},
	    {":limit=3", "mockndes list shows all"},
	    {"414 ", "there is no scenario '414 '"},
	    {"414:limit=70000", "it is a number from 1 to 65534, or one of stock"},
	    {"414:post=offer", "it is one of withheld, offered"},
	    {"414:answer=413", "it is one of 414, 400, 404.14, 404.15"},
	    {"414:", "write name=value"},
	    {"healthy:limit=1", "scenario healthy has no parameters"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct scenario *scenario = catalogue_load(rows[i].choice, &err);

		cr_expect(scenario == NULL, "case %s", rows[i].choice);
		cr_expect(eq(int, err.kind, ERR_USAGE), "case %s", rows[i].choice);
		cr_expect(strstr(err.text, rows[i].want) != NULL, "case %s: %s",
		    rows[i].choice, err.text);
		scenario_free(scenario);
	}
}

Test(scenarios_catalogue, settings_choose_the_rules_in_play)
{
	static const struct {
		const char *choice;
		const char *rules[3];
		unsigned status;
		size_t caps;
	} rows[] = {
	    {"414", {"long-get"}, 414, 1},
	    {"414:post=offered", {"long-get"}, 414, 0},
	    {"uri-too-long:answer=400", {"long-get-400"}, 400, 1},
	    {"414:answer=404.14", {"long-get-404-14"}, 404, 1},
	    {"414:answer=404.15,limit=9", {"long-get-404-15"}, 404, 1},
	    {"414:limit=stock", {"stock-url", "stock-request"}, 414, 1},
	    {"414:limit=stock,answer=400", {"stock-url", "stock-request"}, 414, 1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scenario *s = load(rows[i].choice);
		size_t count = rows[i].rules[1] != NULL ? 2 : 1;

		cr_assert(eq(sz, s->rule_count, count), "case %s", rows[i].choice);
		for (size_t j = 0; j < count; j++)
			cr_expect(same(s->rules[j].id, rows[i].rules[j]));
		cr_expect(eq(uint, s->rules[0].action.respond.status, rows[i].status));
		cr_expect(eq(sz, s->server.caps_without.count, rows[i].caps), "case %s",
		    rows[i].choice);
		scenario_free(s);
	}
}

/* The limit is the longest query that passes. */
Test(scenarios_catalogue, the_limit_is_exact)
{
	static const struct {
		const char *choice, *method;
		size_t query, uri;
		const char *want;
	} rows[] = {
	    {"414", "GET", 2048, 2100, NULL},
	    {"414", "GET", 2049, 2100, "long-get"},
	    {"414", "POST", 9999, 9999, NULL},
	    {"414:limit=4096", "GET", 4096, 4200, NULL},
	    {"414:limit=4096", "GET", 4097, 4200, "long-get"},
	    {"414:limit=stock", "GET", 16000, 16282, NULL},
	    {"414:limit=stock", "GET", 16000, 16283, "stock-request"},
	    {"414:limit=stock", "GET", 16000, 16378, "stock-request"},
	    {"414:limit=stock", "POST", 16000, 16379, "stock-url"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scenario *s = load(rows[i].choice);
		struct run *run = run_new(s, 1);
		struct facts facts = {.stage = STAGE_HEAD,
		    .operation = "PKIOperation",
		    .method = slice_of(rows[i].method),
		    .path = SLICE("/certsrv/mscep/mscep.dll"),
		    .query_bytes = rows[i].query,
		    .uri_bytes = rows[i].uri};
		struct decision decision;

		run_decide(run, &facts, &decision);
		if (rows[i].want == NULL)
			cr_expect(eq(int, decision.verdict, DECIDE_HONEST), "row %zu", i);
		else
			cr_expect(decision.verdict == DECIDE_RULE &&
			              strcmp(decision.rule->id, rows[i].want) == 0,
			    "row %zu", i);
		run_free(run);
		scenario_free(s);
	}
}

/* A probe's own settings must load, or its runner could not play it. */
Test(scenarios_catalogue, every_probe_has_settings_that_load)
{
	for (size_t i = 0; i < catalogue_count; i++) {
		struct scenario *scenario = load(catalogue_entries[i].id);

		for (size_t j = 0; j < scenario->probe_count; j++) {
			const struct probe *probe = &scenario->probes[j];
			struct buf choice = BUF_INIT;
			struct err err = ERR_INIT;
			struct scenario *again;

			for (size_t k = 0; k < probe->param_count; k++)
				buf_add_format(&choice, "%s%s=%s", k == 0 ? "" : ",",
				    probe->params[k].name, probe->params[k].value);
			buf_add(&choice, "", 1);
			again = scenario_load(catalogue_entries[i].file,
			    slice_of(catalogue_entries[i].text),
			    probe->param_count > 0 ? (const char *)choice.data : NULL,
			    &err);
			cr_expect(again != NULL, "%s line %zu: %s", scenario->id,
			    probe->line, err.text);
			scenario_free(again);
			buf_clear(&choice);
		}
		scenario_free(scenario);
	}
}
