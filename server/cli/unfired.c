#include "cli/unfired.h"

#include "flow/edit.h"
#include "scenarios/match.h"

/* A refused connection, or one that nobody accepts, is nothing that the server sees. */
static bool
is_seen(const struct rule *rule)
{
	enum fate fate = rule->action.connection.fate;

	return rule_is_fault(rule) &&
	       (rule->action.kind != ACTION_CONNECTION ||
	           (fate != FATE_REFUSE && fate != FATE_NO_ACCEPT));
}

bool
unfired_can_fire(const struct scenario *scenario)
{
	for (size_t i = 0; i < scenario->rule_count; i++)
		if (is_seen(&scenario->rules[i]))
			return true;
	return false;
}

char *
unfired_hint(const struct scenario *scenario)
{
	struct buf hint = BUF_INIT;

	for (size_t i = 0; i < scenario->rule_count; i++) {
		const struct rule *rule = &scenario->rules[i];

		if (!is_seen(rule))
			continue;
		buf_add_format(&hint, "%s%s/%s waits for ", hint.len == 0 ? "" : "; or ",
		    scenario->id, rule->id);
		rule_describe(rule, &hint);
	}
	return buf_string(&hint);
}
