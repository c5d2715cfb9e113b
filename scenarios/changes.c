#include "scenarios/params.h"
#include "scenarios/parts.h"
#include <stdlib.h>
#include <string.h>

#define KEYS(table)      table, sizeof(table) / sizeof(table[0])
#define COUNT(table)     (sizeof(table) / sizeof((table)[0]))
#define SERVER_ITEMS_MAX 32

static const struct key server_keys[] = {{"with", false}, {"caps_without", false},
    {"caps", false}, {"pki", false}, {"challenge", false}};
/* Of these, one item in force must not say another thing than the next. */
static const char *const single_keys[] = {"caps", "pki", "challenge"};

/* The list may be empty: no capability at all. */
static bool
read_caps(const struct fields *fields, const struct node *node, struct texts *ret)
{
	static const char *none[1];

	if (node == NULL)
		return true;
	if (node->kind == NODE_LIST && node->first == NULL) {
		*ret = (struct texts){.items = none, .count = 0};
		return true;
	}
	return field_words(fields, node, &words_capability, ret);
}

static bool
read_change(
    const struct fields *fields, const struct node *node, struct server_change *ret)
{
	struct fields plain = *fields;
	const struct node *caps, *without;

	plain.params = NULL; /* ${name} stands in machines, rules and expect only */
	if (!field_map(&plain, node, "an item of server", KEYS(server_keys)))
		return false;
	caps = node_find(node, "caps");
	without = node_find(node, "caps_without");
	if (caps != NULL && without != NULL)
		return tree_refuse(fields->tree, without->key, fields->err,
		    FAULT_CONFLICT,
		    "caps_without beside caps: the list says all of them; take one out");
	if (caps == NULL && without == NULL && node_find(node, "pki") == NULL &&
	    node_find(node, "challenge") == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_MISSING_KEY,
		    "an item of server changes nothing; say caps_without, caps, pki or "
		    "challenge");
	return read_caps(&plain, caps, &ret->caps) &&
	       field_words(&plain, without, &words_capability, &ret->caps_without) &&
	       field_word_text(&plain, node_find(node, "pki"), &words_pki, &ret->pki) &&
	       field_line(&plain, node_find(node, "challenge"), &ret->challenge);
}

static void
add_change(struct server_change *all, const struct server_change *more)
{
	struct texts *without = &all->caps_without;

	for (size_t i = 0; i < more->caps_without.count; i++)
		without->items[without->count++] = more->caps_without.items[i];
	if (more->caps.items != NULL)
		all->caps = more->caps;
	if (more->pki != NULL)
		all->pki = more->pki;
	if (more->challenge != NULL)
		all->challenge = more->challenge;
}

static bool
is_value_of(const char *word, const struct param *param)
{
	for (size_t i = 0; i < param->words.count; i++)
		if (strcmp(word, param->words.items[i]) == 0)
			return true;
	return false;
}

/* No setting has both in force. A word is never what "number" stands for. */
static bool
with_excludes(const struct with *a, const struct with *b)
{
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			const struct param *param = a->items[i].param;
			const char *one = a->items[i].word, *other = b->items[j].word;

			if (param != b->items[j].param || (one == NULL && other == NULL))
				continue;
			if (one == NULL || other == NULL
			        ? is_value_of(one == NULL ? other : one, param)
			        : strcmp(one, other) != 0)
				return true;
		}
	}
	return false;
}

/* Two items that may be in force together do not say two things of one key. */
static bool
check_items(
    const struct fields *fields, const struct node *earlier, const struct node *later)
{
	struct with a = {.count = 0}, b = {.count = 0};

	if (!with_read(fields, node_find(earlier, "with"), &a) ||
	    !with_read(fields, node_find(later, "with"), &b))
		return false;
	for (size_t i = 0; i < COUNT(single_keys); i++) {
		const struct node *node = node_find(later, single_keys[i]);

		if (node != NULL && node_find(earlier, single_keys[i]) != NULL &&
		    !with_excludes(&a, &b))
			return tree_refuse(fields->tree, node->key, fields->err,
			    FAULT_CONFLICT,
			    "an item above has '%s' too, and both may be in force; give them a "
			    "'with' that excludes the other",
			    single_keys[i]);
	}
	return true;
}

static bool
read_item(const struct fields *fields, const struct node *list, const struct node *node,
    struct server_change *all)
{
	struct server_change change = {0};
	struct with with = {.count = 0};

	if (!read_change(fields, node, &change) ||
	    !with_read(fields, node_find(node, "with"), &with))
		return false;
	for (const struct node *n = list->first; n != node; n = n->next)
		if (!check_items(fields, n, node))
			return false;
	if (with_holds(&with))
		add_change(all, &change);
	return true;
}

bool
server_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	struct texts *without = &scenario->server.caps_without;
	size_t count;

	if (!field_list(fields, node, "server", SERVER_ITEMS_MAX, &count) || count == 0)
		return node == NULL;
	without->items = tree_alloc(
	    fields->tree, count * words_capability.count * sizeof(*without->items));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_item(fields, node, n, &scenario->server))
			return false;
	return true;
}
