#include "scenarios/rule_parts.h"

#define KEYS(table) table, sizeof(table) / sizeof(table[0])

static const struct key reply_keys[] = {{"status", false}, {"headers", false},
    {"framing", false}, {"version", false}, {"body", false}};

bool
reply_read(const struct fields *fields, const struct node *node, struct reply_edit *ret)
{
	size_t status = 0, framing = FRAMING_USUAL, version = 0;

	if (node == NULL)
		return true;
	if (!field_map(fields, node, "reply", KEYS(reply_keys)))
		return false;
	if (node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_MISSING_KEY,
		    "reply is empty; say status, headers, framing, version or body");
	if (!field_number(
	        fields, node_find(node, "status"), STATUS_MIN, STATUS_MAX, &status) ||
	    !headers_read(
	        fields, node_find(node, "headers"), &ret->headers, &ret->header_count) ||
	    !field_word(fields, node_find(node, "framing"), &words_framing, &framing) ||
	    !field_word(fields, node_find(node, "version"), &words_version, &version) ||
	    !field_word_text(
	        fields, node_find(node, "body"), &words_transform, &ret->body))
		return false;
	ret->status = (unsigned)status;
	ret->framing = (enum framing)framing;
	ret->is_http10 = node_find(node, "version") != NULL;
	return true;
}
