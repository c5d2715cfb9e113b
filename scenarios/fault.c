#include "scenarios/fault.h"

const char *
fault_code(enum fault fault)
{
	static const char *const codes[FAULT_COUNT] = {
	    [FAULT_YAML] = "yaml",
	    [FAULT_FORMAT] = "format",
	    [FAULT_SHAPE] = "shape",
	    [FAULT_UNKNOWN_KEY] = "unknown-key",
	    [FAULT_DUPLICATE_KEY] = "duplicate-key",
	    [FAULT_MISSING_KEY] = "missing-key",
	    [FAULT_UNKNOWN_WORD] = "unknown-word",
	    [FAULT_VALUE] = "value",
	    [FAULT_BARE_DURATION] = "bare-duration",
	    [FAULT_BARE_CHANCE] = "bare-chance",
	    [FAULT_NO_SUCH_PARAM] = "no-such-param",
	    [FAULT_PARAM_VALUE] = "param-value",
	    [FAULT_NO_ACTION] = "no-action",
	    [FAULT_TWO_ACTIONS] = "two-actions",
	    [FAULT_SAME_ID] = "same-id",
	    [FAULT_NEVER_FIRES] = "never-fires",
	    [FAULT_NO_SUCH_STATE] = "no-such-state",
	    [FAULT_UNREACHABLE_STATE] = "unreachable-state",
	    [FAULT_NO_SUCH_RULE] = "no-such-rule",
	    [FAULT_EVENT] = "event",
	    [FAULT_DOOR] = "door",
	    [FAULT_WRONG_LOG] = "wrong-log",
	    [FAULT_CONFLICT] = "conflict",
	};

	return codes[fault];
}
