#include "scenarios/candidates.h"
#include "scenarios/glob.h"
#include "scenarios/network.h"
#include "scenarios/rule_parts.h"
#include <string.h>
#include <strings.h>

#define COUNT(table)      (sizeof(table) / sizeof((table)[0]))
#define MATCH_HEADERS_MAX 16

enum asks { ASKS_ACCEPT, ASKS_HEAD, ASKS_MESSAGE, ASKS_STATE, ASKS_NOT, ASKS_COUNT };

/* Plain predicates first; the counting ones last. */
static const struct {
	const char *name;
	enum asks asks;
} predicates[] = {
    {"client", ASKS_ACCEPT},
    {"tls", ASKS_ACCEPT},
    {"operation", ASKS_HEAD},
    {"method", ASKS_HEAD},
    {"path", ASKS_HEAD},
    {"query_bytes", ASKS_HEAD},
    {"uri_bytes", ASKS_HEAD},
    {"user_agent", ASKS_HEAD},
    {"platform", ASKS_HEAD},
    {"header", ASKS_HEAD},
    {"client_cert", ASKS_HEAD},
    {"body_bytes", ASKS_HEAD},
    {"message_type", ASKS_MESSAGE},
    {"key_bits", ASKS_MESSAGE},
    {"digest", ASKS_MESSAGE},
    {"cipher", ASKS_MESSAGE},
    {"subject", ASKS_MESSAGE},
    {"challenge", ASKS_MESSAGE},
    {"challenge_type", ASKS_MESSAGE},
    {"state", ASKS_STATE},
    {"not", ASKS_NOT},
    {"nth", ASKS_COUNT},
    {"every", ASKS_COUNT},
    {"times", ASKS_COUNT},
    {"rate_over", ASKS_COUNT},
    {"probability", ASKS_COUNT},
    {"count_by", ASKS_COUNT},
};

static bool
key_asks(struct slice key, enum asks asks)
{
	for (size_t i = 0; i < COUNT(predicates); i++)
		if (predicates[i].asks == asks && slice_is(key, predicates[i].name))
			return true;
	return false;
}

bool
match_key_is_message(struct slice key)
{
	return key_asks(key, ASKS_MESSAGE);
}

bool
match_key_counts(struct slice key)
{
	return key_asks(key, ASKS_COUNT);
}

bool
match_key_is_accept(struct slice key)
{
	return key_asks(key, ASKS_ACCEPT) || key_asks(key, ASKS_STATE) ||
	       key_asks(key, ASKS_NOT) || key_asks(key, ASKS_COUNT);
}

/* One text or a list of them, each right in all that it may be. */
static bool
read_checked(const struct fields *fields, const struct node *node, text_check *check,
    const char *wanted, struct texts *ret)
{
	const struct node *first = node;
	struct texts texts = {.count = 0};
	struct candidates c;
	size_t count = 1;

	if (node == NULL)
		return true;
	if (node->kind == NODE_LIST) {
		if (!field_list(fields, node, node->key->text.text, LIST_MAX, &count))
			return false;
		first = node->first;
	}
	texts.items = tree_alloc(fields->tree, count * sizeof(*texts.items));
	for (const struct node *n = first; texts.count < count; n = n->next) {
		if (!candidates_list(fields, n, &c) ||
		    !candidates_check(fields, n, &c, check, NULL, wanted))
			return false;
		texts.items[texts.count++] = candidates_keep(fields, n, &c);
	}
	*ret = texts;
	return true;
}

static bool
is_network(struct slice text, const void *arg)
{
	return network_parse(text, NULL);
}

static bool
is_glob(struct slice text, const void *arg)
{
	for (size_t i = 0; i < text.len; i++)
		if ((unsigned char)text.text[i] < 0x20 || text.text[i] == 0x7f)
			return false;
	return slice_trim(text).len > 0 && text.len <= GLOB_MAX;
}

/* Of a decoded path; a query is no part of it. */
static bool
is_path_glob(struct slice text, const void *arg)
{
	return is_glob(text, arg) && (text.text[0] == '/' || text.text[0] == '*') &&
	       memchr(text.text, '?', text.len) == NULL;
}

static bool
read_clients(const struct fields *fields, const struct node *node, struct match *ret)
{
	struct texts texts = {.count = 0};

	if (!read_checked(fields, node, is_network,
	        "an address or a network in numbers, 192.0.2.7 or 10.0.0.0/8,", &texts))
		return false;
	ret->clients =
	    tree_alloc(fields->tree, (texts.count + 1) * sizeof(*ret->clients));
	for (size_t i = 0; i < texts.count; i++)
		if (!network_parse(slice_of(texts.items[i]), &ret->clients[i]))
			return false;
	ret->client_count = texts.count;
	return true;
}

static bool
read_tls(const struct fields *fields, const struct node *map, struct match *ret)
{
	const struct node *node = node_find(map, "tls");
	bool is_tls = false;

	if (!field_bool(fields, node, &is_tls) ||
	    !field_words(fields, node_find(map, "client_cert"), &words_client_cert,
	        &ret->client_certs))
		return false;
	if (node != NULL)
		ret->tls = is_tls ? TRI_YES : TRI_NO;
	if (ret->tls == TRI_NO && ret->client_certs.count > 0 &&
	    !node_has_param(fields, node))
		return tree_refuse(fields->tree, node, fields->err, FAULT_NEVER_FIRES,
		    "client_cert is asked over TLS alone: with 'tls: false' this never holds");
	return true;
}

static bool
read_header(const struct fields *fields, const struct node *node, struct match *ret)
{
	struct header_match *header = &ret->headers[ret->header_count];
	struct candidates c;

	if (!text_is_token(node->key->text))
		return tree_refuse(fields->tree, node->key, fields->err, FAULT_VALUE,
		    "'%s' is not the name of a header (RFC 9110 5.1)",
		    quote_slice(node->key->text).text);
	for (size_t i = 0; i < ret->header_count; i++)
		if (strcasecmp(ret->headers[i].name, node->key->text.text) == 0)
			return tree_refuse(fields->tree, node->key, fields->err,
			    FAULT_DUPLICATE_KEY,
			    "the header '%s' stands here twice; take one out",
			    quote_slice(node->key->text).text);
	header->name = node->key->text.text;
	ret->header_count++;
	if (node_is_null(node))
		return true;
	if (!candidates_list(fields, node, &c) ||
	    !candidates_check(fields, node, &c, is_glob, NULL, "a glob on one line"))
		return false;
	header->value = candidates_keep(fields, node, &c);
	return true;
}

static bool
read_headers(const struct fields *fields, const struct node *node, struct match *ret)
{
	size_t count = 0;

	if (node == NULL)
		return true;
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "header is a map 'name: glob'; the value ~ means that it is not there");
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (++count > MATCH_HEADERS_MAX)
			return tree_refuse(fields->tree, n->key, fields->err, FAULT_VALUE,
			    "more than %d headers in one match", MATCH_HEADERS_MAX);
	ret->headers = tree_alloc(fields->tree, count * sizeof(*ret->headers));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_header(fields, n, ret))
			return false;
	return true;
}

static bool
read_head(const struct fields *fields, const struct node *map, struct match *ret)
{
	return field_words(fields, node_find(map, "operation"), &words_operation,
	           &ret->operations) &&
	       field_words(
	           fields, node_find(map, "method"), &words_method, &ret->methods) &&
	       read_checked(fields, node_find(map, "path"), is_path_glob,
	           "a glob of a path without its query, beginning with / or *,",
	           &ret->paths) &&
	       field_range(fields, node_find(map, "query_bytes"), &ret->query_bytes) &&
	       field_range(fields, node_find(map, "uri_bytes"), &ret->uri_bytes) &&
	       read_checked(fields, node_find(map, "user_agent"), is_glob,
	           "a glob on one line", &ret->user_agents) &&
	       field_words(fields, node_find(map, "platform"), &words_platform,
	           &ret->platforms) &&
	       read_headers(fields, node_find(map, "header"), ret) &&
	       field_range(fields, node_find(map, "body_bytes"), &ret->body_bytes);
}

/* Nothing but PKIOperation has a message; what `not` asks may well be in vain. */
static bool
check_operation(const struct fields *fields, const struct node *map)
{
	static const char *const names[] = {"PKIOperation"};
	static const struct words wanted = {.items = names, .count = 1};
	const struct node *operation = node_find(map, "operation");

	for (const struct node *n = map->first; n != NULL; n = n->next)
		if (match_key_is_message(n->key->text) &&
		    !operation_has(fields, operation, &wanted))
			return tree_refuse(fields->tree, operation, fields->err,
			    FAULT_NEVER_FIRES,
			    "%s asks for a pkiMessage, which PKIOperation alone has: this could "
			    "never hold",
			    n->key->text.text);
	return true;
}

static bool
read_message(const struct fields *fields, const struct node *map, struct match *ret)
{
	return field_words(fields, node_find(map, "message_type"), &words_message_type,
	           &ret->message_types) &&
	       field_range(fields, node_find(map, "key_bits"), &ret->key_bits) &&
	       field_words(
	           fields, node_find(map, "digest"), &words_digest, &ret->digests) &&
	       field_words(
	           fields, node_find(map, "cipher"), &words_cipher, &ret->ciphers) &&
	       read_checked(fields, node_find(map, "subject"), is_glob,
	           "a glob on one line", &ret->subjects) &&
	       field_words(fields, node_find(map, "challenge"), &words_challenge,
	           &ret->challenges) &&
	       field_words(fields, node_find(map, "challenge_type"),
	           &words_challenge_type, &ret->challenge_types) &&
	       check_operation(fields, map);
}

static bool
read_not(const struct fields *fields, const struct node *node, struct match *ret)
{
	struct match *none_of;

	if (node == NULL)
		return true;
	none_of = tree_alloc(fields->tree, sizeof(*none_of));
	if (!match_read(fields, node, none_of, MATCH_PLAIN))
		return false;
	if (node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_NEVER_FIRES,
		    "an empty 'not' excludes every request; say what must not hold");
	ret->none_of = none_of;
	return true;
}

static bool
check_keys(const struct fields *fields, const struct node *node, enum match_kind kind)
{
	struct key keys[COUNT(predicates)] = {0};
	const char *what = node->key != NULL ? node->key->text.text : "match";

	for (size_t i = 0; i < COUNT(predicates); i++)
		keys[i].name = predicates[i].name;
	if (!field_map(fields, node, what, keys, COUNT(keys)))
		return false;
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (kind == MATCH_PLAIN && match_key_counts(n->key->text))
			return tree_refuse(fields->tree, n->key, fields->err,
			    FAULT_UNKNOWN_KEY,
			    "'%s' counts; %s is a match without counting: take it out",
			    n->key->text.text, what);
	return true;
}

bool
match_read(const struct fields *fields, const struct node *node, struct match *ret,
    enum match_kind kind)
{
	return check_keys(fields, node, kind) &&
	       read_clients(fields, node_find(node, "client"), ret) &&
	       read_tls(fields, node, ret) && read_head(fields, node, ret) &&
	       read_message(fields, node, ret) &&
	       match_states_read(fields, node_find(node, "state"), ret) &&
	       read_not(fields, node_find(node, "not"), ret) &&
	       match_counting_read(fields, node, ret);
}
