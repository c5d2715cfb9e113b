#include "scenarios/rule_parts.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define BIT(n)       (UINT32_C(1) << (n))

#define FATES_OF_DOOR  (BIT(FATE_REFUSE) | BIT(FATE_NO_ACCEPT))
#define FATES_ANSWERED BIT(FATE_CLOSE)

/* What becomes of an answer, and so asks for one. */
static const char *const answer_keys[] = {"drip", "truncate", "reply", "forget"};

static const struct node *
find_answer_key(const struct draft *draft)
{
	for (size_t i = 0; i < COUNT(answer_keys); i++) {
		const struct node *node = node_find(draft->node, answer_keys[i]);

		if (node != NULL)
			return node;
	}
	return NULL;
}

bool
draft_is_of_door(const struct draft *draft)
{
	return draft->rule.action.kind == ACTION_TLS ||
	       (draft->fates & FATES_OF_DOOR) != 0;
}

bool
draft_is_at_accept(const struct draft *draft)
{
	switch (draft->rule.action.kind) {
	case ACTION_CONNECTION:
		return draft->rule.action.connection.is_at_accept;
	case ACTION_PASS:
		return (draft->delays & BIT(DELAY_ACCEPT)) != 0;
	case ACTION_RESPOND:
	case ACTION_SCEP:
	case ACTION_CA:
	case ACTION_TLS:
		return false;
	}
	return false;
}

static bool
check_pool(const struct fields *fields, const struct draft *draft)
{
	if ((draft->layers & BIT(LAYER_POOL)) == 0)
		return true;
	return tree_refuse(fields->tree, node_find(draft->action, "layer")->key,
	    fields->err, FAULT_DOOR,
	    "layer pool touches some paths only, and of a connection no path is known yet; say "
	    "network or http.sys");
}

/* Refuse, no-accept and tls are of a port, whoever comes. */
static bool
check_door(const struct fields *fields, const struct draft *draft)
{
	static const char *const keys[] = {
	    "delay", "drip", "truncate", "reply", "emit", "forget"};
	const char *action = draft->action->key->text.text;

	if (draft->match->first != NULL)
		return tree_refuse(fields->tree, draft->match->first->key, fields->err,
		    FAULT_DOOR,
		    "'%s' beside %s: the fault is of a port, which is its own and nobody else's; "
		    "say 'match: {}'",
		    draft->match->first->key->text.text, action);
	for (size_t i = 0; i < COUNT(keys); i++) {
		const struct node *node = node_find(draft->node, keys[i]);

		if (node != NULL)
			return tree_refuse(fields->tree, node->key, fields->err,
			    FAULT_DOOR,
			    "%s beside %s: the fault is of a port and knows of no request; take it "
			    "out, or make a rule of its own",
			    keys[i], action);
	}
	return check_pool(fields, draft);
}

/* Nothing that HTTP tells is known before the first byte. */
static bool
check_accept_match(const struct fields *fields, const struct node *match)
{
	const struct node *count_by = node_find(match, "count_by");

	for (const struct node *n = match->first; n != NULL; n = n->next) {
		if (!match_key_is_accept(n->key->text))
			return tree_refuse(fields->tree, n->key, fields->err, FAULT_DOOR,
			    "'%s' is not known at accept, before the first byte is read; a rule "
			    "there may ask for client, tls, state and counts (its scenario has a "
			    "port of its own)",
			    n->key->text.text);
		if (slice_is(n->key->text, "not") && !check_accept_match(fields, n))
			return false;
	}
	if (count_by == NULL || node_has_param(fields, count_by) ||
	    !slice_is(count_by->text, "transaction"))
		return true;
	return tree_refuse(fields->tree, count_by, fields->err, FAULT_DOOR,
	    "a transaction is not known at accept, before the first byte is read; count by "
	    "site, client or connection");
}

static bool
check_accept(const struct fields *fields, const struct draft *draft)
{
	const struct node *answer = find_answer_key(draft);
	const struct node *delay = node_find(draft->node, "delay");

	if (answer != NULL)
		return tree_refuse(fields->tree, answer->key, fields->err, FAULT_CONFLICT,
		    "'%s' is of an answer, and at accept there is none yet; make a rule of its "
		    "own for it",
		    answer->key->text.text);
	if (delay != NULL && draft->delays != BIT(DELAY_ACCEPT))
		return tree_refuse(fields->tree, delay->key, fields->err, FAULT_CONFLICT,
		    "a rule at accept waits at accept: say 'delay: {min: 5s, max: 5s, at: "
		    "accept}'");
	return check_pool(fields, draft) && check_accept_match(fields, draft->match);
}

/* Where the answer never leaves there is nothing to shape. */
static bool
check_unanswered(const struct fields *fields, const struct draft *draft)
{
	const struct node *delay = node_find(draft->node, "delay");
	bool is_answered = (draft->fates & ~FATES_ANSWERED) == 0;

	for (size_t i = 0; i < COUNT(answer_keys); i++) {
		const struct node *node = node_find(draft->node, answer_keys[i]);

		if (node == NULL || slice_is(node->key->text, "forget") ||
		    (is_answered && !slice_is(node->key->text, "truncate")))
			continue;
		return tree_refuse(fields->tree, node->key, fields->err, FAULT_CONFLICT,
		    "'%s' beside connection, which %s; take one out", answer_keys[i],
		    is_answered ? "lets the answer leave whole" : "leaves no answer");
	}
	if (!is_answered && (draft->delays & BIT(DELAY_BODY)) != 0)
		return tree_refuse(fields->tree, delay->key, fields->err, FAULT_CONFLICT,
		    "'at: body' beside connection, which leaves no answer; say 'at: head'");
	return true;
}

/* A layer, or an edit, that none of the operations asked for ever meets. */
static bool
check_operations(const struct fields *fields, const struct draft *draft)
{
	static const char *const mscep_items[] = {
	    "GetCACaps", "GetCACert", "GetNextCACert", "PKIOperation", "none", "unknown"};
	static const char *const scep_items[] = {"PKIOperation"};
	static const struct words mscep = {.items = mscep_items, .count = 6};
	static const struct words scep = {.items = scep_items, .count = 1};
	const struct node *operation = node_find(draft->match, "operation");

	if (draft->rule.action.kind == ACTION_SCEP &&
	    !operation_has(fields, operation, &scep))
		return tree_refuse(fields->tree, operation, fields->err,
		    FAULT_NEVER_FIRES,
		    "scep edits a pkiMessage, which PKIOperation alone has: this rule could "
		    "never fire");
	if (draft->rule.action.kind == ACTION_RESPOND &&
	    (draft->layers & BIT(LAYER_MSCEP)) != 0 &&
	    !operation_has(fields, operation, &mscep))
		return tree_refuse(fields->tree, operation, fields->err,
		    FAULT_NEVER_FIRES,
		    "layer mscep does not touch mscep_admin: this rule could never fire; say "
		    "layer iis or pool");
	return true;
}

/* Which of the two operations a key of `ca` is about. */
static bool
check_ca(const struct fields *fields, const struct draft *draft)
{
	static const char *const caps_items[] = {"GetCACaps"};
	static const char *const cert_items[] = {"GetCACert"};
	static const struct words caps = {.items = caps_items, .count = 1};
	static const struct words cert = {.items = cert_items, .count = 1};
	const struct node *operation = node_find(draft->match, "operation");

	for (const struct node *n = draft->action->first; n != NULL; n = n->next) {
		struct slice key = n->key->text;
		const struct words *wanted =
		    slice_starts_nocase(key, "caps_") ? &caps : &cert;

		if (!operation_has(fields, operation, wanted))
			return tree_refuse(fields->tree, n->key, fields->err,
			    FAULT_CONFLICT,
			    "%s edits %s, which is not among the operations of this rule; take it "
			    "out, or ask for that operation",
			    key.text, wanted->items[0]);
	}
	return true;
}

bool
draft_check(const struct fields *fields, const struct draft *draft)
{
	const struct node *delay = node_find(draft->node, "delay");

	if (draft_is_of_door(draft))
		return check_door(fields, draft);
	if (draft_is_at_accept(draft))
		return check_accept(fields, draft);
	if ((draft->delays & BIT(DELAY_ACCEPT)) != 0)
		return tree_refuse(fields->tree, delay->key, fields->err, FAULT_CONFLICT,
		    "a delay at accept goes with pass, or with a connection at accept; say 'at: "
		    "head'");
	switch (draft->rule.action.kind) {
	case ACTION_CONNECTION:
		return check_unanswered(fields, draft);
	case ACTION_CA:
		return check_ca(fields, draft);
	case ACTION_RESPOND:
	case ACTION_SCEP:
		return check_operations(fields, draft);
	case ACTION_TLS:
	case ACTION_PASS:
		return true;
	}
	return true;
}
