#include "scenarios/candidates.h"
#include "scenarios/params.h"
#include "scenarios/parts.h"
#include "scenarios/refuse.h"
#include <string.h>

#define KEYS(table) table, sizeof(table) / sizeof(table[0])

static const struct key expect_keys[] = {{"id", true}, {"with", false},
    {"after_rule", false}, {"request", true}, {"within", false}, {"count", false},
    {"level", false}, {"hint", false}};

/* The ids of all rules of the file, also of those not in play. */
static size_t
list_rules(const struct fields *fields, const char *names[TREE_KEYS_MAX])
{
	const struct node *rules = node_find(tree_root(fields->tree), "rules");
	size_t count = 0;

	for (const struct node *n = rules != NULL ? rules->first : NULL;
	     n != NULL && count < TREE_KEYS_MAX; n = n->next)
		names[count++] = node_find(n, "id")->text.text;
	return count;
}

static bool
is_known(const struct words *words, struct slice text)
{
	for (size_t i = 0; i < words->count; i++)
		if (slice_is(text, words->items[i]))
			return true;
	return false;
}

static bool
refuse_rule(const struct fields *fields, const struct node *node,
    const struct candidates *c, struct slice name, const struct words *known)
{
	if (known->count == 0)
		return tree_refuse(fields->tree, node, fields->err, FAULT_NO_SUCH_RULE,
		    "'%s' is no rule: this scenario has no rules; take after_rule out",
		    quote_slice(name).text);
	if (c->param != NULL)
		return candidates_refuse(
		    fields, node, c, name, "the id of a rule of this file");
	return refuse_rule_name(fields, node, name, known);
}

static bool
read_after(const struct fields *fields, const struct node *node, struct expect *ret)
{
	const struct scenario *scenario = fields->scenario;
	const char *names[TREE_KEYS_MAX];
	struct words known = {.items = names};
	struct candidates c;

	ret->after_rule = AFTER_NONE;
	if (node == NULL)
		return true;
	if (!candidates_list(fields, node, &c))
		return false;
	known.count = list_rules(fields, names);
	for (size_t i = 0; i < c.count; i++)
		if (!is_known(&known, c.items[i]))
			return refuse_rule(fields, node, &c, c.items[i], &known);
	ret->is_after = true;
	for (size_t i = 0; i < scenario->rule_count; i++)
		if (slice_is(c.chosen, scenario->rules[i].id))
			ret->after_rule = i;
	return true;
}

static bool
read_expect(const struct fields *fields, const struct node *node, struct expect *ret,
    struct with *with)
{
	const struct node *within = node_find(node, "within");
	const struct node *after = node_find(node, "after_rule");
	struct fields here = *fields;
	size_t level = LEVEL_ERROR;

	here.with = with;
	ret->count = (struct range){.is_set = true, .min = 1, .max = SIZE_MAX};
	if (!field_map(fields, node, "an item of expect", KEYS(expect_keys)) ||
	    !with_read(fields, node_find(node, "with"), with) ||
	    !field_id(&here, node_find(node, "id"), &ret->id) ||
	    !read_after(&here, after, ret) ||
	    !match_read(&here, node_find(node, "request"), &ret->request, MATCH_PLAIN) ||
	    !field_duration(&here, within, 1, DURATION_MAX, &ret->within_ms) ||
	    !field_range(&here, node_find(node, "count"), &ret->count) ||
	    !field_word(&here, node_find(node, "level"), &words_level, &level) ||
	    !field_text(&here, node_find(node, "hint"), &ret->hint))
		return false;
	ret->level = (enum level)level;
	if (within != NULL && after == NULL)
		return tree_refuse(fields->tree, within->key, fields->err, FAULT_CONFLICT,
		    "within is counted from the firing of a rule; name it with after_rule, or "
		    "take within out");
	return true;
}

static bool
check_id(const struct fields *fields, const struct node *list, const struct node *item)
{
	const struct node *id = node_find(item, "id");

	for (const struct node *n = list->first; n != item; n = n->next)
		if (slice_equal(node_find(n, "id")->text, id->text))
			return tree_refuse(fields->tree, id, fields->err, FAULT_SAME_ID,
			    "a second expectation with the id '%s'; give it another",
			    quote_slice(id->text).text);
	return true;
}

bool
expects_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	size_t count;

	if (!field_list(fields, node, "expect", EXPECTS_MAX, &count) || count == 0)
		return node == NULL;
	scenario->expects = tree_alloc(fields->tree, count * sizeof(*scenario->expects));
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		struct expect expect = {.id = NULL};
		struct with with;

		if (!read_expect(fields, n, &expect, &with) || !check_id(fields, node, n))
			return false;
		if (with_holds(&with))
			scenario->expects[scenario->expect_count++] = expect;
	}
	return true;
}
