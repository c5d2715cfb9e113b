#include "base/parse.h"
#include "scenarios/params.h"
#include "scenarios/parts.h"
#include <string.h>

#define KEYS(table) table, sizeof(table) / sizeof(table[0])
#define SOURCES_MAX 32
#define CASES_MAX   64

static const struct key doc_keys[] = {{"symptom", true}, {"cause", true}, {"fix", true},
    {"provenance", true}, {"unknown", false}, {"sources", true}, {"cases", false}};
static const struct key source_keys[] = {
    {"url", true}, {"title", false}, {"read", false}};
static const struct key case_keys[] = {{"with", true}, {"symptom", false},
    {"cause", false}, {"fix", false}, {"outcome", false}};

/* "2026-11-22" (ISO 8601) */
static bool
is_day(struct slice text)
{
	size_t year, month, day;

	return text.len == 10 && text.text[4] == '-' && text.text[7] == '-' &&
	       parse_size((struct slice){text.text, 4}, 9999, &year) &&
	       parse_size((struct slice){text.text + 5, 2}, 12, &month) && month > 0 &&
	       parse_size((struct slice){text.text + 8, 2}, 31, &day) && day > 0;
}

static bool
read_source(const struct fields *fields, const struct node *node, struct source *ret)
{
	static const char scheme[] = "https://";
	const struct node *url = node_find(node, "url");
	const struct node *read = node_find(node, "read");

	if (!field_map(fields, node, "a source", KEYS(source_keys)) ||
	    !field_line(fields, url, &ret->url) ||
	    !field_line(fields, node_find(node, "title"), &ret->title) ||
	    !field_line(fields, read, &ret->read))
		return false;
	if (strncmp(ret->url, scheme, strlen(scheme)) != 0 ||
	    ret->url[strlen(scheme)] == '\0' || strchr(ret->url, ' ') != NULL)
		return tree_refuse(fields->tree, url, fields->err, FAULT_VALUE,
		    "the url of a source begins with https:// and has no blanks");
	if (read != NULL && !is_day(read->text))
		return tree_refuse(fields->tree, read, fields->err, FAULT_VALUE,
		    "'%s' is no day; write it as 2026-11-22",
		    quote_slice(read->text).text);
	return true;
}

static bool
read_sources(const struct fields *fields, const struct node *node, struct doc *doc)
{
	size_t count;

	if (!field_list(fields, node, "sources", SOURCES_MAX, &count))
		return false;
	doc->sources = tree_alloc(fields->tree, count * sizeof(*doc->sources));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_source(fields, n, &doc->sources[doc->source_count++]))
			return false;
	return true;
}

static bool
read_texts(const struct fields *fields, const struct node *node, struct doc *doc)
{
	return field_text(fields, node_find(node, "symptom"), &doc->symptom) &&
	       field_text(fields, node_find(node, "cause"), &doc->cause) &&
	       field_text(fields, node_find(node, "fix"), &doc->fix);
}

bool
doc_read(const struct fields *fields, const struct node *node, struct doc *ret)
{
	size_t provenance = 0;

	if (!field_map(fields, node, "doc", KEYS(doc_keys)) ||
	    !read_texts(fields, node, ret) ||
	    !field_word(
	        fields, node_find(node, "provenance"), &words_provenance, &provenance) ||
	    !field_texts(fields, node_find(node, "unknown"), &ret->unknown))
		return false;
	ret->provenance = (enum provenance)provenance;
	return read_sources(fields, node_find(node, "sources"), ret);
}

static bool
read_case(const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	struct fields plain = *fields;
	struct doc texts = scenario->doc;
	size_t outcome = scenario->outcome;
	struct with with;

	plain.params = NULL; /* ${name} is plain text here */
	if (!field_map(fields, node, "an item of cases", KEYS(case_keys)) ||
	    !with_read(fields, node_find(node, "with"), &with) ||
	    !read_texts(&plain, node, &texts) ||
	    !field_word(&plain, node_find(node, "outcome"), &words_outcome, &outcome))
		return false;
	if (node->first->next == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_MISSING_KEY,
		    "this case says nothing else than the doc: give it a symptom, a cause, a "
		    "fix or an outcome");
	if (!with_holds(&with))
		return true;
	scenario->doc = texts;
	scenario->outcome = (enum outcome)outcome;
	return true;
}

bool
doc_cases_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	size_t count;

	if (!field_list(fields, node, "cases", CASES_MAX, &count) || count == 0)
		return node == NULL;
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_case(fields, n, scenario))
			return false;
	return true;
}
