#include "base/parse.h"
#include "scenarios/params.h"
#include "scenarios/parts.h"
#include "scenarios/refuse.h"
#include <stdlib.h>
#include <string.h>

#define KEYS(table)      table, sizeof(table) / sizeof(table[0])
#define PROBES_MAX       200
#define PROBE_REPEAT_MAX 10000
#define PROBE_QUERY_MAX  1048576
#define PROBE_BODY_MAX   67108864
#define KEY_BITS_MIN     512
#define KEY_BITS_MAX     16384
#define HEADERS_MAX      32
#define STATUS_MIN       100
#define STATUS_MAX       599

static const struct key probe_keys[] = {{"params", false}, {"event", false},
    {"advance", false}, {"send", true}, {"repeat", false}, {"want", true}};
static const struct key send_keys[] = {{"operation", true}, {"method", false},
    {"path", false}, {"user_agent", false}, {"headers", false}, {"tls", false},
    {"sni", false}, {"message_type", false}, {"transaction", false}, {"key_bits", false},
    {"challenge", false}, {"challenge_type", false}, {"query_bytes", false},
    {"body_bytes", false}};
static const struct key want_keys[] = {{"status", false}, {"pki", false},
    {"fail_info", false}, {"body_has", false}, {"body_lacks", false},
    {"decode_has", false}, {"decode_lacks", false}, {"headers", false},
    {"connection", false}, {"took", false}, {"iis", false}, {"httperr", false},
    {"crp", false}};

/* What only an answer has. */
static const char *const of_answers[] = {"status", "pki", "fail_info", "body_has",
    "body_lacks", "decode_has", "decode_lacks", "headers"};
/* What only PKIOperation sends, and is answered. */
static const char *const of_messages[] = {
    "message_type", "transaction", "key_bits", "challenge", "challenge_type"};
static const char *const of_certreps[] = {"pki", "fail_info"};

#define COUNT_OF(table) (sizeof(table) / sizeof(table[0]))

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

		tree_refuse(fields->tree, node, fields->err, FAULT_PARAM_VALUE,
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
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
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

/* The first of some keys that stands in a map. */
static const struct node *
first_of(const struct node *node, const char *const keys[], size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct node *found = node_find(node, keys[i]);

		if (found != NULL)
			return found;
	}
	return NULL;
}

static bool
read_header(const struct fields *fields, const struct node *node, bool is_wanted,
    struct probe_header *ret)
{
	if (!text_is_token(node->key->text))
		return tree_refuse(fields->tree, node->key, fields->err, FAULT_VALUE,
		    "'%s' is not the name of a header (RFC 9110 5.1)",
		    quote_slice(node->key->text).text);
	ret->name = node->key->text.text;
	if (is_wanted && node_is_null(node))
		return true;
	return field_line(fields, node, &ret->value);
}

/* What is sent has values; of what is wanted, ~ is not there. */
static bool
read_headers(const struct fields *fields, const struct node *node, bool is_wanted,
    struct probe_header **ret, size_t *ret_count)
{
	size_t count = 0;

	if (node == NULL)
		return true;
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "headers of a probe is a map 'name: value'; leave it out for none");
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (++count > HEADERS_MAX)
			return tree_refuse(fields->tree, n->key, fields->err, FAULT_VALUE,
			    "more than %d headers in one probe", HEADERS_MAX);
	*ret = tree_alloc(fields->tree, count * sizeof(**ret));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_header(fields, n, is_wanted, &(*ret)[(*ret_count)++]))
			return false;
	return true;
}

static bool
check_send(
    const struct fields *fields, const struct node *node, const struct probe *probe)
{
	const struct node *path = node_find(node, "path");
	const struct node *sni = node_find(node, "sni");
	const struct node *type = node_find(node, "challenge_type");
	const struct node *of_message =
	    first_of(node, of_messages, COUNT_OF(of_messages));

	if (path != NULL && (probe->path[0] != '/' || strchr(probe->path, ' ') != NULL ||
	                        strchr(probe->path, '?') != NULL))
		return tree_refuse(fields->tree, path, fields->err, FAULT_VALUE,
		    "a path begins with '/' and has no blank and no '?'");
	if (sni != NULL && !probe->is_tls)
		return tree_refuse(fields->tree, sni->key, fields->err, FAULT_CONFLICT,
		    "sni is sent over TLS alone; say tls: true");
	if (of_message != NULL && strcmp(probe->operation, "PKIOperation") != 0)
		return tree_refuse(fields->tree, of_message->key, fields->err,
		    FAULT_CONFLICT,
		    "%s belongs to a pkiMessage, which PKIOperation alone sends",
		    of_message->key->text.text);
	if (type != NULL && probe->challenge != NULL &&
	    strcmp(probe->challenge, "missing") == 0)
		return tree_refuse(fields->tree, type->key, fields->err, FAULT_CONFLICT,
		    "challenge_type beside 'challenge: missing', with which no challenge is "
		    "sent; take one out");
	return true;
}

static bool
read_send_http(const struct fields *fields, const struct node *node, struct probe *ret)
{
	return field_word_text(fields, node_find(node, "operation"), &words_operation,
	           &ret->operation) &&
	       field_word_text(
	           fields, node_find(node, "method"), &words_method, &ret->method) &&
	       field_line(fields, node_find(node, "path"), &ret->path) &&
	       field_line(fields, node_find(node, "user_agent"), &ret->user_agent) &&
	       read_headers(fields, node_find(node, "headers"), false, &ret->headers,
	           &ret->header_count) &&
	       field_bool(fields, node_find(node, "tls"), &ret->is_tls) &&
	       field_line(fields, node_find(node, "sni"), &ret->sni) &&
	       field_number(fields, node_find(node, "query_bytes"), 1, PROBE_QUERY_MAX,
	           &ret->query_bytes) &&
	       field_number(fields, node_find(node, "body_bytes"), 1, PROBE_BODY_MAX,
	           &ret->body_bytes);
}

static bool
read_send(const struct fields *fields, const struct node *node, struct probe *ret)
{
	ret->method = "GET";
	return field_map(fields, node, "send", KEYS(send_keys)) &&
	       read_send_http(fields, node, ret) &&
	       field_word_text(fields, node_find(node, "message_type"),
	           &words_message_type, &ret->message_type) &&
	       field_line(fields, node_find(node, "transaction"), &ret->transaction) &&
	       field_number(fields, node_find(node, "key_bits"), KEY_BITS_MIN,
	           KEY_BITS_MAX, &ret->key_bits) &&
	       field_word_text(fields, node_find(node, "challenge"), &words_challenge,
	           &ret->challenge) &&
	       field_word_text(fields, node_find(node, "challenge_type"),
	           &words_challenge_type, &ret->challenge_type) &&
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
read_triple(const struct fields *fields, const struct node *node, const char **ret)
{
	if (!field_line(fields, node, ret))
		return false;
	if (node == NULL || strcmp(*ret, "none") == 0 || is_triple(*ret))
		return true;
	return tree_refuse(fields->tree, node, fields->err, FAULT_VALUE,
	    "%s is three numbers of the log line, sc-status sc-substatus sc-win32-status as "
	    "in \"500 0 1346\", or none",
	    node->key->text.text);
}

static bool
read_want_logs(const struct fields *fields, const struct node *node, struct probe *ret)
{
	const struct node *httperr = node_find(node, "httperr");

	if (!read_triple(fields, node_find(node, "iis"), &ret->want_iis) ||
	    !read_triple(fields, node_find(node, "crp"), &ret->want_crp))
		return false;
	if (httperr != NULL && httperr->kind == NODE_SCALAR &&
	    slice_is(httperr->text, "none")) {
		ret->want_httperr = "none";
		return true;
	}
	return field_word_text(fields, httperr, &words_httperr, &ret->want_httperr);
}

static bool
read_want_texts(const struct fields *fields, const struct node *node, struct probe *ret)
{
	return field_texts(fields, node_find(node, "body_has"), &ret->want_body_has) &&
	       field_texts(
	           fields, node_find(node, "body_lacks"), &ret->want_body_lacks) &&
	       field_texts(
	           fields, node_find(node, "decode_has"), &ret->want_decode_has) &&
	       field_texts(
	           fields, node_find(node, "decode_lacks"), &ret->want_decode_lacks) &&
	       read_headers(fields, node_find(node, "headers"), true, &ret->want_headers,
	           &ret->want_header_count);
}

static bool
is_answered(enum probe_fate fate)
{
	switch (fate) {
	case PROBE_ANSWERED:
	case PROBE_CUT:
	case PROBE_CUT_RESET:
	case PROBE_CUT_SILENT:
	case PROBE_TLS_CUT:
		return true;
	case PROBE_CLOSED:
	case PROBE_RESET:
	case PROBE_REFUSED:
	case PROBE_SILENT:
	case PROBE_UNREACHABLE:
	case PROBE_GARBAGE:
	case PROBE_TLS_FAILED:
		return false;
	}
	return false;
}

static bool
check_want(
    const struct fields *fields, const struct node *node, const struct probe *probe)
{
	const struct node *answer = first_of(node, of_answers, COUNT_OF(of_answers));
	const struct node *certrep = first_of(node, of_certreps, COUNT_OF(of_certreps));

	if (answer != NULL && !is_answered(probe->want_fate))
		return tree_refuse(fields->tree, answer->key, fields->err, FAULT_CONFLICT,
		    "'%s' beside 'connection: %s', with which no answer comes; take one out",
		    answer->key->text.text, words_probe_fate.items[probe->want_fate]);
	if (certrep != NULL && strcmp(probe->operation, "PKIOperation") != 0)
		return tree_refuse(fields->tree, certrep->key, fields->err,
		    FAULT_CONFLICT,
		    "%s stands in a CertRep, with which PKIOperation alone is answered",
		    certrep->key->text.text);
	return true;
}

static bool
read_want(const struct fields *fields, const struct node *node, struct probe *ret)
{
	size_t status = 0, fate = PROBE_ANSWERED;

	if (!field_map(fields, node, "want", KEYS(want_keys)))
		return false;
	if (node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_MISSING_KEY,
		    "want is empty: this probe would look at nothing; say status");
	if (!field_number(
	        fields, node_find(node, "status"), STATUS_MIN, STATUS_MAX, &status) ||
	    !field_word_text(
	        fields, node_find(node, "pki"), &words_pki_status, &ret->want_pki) ||
	    !field_word_text(fields, node_find(node, "fail_info"), &words_fail_info,
	        &ret->want_fail_info) ||
	    !read_want_texts(fields, node, ret) ||
	    !field_word(
	        fields, node_find(node, "connection"), &words_probe_fate, &fate) ||
	    !field_duration(
	        fields, node_find(node, "took"), 1, DURATION_MAX, &ret->want_took_ms))
		return false;
	ret->want_status = (unsigned)status;
	ret->want_fate = (enum probe_fate)fate;
	return read_want_logs(fields, node, ret) && check_want(fields, node, ret);
}

/* What is done before: an event, and time that passes. */
static bool
read_before(const struct fields *fields, const struct node *node, struct probe *ret)
{
	const struct node *event = node_find(node, "event");

	if (!field_duration(
	        fields, node_find(node, "advance"), 1, DURATION_MAX, &ret->advance_ms) ||
	    !field_id(fields, event, &ret->event))
		return false;
	return event == NULL || slice_is(event->text, "iisreset") ||
	       event_check(fields, event, event->text);
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
	       read_before(&plain, node, ret) &&
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
