#include "base/nearest.h"
#include "base/parse.h"
#include "scenarios/candidates.h"
#include "scenarios/refuse.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
node_is_null(const struct node *node)
{
	return node->kind == NODE_SCALAR && !node->quoted &&
	       (node->text.len == 0 || slice_is(node->text, "~") ||
	           slice_is(node->text, "null"));
}

static bool
check_key(const struct fields *fields, const struct node *key, const char *what,
    const struct key *keys, size_t count)
{
	const char *names[TREE_KEYS_MAX];
	struct words known = {.items = names, .count = count};

	for (size_t i = 0; i < count; i++) {
		if (slice_is(key->text, keys[i].name))
			return true;
		names[i] = keys[i].name;
	}
	return refuse_key(fields, key, what, &known);
}

bool
field_map(const struct fields *fields, const struct node *node, const char *what,
    const struct key *keys, size_t count)
{
	if (node->kind != NODE_MAP)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "%s is a map, lines of 'key: value'; this is %s", what,
		    node_kind_name(node->kind));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!check_key(fields, n->key, what, keys, count))
			return false;
	for (size_t i = 0; i < count; i++)
		if (keys[i].is_required && node_find(node, keys[i].name) == NULL)
			return tree_refuse(fields->tree, node, fields->err,
			    FAULT_MISSING_KEY, "%s needs the key '%s'", what,
			    keys[i].name);
	return true;
}

bool
field_list(const struct fields *fields, const struct node *node, const char *what,
    size_t most, size_t *ret)
{
	size_t count = 0;

	if (node == NULL) {
		*ret = 0;
		return true;
	}
	if (node->kind != NODE_LIST)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "%s is a list, items that begin with '- '; this is %s", what,
		    node_kind_name(node->kind));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (++count > most)
			return tree_refuse(fields->tree, n, fields->err, FAULT_VALUE,
			    "%s: more than %zu items", what, most);
	if (count == 0)
		return tree_refuse(fields->tree, node, fields->err, FAULT_VALUE,
		    "%s is empty; give an item or leave the key out", what);
	*ret = count;
	return true;
}

static bool
is_filled(struct slice text, const void *arg)
{
	return slice_trim(text).len > 0;
}

static bool
is_line(struct slice text, const void *arg)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.text[i] < 0x20 || text.text[i] == 0x7f)
			return false;
	return true;
}

bool
text_is_token(struct slice text)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < text.len; i++) {
		char c = text.text[i];

		if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= '0' && c <= '9') && strchr(others, c) == NULL)
			return false;
	}
	return text.len > 0;
}

bool
text_is_id(struct slice text)
{
	bool after_word = false;

	for (size_t i = 0; i < text.len; i++) {
		char c = text.text[i];
		bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

		if (!is_word && (c != '-' || !after_word))
			return false;
		after_word = is_word;
	}
	return after_word;
}

static bool
is_id(struct slice text, const void *arg)
{
	return text_is_id(text);
}

static bool
take_text(const struct fields *fields, const struct node *node, text_check *check,
    const char *wanted, const char **ret)
{
	struct candidates c;

	if (node == NULL)
		return true;
	if (node_is_null(node))
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "'%s' has no value; %s is wanted here",
		    node->key != NULL ? quote_slice(node->key->text).text : "an item",
		    wanted);
	if (!candidates_list(fields, node, &c) ||
	    !candidates_check(fields, node, &c, check, NULL, wanted))
		return false;
	*ret = candidates_keep(fields, node, &c);
	return true;
}

static bool
is_any(struct slice text, const void *arg)
{
	return true;
}

static bool
is_filled_line(struct slice text, const void *arg)
{
	return is_line(text, arg) && is_filled(text, arg);
}

bool
field_text(const struct fields *fields, const struct node *node, const char **ret)
{
	return take_text(fields, node, is_filled, "a text that is not empty", ret);
}

bool
field_any_text(const struct fields *fields, const struct node *node, const char **ret)
{
	return take_text(fields, node, is_any, "a text", ret);
}

bool
field_line(const struct fields *fields, const struct node *node, const char **ret)
{
	return take_text(
	    fields, node, is_filled_line, "one line without control characters", ret);
}

bool
field_id(const struct fields *fields, const struct node *node, const char **ret)
{
	return take_text(fields, node, is_id,
	    "small letters and digits, with single hyphens between them,", ret);
}

struct bounds {
	size_t min, max;
};

static bool
is_number(struct slice text, const void *arg)
{
	const struct bounds *bounds = arg;
	size_t number;

	return parse_size(text, bounds->max, &number) && number >= bounds->min;
}

bool
field_number(const struct fields *fields, const struct node *node, size_t min, size_t max,
    size_t *ret)
{
	const struct bounds bounds = {min, max};
	char wanted[80];
	struct candidates c;

	if (node == NULL)
		return true;
	snprintf(wanted, sizeof(wanted), "a number from %zu to %zu", min, max);
	if (!candidates_list(fields, node, &c))
		return false;
	if (c.is_open)
		return candidates_refuse(fields, node, &c, c.chosen, wanted);
	if (!candidates_check(fields, node, &c, is_number, &bounds, wanted))
		return false;
	return parse_size(c.chosen, max, ret);
}

static bool
is_hresult(struct slice text, const void *arg)
{
	if (text.len != 10 || !slice_starts_nocase(text, "0x"))
		return false;
	return strspn(text.text + 2, "0123456789abcdefABCDEF") >= 8;
}

bool
field_hresult(const struct fields *fields, const struct node *node, uint32_t *ret)
{
	const char *text = NULL;

	if (node == NULL)
		return true;
	if (!take_text(fields, node, is_hresult,
	        "an HRESULT as \"0x\" and eight hexadecimal digits", &text))
		return false;
	*ret = (uint32_t)strtoul(text + 2, NULL, 16);
	return true;
}

static bool
find_word(const struct words *words, struct slice text, size_t *ret)
{
	for (size_t i = 0; i < words->count; i++) {
		if (slice_is(text, words->items[i])) {
			*ret = i;
			return true;
		}
	}
	return false;
}

bool
field_word(const struct fields *fields, const struct node *node,
    const struct words *words, size_t *ret)
{
	struct candidates c;
	size_t index;

	if (node == NULL)
		return true;
	if (!candidates_list(fields, node, &c))
		return false;
	if (c.is_open)
		return candidates_refuse(fields, node, &c, c.chosen, words->what);
	for (size_t i = 0; i < c.count; i++) {
		if (find_word(words, c.items[i], &index))
			continue;
		if (c.param != NULL)
			return candidates_refuse(
			    fields, node, &c, c.items[i], words->what);
		return refuse_word(fields, node, words->what, c.items[i], words);
	}
	return find_word(words, c.chosen, ret);
}

bool
field_word_text(const struct fields *fields, const struct node *node,
    const struct words *words, const char **ret)
{
	size_t index;

	if (node == NULL)
		return true;
	if (!field_word(fields, node, words, &index))
		return false;
	*ret = words->items[index];
	return true;
}

static bool
add_item(const struct fields *fields, const struct node *node, const char *text,
    struct texts *ret)
{
	for (size_t i = 0; i < ret->count; i++)
		if (strcmp(ret->items[i], text) == 0)
			return tree_refuse(fields->tree, node, fields->err, FAULT_VALUE,
			    "'%s' stands twice in this list; take one out",
			    quote_slice(slice_of(text)).text);
	ret->items[ret->count++] = text;
	return true;
}

/* With words: one of them each; without: any text. */
static bool
take_items(const struct fields *fields, const struct node *node,
    const struct words *words, bool may_repeat, struct texts *ret)
{
	const char *what =
	    node->key != NULL ? tree_text(fields->tree, node->key->text) : "the list";
	const struct node *first = node;
	struct texts texts = {.count = 0};
	size_t count = 1;

	if (node->kind == NODE_LIST) {
		if (!field_list(fields, node, what, LIST_MAX, &count))
			return false;
		first = node->first;
	}
	texts.items = tree_alloc(fields->tree, count * sizeof(*texts.items));
	for (const struct node *n = first; n != NULL && texts.count < count;
	     n = n->next) {
		const char *text = NULL;

		if (words != NULL ? !field_word_text(fields, n, words, &text)
		                  : !field_text(fields, n, &text))
			return false;
		if (may_repeat)
			texts.items[texts.count++] = text;
		else if (!add_item(fields, n, text, &texts))
			return false;
	}
	*ret = texts;
	return true;
}

bool
field_words(const struct fields *fields, const struct node *node,
    const struct words *words, struct texts *ret)
{
	return node == NULL || take_items(fields, node, words, false, ret);
}

bool
field_texts(const struct fields *fields, const struct node *node, struct texts *ret)
{
	return node == NULL || take_items(fields, node, NULL, false, ret);
}

bool
field_lines(const struct fields *fields, const struct node *node, struct texts *ret)
{
	return node == NULL || take_items(fields, node, NULL, true, ret);
}
