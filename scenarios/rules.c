#include "base/mem.h"
#include "scenarios/match.h"
#include "scenarios/params.h"
#include "scenarios/rule_parts.h"
#include <stdlib.h>
#include <string.h>

#define KEYS(table) table, sizeof(table) / sizeof(table[0])

static const struct key rule_keys[] = {{"id", true}, {"with", false}, {"match", true},
    {"respond", false}, {"scep", false}, {"ca", false}, {"connection", false},
    {"tls", false}, {"pass", false}, {"delay", false}, {"drip", false},
    {"truncate", false}, {"reply", false}, {"emit", false}, {"forget", false},
    {"evidence", false}};

/* What leaves, and what becomes of the server's own state. */
static bool
read_effects(const struct fields *fields, struct draft *draft)
{
	const struct node *delay = node_find(draft->node, "delay");
	const struct node *at = node_find(delay, "at");
	const struct node *forget = node_find(draft->node, "forget");
	struct rule *rule = &draft->rule;
	size_t what = 0;

	if (!shaping_read(fields, draft->node, &rule->shaping) ||
	    !words_mask(fields, at, &words_delay_at, &draft->delays) ||
	    !reply_read(fields, node_find(draft->node, "reply"), &rule->reply) ||
	    !field_id(fields, node_find(draft->node, "emit"), &rule->emit) ||
	    !field_word(fields, forget, &words_forget, &what))
		return false;
	if (delay != NULL && at == NULL)
		draft->delays = UINT32_C(1) << DELAY_HEAD;
	rule->forgets_passwords = forget != NULL;
	return true;
}

static bool
read_evidence(const struct fields *fields, struct draft *draft)
{
	const struct node *node = node_find(draft->node, "evidence");

	return node == NULL ||
	       (evidence_read(fields, node, &draft->rule.evidence, true) &&
	           draft_check_log(fields, draft));
}

static bool
read_rule(const struct fields *fields, const struct node *node, struct draft *draft)
{
	struct fields here = *fields;
	struct rule *rule = &draft->rule;

	draft->node = node;
	here.with = &draft->with;
	if (!field_map(fields, node, "a rule", KEYS(rule_keys)) ||
	    !with_read(fields, node_find(node, "with"), &draft->with) ||
	    !field_id(fields, node_find(node, "id"), &rule->id))
		return false;
	draft->match = node_find(node, "match");
	return match_read(&here, draft->match, &rule->match, MATCH_RULE) &&
	       action_read(&here, draft) && read_effects(&here, draft) &&
	       draft_check(&here, draft) && read_evidence(&here, draft);
}

static bool
check_against(
    const struct fields *fields, const struct draft *earlier, const struct draft *later)
{
	const char *later_id = later->rule.id, *id = earlier->rule.id;

	if (strcmp(id, later_id) == 0)
		return tree_refuse(fields->tree, node_find(later->node, "id"),
		    fields->err, FAULT_SAME_ID,
		    "a second rule with the id '%s'; give it another", later_id);
	if (!draft_shadows(fields, earlier, later))
		return true;
	if (earlier->match->first == NULL)
		return tree_refuse(fields->tree, later->node, fields->err,
		    FAULT_NEVER_FIRES,
		    "the rule '%s' can never fire: '%s' above it matches every request; put it "
		    "first, or give '%s' a match",
		    later_id, id, id);
	return tree_refuse(fields->tree, later->node, fields->err, FAULT_NEVER_FIRES,
	    "the rule '%s' can never fire: '%s' above it takes all that it matches; put it "
	    "first, or take it out",
	    later_id, id);
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

static bool
asks_challenge(const struct match *match)
{
	return match->challenges.count > 0 ||
	       (match->none_of != NULL && asks_challenge(match->none_of));
}

static void
add_rule(struct scenario *scenario, const struct rule *rule)
{
	scenario->rules[scenario->rule_count++] = *rule;
	scenario->asks_challenge |= asks_challenge(&rule->match);
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
			add_rule(scenario, &drafts[i].rule);
	free(drafts);
	return ok;
}
