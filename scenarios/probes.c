#include "base/parse.h"
#include "scenarios/params.h"
#include "scenarios/parts.h"
#include "scenarios/refuse.h"
#include <stdlib.h>
#include <string.h>

#define KEYS(table)      table, sizeof(table) / sizeof(table[0])
#define PROBES_MAX       200
#define PROBE_REPEAT_MAX 10000
#define PROBE_QUERY_MAX  65534

static const struct key probe_keys[] = {
    {"params", false}, {"send", true}, {"repeat", false}, {"want", true}};
static const struct key send_keys[] = {{"operation", true}, {"method", false},
    {"path", false}, {"message_type", false}, {"transaction", false},
    {"query_bytes", false}};
static const struct key want_keys[] = {{"status", false}, {"pki", false},
    {"fail_info", false}, {"body_has", false}, {"body_lacks", false}, {"iis", false},
    {"httperr", false}};

static bool
read_probe_param(
    const struct fields *fields, const struct node *node, struct probe_param *ret)
{
	const struct param *param = param_find(fields, node->key->text);

	if (param == NULL)
		return refuse_param(fields, node->key, node->key->text);
	ret->name = param->name;
	if (node->kind == NODE_SCALAR)
		ret->value = param_value(fields, param, node->text);
	if (ret->value == NULL) {
		char *domain = param_domain(param);

		tree_refuse(fields->tree, node, fields->err,
		    "the parameter '%s' does not take this: it is %s", param->name,
		    domain);
		free(domain);
		return false;
	}
	return true;
}

static bool
read_probe_params(const struct fields *fields, const struct node *node, struct probe *ret)
{
	size_t count = 0;

	if (node == NULL)
		return true;
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err,
		    "params of a probe is a map 'parameter: value'; leave it out for the "
		    "defaults");
	for (const struct node *n = node->first; n != NULL; n = n->next)
		count++;
	ret->params = tree_alloc(fields->tree, count * sizeof(*ret->params));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_probe_param(fields, n, &ret->params[ret->param_count++]))
			return false;
	return true;
}

static bool
check_send(
    const struct fields *fields, const struct node *node, const struct probe *probe)
{
	static const char *const of_messages[] = {"message_type", "transaction"};
	const struct node *path = node_find(node, "path");

	if (path != NULL && (probe->path[0] != '/' || strchr(probe->path, ' ') != NULL ||
	                        strchr(probe->path, '?') != NULL))
		return tree_refuse(fields->tree, path, fields->err,
		    "a path begins with '/' and has no blank and no '?'");
	if (strcmp(probe->operation, "PKIOperation") == 0)
		return true;
	for (size_t i = 0; i < sizeof(of_messages) / sizeof(of_messages[0]); i++) {
		const struct node *n = node_find(node, of_messages[i]);

		if (n != NULL)
			return tree_refuse(fields->tree, n->key, fields->err,
			    "%s belongs to a pkiMessage, which PKIOperation alone sends",
			    of_messages[i]);
	}
	return true;
}

static bool
read_send(const struct fields *fields, const struct node *node, struct probe *ret)
{
	ret->method = "GET";
	return field_map(fields, node, "send", KEYS(send_keys)) &&
	       field_word_text(fields, node_find(node, "operation"), &words_operation,
	           &ret->operation) &&
	       field_word_text(
	           fields, node_find(node, "method"), &words_method, &ret->method) &&
	       field_line(fields, node_find(node, "path"), &ret->path) &&
	       field_word_text(fields, node_find(node, "message_type"),
	           &words_message_type, &ret->message_type) &&
	       field_line(fields, node_find(node, "transaction"), &ret->transaction) &&
	       field_number(fields, node_find(node, "query_bytes"), 1, PROBE_QUERY_MAX,
	           &ret->query_bytes) &&
	       check_send(fields, node, ret);
}

/* "500 0 1346" */
static bool
is_triple(const char *text)
{
	struct slice rest = slice_of(text);
	size_t number;

	for (int i = 0; i < 3; i++) {
		const char *blank = memchr(rest.text, ' ', rest.len);
		size_t len = blank != NULL ? (size_t)(blank - rest.text) : rest.len;

		if ((blank != NULL) != (i < 2) ||
		    !parse_size((struct slice){rest.text, len}, UINT32_MAX, &number))
			return false;
		rest.text += len + (i < 2);
		rest.len -= len + (i < 2);
	}
	return true;
}

static bool
read_want_logs(const struct fields *fields, const struct node *node, struct probe *ret)
{
	const struct node *iis = node_find(node, "iis");
	const struct node *httperr = node_find(node, "httperr");

	if (!field_line(fields, iis, &ret->want_iis))
		return false;
	if (iis != NULL && strcmp(ret->want_iis, "none") != 0 &&
	    !is_triple(ret->want_iis))
		return tree_refuse(fields->tree, iis, fields->err,
		    "iis is the end of the log line, sc-status sc-substatus sc-win32-status as in "
		    "\"500 0 1346\", or none");
	if (httperr != NULL && httperr->kind == NODE_SCALAR &&
	    slice_is(httperr->text, "none")) {
		ret->want_httperr = "none";
		return true;
	}
	return field_word_text(fields, httperr, &words_httperr, &ret->want_httperr);
}

static bool
read_want(const struct fields *fields, const struct node *node, struct probe *ret)
{
	size_t status = 0;

	if (!field_map(fields, node, "want", KEYS(want_keys)))
		return false;
	if (node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err,
		    "want is empty: this probe would look at nothing; say status");
	if (!field_number(fields, node_find(node, "status"), 100, 599, &status) ||
	    !field_word_text(
	        fields, node_find(node, "pki"), &words_pki_status, &ret->want_pki) ||
	    !field_word_text(fields, node_find(node, "fail_info"), &words_fail_info,
	        &ret->want_fail_info) ||
	    !field_texts(fields, node_find(node, "body_has"), &ret->want_body_has) ||
	    !field_texts(fields, node_find(node, "body_lacks"), &ret->want_body_lacks))
		return false;
	ret->want_status = (unsigned)status;
	return read_want_logs(fields, node, ret);
}

static bool
read_probe(const struct fields *fields, const struct node *node, struct probe *ret)
{
	struct fields plain = *fields;

	plain.params = NULL; /* no ${name} in a probe */
	ret->line = node->line;
	ret->repeat = 1;
	return field_map(&plain, node, "a probe", KEYS(probe_keys)) &&
	       read_probe_params(fields, node_find(node, "params"), ret) &&
	       read_send(&plain, node_find(node, "send"), ret) &&
	       field_number(&plain, node_find(node, "repeat"), 1, PROBE_REPEAT_MAX,
	           &ret->repeat) &&
	       read_want(&plain, node_find(node, "want"), ret);
}

bool
probes_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	size_t count;

	if (!field_list(fields, node, "probes", PROBES_MAX, &count))
		return false;
	scenario->probes = tree_alloc(fields->tree, count * sizeof(*scenario->probes));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_probe(fields, n, &scenario->probes[scenario->probe_count++]))
			return false;
	return true;
}
