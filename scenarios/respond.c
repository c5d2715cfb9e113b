#include "base/parse.h"
#include "scenarios/candidates.h"
#include "scenarios/rule_parts.h"
#include <string.h>
#include <strings.h>

#define KEYS(table) table, sizeof(table) / sizeof(table[0])

static const struct key respond_keys[] = {{"status", true}, {"layer", true},
    {"reason", false}, {"page", false}, {"body", false}, {"redirect", false},
    {"headers", false}};

const struct words *
layer_pages(enum layer layer)
{
	switch (layer) {
	case LAYER_HTTP_SYS:
	case LAYER_POOL:
		return &words_page;
	case LAYER_IIS:
	case LAYER_MSCEP:
		return &words_page_iis;
	case LAYER_APP_PROXY:
		return &words_page_proxy;
	case LAYER_NETWORK:
	case LAYER_CRP:
		return NULL;
	}
	return NULL;
}

static bool
has_word(const struct words *words, struct slice text)
{
	for (size_t i = 0; words != NULL && i < words->count; i++)
		if (slice_is(text, words->items[i]))
			return true;
	return false;
}

static bool
is_page(struct slice text)
{
	return has_word(&words_page, text) || has_word(&words_page_iis, text) ||
	       has_word(&words_page_proxy, text);
}

/* A page that there is, but of another layer. */
static bool
refuse_page(const struct fields *fields, const struct node *node, enum layer layer)
{
	const struct words *pages = layer_pages(layer);

	if (pages == NULL)
		return tree_refuse(fields->tree, node->key, fields->err, FAULT_CONFLICT,
		    "layer %s has no pages with a name; take page out, or say body",
		    layer_names[layer]);
	return tree_refuse(fields->tree, node, fields->err, FAULT_CONFLICT,
	    "layer %s has no such page, but %s, such as %s; take page out for the one it has "
	    "for the status, or say body",
	    layer_names[layer], pages->what, pages->items[0]);
}

/* Each page that may stand there is one of each layer that may answer. */
static bool
read_page(const struct fields *fields, const struct node *node, uint32_t layers,
    struct respond *ret)
{
	struct candidates c;

	if (node == NULL)
		return true;
	if (!candidates_list(fields, node, &c))
		return false;
	for (unsigned layer = 0; layer < LAYER_COUNT; layer++) {
		const struct words *pages = layer_pages((enum layer)layer);

		if ((layers & UINT32_C(1) << layer) == 0)
			continue;
		if (pages == NULL)
			return refuse_page(fields, node, (enum layer)layer);
		for (size_t i = 0; i < c.count; i++)
			if (!c.is_open && is_page(c.items[i]) &&
			    !has_word(pages, c.items[i]))
				return refuse_page(fields, node, (enum layer)layer);
		if (!field_word_text(fields, node, pages, &ret->page))
			return false;
	}
	return true;
}

static bool
is_redirect_status(struct slice text)
{
	size_t status;

	return parse_size(text, 399, &status) && status >= 300;
}

static bool
read_redirect(const struct fields *fields, const struct node *map, struct respond *ret)
{
	const struct node *node = node_find(map, "redirect");
	const struct node *headers = node_find(map, "headers");
	struct candidates status;
	size_t index = 0;

	if (node == NULL)
		return true;
	if (!field_word(fields, node, &words_redirect, &index) ||
	    !candidates_list(fields, node_find(map, "status"), &status))
		return false;
	ret->redirect = (enum redirect)(REDIRECT_LOOP + index);
	for (size_t i = 0; i < status.count; i++)
		if (!is_redirect_status(status.items[i]))
			return tree_refuse(fields->tree, node->key, fields->err,
			    FAULT_CONFLICT,
			    "redirect beside status %s: clients follow a Location with a "
			    "status from 300 to 399 (RFC 9110 15.4)",
			    quote_slice(status.items[i]).text);
	for (const struct node *n = headers != NULL ? headers->first : NULL; n != NULL;
	     n = n->next)
		if (slice_is_nocase(n->key->text, "Location"))
			return tree_refuse(fields->tree, n->key, fields->err,
			    FAULT_CONFLICT,
			    "Location beside redirect, which sends that header; take one out");
	return true;
}

bool
respond_read(const struct fields *fields, const struct node *node, struct respond *ret)
{
	size_t status = 0, layer = 0;
	const struct node *body;
	uint32_t layers = 0;

	if (!field_map(fields, node, "respond", KEYS(respond_keys)) ||
	    !field_number(
	        fields, node_find(node, "status"), STATUS_MIN, STATUS_MAX, &status) ||
	    !field_word(fields, node_find(node, "layer"), &words_layer, &layer) ||
	    !words_mask(fields, node_find(node, "layer"), &words_layer, &layers) ||
	    !field_line(fields, node_find(node, "reason"), &ret->reason))
		return false;
	ret->status = (unsigned)status;
	ret->layer = (enum layer)layer;
	body = node_find(node, "body");
	if (body != NULL && node_find(node, "page") != NULL)
		return tree_refuse(fields->tree, body->key, fields->err, FAULT_CONFLICT,
		    "body beside page: the answer has one of them; take one out");
	return read_page(fields, node_find(node, "page"), layers, ret) &&
	       field_any_text(fields, body, &ret->body) &&
	       headers_read(fields, node_find(node, "headers"), &ret->headers,
	           &ret->header_count) &&
	       read_redirect(fields, node, ret);
}
