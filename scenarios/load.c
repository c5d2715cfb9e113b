#include "scenarios/load.h"
#include "base/mem.h"
#include "scenarios/params.h"
#include "scenarios/parts.h"
#include <stdlib.h>
#include <string.h>

#define KEYS(table) table, sizeof(table) / sizeof(table[0])
#define ALIASES_MAX 16

/* A scenario with the tree that its strings point into. */
struct loaded {
	struct scenario scenario; /* first: scenario_free goes back from it */
	struct tree *tree;
};

static const struct key scenario_keys[] = {{"mockndes", true}, {"id", true},
    {"aliases", false}, {"group", true}, {"title", true}, {"outcome", true},
    {"needs", false}, {"doc", true}, {"params", false}, {"server", false},
    {"evidence", false}, {"machines", false}, {"rules", false}, {"expect", false},
    {"probes", true}};
static const struct key needs_keys[] = {{"profile", true}};

const char *
provenance_name(enum provenance provenance)
{
	return words_provenance.items[provenance];
}

const char *
outcome_name(enum outcome outcome)
{
	return words_outcome.items[outcome];
}

static bool
read_version(const struct fields *fields, const struct node *root)
{
	const struct node *version = node_find(root, "mockndes");

	if (root->kind == NODE_MAP && version == NULL)
		return tree_refuse(fields->tree, root, fields->err, FAULT_FORMAT,
		    "this is no scenario: one begins with the line 'mockndes: 1'");
	if (version != NULL &&
	    (version->kind != NODE_SCALAR || !slice_is(version->text, "1")))
		return tree_refuse(fields->tree, version, fields->err, FAULT_FORMAT,
		    "this program reads format 1; say 'mockndes: 1'");
	return true;
}

static bool
check_alias(const struct fields *fields, const struct node *node, const char *id)
{
	const char *text = node->text.text;

	if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789.-") != node->text.len)
		return tree_refuse(fields->tree, node, fields->err, FAULT_VALUE,
		    "the alias '%s': small letters, digits, '.' and '-' only",
		    quote_slice(node->text).text);
	if (strcmp(text, id) == 0)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SAME_ID,
		    "the alias '%s' is the id itself; take it out", id);
	return true;
}

static bool
read_aliases(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	size_t count;

	if (!field_list(fields, node, "aliases", ALIASES_MAX, &count) ||
	    !field_texts(fields, node, &scenario->aliases))
		return false;
	for (const struct node *n = node != NULL ? node->first : NULL; n != NULL;
	     n = n->next)
		if (!check_alias(fields, n, scenario->id))
			return false;
	return true;
}

static bool
read_needs(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	if (node == NULL)
		return true;
	return field_map(fields, node, "needs", KEYS(needs_keys)) &&
	       field_word_text(fields, node_find(node, "profile"), &words_profile,
	           &scenario->needs_profile);
}

static bool
read_head(const struct fields *fields, const struct node *root, struct scenario *scenario)
{
	size_t outcome = 0;

	if (!read_version(fields, root) ||
	    !field_map(fields, root, "a scenario", KEYS(scenario_keys)) ||
	    !field_id(fields, node_find(root, "id"), &scenario->id) ||
	    !read_aliases(fields, node_find(root, "aliases"), scenario) ||
	    !field_id(fields, node_find(root, "group"), &scenario->group) ||
	    !field_line(fields, node_find(root, "title"), &scenario->title) ||
	    !field_word(fields, node_find(root, "outcome"), &words_outcome, &outcome))
		return false;
	scenario->outcome = (enum outcome)outcome;
	return read_needs(fields, node_find(root, "needs"), scenario) &&
	       doc_read(fields, node_find(root, "doc"), &scenario->doc);
}

/* What may be made of the parameters, once they are known. */
static bool
read_parts(
    const struct fields *fields, const struct node *root, struct scenario *scenario)
{
	const struct node *rules = node_find(root, "rules");

	return doc_cases_read(
	           fields, node_find(node_find(root, "doc"), "cases"), scenario) &&
	       machines_read(fields, node_find(root, "machines"), scenario) &&
	       server_read(fields, node_find(root, "server"), scenario) &&
	       rules_read(fields, rules, scenario) && emits_check(fields, rules) &&
	       expects_read(fields, node_find(root, "expect"), scenario) &&
	       evidences_read(fields, node_find(root, "evidence"), scenario) &&
	       probes_read(fields, node_find(root, "probes"), scenario);
}

static bool
read_scenario(
    struct tree *tree, struct scenario *scenario, const char *settings, struct err *err)
{
	static const struct param no_params[1];
	const struct node *root = tree_root(tree);
	struct fields fields = {.tree = tree, .err = err, .scenario = scenario};

	if (!read_head(&fields, root, scenario) ||
	    !params_read(&fields, node_find(root, "params"), scenario))
		return false;
	fields.params = scenario->params != NULL ? scenario->params : no_params;
	fields.param_count = scenario->param_count;
	return params_set(&fields, scenario, settings) &&
	       read_parts(&fields, root, scenario);
}

struct scenario *
scenario_load(const char *name, struct slice text, const char *settings, struct err *err)
{
	struct tree *tree = tree_read(name, text, err);
	struct loaded *loaded;

	if (tree == NULL)
		return NULL;
	loaded = mem_alloc(sizeof(*loaded));
	loaded->tree = tree;
	if (!read_scenario(tree, &loaded->scenario, settings, err)) {
		scenario_free(&loaded->scenario);
		return NULL;
	}
	return &loaded->scenario;
}

void
scenario_free(struct scenario *scenario)
{
	struct loaded *loaded = (struct loaded *)scenario;

	if (loaded == NULL)
		return;
	tree_free(loaded->tree);
	free(loaded);
}
