#include "scenarios/refuse.h"
#include "base/nearest.h"
#include <stdio.h>
#include <stdlib.h>

#define KNOWN_SHOWN_MAX 16 /* words in a sentence */

static bool
refuse_unknown(const struct fields *fields, const struct node *node, enum fault fault,
    const char *what, struct slice word, const struct words *known)
{
	struct buf hint = BUF_INIT;
	char *text;

	nearest_hint(&hint, word, known->items, known->count);
	if (hint.len == 0) {
		buf_add_text(&hint, "; known: ");
		for (size_t i = 0; i < known->count && i < KNOWN_SHOWN_MAX; i++) {
			buf_add_text(&hint, i == 0 ? "" : ", ");
			buf_add_text(&hint, known->items[i]);
		}
		if (known->count > KNOWN_SHOWN_MAX)
			buf_add_text(&hint, " and more");
	}
	text = buf_string(&hint);
	tree_refuse(fields->tree, node, fields->err, fault, "'%s' is not %s%s",
	    quote_slice(word).text, what, text);
	free(text);
	return false;
}

bool
refuse_word(const struct fields *fields, const struct node *node, const char *what,
    struct slice word, const struct words *known)
{
	return refuse_unknown(fields, node, FAULT_UNKNOWN_WORD, what, word, known);
}

bool
refuse_key(const struct fields *fields, const struct node *key, const char *what,
    const struct words *known)
{
	char sentence[80];

	snprintf(sentence, sizeof(sentence), "a key of %s", what);
	return refuse_unknown(fields, key, FAULT_UNKNOWN_KEY, sentence, key->text, known);
}

bool
refuse_event(const struct fields *fields, const struct node *node, struct slice event,
    const struct words *known)
{
	if (known->count == 0)
		return tree_refuse(fields->tree, node, fields->err, FAULT_EVENT,
		    "no machine waits for the event '%s'; give a state of a machine an "
		    "event of that name, or take it out",
		    quote_slice(event).text);
	return refuse_unknown(
	    fields, node, FAULT_EVENT, "an event that a machine waits for", event, known);
}

bool
refuse_rule_name(const struct fields *fields, const struct node *node, struct slice name,
    const struct words *known)
{
	return refuse_unknown(
	    fields, node, FAULT_NO_SUCH_RULE, "a rule of this file", name, known);
}

const struct param *
param_find(const struct fields *fields, struct slice name)
{
	for (size_t i = 0; i < fields->param_count; i++)
		if (slice_is(name, fields->params[i].name))
			return &fields->params[i];
	return NULL;
}

bool
refuse_param(const struct fields *fields, const struct node *node, struct slice name)
{
	const char *names[PARAMS_MAX];
	struct words known = {.items = names, .count = fields->param_count};

	if (fields->param_count == 0)
		return tree_refuse(fields->tree, node, fields->err, FAULT_NO_SUCH_PARAM,
		    "'%s' is not a parameter; this scenario has no 'params'",
		    quote_slice(name).text);
	for (size_t i = 0; i < fields->param_count; i++)
		names[i] = fields->params[i].name;
	return refuse_unknown(fields, node, FAULT_NO_SUCH_PARAM,
	    "a parameter of this scenario", name, &known);
}
