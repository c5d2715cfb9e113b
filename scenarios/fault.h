/*
 * fault: what can be wrong with a scenario file, each with a code that stays the same
 * from version to version: "mine.yaml:3:5: sentence [unknown-key]".
 */
#ifndef SCENARIOS_FAULT_H
#define SCENARIOS_FAULT_H

enum fault {
	FAULT_YAML,   /* no YAML, or more of it than is read */
	FAULT_FORMAT, /* no scenario of this format */
	FAULT_SHAPE,  /* a map where a list is due, and the like */
	FAULT_UNKNOWN_KEY,
	FAULT_DUPLICATE_KEY,
	FAULT_MISSING_KEY,
	FAULT_UNKNOWN_WORD,
	FAULT_VALUE,         /* a value that is not allowed in its place */
	FAULT_BARE_DURATION, /* a duration without a unit */
	FAULT_BARE_CHANCE,   /* a probability without % */
	FAULT_NO_SUCH_PARAM,
	FAULT_PARAM_VALUE, /* a parameter may be what its place does not allow */
	FAULT_NO_ACTION,
	FAULT_TWO_ACTIONS,
	FAULT_SAME_ID,
	FAULT_NEVER_FIRES, /* shadowed, or a match that nothing satisfies */
	FAULT_NO_SUCH_STATE,
	FAULT_UNREACHABLE_STATE,
	FAULT_NO_SUCH_RULE, /* after_rule names none */
	FAULT_EVENT,        /* emitted for no machine, or waited for and never sent */
	FAULT_DOOR,         /* a fault below HTTP, chosen by what only HTTP tells */
	FAULT_WRONG_LOG,    /* evidence in a log that the layer does not write */
	FAULT_CONFLICT,     /* two keys that do not go together */
};
#define FAULT_COUNT 23

const char *fault_code(enum fault fault); /* "unknown-key" */

#endif
