#include "scenarios/candidates.h"
#include "base/parse.h"
#include "scenarios/refuse.h"
#include <stdio.h>
#include <string.h>

static const char *
with_word(const struct with *with, const struct param *param, bool *is_named)
{
	*is_named = false;
	for (size_t i = 0; with != NULL && i < with->count; i++) {
		if (with->items[i].param == param) {
			*is_named = true;
			return with->items[i].word;
		}
	}
	return NULL;
}

static void
add_candidate(struct candidates *c, struct slice text)
{
	c->items[c->count++] = text;
	if (c->count == 1 || slice_is(text, c->param->value))
		c->chosen = text;
}

/* The least and the greatest: what is right for both is right between them. */
static void
add_ends(struct candidates *c)
{
	const size_t ends[2] = {c->param->min, c->param->max};
	struct slice value = slice_of(c->param->value);
	bool is_duration = c->param->kind == PARAM_DURATION;
	uint64_t ms;
	size_t number;

	for (size_t i = 0; i < 2; i++) {
		if (is_duration)
			duration_text(ends[i], c->ends[i]);
		else
			snprintf(c->ends[i], sizeof(c->ends[i]), "%zu", ends[i]);
		add_candidate(c, slice_of(c->ends[i]));
	}
	if (is_duration ? parse_duration_ms(value, &ms)
	                : parse_size(value, NUMBER_MAX, &number))
		c->chosen = value;
}

/* All values that `param` may have where `with` holds. */
static void
list_of_param(const struct with *with, const struct param *param, struct candidates *c)
{
	bool is_named;
	const char *word = with_word(with, param, &is_named);

	c->param = param;
	if (is_named && word != NULL) {
		add_candidate(c, slice_of(word));
		return;
	}
	if (!is_named)
		for (size_t i = 0; i < param->words.count; i++)
			add_candidate(c, slice_of(param->words.items[i]));
	if (param->kind != PARAM_TEXT)
		add_ends(c);
	if (c->count == 0) {
		c->is_open = true;
		add_candidate(c, slice_of(param->value));
	}
}

bool
candidates_list(
    const struct fields *fields, const struct node *node, struct candidates *c)
{
	struct slice text = node->text;
	const struct param *param;
	struct slice name;
	const char *mark;

	*c = (struct candidates){.count = 0};
	if (node->kind != NODE_SCALAR)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "one text is wanted here; this is %s", node_kind_name(node->kind));
	mark = fields->params != NULL ? strstr(text.text, "${") : NULL;
	if (mark == NULL) {
		c->items[c->count++] = text;
		c->chosen = text;
		return true;
	}
	if (mark != text.text || strchr(mark, '}') != text.text + text.len - 1)
		return tree_refuse(fields->tree, node, fields->err, FAULT_PARAM_VALUE,
		    "'%s': ${name} may be a whole value only, not a part of one",
		    quote_slice(text).text);
	name = (struct slice){text.text + 2, text.len - 3};
	param = param_find(fields, name);
	if (param == NULL)
		return refuse_param(fields, node, name);
	list_of_param(fields->with, param, c);
	return true;
}

/* "${limit} may be 'stock': " or "'x': "; then what is wanted. */
bool
candidates_refuse(const struct fields *fields, const struct node *node,
    const struct candidates *c, struct slice text, const char *wanted)
{
	if (c->param == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_VALUE,
		    "'%s': %s is wanted here", quote_slice(text).text, wanted);
	if (c->is_open)
		return tree_refuse(fields->tree, node, fields->err, FAULT_PARAM_VALUE,
		    "${%s} may be any text, but %s is wanted here; give the parameter words, "
		    "or min and max",
		    c->param->name, wanted);
	return tree_refuse(fields->tree, node, fields->err, FAULT_PARAM_VALUE,
	    "${%s} may be '%s', but %s is wanted here; narrow the parameter, or name its "
	    "word in a 'with' at the head of the rule",
	    c->param->name, quote_slice(text).text, wanted);
}

bool
candidates_check(const struct fields *fields, const struct node *node,
    const struct candidates *c, text_check *check, const void *arg, const char *wanted)
{
	for (size_t i = 0; i < c->count; i++)
		if (!check(c->items[i], arg))
			return candidates_refuse(fields, node, c, c->items[i], wanted);
	return true;
}

const char *
candidates_keep(
    const struct fields *fields, const struct node *node, const struct candidates *c)
{
	if (c->param == NULL)
		return node->text.text;
	return tree_text(fields->tree, c->chosen);
}
