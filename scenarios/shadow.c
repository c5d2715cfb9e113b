#include "scenarios/match.h"
#include "scenarios/network.h"
#include "scenarios/params.h"
#include "scenarios/rule_parts.h"
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum kind { KIND_TEXTS, KIND_RANGE };

static const struct {
	const char *name;
	enum kind kind;
	size_t offset;
} members[] = {
    {"method", KIND_TEXTS, offsetof(struct match, methods)},
    {"path", KIND_TEXTS, offsetof(struct match, paths)},
    {"user_agent", KIND_TEXTS, offsetof(struct match, user_agents)},
    {"platform", KIND_TEXTS, offsetof(struct match, platforms)},
    {"client_cert", KIND_TEXTS, offsetof(struct match, client_certs)},
    {"message_type", KIND_TEXTS, offsetof(struct match, message_types)},
    {"digest", KIND_TEXTS, offsetof(struct match, digests)},
    {"cipher", KIND_TEXTS, offsetof(struct match, ciphers)},
    {"subject", KIND_TEXTS, offsetof(struct match, subjects)},
    {"challenge", KIND_TEXTS, offsetof(struct match, challenges)},
    {"challenge_type", KIND_TEXTS, offsetof(struct match, challenge_types)},
    {"query_bytes", KIND_RANGE, offsetof(struct match, query_bytes)},
    {"uri_bytes", KIND_RANGE, offsetof(struct match, uri_bytes)},
    {"body_bytes", KIND_RANGE, offsetof(struct match, body_bytes)},
    {"key_bits", KIND_RANGE, offsetof(struct match, key_bits)},
};

static bool
texts_cover(const struct texts *wide, const struct texts *narrow)
{
	for (size_t i = 0; i < narrow->count; i++) {
		bool is_there = false;

		for (size_t j = 0; j < wide->count; j++)
			is_there |= strcmp(wide->items[j], narrow->items[i]) == 0;
		if (!is_there)
			return false;
	}
	return narrow->count > 0;
}

static bool
range_covers(const struct range *wide, const struct range *narrow)
{
	return narrow->is_set && wide->min <= narrow->min && wide->max >= narrow->max;
}

static bool
member_covers(
    enum kind kind, size_t offset, const struct match *wide, const struct match *narrow)
{
	const void *a = (const char *)wide + offset;
	const void *b = (const char *)narrow + offset;

	return kind == KIND_TEXTS ? texts_cover(a, b) : range_covers(a, b);
}

static bool
clients_cover(const struct match *wide, const struct match *narrow)
{
	for (size_t i = 0; i < narrow->client_count; i++) {
		const struct network *inner = &narrow->clients[i];
		bool is_there = false;

		for (size_t j = 0; j < wide->client_count; j++)
			is_there |= wide->clients[j].bits <= inner->bits &&
			            network_has(&wide->clients[j], inner->address);
		if (!is_there)
			return false;
	}
	return narrow->client_count > 0;
}

static bool
same_value(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool
headers_cover(const struct match *wide, const struct match *narrow)
{
	for (size_t i = 0; i < wide->header_count; i++) {
		bool is_there = false;

		for (size_t j = 0; j < narrow->header_count; j++)
			is_there |=
			    strcasecmp(wide->headers[i].name, narrow->headers[j].name) ==
			        0 &&
			    same_value(wide->headers[i].value, narrow->headers[j].value);
		if (!is_there)
			return false;
	}
	return true;
}

static bool
states_cover(const struct match *wide, const struct match *narrow)
{
	for (size_t i = 0; i < wide->state_count; i++) {
		bool is_there = false;

		for (size_t j = 0; j < narrow->state_count; j++)
			is_there |=
			    wide->states[i].machine == narrow->states[j].machine &&
			    (narrow->states[j].states & ~wide->states[i].states) == 0;
		if (!is_there)
			return false;
	}
	return true;
}

static bool
asks_message(const struct draft *draft)
{
	if (draft->rule.action.kind == ACTION_SCEP)
		return true;
	for (const struct node *n = draft->match->first; n != NULL; n = n->next)
		if (match_key_is_message(n->key->text))
			return true;
	return false;
}

/* What the operation must be where `operation` does not say it. */
static bool
operations_cover(const struct draft *wide, const struct draft *narrow)
{
	const char *message[] = {"PKIOperation"};
	const char *ca[] = {"GetCACaps", "GetCACert"};
	struct texts implied = {.items = message, .count = asks_message(narrow) ? 1 : 0};

	if (narrow->rule.action.kind == ACTION_CA)
		implied = (struct texts){.items = ca, .count = COUNT(ca)};
	return texts_cover(
	           &wide->rule.match.operations, &narrow->rule.match.operations) ||
	       texts_cover(&wide->rule.match.operations, &implied);
}

/* The same text: under any setting they ask the same. */
static bool
nodes_equal(const struct node *a, const struct node *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == NODE_SCALAR)
		return slice_equal(a->text, b->text) && a->quoted == b->quoted;
	a = a->first;
	b = b->first;
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (!nodes_equal(a, b) ||
		    (a->key != NULL && !slice_equal(a->key->text, b->key->text)))
			return false;
	return a == NULL && b == NULL;
}

/* One key of the wide match lets through all that the narrow one does. */
static bool
key_covers(const struct fields *fields, const struct node *key, const struct draft *wide,
    const struct draft *narrow)
{
	const struct node *other = node_find(narrow->match, key->key->text.text);
	const struct match *a = &wide->rule.match, *b = &narrow->rule.match;
	struct slice name = key->key->text;

	if (other != NULL && nodes_equal(key, other))
		return true;
	if (node_has_param(fields, key) || node_has_param(fields, other))
		return false;
	for (size_t i = 0; i < COUNT(members); i++)
		if (slice_is(name, members[i].name))
			return member_covers(members[i].kind, members[i].offset, a, b);
	if (slice_is(name, "client"))
		return clients_cover(a, b);
	if (slice_is(name, "tls"))
		return a->tls == b->tls;
	if (slice_is(name, "header"))
		return headers_cover(a, b);
	if (slice_is(name, "state"))
		return states_cover(a, b);
	return slice_is(name, "operation") && operations_cover(wide, narrow);
}

/* What counts lets some go, and so does what is not understood here. */
static bool
match_covers(
    const struct fields *fields, const struct draft *wide, const struct draft *narrow)
{
	for (const struct node *n = wide->match->first; n != NULL; n = n->next)
		if (match_key_counts(n->key->text) ||
		    !key_covers(fields, n, wide, narrow))
			return false;
	return true;
}

static enum layer
layer_of(const struct rule *rule)
{
	switch (rule->action.kind) {
	case ACTION_RESPOND:
		return rule->action.respond.layer;
	case ACTION_CONNECTION:
		return rule->action.connection.layer;
	case ACTION_SCEP:
	case ACTION_CA:
		return LAYER_MSCEP;
	case ACTION_TLS:
	case ACTION_PASS:
		return LAYER_NETWORK;
	}
	return LAYER_NETWORK;
}

/* The paths that a layer touches: see http/layer.h. */
static bool
layer_covers(enum layer wide, enum layer narrow)
{
	switch (wide) {
	case LAYER_NETWORK:
	case LAYER_APP_PROXY:
	case LAYER_HTTP_SYS:
	case LAYER_IIS:
		return true;
	case LAYER_POOL:
		return narrow == LAYER_POOL || narrow == LAYER_MSCEP;
	case LAYER_MSCEP:
	case LAYER_CRP:
		return narrow == wide;
	}
	return false;
}

/* Both are asked about requests: those that the wide action can touch. */
static bool
action_covers(
    const struct fields *fields, const struct draft *wide, const struct draft *narrow)
{
	const struct node *layer = node_find(wide->action, "layer");
	const struct node *other = node_find(narrow->action, "layer");
	bool is_open = node_has_param(fields, layer) || node_has_param(fields, other);

	if (is_open && (layer == NULL || other == NULL || !nodes_equal(layer, other)))
		return false;
	if (!layer_covers(layer_of(&wide->rule), layer_of(&narrow->rule)))
		return false;
	if (wide->rule.action.kind == ACTION_SCEP)
		return asks_message(narrow);
	return wide->rule.action.kind != ACTION_CA;
}

/* A form of GetCACaps and one of GetCACert never meet the same request. */
static bool
ca_covers(const struct draft *wide, const struct draft *narrow)
{
	bool caps = false, certs = false, cert = false;

	if (narrow->rule.action.kind != ACTION_CA)
		return false;
	for (const struct node *n = wide->action->first; n != NULL; n = n->next) {
		bool is_caps = slice_starts_nocase(n->key->text, "caps_");
		bool is_cert = slice_is(n->key->text, "certificates");

		caps |= is_caps;
		cert |= is_cert;
		certs |= !is_caps && !is_cert;
	}
	for (const struct node *n = narrow->action->first; n != NULL; n = n->next) {
		bool is_caps = slice_starts_nocase(n->key->text, "caps_");
		bool is_cert = slice_is(n->key->text, "certificates");

		if (is_caps ? !caps : is_cert ? !cert && !certs : !certs)
			return false;
	}
	return true;
}

/* No connection is left to a rule below one that takes it before its first byte. */
static bool
accept_covers(
    const struct fields *fields, const struct draft *wide, const struct draft *narrow)
{
	bool is_same_stage = draft_is_at_accept(narrow);

	if (draft_is_of_door(narrow))
		return false;
	if (!is_same_stage && wide->rule.action.kind == ACTION_PASS)
		return false;
	/* a machine may have moved between the connection and its request */
	if (!is_same_stage && (node_find(wide->match, "state") != NULL ||
	                          node_find(wide->match, "not") != NULL))
		return false;
	return match_covers(fields, wide, narrow);
}

bool
draft_shadows(
    const struct fields *fields, const struct draft *earlier, const struct draft *later)
{
	if (!with_includes(&earlier->with, &later->with))
		return false;
	if (earlier->rule.action.kind == ACTION_TLS)
		return later->rule.action.kind == ACTION_TLS;
	if (draft_is_of_door(earlier))
		return true;
	if (draft_is_at_accept(earlier))
		return accept_covers(fields, earlier, later);
	if (draft_is_at_accept(later) || draft_is_of_door(later))
		return false;
	return (earlier->rule.action.kind == ACTION_CA
	               ? ca_covers(earlier, later)
	               : action_covers(fields, earlier, later)) &&
	       match_covers(fields, earlier, later);
}
