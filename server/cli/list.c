#include "cli/list.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 5 /* id, aliases, group, provenance, title */

struct row {
	char *cells[COLUMNS];
};

struct listing {
	struct scenario **items;
	size_t count;
};

static void
listing_clear(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		scenario_free(listing->items[i]);
	free(listing->items);
}

static bool
listing_load(struct listing *ret, struct err *err)
{
	struct listing listing = {
	    .items = mem_array(catalogue_count + 1, sizeof(struct scenario *))};

	for (size_t i = 0; i < catalogue_count; i++) {
		const struct catalogue_entry *entry = &catalogue_entries[i];
		struct scenario *scenario = scenario_load(
		    entry->file, (struct slice){entry->text, entry->len}, NULL, err);

		if (scenario == NULL) {
			listing_clear(&listing);
			return false;
		}
		listing.items[listing.count++] = scenario;
	}
	*ret = listing;
	return true;
}

/* Each group once, in the order of the catalogue. */
static size_t
listing_groups(const struct listing *listing, const char **groups)
{
	size_t count = 0, k;

	for (size_t i = 0; i < listing->count; i++) {
		for (k = 0; k < count; k++)
			if (strcmp(groups[k], listing->items[i]->group) == 0)
				break;
		if (k == count)
			groups[count++] = listing->items[i]->group;
	}
	return count;
}

static bool
refuse_group(const struct listing *listing, const char *group, struct err *err)
{
	const char **groups = mem_array(listing->count + 1, sizeof(char *));
	size_t count = listing_groups(listing, groups);
	struct buf known = BUF_INIT;

	for (size_t i = 0; i < count; i++)
		buf_add_format(&known, "%s%s", i == 0 ? "" : ", ", groups[i]);
	err_set(err, ERR_USAGE, "there is no group %s; the groups are %.*s", group,
	    (int)known.len, (const char *)known.data);
	buf_clear(&known);
	free(groups);
	return false;
}

/* Keeps the scenarios of the group only. */
static bool
listing_keep(struct listing *listing, const char *group, struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < listing->count; i++)
		kept += strcmp(listing->items[i]->group, group) == 0;
	if (kept == 0)
		return refuse_group(listing, group, err);
	kept = 0;
	for (size_t i = 0; i < listing->count; i++)
		if (strcmp(listing->items[i]->group, group) == 0)
			listing->items[kept++] = listing->items[i];
		else
			scenario_free(listing->items[i]);
	listing->count = kept;
	return true;
}

static char *
join(const struct texts *texts)
{
	struct buf out = BUF_INIT;

	for (size_t i = 0; i < texts->count; i++)
		buf_add_format(&out, "%s%s", i == 0 ? "" : " ", texts->items[i]);
	return buf_string(&out);
}

static struct row
row_of(const struct scenario *scenario)
{
	return (struct row){{mem_string(scenario->id), join(&scenario->aliases),
	    mem_string(scenario->group),
	    mem_string(provenance_name(scenario->doc.provenance)),
	    mem_string(scenario->title)}};
}

static void
add_table(const struct listing *listing, struct buf *out)
{
	static const char *const heads[COLUMNS] = {
	    "ID", "ALIASES", "GROUP", "PROVENANCE", "TITLE"};
	struct row *rows = mem_array(listing->count + 1, sizeof(*rows));
	size_t widths[COLUMNS] = {0};

	for (size_t c = 0; c < COLUMNS; c++)
		rows[0].cells[c] = mem_string(heads[c]);
	for (size_t i = 0; i < listing->count; i++)
		rows[i + 1] = row_of(listing->items[i]);
	for (size_t i = 0; i <= listing->count; i++)
		for (size_t c = 0; c < COLUMNS; c++)
			if (strlen(rows[i].cells[c]) > widths[c])
				widths[c] = strlen(rows[i].cells[c]);
	for (size_t i = 0; i <= listing->count; i++) {
		for (size_t c = 0; c + 1 < COLUMNS; c++)
			buf_add_format(out, "%-*s  ", (int)widths[c], rows[i].cells[c]);
		buf_add_format(out, "%s\n", rows[i].cells[COLUMNS - 1]);
		for (size_t c = 0; c < COLUMNS; c++)
			free(rows[i].cells[c]);
	}
	free(rows);
}

static json_t *
json_texts(const struct texts *texts)
{
	json_t *array = json_array();

	for (size_t i = 0; i < texts->count; i++)
		json_array_append_new(array, json_string(texts->items[i]));
	return array;
}

static json_t *
json_param(const struct param *param)
{
	json_t *json = json_object();

	json_object_set_new(json, "name", json_string(param->name));
	json_object_set_new(json, "default", json_string(param->default_value));
	if (param->is_number) {
		json_object_set_new(json, "min", json_integer((json_int_t)param->min));
		json_object_set_new(json, "max", json_integer((json_int_t)param->max));
	}
	json_object_set_new(json, "words", json_texts(&param->words));
	json_object_set_new(json, "help", json_string(param->help));
	return json;
}

static json_t *
json_scenario(const struct scenario *scenario)
{
	json_t *json = json_object(), *params = json_array();

	for (size_t i = 0; i < scenario->param_count; i++)
		json_array_append_new(params, json_param(&scenario->params[i]));
	json_object_set_new(json, "id", json_string(scenario->id));
	json_object_set_new(json, "aliases", json_texts(&scenario->aliases));
	json_object_set_new(json, "group", json_string(scenario->group));
	json_object_set_new(
	    json, "provenance", json_string(provenance_name(scenario->doc.provenance)));
	json_object_set_new(
	    json, "outcome", json_string(outcome_name(scenario->outcome)));
	json_object_set_new(json, "title", json_string(scenario->title));
	json_object_set_new(json, "params", params);
	return json;
}

static void
add_json(const struct listing *listing, struct buf *out)
{
	json_t *array = json_array();
	char *text;

	for (size_t i = 0; i < listing->count; i++)
		json_array_append_new(array, json_scenario(listing->items[i]));
	text = json_dumps(array, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	buf_add_format(out, "%s\n", text);
	free(text);
	json_decref(array);
}

bool
list_print(const struct options *options, struct err *err)
{
	struct listing listing;
	struct buf out = BUF_INIT;
	bool ok;

	if (!listing_load(&listing, err))
		return false;
	ok = options->group == NULL || listing_keep(&listing, options->group, err);
	if (ok && options->is_json)
		add_json(&listing, &out);
	else if (ok)
		add_table(&listing, &out);
	if (ok &&
	    (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout) != 0))
		ok = err_set_errno(err, ERR_FAILED, "cannot write the list to stdout");
	buf_clear(&out);
	listing_clear(&listing);
	return ok;
}
