#include "scenarios/params.h"
#include "scenarios/parts.h"
#include "scenarios/refuse.h"
#include <string.h>

#define KEYS(table)         table, sizeof(table) / sizeof(table[0])
#define EVIDENCE_ITEMS_MAX  32 /* of the list at the top */
#define EVENTS_MAX          16
#define EVENT_ID_MAX        65535
#define SUBSTATUS_MAX       999
#define EVIDENCE_STATUS_MIN 100
#define EVIDENCE_STATUS_MAX 599

static const struct key evidence_keys[] = {{"iis", false}, {"httperr", false},
    {"crp", false}, {"events", false}, {"files", false}, {"registry", false},
    {"client", false}};
static const struct key item_keys[] = {{"with", false}, {"events", false},
    {"files", false}, {"registry", false}, {"client", false}};
static const struct key iis_keys[] = {{"substatus", true}, {"win32", true}};
static const struct key httperr_keys[] = {{"reason", true}, {"queue", false}};
static const struct key crp_keys[] = {
    {"status", true}, {"substatus", true}, {"win32", true}};
static const struct key event_keys[] = {
    {"log", true}, {"source", true}, {"id", true}, {"level", false}, {"text", false}};

static bool
read_substatus(const struct fields *fields, const struct node *node, unsigned *substatus,
    uint32_t *win32)
{
	size_t sub = 0, code = 0;

	if (!field_number(fields, node_find(node, "substatus"), 0, SUBSTATUS_MAX, &sub) ||
	    !field_number(fields, node_find(node, "win32"), 0, UINT32_MAX, &code))
		return false;
	*substatus = (unsigned)sub;
	*win32 = (uint32_t)code;
	return true;
}

static bool
read_iis(const struct fields *fields, const struct node *node, struct evidence *ret)
{
	if (node == NULL || (node->kind == NODE_SCALAR && slice_is(node->text, "none")))
		return true;
	if (node->kind == NODE_SCALAR)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "evidence.iis is {substatus: 0, win32: 0}, or none where no line is written");
	ret->has_iis = true;
	return field_map(fields, node, "evidence.iis", KEYS(iis_keys)) &&
	       read_substatus(fields, node, &ret->substatus, &ret->win32);
}

static bool
read_httperr(const struct fields *fields, const struct node *node, struct evidence *ret)
{
	const struct node *queue = node_find(node, "queue");

	if (node == NULL)
		return true;
	if (!field_map(fields, node, "evidence.httperr", KEYS(httperr_keys)) ||
	    !field_word_text(fields, node_find(node, "reason"), &words_httperr,
	        &ret->httperr_reason) ||
	    !field_line(fields, queue, &ret->httperr_queue))
		return false;
	if (ret->httperr_queue != NULL && strchr(ret->httperr_queue, ' ') != NULL)
		return tree_refuse(fields->tree, queue, fields->err, FAULT_VALUE,
		    "a queue name in HTTPERR has no blanks: its fields are parted by them");
	return true;
}

static bool
read_crp(const struct fields *fields, const struct node *node, struct status_triple *ret)
{
	size_t status = 0;

	if (node == NULL)
		return true;
	ret->is_none = node->kind == NODE_SCALAR && slice_is(node->text, "none");
	if (ret->is_none)
		return true;
	if (!field_map(fields, node, "evidence.crp", KEYS(crp_keys)) ||
	    !field_number(fields, node_find(node, "status"), EVIDENCE_STATUS_MIN,
	        EVIDENCE_STATUS_MAX, &status))
		return false;
	ret->is_set = true;
	ret->status = (unsigned)status;
	return read_substatus(fields, node, &ret->substatus, &ret->win32);
}

static bool
read_event(
    const struct fields *fields, const struct node *node, struct event_evidence *ret)
{
	size_t id = 0;

	if (!field_map(fields, node, "an item of events", KEYS(event_keys)) ||
	    !field_line(fields, node_find(node, "log"), &ret->log) ||
	    !field_line(fields, node_find(node, "source"), &ret->source) ||
	    !field_number(fields, node_find(node, "id"), 0, EVENT_ID_MAX, &id) ||
	    !field_line(fields, node_find(node, "level"), &ret->level) ||
	    !field_text(fields, node_find(node, "text"), &ret->text))
		return false;
	ret->id = (unsigned)id;
	return true;
}

static bool
read_events(const struct fields *fields, const struct node *node, struct evidence *ret)
{
	size_t count;

	if (!field_list(fields, node, "events", EVENTS_MAX, &count) || count == 0)
		return node == NULL;
	ret->events = tree_alloc(fields->tree, count * sizeof(*ret->events));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_event(fields, n, &ret->events[ret->event_count++]))
			return false;
	return true;
}

/* node must be a MAP that is not empty. */
static bool
count_entries(
    const struct fields *fields, const struct node *node, const char *is, size_t *ret)
{
	*ret = 0;
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "%s; leave it out when there is none", is);
	for (const struct node *n = node->first; n != NULL; n = n->next)
		++*ret;
	return true;
}

static bool
read_files(const struct fields *fields, const struct node *node, struct evidence *ret)
{
	size_t count;

	if (node == NULL)
		return true;
	if (!count_entries(
	        fields, node, "files is a map 'name of the file: its lines'", &count))
		return false;
	ret->files = tree_alloc(fields->tree, count * sizeof(*ret->files));
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		struct file_evidence *file = &ret->files[ret->file_count++];

		file->name = n->key->text.text;
		if (!field_lines(fields, n, &file->lines))
			return false;
	}
	return true;
}

static bool
read_registry(const struct fields *fields, const struct node *node, struct evidence *ret)
{
	size_t count;

	if (node == NULL)
		return true;
	if (!count_entries(fields, node,
	        "registry is a map 'key with the name of its value: what stands there'",
	        &count))
		return false;
	ret->registry = tree_alloc(fields->tree, count * sizeof(*ret->registry));
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		struct registry_evidence *entry = &ret->registry[ret->registry_count++];

		entry->key = n->key->text.text;
		if (!field_any_text(fields, n, &entry->value))
			return false;
	}
	return true;
}

static bool
is_platform(struct slice text)
{
	for (size_t i = 0; i < words_platform.count; i++)
		if (slice_is(text, words_platform.items[i]))
			return true;
	return false;
}

static bool
read_clients(const struct fields *fields, const struct node *node, struct evidence *ret)
{
	size_t count;

	if (node == NULL)
		return true;
	if (!count_entries(
	        fields, node, "client is a map 'platform: what it shows'", &count))
		return false;
	ret->clients = tree_alloc(fields->tree, count * sizeof(*ret->clients));
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		struct client_evidence *client = &ret->clients[ret->client_count++];

		if (!is_platform(n->key->text))
			return refuse_key(fields, n->key, "client", &words_platform);
		client->platform = n->key->text.text;
		if (!field_text(fields, n, &client->shows))
			return false;
	}
	return true;
}

static bool
read_told(const struct fields *fields, const struct node *node, struct evidence *ret)
{
	return read_events(fields, node_find(node, "events"), ret) &&
	       read_files(fields, node_find(node, "files"), ret) &&
	       read_registry(fields, node_find(node, "registry"), ret) &&
	       read_clients(fields, node_find(node, "client"), ret);
}

static bool
refuse_empty(const struct fields *fields, const struct node *node)
{
	return tree_refuse(fields->tree, node, fields->err, FAULT_MISSING_KEY,
	    "evidence is empty; say what Windows or the client shows, or leave it out");
}

bool
evidence_read(const struct fields *fields, const struct node *node, struct evidence *ret,
    bool is_of_rule)
{
	if (node == NULL)
		return true;
	if (!is_of_rule)
		return field_map(fields, node, "an item of evidence", KEYS(item_keys)) &&
		       read_told(fields, node, ret);
	if (!field_map(fields, node, "evidence", KEYS(evidence_keys)))
		return false;
	if (node->first == NULL)
		return refuse_empty(fields, node);
	return read_iis(fields, node_find(node, "iis"), ret) &&
	       read_httperr(fields, node_find(node, "httperr"), ret) &&
	       read_crp(fields, node_find(node, "crp"), &ret->crp) &&
	       read_told(fields, node, ret);
}

/* Two arrays of the tree made one; NULL when both are empty. */
static void *
joined(const struct fields *fields, const void *one, size_t count, const void *other,
    size_t more, size_t size)
{
	unsigned char *ret;

	if (count + more == 0)
		return NULL;
	ret = tree_alloc(fields->tree, (count + more) * size);
	if (count > 0)
		memcpy(ret, one, count * size);
	if (more > 0)
		memcpy(ret + count * size, other, more * size);
	return ret;
}
#define JOIN(fields, to, from, items, item_count)                             \
	do {                                                                  \
		(to)->items = joined(fields, (to)->items, (to)->item_count,   \
		    (from)->items, (from)->item_count, sizeof(*(to)->items)); \
		(to)->item_count += (from)->item_count;                       \
	} while (0)

static bool
read_item(const struct fields *fields, const struct node *node, struct evidence *all)
{
	const struct node *with_node = node_find(node, "with");
	struct evidence item = {.has_iis = false};
	struct fields plain = *fields;
	struct with with;

	plain.params = NULL; /* ${name} is plain text here */
	if (!evidence_read(&plain, node, &item, false) ||
	    !with_read(fields, with_node, &with))
		return false;
	if (node->first == NULL || (with_node != NULL && node->first->next == NULL))
		return refuse_empty(fields, node);
	if (!with_holds(&with))
		return true;
	JOIN(fields, all, &item, events, event_count);
	JOIN(fields, all, &item, files, file_count);
	JOIN(fields, all, &item, registry, registry_count);
	JOIN(fields, all, &item, clients, client_count);
	return true;
}

bool
evidences_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	size_t count;

	if (!field_list(fields, node, "evidence", EVIDENCE_ITEMS_MAX, &count) ||
	    count == 0)
		return node == NULL;
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_item(fields, n, &scenario->evidence))
			return false;
	return true;
}
