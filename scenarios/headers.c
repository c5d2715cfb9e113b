#include "scenarios/rule_parts.h"
#include <strings.h>

#define HEADERS_MAX 8 /* the reply has room for the honest ones besides */

/* ~, a value, or a list of values: that many header lines. */
static bool
read_header(const struct fields *fields, const struct node *node,
    struct header_edit *items, size_t *count)
{
	const struct node *first = node->kind == NODE_LIST ? node->first : node;
	size_t values = 1;

	if (node->kind == NODE_LIST &&
	    !field_list(fields, node, node->key->text.text, HEADERS_MAX, &values))
		return false;
	for (const struct node *n = first; values > 0; n = n->next, values--) {
		struct header_edit *edit = &items[(*count)++];

		edit->name = node->key->text.text;
		edit->is_further = n != first;
		if (!(n == node && node_is_null(n)) &&
		    !field_line(fields, n, &edit->value))
			return false;
	}
	return true;
}

static bool
check_name(const struct fields *fields, const struct node *node,
    const struct header_edit *items, size_t count)
{
	if (!text_is_token(node->key->text))
		return tree_refuse(fields->tree, node->key, fields->err, FAULT_VALUE,
		    "'%s' is not the name of a header (RFC 9110 5.1)",
		    quote_slice(node->key->text).text);
	for (size_t i = 0; i < count; i++)
		if (strcasecmp(items[i].name, node->key->text.text) == 0)
			return tree_refuse(fields->tree, node->key, fields->err,
			    FAULT_DUPLICATE_KEY,
			    "the header '%s' stands here twice; take one out, or give one a "
			    "list of values",
			    quote_slice(node->key->text).text);
	return true;
}

static size_t
count_lines(const struct node *node)
{
	size_t count = 0;

	if (node->kind != NODE_LIST)
		return 1;
	for (const struct node *n = node->first; n != NULL; n = n->next)
		count++;
	return count;
}

bool
headers_read(const struct fields *fields, const struct node *node,
    struct header_edit **items, size_t *ret)
{
	size_t lines = 0, count = 0;

	if (node == NULL)
		return true;
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "headers is a map 'name: value'; the value ~ leaves a header out");
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		lines += count_lines(n);
		if (lines > HEADERS_MAX)
			return tree_refuse(fields->tree, n->key, fields->err, FAULT_VALUE,
			    "more than %d headers in one answer", HEADERS_MAX);
	}
	*items = tree_alloc(fields->tree, (lines + 1) * sizeof(**items));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!check_name(fields, n, *items, count) ||
		    !read_header(fields, n, *items, &count))
			return false;
	*ret = count;
	return true;
}
