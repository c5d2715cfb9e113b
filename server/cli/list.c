#include "cli/list.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "cli/sheet.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 5 /* id, aliases, group, provenance, title */

struct listing {
	struct subject *items;
	size_t count;
};

static const struct scenario *
scenario_at(const struct listing *listing, size_t i)
{
	return variations_first(&listing->items[i].variations);
}

static void
listing_clear(struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		subject_clear(&listing->items[i]);
	free(listing->items);
}

static int
compare(const void *a, const void *b)
{
	const struct subject *left = a, *right = b;
	const struct scenario *one = variations_first(&left->variations);
	const struct scenario *other = variations_first(&right->variations);
	int order = strcmp(one->group, other->group);

	return order != 0 ? order : strcmp(one->id, other->id);
}

/* For people the defaults are enough; the layers come from all variations. */
static bool
load_one(
    const struct catalogue_entry *entry, bool whole, struct subject *ret, struct err *err)
{
	struct variations variations;

	if (whole)
		return subject_load(
		    entry->file, (struct slice){entry->text, entry->len}, ret, err);
	if (!variations_load_choice(entry->id, &variations, err))
		return false;
	subject_init(ret, &variations);
	return true;
}

static bool
listing_load(struct listing *ret, bool whole, struct err *err)
{
	struct listing listing = {
	    .items = mem_array(catalogue_count + 1, sizeof(struct subject))};

	for (size_t i = 0; i < catalogue_count; i++) {
		if (!load_one(&catalogue_entries[i], whole, &listing.items[listing.count],
		        err)) {
			listing_clear(&listing);
			return false;
		}
		listing.count++;
	}
	qsort(listing.items, listing.count, sizeof(*listing.items), compare);
	*ret = listing;
	return true;
}

/* Each group once; `counts` are its scenarios. Both have room for all. */
static size_t
listing_groups(const struct listing *listing, const char **groups, size_t *counts)
{
	size_t count = 0;

	for (size_t i = 0; i < listing->count; i++) {
		const char *group = scenario_at(listing, i)->group;

		if (count == 0 || strcmp(groups[count - 1], group) != 0) {
			groups[count] = group;
			counts[count++] = 0;
		}
		counts[count - 1]++;
	}
	return count;
}

static bool
refuse_group(const struct listing *listing, const char *group, struct err *err)
{
	const char **groups = mem_array(listing->count + 1, sizeof(char *));
	size_t *counts = mem_array(listing->count + 1, sizeof(*counts));
	size_t count = listing_groups(listing, groups, counts);
	struct buf known = BUF_INIT, hint = BUF_INIT;

	for (size_t i = 0; i < count; i++)
		buf_add_format(&known, "%s%s", i == 0 ? "" : ", ", groups[i]);
	nearest_hint(&hint, slice_of(group), groups, count);
	err_set(err, ERR_USAGE, "there is no group %s; the groups are %.*s%.*s", group,
	    (int)known.len, (const char *)known.data, (int)hint.len,
	    hint.len > 0 ? (const char *)hint.data : "");
	buf_clear(&known);
	buf_clear(&hint);
	free(groups);
	free(counts);
	return false;
}

/* Keeps the scenarios of the group only. */
static bool
listing_keep(struct listing *listing, const char *group, struct err *err)
{
	size_t kept = 0;

	for (size_t i = 0; i < listing->count; i++)
		kept += strcmp(scenario_at(listing, i)->group, group) == 0;
	if (kept == 0)
		return refuse_group(listing, group, err);
	kept = 0;
	for (size_t i = 0; i < listing->count; i++)
		if (strcmp(scenario_at(listing, i)->group, group) == 0)
			listing->items[kept++] = listing->items[i];
		else
			subject_clear(&listing->items[i]);
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

static void
set_row(char **cells, const struct scenario *scenario)
{
	cells[0] = mem_string(scenario->id);
	cells[1] = join(&scenario->aliases);
	cells[2] = mem_string(scenario->group);
	cells[3] = mem_string(provenance_name(scenario->doc.provenance));
	cells[4] = mem_string(scenario->title);
}

static void
add_table(const struct listing *listing, struct paper *paper)
{
	static const char *const heads[COLUMNS] = {
	    "ID", "ALIASES", "GROUP", "PROVENANCE", "TITLE"};
	char **cells = mem_array((listing->count + 1) * COLUMNS, sizeof(char *));

	for (size_t c = 0; c < COLUMNS; c++)
		cells[c] = mem_string(heads[c]);
	for (size_t i = 0; i < listing->count; i++)
		set_row(&cells[(i + 1) * COLUMNS], scenario_at(listing, i));
	paper->width = SIZE_MAX; /* a line is a scenario: for grep */
	paper_table(paper, cells, COLUMNS, listing->count + 1);
	for (size_t i = 0; i < (listing->count + 1) * COLUMNS; i++)
		free(cells[i]);
	free(cells);
}

/* "126 scenarios: baseline 1, ca 15, ..." */
static void
add_counts(const struct listing *listing, struct paper *paper)
{
	const char **groups = mem_array(listing->count + 1, sizeof(char *));
	size_t *counts = mem_array(listing->count + 1, sizeof(*counts));
	size_t count = listing_groups(listing, groups, counts);
	struct buf text = BUF_INIT;
	char *line;

	buf_add_format(&text, "%zu scenarios; --group", listing->count);
	for (size_t i = 0; i < count; i++)
		buf_add_format(
		    &text, "%s %s (%zu)", i > 0 ? "," : "", groups[i], counts[i]);
	line = buf_string(&text);
	paper->width = PAPER_WIDTH;
	paper_gap(paper);
	paper_text(paper, 0, line);
	free(line);
	free(groups);
	free(counts);
}

static void
add_json(const struct listing *listing, struct paper *paper)
{
	json_t *array = json_array();
	char *text;

	for (size_t i = 0; i < listing->count; i++)
		json_array_append_new(array, subject_json(&listing->items[i]));
	text = json_dumps(array, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	buf_add_format(&paper->out, "%s\n", text);
	free(text);
	json_decref(array);
}

bool
list_print(const struct options *options, struct err *err)
{
	struct listing listing;
	struct paper paper = paper_for_stdout();
	bool ok;

	if (!listing_load(&listing, options->is_json, err))
		return false;
	ok = options->group == NULL || listing_keep(&listing, options->group, err);
	if (ok && options->is_json)
		add_json(&listing, &paper);
	else if (ok)
		add_table(&listing, &paper);
	if (ok && !options->is_json && options->group == NULL)
		add_counts(&listing, &paper);
	ok = ok && paper_print(&paper, "the list", err);
	buf_clear(&paper.out);
	listing_clear(&listing);
	return ok;
}
