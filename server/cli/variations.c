#include "cli/variations.h"
#include "base/mem.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include <stdlib.h>
#include <string.h>

/* Settings without a scenario yet. */
static void
add(struct variations *list, char *settings)
{
	for (size_t i = 1; i < list->count; i++)
		if (strcmp(list->items[i].settings, settings) == 0) {
			free(settings);
			return;
		}
	list->items = mem_grow(list->items, list->count + 1, sizeof(*list->items));
	list->items[list->count++] = (struct variation){.settings = settings};
}

static void
add_words(struct variations *list, const struct param *param)
{
	for (size_t i = 0; i < param->words.count; i++)
		if (strcmp(param->words.items[i], param->default_value) != 0)
			add(list,
			    mem_format("%s=%s", param->name, param->words.items[i]));
}

static const char *
probe_value(const struct probe *probe, const char *name)
{
	for (size_t i = 0; i < probe->param_count; i++)
		if (strcmp(probe->params[i].name, name) == 0)
			return probe->params[i].value;
	return NULL;
}

/* In the order of the parameters, without what is the default; returns how many. */
static size_t
write_probe(const struct scenario *scenario, const struct probe *probe, struct buf *out)
{
	size_t count = 0;

	for (size_t i = 0; i < scenario->param_count; i++) {
		const struct param *param = &scenario->params[i];
		const char *value = probe_value(probe, param->name);

		if (value == NULL || strcmp(value, param->default_value) == 0)
			continue;
		buf_add_format(out, "%s%s=%s", count > 0 ? "," : "", param->name, value);
		count++;
	}
	return count;
}

/* Those with `settings` settings; SIZE_MAX: all with more than one. */
static void
add_probes(struct variations *list, const struct scenario *scenario, bool many)
{
	for (size_t i = 0; i < scenario->probe_count; i++) {
		struct buf out = BUF_INIT;
		size_t count = write_probe(scenario, &scenario->probes[i], &out);

		if (count > 0 && (count > 1) == many)
			add(list, buf_string(&out));
		buf_clear(&out);
	}
}

bool
variations_load(
    const char *name, struct slice text, struct variations *ret, struct err *err)
{
	struct variations list = {.items = mem_alloc(sizeof(*list.items)), .count = 1};
	struct scenario *scenario = scenario_load(name, text, NULL, err);
	bool ok = scenario != NULL;

	list.items[0].scenario = scenario;
	for (size_t i = 0; ok && i < scenario->param_count; i++)
		add_words(&list, &scenario->params[i]);
	if (ok) {
		add_probes(&list, scenario, false);
		add_probes(&list, scenario, true);
	}
	for (size_t i = 1; ok && i < list.count; i++) {
		struct variation *item = &list.items[i];

		item->scenario = scenario_load(name, text, item->settings, err);
		ok = item->scenario != NULL;
	}
	if (ok)
		*ret = list;
	else
		variations_clear(&list);
	return ok;
}

bool
variations_load_choice(const char *choice, struct variations *ret, struct err *err)
{
	const char *colon = strchr(choice, ':');
	struct scenario *scenario = catalogue_load(choice, err);

	if (scenario == NULL)
		return false;
	ret->items = mem_alloc(sizeof(*ret->items));
	ret->count = 1;
	ret->items[0] = (struct variation){
	    .settings = colon != NULL ? mem_string(colon + 1) : NULL,
	    .scenario = scenario,
	};
	return true;
}

void
variations_clear(struct variations *variations)
{
	for (size_t i = 0; i < variations->count; i++) {
		free(variations->items[i].settings);
		scenario_free(variations->items[i].scenario);
	}
	free(variations->items);
	*variations = (struct variations){.items = NULL};
}

const struct scenario *
variations_first(const struct variations *variations)
{
	return variations->items[0].scenario;
}

char *
variation_name(const struct variation *variation)
{
	return mem_format("%s%s%s", variation->scenario->id,
	    variation->settings != NULL ? ":" : "",
	    variation->settings != NULL ? variation->settings : "");
}
