#include "base/mem.h"
#include "scenarios/match.h"
#include "scenarios/params.h"
#include "scenarios/parts.h"
#include <stdlib.h>
#include <string.h>

#define KEYS(table)      table, sizeof(table) / sizeof(table[0])
#define SERVER_ITEMS_MAX 32

static const struct key server_keys[] = {{"with", false}, {"caps_without", true}};
static const struct key rule_keys[] = {{"id", true}, {"with", false}, {"match", true},
    {"respond", false}, {"scep", false}, {"pass", false}, {"evidence", false}};
static const struct key evidence_keys[] = {{"iis", false}, {"httperr", false}};
static const struct key iis_keys[] = {{"substatus", true}, {"win32", true}};
static const struct key httperr_keys[] = {{"reason", true}, {"queue", false}};

/* A rule with what is known about it only while the file is read. */
struct draft {
	struct rule rule;
	struct with with;
	const struct node *node;
	bool has_match; /* some predicate is set */
};

static void
add_texts(struct texts *to, const struct texts *more)
{
	for (size_t i = 0; i < more->count; i++)
		to->items[to->count++] = more->items[i];
}

static bool
read_change(const struct fields *fields, const struct node *node, struct texts *ret)
{
	struct fields plain = *fields;
	struct with with;

	plain.params = NULL; /* ${name} stands in rules only */
	if (!field_map(fields, node, "an item of server", KEYS(server_keys)) ||
	    !with_read(fields, node_find(node, "with"), &with) ||
	    !field_words(&plain, node_find(node, "caps_without"), &words_capability, ret))
		return false;
	if (!with_holds(&with))
		ret->count = 0;
	return true;
}

bool
server_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	struct texts *all = &scenario->server.caps_without;
	size_t count;

	if (!field_list(fields, node, "server", SERVER_ITEMS_MAX, &count) || count == 0)
		return node == NULL;
	all->items = tree_alloc(
	    fields->tree, count * words_capability.count * sizeof(*all->items));
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		struct texts texts = {.count = 0};

		if (!read_change(fields, n, &texts))
			return false;
		add_texts(all, &texts);
	}
	return true;
}

static bool
read_iis(const struct fields *fields, const struct node *node, struct evidence *ret)
{
	size_t substatus = 0, win32 = 0;

	if (node == NULL)
		return true;
	if (!field_map(fields, node, "evidence.iis", KEYS(iis_keys)) ||
	    !field_number(fields, node_find(node, "substatus"), 0, 999, &substatus) ||
	    !field_number(fields, node_find(node, "win32"), 0, UINT32_MAX, &win32))
		return false;
	ret->has_iis = true;
	ret->substatus = (unsigned)substatus;
	ret->win32 = (uint32_t)win32;
	return true;
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
		return tree_refuse(fields->tree, queue, fields->err,
		    "a queue name in HTTPERR has no blanks: its fields are parted by them");
	return true;
}

/* Evidence must be of the log that the layer writes. */
static bool
check_log(const struct fields *fields, const struct node *node, const struct rule *rule)
{
	enum layer layer =
	    rule->action == ACTION_SCEP ? LAYER_MSCEP : rule->respond.layer;
	enum log_target log = layer_log(layer);
	const struct node *iis = node_find(node, "iis");
	const struct node *httperr = node_find(node, "httperr");

	if (rule->action == ACTION_PASS)
		return tree_refuse(fields->tree, node, fields->err,
		    "evidence beside pass: what passes is logged as it is answered; take it out");
	if (iis != NULL && log == LOG_TO_HTTPERR)
		return tree_refuse(fields->tree, iis->key, fields->err,
		    "an answer of layer %s stands in HTTPERR, not in the IIS log; say "
		    "{httperr: {reason: ..}}",
		    layer_names[layer]);
	if (httperr != NULL && log == LOG_TO_IIS)
		return tree_refuse(fields->tree, httperr->key, fields->err,
		    "an answer of layer %s stands in the IIS log, not in HTTPERR; say "
		    "{iis: {substatus: .., win32: ..}}",
		    layer_names[layer]);
	return true;
}

static bool
read_evidence(const struct fields *fields, const struct node *node, struct rule *rule)
{
	if (node == NULL)
		return true;
	if (!field_map(fields, node, "evidence", KEYS(evidence_keys)))
		return false;
	if (node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err,
		    "evidence is empty; say iis or httperr, or leave it out");
	return read_iis(fields, node_find(node, "iis"), &rule->evidence) &&
	       read_httperr(fields, node_find(node, "httperr"), &rule->evidence) &&
	       check_log(fields, node, rule);
}

static bool
read_pass(const struct fields *fields, const struct node *node)
{
	if (node->kind == NODE_MAP && node->first == NULL)
		return true;
	return tree_refuse(
	    fields->tree, node, fields->err, "pass has nothing to say but 'pass: {}'");
}

static bool
read_action(const struct fields *fields, const struct node *node, struct rule *rule)
{
	static const char *const names[] = {"respond", "scep", "pass"};
	const struct node *found = NULL;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct node *action = node_find(node, names[i]);

		if (action == NULL)
			continue;
		if (found != NULL)
			return tree_refuse(fields->tree, action->key, fields->err,
			    "a second action beside '%s'; a rule has one, make two rules",
			    found->key->text.text);
		found = action;
		rule->action = (enum action)i;
	}
	if (found == NULL)
		return tree_refuse(fields->tree, node, fields->err,
		    "the rule '%s' has no action; say respond, scep or pass", rule->id);
	switch (rule->action) {
	case ACTION_RESPOND:
		return respond_read(fields, found, &rule->respond);
	case ACTION_SCEP:
		return scep_read(fields, found, &rule->scep);
	case ACTION_PASS:
		return read_pass(fields, found);
	}
	return false;
}

/* What only PKIOperation has cannot be asked of the other operations. */
static bool
check_operations(
    const struct fields *fields, const struct node *node, const struct rule *rule)
{
	const struct texts *operations = &rule->match.operations;
	const char *what =
	    rule->action == ACTION_SCEP ? "scep edits" : "message_type asks for";

	if (operations->count == 0 ||
	    (rule->action != ACTION_SCEP && rule->match.message_types.count == 0))
		return true;
	for (size_t i = 0; i < operations->count; i++)
		if (strcmp(operations->items[i], "PKIOperation") == 0)
			return true;
	return tree_refuse(fields->tree, node_find(node_find(node, "match"), "operation"),
	    fields->err,
	    "%s a pkiMessage, which PKIOperation alone has: this rule could never fire",
	    what);
}

static bool
read_rule(const struct fields *fields, const struct node *node, struct draft *draft)
{
	struct fields here = *fields;
	struct rule *rule = &draft->rule;
	const struct node *match;

	draft->node = node;
	here.with = &draft->with;
	if (!field_map(fields, node, "a rule", KEYS(rule_keys)) ||
	    !with_read(fields, node_find(node, "with"), &draft->with) ||
	    !field_id(fields, node_find(node, "id"), &rule->id))
		return false;
	match = node_find(node, "match");
	if (!match_read(&here, match, &rule->match) || !read_action(&here, node, rule) ||
	    !read_evidence(&here, node_find(node, "evidence"), rule))
		return false;
	draft->has_match = match->first != NULL;
	return check_operations(fields, node, rule);
}

/* Whether a rule without any predicate takes all that the other could ever have. */
static bool
takes_all_of(const struct rule *wide, const struct rule *narrow)
{
	if (wide->action == ACTION_PASS || narrow->action == ACTION_PASS)
		return wide->action == ACTION_PASS ||
		       (wide->action == ACTION_RESPOND &&
		           wide->respond.layer != LAYER_MSCEP);
	if (wide->action == ACTION_SCEP)
		return narrow->action == ACTION_SCEP;
	return wide->respond.layer != LAYER_MSCEP || narrow->action == ACTION_SCEP ||
	       narrow->respond.layer == LAYER_MSCEP;
}

static bool
check_against(
    const struct fields *fields, const struct draft *earlier, const struct draft *later)
{
	if (strcmp(earlier->rule.id, later->rule.id) == 0)
		return tree_refuse(fields->tree, node_find(later->node, "id"),
		    fields->err, "a second rule with the id '%s'; give it another",
		    later->rule.id);
	if (earlier->has_match || !with_includes(&earlier->with, &later->with) ||
	    !takes_all_of(&earlier->rule, &later->rule))
		return true;
	return tree_refuse(fields->tree, later->node, fields->err,
	    "the rule '%s' can never fire: '%s' above it matches every request; put it first, "
	    "or give '%s' a match",
	    later->rule.id, earlier->rule.id, earlier->rule.id);
}

static bool
read_drafts(const struct fields *fields, const struct node *node, struct draft *drafts)
{
	size_t count = 0;

	for (const struct node *n = node->first; n != NULL; n = n->next) {
		if (!read_rule(fields, n, &drafts[count]))
			return false;
		for (size_t i = 0; i < count; i++)
			if (!check_against(fields, &drafts[i], &drafts[count]))
				return false;
		count++;
	}
	return true;
}

bool
rules_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	struct draft *drafts;
	size_t count;
	bool ok;

	if (!field_list(fields, node, "rules", DECISION_RULES_MAX, &count) || count == 0)
		return node == NULL;
	drafts = mem_array(count, sizeof(*drafts));
	ok = read_drafts(fields, node, drafts);
	if (ok)
		scenario->rules =
		    tree_alloc(fields->tree, count * sizeof(*scenario->rules));
	for (size_t i = 0; ok && i < count; i++)
		if (with_holds(&drafts[i].with))
			scenario->rules[scenario->rule_count++] = drafts[i].rule;
	free(drafts);
	return ok;
}
