#include "base/mem.h"
#include "scenarios/candidates.h"
#include "scenarios/params.h"
#include "scenarios/parts.h"
#include "scenarios/refuse.h"
#include <stdlib.h>
#include <string.h>

#define KEYS(table) table, sizeof(table) / sizeof(table[0])

static const struct key machine_keys[] = {{"initial", true}, {"states", true}};
static const struct key state_keys[] = {{"events", false}, {"after", false}};
static const struct key transition_keys[] = {
    {"to", true}, {"count", false}, {"within", false}};
static const struct key after_keys[] = {{"delay", true}, {"to", true}};

/* A machine while it is read: which states lead to which, for every value that a
   parameter may take. */
struct wiring {
	const struct machine *machine;
	uint32_t starts;
	uint32_t leads[STATES_MAX];
};

static bool
check_name(const struct fields *fields, const struct node *key, const char *what)
{
	if (text_is_id(key->text))
		return true;
	return tree_refuse(fields->tree, key, fields->err, FAULT_VALUE,
	    "'%s': the name of %s is small letters and digits, with single hyphens between "
	    "them",
	    quote_slice(key->text).text, what);
}

/* node must be a MAP of 1 to `most` names. */
static bool
count_names(const struct fields *fields, const struct node *node, const char *what,
    size_t most, size_t *ret)
{
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "%s is a map of names, one at least; this is %s", what,
		    node->kind == NODE_MAP ? "an empty one" : node_kind_name(node->kind));
	*ret = 0;
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (++*ret > most)
			return tree_refuse(fields->tree, n->key, fields->err, FAULT_VALUE,
			    "%s: more than %zu", what, most);
	return true;
}

static bool
find_state(const struct machine *machine, struct slice name, size_t *ret)
{
	for (size_t i = 0; i < machine->state_count; i++) {
		if (slice_is(name, machine->states[i].name)) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static bool
refuse_state(const struct fields *fields, const struct node *node,
    const struct machine *machine, const struct candidates *c, struct slice name)
{
	struct buf known = BUF_INIT;
	char *text;

	for (size_t i = 0; i < machine->state_count; i++)
		buf_add_format(
		    &known, "%s%s", i > 0 ? ", " : "", machine->states[i].name);
	text = buf_string(&known);
	tree_refuse(fields->tree, node, fields->err, FAULT_NO_SUCH_STATE,
	    "%s%s%s'%s', which is no state of the machine '%s'; its states: %s",
	    c->param != NULL ? "${" : "", c->param != NULL ? c->param->name : "",
	    c->param != NULL ? "} may be " : "", quote_slice(name).text, machine->name,
	    text);
	free(text);
	return false;
}

/* Every state that may be meant is added to `all`. */
static bool
read_state_name(const struct fields *fields, const struct node *node,
    const struct machine *machine, size_t *ret, uint32_t *all)
{
	struct candidates c;
	size_t index;

	if (!candidates_list(fields, node, &c))
		return false;
	for (size_t i = 0; i < c.count; i++) {
		if (!find_state(machine, c.items[i], &index))
			return refuse_state(fields, node, machine, &c, c.items[i]);
		*all |= UINT32_C(1) << index;
	}
	if (c.is_open)
		return candidates_refuse(fields, node, &c, c.chosen, "a state");
	return find_state(machine, c.chosen, ret);
}

static bool
read_transition(const struct fields *fields, const struct node *node,
    struct transition *ret, struct wiring *wiring, size_t from)
{
	const struct node *within = node_find(node, "within");

	ret->event = node->key->text.text;
	ret->count = 1;
	if (!check_name(fields, node->key, "an event") ||
	    !field_map(fields, node, "an event", KEYS(transition_keys)) ||
	    !read_state_name(fields, node_find(node, "to"), wiring->machine, &ret->to,
	        &wiring->leads[from]) ||
	    !field_number(
	        fields, node_find(node, "count"), 1, EVENT_COUNT_MAX, &ret->count))
		return false;
	if (within != NULL && node_find(node, "count") == NULL)
		return tree_refuse(fields->tree, within->key, fields->err, FAULT_CONFLICT,
		    "within without count: one event needs no window; add count or take it "
		    "out");
	return field_duration(fields, within, 1, DURATION_MAX, &ret->within_ms);
}

static bool
read_events(const struct fields *fields, const struct node *node, struct state *state,
    struct wiring *wiring, size_t from)
{
	size_t count;

	if (node == NULL)
		return true;
	if (!count_names(fields, node, "events", TRANSITIONS_MAX, &count))
		return false;
	state->transitions =
	    tree_alloc(fields->tree, count * sizeof(*state->transitions));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_transition(fields, n,
		        &state->transitions[state->transition_count++], wiring, from))
			return false;
	return true;
}

static bool
read_state(const struct fields *fields, const struct node *node, struct state *state,
    struct wiring *wiring, size_t index)
{
	const struct node *after = node_find(node, "after");

	if (!field_map(fields, node, "a state", KEYS(state_keys)) ||
	    !read_events(fields, node_find(node, "events"), state, wiring, index))
		return false;
	if (after == NULL)
		return true;
	state->has_after = true;
	return field_map(fields, after, "after", KEYS(after_keys)) &&
	       field_duration(fields, node_find(after, "delay"), 1, DURATION_MAX,
	           &state->after_ms) &&
	       read_state_name(fields, node_find(after, "to"), wiring->machine,
	           &state->after_to, &wiring->leads[index]);
}

static bool
check_reached(
    const struct fields *fields, const struct node *states, const struct wiring *wiring)
{
	uint32_t reached = wiring->starts, before = 0;
	const struct node *n = states->first;

	while (reached != before) {
		before = reached;
		for (size_t i = 0; i < STATES_MAX; i++)
			if ((before >> i & 1) != 0)
				reached |= wiring->leads[i];
	}
	for (size_t i = 0; n != NULL; n = n->next, i++)
		if ((reached >> i & 1) == 0)
			return tree_refuse(fields->tree, n->key, fields->err,
			    FAULT_UNREACHABLE_STATE,
			    "the machine '%s' never comes into the state '%s': nothing leads "
			    "to it from its initial state; say 'to: %s' somewhere, or take it "
			    "out",
			    wiring->machine->name, n->key->text.text, n->key->text.text);
	return true;
}

/* Names first: a state may lead to one that stands below it. */
static bool
name_states(const struct fields *fields, const struct node *node, struct machine *machine)
{
	size_t count;

	if (!count_names(fields, node, "states", STATES_MAX, &count))
		return false;
	machine->states = tree_alloc(fields->tree, count * sizeof(*machine->states));
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		if (!check_name(fields, n->key, "a state"))
			return false;
		machine->states[machine->state_count++].name = n->key->text.text;
	}
	return true;
}

static bool
read_machine(
    const struct fields *fields, const struct node *node, struct machine *machine)
{
	struct wiring wiring = {.machine = machine};
	const struct node *states = node_find(node, "states");
	size_t i = 0;

	machine->name = node->key->text.text;
	if (!check_name(fields, node->key, "a machine") ||
	    !field_map(fields, node, "a machine", KEYS(machine_keys)) ||
	    !name_states(fields, states, machine) ||
	    !read_state_name(fields, node_find(node, "initial"), machine,
	        &machine->initial, &wiring.starts))
		return false;
	for (const struct node *n = states->first; n != NULL; n = n->next, i++)
		if (!read_state(fields, n, &machine->states[i], &wiring, i))
			return false;
	return check_reached(fields, states, &wiring);
}

bool
machines_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	size_t count;

	if (node == NULL)
		return true;
	if (!count_names(fields, node, "machines", MACHINES_MAX, &count))
		return false;
	scenario->machines =
	    tree_alloc(fields->tree, count * sizeof(*scenario->machines));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_machine(
		        fields, n, &scenario->machines[scenario->machine_count++]))
			return false;
	return true;
}

static size_t
count_events(const struct scenario *scenario)
{
	size_t count = 0;

	for (size_t i = 0; i < scenario->machine_count; i++)
		for (size_t j = 0; j < scenario->machines[i].state_count; j++)
			count += scenario->machines[i].states[j].transition_count;
	return count;
}

static void
add_event(const char **names, size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(names[i], name) == 0)
			return;
	names[(*count)++] = name;
}

/* All events that some machine waits for, each once; how many. */
static size_t
list_events(const struct scenario *scenario, const char **names)
{
	size_t count = 0;

	for (size_t i = 0; i < scenario->machine_count; i++) {
		const struct machine *machine = &scenario->machines[i];

		for (size_t j = 0; j < machine->state_count; j++)
			for (size_t k = 0; k < machine->states[j].transition_count; k++)
				add_event(names, &count,
				    machine->states[j].transitions[k].event);
	}
	return count;
}

bool
event_check(const struct fields *fields, const struct node *node, struct slice event)
{
	const char **names =
	    mem_array(count_events(fields->scenario) + 1, sizeof(*names));
	struct words known = {.items = names};
	bool ok = false;

	known.count = list_events(fields->scenario, names);
	for (size_t i = 0; i < known.count && !ok; i++)
		ok = slice_is(event, known.items[i]);
	if (!ok)
		refuse_event(fields, node, event, &known);
	free(names);
	return ok;
}

/* In a rule the parameters may be narrowed by its `with`. */
static bool
check_emit(const struct fields *fields, const struct node *rule)
{
	const struct node *emit = node_find(rule, "emit");
	struct fields here = *fields;
	struct candidates c;
	struct with with;

	if (emit == NULL)
		return true;
	here.with = &with;
	if (!with_read(fields, node_find(rule, "with"), &with) ||
	    !candidates_list(&here, emit, &c))
		return false;
	for (size_t i = 0; i < c.count; i++)
		if (!event_check(fields, emit, c.items[i]))
			return false;
	return true;
}

bool
emits_check(const struct fields *fields, const struct node *rules)
{
	for (const struct node *n = rules != NULL ? rules->first : NULL; n != NULL;
	     n = n->next)
		if (!check_emit(fields, n))
			return false;
	return true;
}
