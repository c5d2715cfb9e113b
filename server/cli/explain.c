#include "cli/explain.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "cli/sheet.h"
#include "scenarios/catalogue.h"
#include "scenarios/tree.h"
#include "scenarios/words.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 2

/* All scenarios, or the one that was asked for by its name. */
struct library {
	struct subject *subjects;
	size_t count;
};

static void
library_clear(struct library *library)
{
	for (size_t i = 0; i < library->count; i++)
		subject_clear(&library->subjects[i]);
	free(library->subjects);
}

static bool
library_add(struct library *library, const struct catalogue_entry *entry, struct err *err)
{
	if (!subject_load(entry->file, (struct slice){entry->text, entry->len},
	        &library->subjects[library->count], err))
		return false;
	library->count++;
	return true;
}

static bool
library_load(struct library *library, struct err *err)
{
	*library = (struct library){
	    .subjects = mem_array(catalogue_count + 1, sizeof(struct subject))};
	for (size_t i = 0; i < catalogue_count; i++)
		if (!library_add(library, &catalogue_entries[i], err)) {
			library_clear(library);
			return false;
		}
	return true;
}

/* "uri-too-long", "414:limit=9"; a bare number is a symptom rather than a name. */
static const struct catalogue_entry *
find_choice(const char *text)
{
	size_t len = strcspn(text, ":");

	if (text[len] == '\0' && !isalpha((unsigned char)text[0]))
		return NULL;
	return catalogue_find((struct slice){text, len});
}

/* Which of the variations has these settings; one that is not there is added. */
static bool
choose_variation(
    struct variations *variations, const char *choice, size_t *ret, struct err *err)
{
	const char *colon = strchr(choice, ':');
	struct variations one;

	*ret = 0;
	if (colon == NULL)
		return true;
	for (size_t i = 1; i < variations->count; i++)
		if (strcmp(variations->items[i].settings, colon + 1) == 0) {
			*ret = i;
			return true;
		}
	if (!variations_load_choice(choice, &one, err))
		return false;
	variations->items = mem_grow(
	    variations->items, variations->count + 1, sizeof(*variations->items));
	*ret = variations->count;
	variations->items[variations->count++] = one.items[0];
	free(one.items);
	return true;
}

static void
put_json(json_t *json, struct paper *paper)
{
	char *text = json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	buf_add_format(&paper->out, "%s\n", text);
	free(text);
	json_decref(json);
}

static void
put_sheet(const struct sheet *sheet, bool is_json, struct paper *paper)
{
	json_t *array;

	if (!is_json) {
		sheet_text(sheet, paper);
		return;
	}
	array = json_array();
	json_array_append_new(array, sheet_json(sheet));
	put_json(array, paper);
}

static bool
explain_choice(const struct catalogue_entry *entry, const char *choice, bool is_json,
    struct paper *paper, struct err *err)
{
	struct variations variations;
	struct subject subject;
	struct sheet sheet = {.subject = &subject};
	bool ok = variations_load(
	    entry->file, (struct slice){entry->text, entry->len}, &variations, err);

	if (!ok)
		return false;
	ok = choose_variation(&variations, choice, &sheet.lead, err);
	if (ok) {
		subject_init(&subject, &variations);
		put_sheet(&sheet, is_json, paper);
		subject_clear(&subject);
	}
	variations_clear(&variations);
	return ok;
}

static struct sheet
sheet_of(const struct hit *hit)
{
	return (struct sheet){
	    .subject = hit->subject, .lead = hit->variation, .why = hit->why};
}

static void
put_table(const struct hits *hits, const struct query *query, struct paper *paper)
{
	char **cells = mem_array((hits->count + 1) * COLUMNS, sizeof(char *));
	char *head = mem_format("%zu scenarios show \"%s\"", hits->count,
	    quote_slice(slice_of(query->text)).text);

	cells[0] = mem_string("SCENARIO");
	cells[1] = mem_string("TITLE, FOUND BY");
	for (size_t i = 0; i < hits->count; i++) {
		const struct hit *hit = &hits->items[i];
		const struct variation *variation =
		    &hit->subject->variations.items[hit->variation];

		cells[(i + 1) * COLUMNS] = variation_name(variation);
		cells[(i + 1) * COLUMNS + 1] =
		    mem_format("%s\n%s", variation->scenario->title, hit->why);
	}
	paper_text(paper, 0, head);
	paper_gap(paper);
	paper_table(paper, cells, COLUMNS, hits->count + 1);
	for (size_t i = 0; i < (hits->count + 1) * COLUMNS; i++)
		free(cells[i]);
	free(cells);
	free(head);
}

static void
put_hits(const struct hits *hits, const struct query *query, struct paper *paper)
{
	struct sheet sheet = sheet_of(&hits->items[0]);

	if (hits->count > 1)
		put_table(hits, query, paper);
	if (hits_has_lead(hits)) {
		if (hits->count > 1)
			paper_gap(paper);
		sheet_text(&sheet, paper);
	} else {
		paper_gap(paper);
		paper_text(paper, 0, "mockndes explain SCENARIO tells all about one.");
	}
}

static void
put_hits_json(const struct hits *hits, struct paper *paper)
{
	json_t *array = json_array();

	for (size_t i = 0; i < hits->count; i++) {
		struct sheet sheet = sheet_of(&hits->items[i]);

		json_array_append_new(array, sheet_json(&sheet));
	}
	put_json(array, paper);
}

/* All that could have been meant: names, reasons, failInfo words, registry values. */
static size_t
list_names(const struct library *library, const char **names)
{
	size_t count = 0;

	for (size_t i = 0; i < library->count; i++) {
		const struct signs *signs = &library->subjects[i].signs[0];

		for (size_t k = 0; k < signs->count; k++) {
			const struct sign *sign = &signs->items[k];

			if (sign->kind == SIGN_ID || sign->kind == SIGN_ALIAS)
				names[count++] = sign->text;
			else if (sign->kind == SIGN_REGISTRY)
				names[count++] = sign->name;
		}
	}
	for (size_t i = 0; i < words_httperr.count; i++)
		names[count++] = words_httperr.items[i];
	for (size_t i = 0; i < words_fail_info.count; i++)
		names[count++] = words_fail_info.items[i];
	return count;
}

static bool
refuse(const struct library *library, const struct query *query, struct err *err)
{
	size_t most = words_httperr.count + words_fail_info.count, near[NEAREST_MAX];
	const char **names;
	struct buf hint = BUF_INIT;
	size_t count;

	for (size_t i = 0; i < library->count; i++)
		most += library->subjects[i].signs[0].count;
	names = mem_array(most, sizeof(*names));
	count = nearest_words(
	    slice_of(query->text), names, list_names(library, names), NEAREST_MAX, near);
	for (size_t i = 0; i < count; i++)
		buf_add_format(&hint, "%s%s",
		    i == 0          ? "; did you mean "
		    : i + 1 < count ? ", "
		                    : " or ",
		    names[near[i]]);
	buf_add_text(&hint, count > 0 ? "?" : "; mockndes list shows all scenarios");
	err_set(err, ERR_FAILED, "no scenario shows '%s'%.*s",
	    quote_slice(slice_of(query->text)).text, (int)hint.len,
	    (const char *)hint.data);
	buf_clear(&hint);
	free(names);
	return false;
}

static bool
explain_query(
    const struct query *query, bool is_json, struct paper *paper, struct err *err)
{
	struct library library;
	struct hits hits;
	bool ok;

	if (!library_load(&library, err))
		return false;
	find(library.subjects, library.count, query, &hits);
	ok = hits.count > 0 || refuse(&library, query, err);
	if (is_json)
		put_hits_json(&hits, paper);
	else if (ok)
		put_hits(&hits, query, paper);
	hits_clear(&hits);
	library_clear(&library);
	return ok;
}

bool
explain(const struct explain_options *options, struct paper *paper, struct err *err)
{
	const struct catalogue_entry *entry;
	struct query query;
	bool ok;

	if (!query_read(&query, options->words, options->word_count))
		return err_set(err, ERR_USAGE,
		    "explain what? Give a scenario, a status (404.15), the end of a log line "
		    "(500 0 1346), a reason of HTTPERR, an event, an HRESULT or a phrase");
	entry = find_choice(query.text);
	if (entry != NULL)
		ok = explain_choice(entry, query.text, options->is_json, paper, err);
	else
		ok = explain_query(&query, options->is_json, paper, err);
	query_clear(&query);
	return ok;
}

bool
explain_print(const struct explain_options *options, struct err *err)
{
	struct paper paper = paper_for_stdout();
	bool ok = explain(options, &paper, err);
	struct err unwritten;

	if (!paper_print(&paper, "the explanation", &unwritten) && ok) {
		*err = unwritten;
		ok = false;
	}
	return ok;
}
