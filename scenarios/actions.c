#include "scenarios/candidates.h"
#include "scenarios/rule_parts.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* In the order of enum action_kind. */
static const char *const action_names[] = {
    "respond", "scep", "ca", "connection", "tls", "pass"};

bool
node_has_param(const struct fields *fields, const struct node *node)
{
	if (node == NULL || fields->params == NULL)
		return false;
	if (node->kind == NODE_SCALAR)
		return slice_starts_nocase(node->text, "${");
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (node_has_param(fields, n))
			return true;
	return false;
}

bool
words_mask(const struct fields *fields, const struct node *node,
    const struct words *words, uint32_t *ret)
{
	struct candidates c;

	if (node == NULL)
		return true;
	if (!candidates_list(fields, node, &c))
		return false;
	for (size_t i = 0; i < c.count; i++)
		for (size_t j = 0; j < words->count; j++)
			if (slice_is(c.items[i], words->items[j]))
				*ret |= UINT32_C(1) << j;
	return true;
}

static bool
is_wanted(struct slice text, const struct words *wanted)
{
	for (size_t i = 0; i < wanted->count; i++)
		if (slice_is(text, wanted->items[i]))
			return true;
	return false;
}

bool
operation_has(
    const struct fields *fields, const struct node *operation, const struct words *wanted)
{
	const struct node *first = operation;

	if (operation == NULL)
		return true;
	if (operation->kind == NODE_LIST)
		first = operation->first;
	for (const struct node *n = first; n != NULL;
	     n = operation->kind == NODE_LIST ? n->next : NULL) {
		struct candidates c;
		bool has = true;

		if (!candidates_list(fields, n, &c))
			return true; /* refused where it is read */
		for (size_t i = 0; i < c.count; i++)
			has &= is_wanted(c.items[i], wanted);
		if (has)
			return true;
	}
	return false;
}

static bool
read_pass(const struct fields *fields, const struct node *node)
{
	if (node->kind == NODE_MAP && node->first == NULL)
		return true;
	return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
	    "pass has nothing to say but 'pass: {}'");
}

static bool
find_action(const struct fields *fields, struct draft *draft)
{
	for (size_t i = 0; i < COUNT(action_names); i++) {
		const struct node *action = node_find(draft->node, action_names[i]);

		if (action == NULL)
			continue;
		if (draft->action != NULL)
			return tree_refuse(fields->tree, action->key, fields->err,
			    FAULT_TWO_ACTIONS,
			    "a second action beside '%s'; a rule has one, make two rules",
			    draft->action->key->text.text);
		draft->action = action;
		draft->rule.action.kind = (enum action_kind)i;
	}
	if (draft->action == NULL)
		return tree_refuse(fields->tree, draft->node, fields->err,
		    FAULT_NO_ACTION,
		    "the rule '%s' has no action; say respond, scep, ca, connection, tls or "
		    "pass",
		    draft->rule.id);
	return true;
}

static bool
read_one(const struct fields *fields, const struct node *node, struct action *ret)
{
	switch (ret->kind) {
	case ACTION_RESPOND:
		return respond_read(fields, node, &ret->respond);
	case ACTION_SCEP:
		return scep_read(fields, node, &ret->scep);
	case ACTION_CA:
		return ca_read(fields, node, &ret->ca);
	case ACTION_CONNECTION:
		return connection_read(fields, node, &ret->connection);
	case ACTION_TLS:
		return field_word_text(fields, node, &words_tls, &ret->tls);
	case ACTION_PASS:
		return read_pass(fields, node);
	}
	return false;
}

/* What `layer` and `how` may be under any setting. */
static bool
read_masks(const struct fields *fields, struct draft *draft)
{
	const struct node *layer = node_find(draft->action, "layer");
	const struct node *how = draft->action->kind == NODE_MAP
	                             ? node_find(draft->action, "how")
	                             : draft->action;

	if (draft->rule.action.kind == ACTION_CONNECTION) {
		if (!words_mask(fields, how, &words_fate, &draft->fates))
			return false;
		if (layer == NULL)
			draft->layers = UINT32_C(1) << LAYER_NETWORK;
	}
	return words_mask(fields, layer, &words_layer, &draft->layers);
}

bool
action_read(const struct fields *fields, struct draft *draft)
{
	return find_action(fields, draft) &&
	       read_one(fields, draft->action, &draft->rule.action) &&
	       read_masks(fields, draft);
}
