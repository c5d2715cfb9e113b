#include "base/nearest.h"
#include "base/parse.h"
#include "scenarios/candidates.h"
#include "scenarios/rule_parts.h"
#include <stdlib.h>
#include <string.h>

#define RATE_MAX_MS (60 * 60 * 1000)

/* As refuse_word, with the code of a state or machine that is not there. */
static bool
refuse_state(const struct fields *fields, const struct node *node, const char *what,
    const struct words *known)
{
	struct buf hint = BUF_INIT;
	bool near;
	char *text;

	nearest_hint(&hint, node->text, known->items, known->count);
	near = hint.len > 0;
	for (size_t i = 0; !near && i < known->count; i++)
		buf_add_format(
		    &hint, "%s%s", i == 0 ? "; known: " : ", ", known->items[i]);
	text = buf_string(&hint);
	tree_refuse(fields->tree, node, fields->err, FAULT_NO_SUCH_STATE,
	    "'%s' is not %s%s", quote_slice(node->text).text, what, text);
	free(text);
	return false;
}

/* A state that is not there, told with a code of its own where it stands in plain text.
 */
static bool
check_states(
    const struct fields *fields, const struct node *node, const struct words *known)
{
	const struct node *first = node->kind == NODE_LIST ? node->first : node;

	for (const struct node *n = first; n != NULL;
	     n = node->kind == NODE_LIST ? n->next : NULL) {
		bool is_known = n->kind != NODE_SCALAR || node_has_param(fields, n);

		for (size_t i = 0; i < known->count; i++)
			is_known |= slice_is(n->text, known->items[i]);
		if (!is_known)
			return refuse_state(fields, n, known->what, known);
	}
	return true;
}

static bool
read_state(const struct fields *fields, const struct node *node,
    const struct machine *machine, struct state_match *ret)
{
	const char **names =
	    tree_alloc(fields->tree, machine->state_count * sizeof(*names));
	struct words known = {.what = "a state of that machine",
	    .items = names,
	    .count = machine->state_count};
	struct texts chosen = {.count = 0};

	for (size_t i = 0; i < machine->state_count; i++)
		names[i] = machine->states[i].name;
	if (!check_states(fields, node, &known) ||
	    !field_words(fields, node, &known, &chosen))
		return false;
	for (size_t i = 0; i < chosen.count; i++)
		for (size_t j = 0; j < machine->state_count; j++)
			if (strcmp(chosen.items[i], names[j]) == 0)
				ret->states |= UINT32_C(1) << j;
	return true;
}

static const struct machine *
find_machine(const struct fields *fields, struct slice name, size_t *index)
{
	const struct scenario *scenario = fields->scenario;

	for (size_t i = 0; i < scenario->machine_count; i++) {
		if (slice_is(name, scenario->machines[i].name)) {
			*index = i;
			return &scenario->machines[i];
		}
	}
	return NULL;
}

static bool
refuse_machine(const struct fields *fields, const struct node *key)
{
	const char *names[MACHINES_MAX];
	struct words known = {.items = names, .count = fields->scenario->machine_count};

	if (known.count == 0)
		return tree_refuse(fields->tree, key, fields->err, FAULT_NO_SUCH_STATE,
		    "'%s' is not a machine; this scenario has no 'machines'",
		    quote_slice(key->text).text);
	for (size_t i = 0; i < known.count; i++)
		names[i] = fields->scenario->machines[i].name;
	return refuse_state(fields, key, "a machine of this scenario", &known);
}

bool
match_states_read(const struct fields *fields, const struct node *node, struct match *ret)
{
	if (node == NULL)
		return true;
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "state is a map 'machine: state', or 'machine: [state, state]'");
	ret->states = tree_alloc(fields->tree, MACHINES_MAX * sizeof(*ret->states));
	for (const struct node *n = node->first; n != NULL; n = n->next) {
		struct state_match *state = &ret->states[ret->state_count];
		const struct machine *machine =
		    find_machine(fields, n->key->text, &state->machine);

		if (machine == NULL)
			return refuse_machine(fields, n->key);
		ret->state_count++;
		if (!read_state(fields, n, machine, state))
			return false;
	}
	return true;
}

struct rate {
	size_t count;
	uint64_t ms;
};

static bool
parse_rate(struct slice text, struct rate *ret)
{
	const char *slash = text.len > 0 ? memchr(text.text, '/', text.len) : NULL;
	struct slice count = text, window;

	if (slash == NULL)
		return false;
	count.len = (size_t)(slash - text.text);
	window = (struct slice){slash + 1, text.len - count.len - 1};
	return parse_size(count, NUMBER_MAX, &ret->count) && ret->count > 0 &&
	       parse_duration_ms(window, &ret->ms) && ret->ms > 0 &&
	       ret->ms <= RATE_MAX_MS;
}

static bool
is_rate(struct slice text, const void *arg)
{
	struct rate rate;

	return parse_rate(text, &rate);
}

static bool
read_rate(const struct fields *fields, const struct node *node, struct match *ret)
{
	struct candidates c;
	struct rate rate;

	if (node == NULL)
		return true;
	if (!candidates_list(fields, node, &c) ||
	    !candidates_check(fields, node, &c, is_rate, NULL,
	        "a rate such as 5/1s, a number in a time of at most an hour,"))
		return false;
	if (!parse_rate(c.chosen, &rate))
		return false;
	ret->rate_count = rate.count;
	ret->rate_ms = rate.ms;
	return true;
}

/* The first request has number 1. */
static bool
read_nth(const struct fields *fields, const struct node *node, struct match *ret)
{
	size_t bound;

	if (node == NULL)
		return true;
	if (node->kind == NODE_SCALAR &&
	    !field_number(fields, node, 1, NUMBER_MAX, &bound))
		return false;
	if (node->kind == NODE_MAP &&
	    (!field_number(fields, node_find(node, "max"), 1, NUMBER_MAX, &bound) ||
	        !field_number(fields, node_find(node, "under"), 2, NUMBER_MAX, &bound)))
		return false;
	return field_range(fields, node, &ret->nth);
}

/* What counts must leave a number that all of it lets through. */
static bool
check_counting(
    const struct fields *fields, const struct node *map, const struct match *match)
{
	const struct node *times = node_find(map, "times");
	const struct node *count_by = node_find(map, "count_by");
	bool counts = false;

	for (const struct node *n = map->first; n != NULL; n = n->next)
		counts |= n != count_by && match_key_counts(n->key->text);
	if (count_by != NULL && !counts)
		return tree_refuse(fields->tree, count_by->key, fields->err,
		    FAULT_CONFLICT,
		    "count_by without times counts nothing; add times, nth, every, rate_over "
		    "or probability, or take it out");
	if (times == NULL || node_has_param(fields, map))
		return true;
	if (match->nth.is_set && match->nth.min > match->times)
		return tree_refuse(fields->tree, times, fields->err, FAULT_NEVER_FIRES,
		    "only the first %zu are taken, but nth begins with %zu", match->times,
		    match->nth.min);
	if (match->every > match->times)
		return tree_refuse(fields->tree, times, fields->err, FAULT_NEVER_FIRES,
		    "only the first %zu are taken, but of these none is a %zu-th",
		    match->times, match->every);
	return true;
}

bool
match_counting_read(
    const struct fields *fields, const struct node *map, struct match *ret)
{
	const struct node *probability = node_find(map, "probability");
	size_t by = COUNT_BY_SITE;

	if (!read_nth(fields, node_find(map, "nth"), ret) ||
	    !field_number(fields, node_find(map, "every"), 2, NUMBER_MAX, &ret->every) ||
	    !field_number(fields, node_find(map, "times"), 1, NUMBER_MAX, &ret->times) ||
	    !read_rate(fields, node_find(map, "rate_over"), ret) ||
	    !field_chance(fields, probability, &ret->per_million) ||
	    !field_word(fields, node_find(map, "count_by"), &words_count_by, &by))
		return false;
	ret->has_probability = probability != NULL;
	ret->count_by = (enum count_by)by;
	return check_counting(fields, map, ret);
}
