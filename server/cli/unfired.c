#include "cli/unfired.h"

#include "scenarios/match.h"

static bool
is_fault(const struct rule *rule)
{
	return rule->action != ACTION_PASS;
}

bool
unfired_can_fire(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->rule_count; i++)
		if (is_fault(&scenario->rules[i]))
			return true;
	return false;
}

char *
unfired_hint(const struct scenario *scenario)
{
	struct buf hint = BUF_INIT;

	for (size_t i = 0; i < scenario->rule_count; i++) {
		const struct rule *rule = &scenario->rules[i];

		if (!is_fault(rule))
			continue;
		buf_add_format(&hint, "%s%s/%s waits for ", hint.len == 0 ? "" : "; or ",
		    scenario->id, rule->id);
		rule_describe(rule, &hint);
	}
	return buf_string(&hint);
}
