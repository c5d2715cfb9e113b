#include "scenarios/match.h"
#include "scenarios/parts.h"
#include <string.h>
#include <strings.h>

#define KEYS(table)         table, sizeof(table) / sizeof(table[0])
#define RESPOND_HEADERS_MAX 8 /* the reply has room for the honest ones besides */
#define STATUS_MIN          100
#define STATUS_MAX          599

static const struct key match_keys[] = {{"operation", false}, {"method", false},
    {"message_type", false}, {"query_bytes", false}, {"uri_bytes", false},
    {"times", false}, {"count_by", false}};
static const struct key range_keys[] = {
    {"min", false}, {"max", false}, {"over", false}, {"under", false}};
static const struct key respond_keys[] = {{"status", true}, {"layer", true},
    {"reason", false}, {"page", false}, {"body", false}, {"headers", false}};
static const struct key scep_keys[] = {
    {"status", false}, {"fail_info", false}, {"hresult", false}};

static bool
refuse_both(const struct fields *fields, const struct node *a, const struct node *b)
{
	return tree_refuse(fields->tree, b->key, fields->err,
	    "'%s' beside '%s' says two things of one bound; take one out",
	    b->key->text.text, a->key->text.text);
}

/* over and under are min and max with the number itself left out. */
static bool
read_bounds(const struct fields *fields, const struct node *node, struct range *ret)
{
	const struct node *min = node_find(node, "min"), *over = node_find(node, "over");
	const struct node *max = node_find(node, "max"),
	                  *under = node_find(node, "under");
	size_t beyond = 0;

	if (min != NULL && over != NULL)
		return refuse_both(fields, min, over);
	if (max != NULL && under != NULL)
		return refuse_both(fields, max, under);
	ret->is_set = true;
	ret->min = 0;
	ret->max = SIZE_MAX;
	if (!field_number(fields, min, 0, NUMBER_MAX, &ret->min) ||
	    !field_number(fields, max, 0, NUMBER_MAX, &ret->max) ||
	    !field_number(fields, over, 0, NUMBER_MAX, &beyond))
		return false;
	if (over != NULL)
		ret->min = beyond + 1;
	if (!field_number(fields, under, 1, NUMBER_MAX, &beyond))
		return false;
	if (under != NULL)
		ret->max = beyond - 1;
	return true;
}

static bool
read_range(const struct fields *fields, const struct node *node, struct range *ret)
{
	if (node == NULL)
		return true;
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err,
		    "%s is a range: {over: n}, {under: n}, {min: n, max: n}",
		    node->key->text.text);
	if (!field_map(fields, node, "a range", KEYS(range_keys)) ||
	    !read_bounds(fields, node, ret))
		return false;
	if (ret->min > ret->max)
		return tree_refuse(fields->tree, node, fields->err,
		    "no number lies in this range, from %zu to %zu", ret->min, ret->max);
	return true;
}

static bool
read_counting(const struct fields *fields, const struct node *node, struct match *ret)
{
	const struct node *times = node_find(node, "times");
	const struct node *count_by = node_find(node, "count_by");
	size_t by = COUNT_BY_SITE;

	if (!field_number(fields, times, 1, NUMBER_MAX, &ret->times) ||
	    !field_word(fields, count_by, &words_count_by, &by))
		return false;
	ret->count_by = (enum count_by)by;
	if (count_by != NULL && times == NULL)
		return tree_refuse(fields->tree, count_by->key, fields->err,
		    "count_by without times counts nothing; add times or take it out");
	return true;
}

bool
match_read(const struct fields *fields, const struct node *node, struct match *ret)
{
	return field_map(fields, node, "match", KEYS(match_keys)) &&
	       field_words(fields, node_find(node, "operation"), &words_operation,
	           &ret->operations) &&
	       field_words(
	           fields, node_find(node, "method"), &words_method, &ret->methods) &&
	       field_words(fields, node_find(node, "message_type"), &words_message_type,
	           &ret->message_types) &&
	       read_range(fields, node_find(node, "query_bytes"), &ret->query_bytes) &&
	       read_range(fields, node_find(node, "uri_bytes"), &ret->uri_bytes) &&
	       read_counting(fields, node, ret);
}

/* RFC 9110 5.6.2 */
static bool
is_token(struct slice text)
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

static bool
read_header(const struct fields *fields, const struct node *node, struct respond *respond)
{
	struct header_edit *edit = &respond->headers[respond->header_count];

	if (!is_token(node->key->text))
		return tree_refuse(fields->tree, node->key, fields->err,
		    "'%s' is not the name of a header (RFC 9110 5.1)",
		    quote_slice(node->key->text).text);
	for (size_t i = 0; i < respond->header_count; i++)
		if (strcasecmp(respond->headers[i].name, node->key->text.text) == 0)
			return tree_refuse(fields->tree, node->key, fields->err,
			    "the header '%s' stands here twice; take one out",
			    quote_slice(node->key->text).text);
	edit->name = node->key->text.text;
	edit->value = NULL;
	respond->header_count++;
	return node_is_null(node) || field_line(fields, node, &edit->value);
}

static bool
read_headers(const struct fields *fields, const struct node *node, struct respond *ret)
{
	size_t count = 0;

	if (node == NULL)
		return true;
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err,
		    "headers is a map 'name: value'; the value ~ leaves a header out");
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (++count > RESPOND_HEADERS_MAX)
			return tree_refuse(fields->tree, n->key, fields->err,
			    "more than %d headers in one answer", RESPOND_HEADERS_MAX);
	ret->headers = tree_alloc(fields->tree, count * sizeof(*ret->headers));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_header(fields, n, ret))
			return false;
	return true;
}

/* Of all layers, some are known but cannot be chosen here. */
static bool
read_layer(const struct fields *fields, const struct node *node, enum layer *ret)
{
	size_t index;

	for (size_t i = 0; node->kind == NODE_SCALAR && i < LAYER_COUNT; i++) {
		bool is_among = false;

		for (size_t j = 0; j < words_layer.count; j++)
			is_among |= strcmp(words_layer.items[j], layer_names[i]) == 0;
		if (!is_among && slice_is(node->text, layer_names[i]))
			return tree_refuse(fields->tree, node, fields->err,
			    "layer '%s' does not answer by respond; those that do: http.sys, "
			    "iis, mscep",
			    layer_names[i]);
	}
	if (!field_word(fields, node, &words_layer, &index))
		return false;
	for (size_t i = 0; i < LAYER_COUNT; i++)
		if (strcmp(words_layer.items[index], layer_names[i]) == 0)
			*ret = (enum layer)i;
	return true;
}

static bool
check_body(
    const struct fields *fields, const struct node *node, const struct respond *respond)
{
	const struct node *page = node_find(node, "page");
	const struct node *body = node_find(node, "body");

	if (page != NULL && body != NULL)
		return tree_refuse(fields->tree, body->key, fields->err,
		    "body beside page: the answer has one of them; take one out");
	if (page != NULL && respond->layer != LAYER_HTTP_SYS)
		return tree_refuse(fields->tree, page->key, fields->err,
		    "page names a page of layer http.sys; layer %s has one for each status: take "
		    "page out, or say body",
		    layer_names[respond->layer]);
	return true;
}

bool
respond_read(const struct fields *fields, const struct node *node, struct respond *ret)
{
	size_t status = 0;

	if (!field_map(fields, node, "respond", KEYS(respond_keys)) ||
	    !field_number(
	        fields, node_find(node, "status"), STATUS_MIN, STATUS_MAX, &status) ||
	    !read_layer(fields, node_find(node, "layer"), &ret->layer) ||
	    !field_line(fields, node_find(node, "reason"), &ret->reason) ||
	    !field_word_text(fields, node_find(node, "page"), &words_page, &ret->page) ||
	    !field_any_text(fields, node_find(node, "body"), &ret->body) ||
	    !read_headers(fields, node_find(node, "headers"), ret))
		return false;
	ret->status = (unsigned)status;
	return check_body(fields, node, ret);
}

bool
scep_read(const struct fields *fields, const struct node *node, struct scep *ret)
{
	const struct node *fail_info = node_find(node, "fail_info");
	const struct node *hresult = node_find(node, "hresult");
	bool is_failure;

	if (!field_map(fields, node, "scep", KEYS(scep_keys)) ||
	    !field_word_text(
	        fields, node_find(node, "status"), &words_pki_status, &ret->status) ||
	    !field_word_text(fields, fail_info, &words_fail_info, &ret->fail_info) ||
	    !field_hresult(fields, hresult, &ret->hresult))
		return false;
	ret->has_hresult = hresult != NULL;
	is_failure = ret->status == NULL || strcmp(ret->status, "FAILURE") == 0;
	if (node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err,
		    "scep is empty; say status, fail_info or hresult");
	if (!is_failure && (fail_info != NULL || hresult != NULL))
		return tree_refuse(fields->tree,
		    fail_info != NULL ? fail_info->key : hresult->key, fields->err,
		    "fail_info and hresult go with status FAILURE alone");
	if (ret->status != NULL && is_failure && fail_info == NULL)
		return tree_refuse(fields->tree, node, fields->err,
		    "status FAILURE needs fail_info (RFC 8894 3.2.1.4): badAlg, badMessageCheck, "
		    "badRequest, badTime or badCertId");
	return true;
}
