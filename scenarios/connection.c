#include "scenarios/rule_parts.h"

#define KEYS(table) table, sizeof(table) / sizeof(table[0])

static const struct key connection_keys[] = {
    {"how", true}, {"layer", false}, {"at", false}};

static const char *const layer_items[] = {"network", "http.sys", "pool"};
static const struct words connection_layers = {
    .what = "a layer that ends connections", .items = layer_items, .count = 3};

static bool
read_layer(const struct fields *fields, const struct node *node, enum layer *ret)
{
	static const enum layer layers[] = {LAYER_NETWORK, LAYER_HTTP_SYS, LAYER_POOL};
	size_t index = 0;

	if (!field_word(fields, node, &connection_layers, &index))
		return false;
	*ret = layers[index];
	return true;
}

bool
connection_read(
    const struct fields *fields, const struct node *node, struct connection *ret)
{
	static const uint32_t early = UINT32_C(1) << FATE_RESET |
	                              UINT32_C(1) << FATE_CLOSE_UNANSWERED |
	                              UINT32_C(1) << FATE_STALL;
	const struct node *how = node, *at = NULL;
	size_t fate = 0, stage = 0;
	uint32_t fates = 0;

	if (node->kind == NODE_MAP) {
		if (!field_map(fields, node, "connection", KEYS(connection_keys)))
			return false;
		how = node_find(node, "how");
		at = node_find(node, "at");
	}
	if (!field_word(fields, how, &words_fate, &fate) ||
	    !words_mask(fields, how, &words_fate, &fates) ||
	    !read_layer(fields, node_find(node, "layer"), &ret->layer) ||
	    !field_word(fields, at, &words_at, &stage))
		return false;
	ret->fate = (enum fate)fate;
	ret->is_at_accept = at != NULL;
	if (at != NULL && (fates & ~early) != 0)
		return tree_refuse(fields->tree, at->key, fields->err, FAULT_CONFLICT,
		    "'at: accept' goes with reset, close-before-response and stall; take it out");
	return true;
}
