#include "base/parse.h"
#include "scenarios/candidates.h"
#include "scenarios/fields.h"
#include <stdio.h>
#include <string.h>

#define KEYS(table)     table, sizeof(table) / sizeof(table[0])
#define PER_MILLION_MAX 1000000

static const struct key range_keys[] = {
    {"min", false}, {"max", false}, {"over", false}, {"under", false}};

void
duration_text(uint64_t ms, char ret[DURATION_TEXT_MAX])
{
	static const struct {
		const char *name;
		uint64_t ms;
	} units[] = {{"h", 3600000}, {"m", 60000}, {"s", 1000}};

	for (size_t i = 0; ms > 0 && i < sizeof(units) / sizeof(units[0]); i++) {
		if (ms % units[i].ms == 0) {
			snprintf(ret, DURATION_TEXT_MAX, "%llu%s",
			    (unsigned long long)(ms / units[i].ms), units[i].name);
			return;
		}
	}
	snprintf(ret, DURATION_TEXT_MAX, "%llums", (unsigned long long)ms);
}

/* Digits and dots alone, to which a unit was forgotten. */
static bool
is_bare(struct slice text)
{
	return text.len > 0 && strspn(text.text, "0123456789.") >= text.len;
}

struct span {
	uint64_t min, max;
};

static bool
is_duration(struct slice text, const void *arg)
{
	const struct span *span = arg;
	uint64_t ms;

	return parse_duration_ms(text, &ms) && ms >= span->min && ms <= span->max;
}

bool
field_duration(const struct fields *fields, const struct node *node, uint64_t min_ms,
    uint64_t max_ms, uint64_t *ret)
{
	const struct span span = {min_ms, max_ms};
	char least[DURATION_TEXT_MAX], most[DURATION_TEXT_MAX], wanted[80];
	struct candidates c;

	if (node == NULL)
		return true;
	duration_text(min_ms, least);
	duration_text(max_ms, most);
	snprintf(wanted, sizeof(wanted), "a duration from %s to %s", least, most);
	if (!candidates_list(fields, node, &c))
		return false;
	if (c.is_open)
		return candidates_refuse(fields, node, &c, c.chosen, wanted);
	if (c.param == NULL && is_bare(node->text))
		return tree_refuse(fields->tree, node, fields->err, FAULT_BARE_DURATION,
		    "'%s' has no unit: write %sms, %ss, %sm or %sh",
		    quote_slice(node->text).text, quote_slice(node->text).text,
		    quote_slice(node->text).text, quote_slice(node->text).text,
		    quote_slice(node->text).text);
	if (!candidates_check(fields, node, &c, is_duration, &span, wanted))
		return false;
	return parse_duration_ms(c.chosen, ret);
}

/* "0.5%" is 5000 millionths; false: no percentage above 0 and up to 100. */
static bool
parse_chance(struct slice text, uint32_t *ret)
{
	struct slice whole, parts = {NULL, 0};
	const char *dot;
	size_t number, fraction = 0;

	if (text.len < 2 || text.text[text.len - 1] != '%')
		return false;
	whole = (struct slice){text.text, text.len - 1};
	dot = memchr(whole.text, '.', whole.len);
	if (dot != NULL) {
		parts = (struct slice){dot + 1, whole.len - 1};
		parts.len -= (size_t)(dot - whole.text);
		whole.len = (size_t)(dot - whole.text);
		if (parts.len > 4 || !parse_size(parts, 9999, &fraction))
			return false;
		for (size_t i = parts.len; i < 4; i++)
			fraction *= 10;
	}
	if (!parse_size(whole, 100, &number))
		return false;
	number = number * 10000 + fraction;
	if (number == 0 || number > PER_MILLION_MAX)
		return false;
	*ret = (uint32_t)number;
	return true;
}

static bool
is_chance(struct slice text, const void *arg)
{
	uint32_t per_million;

	return parse_chance(text, &per_million);
}

bool
field_chance(const struct fields *fields, const struct node *node, uint32_t *per_million)
{
	static const char wanted[] =
	    "a percentage above 0% and up to 100%, with at most four decimals,";
	struct candidates c;

	if (node == NULL)
		return true;
	if (!candidates_list(fields, node, &c))
		return false;
	if (c.is_open)
		return candidates_refuse(fields, node, &c, c.chosen, wanted);
	if (c.param == NULL && is_bare(node->text))
		return tree_refuse(fields->tree, node, fields->err, FAULT_BARE_CHANCE,
		    "'%s' is no chance: write it with a percent sign, as in 20%%",
		    quote_slice(node->text).text);
	if (!candidates_check(fields, node, &c, is_chance, NULL, wanted))
		return false;
	return parse_chance(c.chosen, per_million);
}

bool
field_bool(const struct fields *fields, const struct node *node, bool *ret)
{
	static const char *const items[] = {"false", "true"};
	static const struct words words = {"true or false", items, 2};
	size_t index;

	if (node == NULL)
		return true;
	if (!field_word(fields, node, &words, &index))
		return false;
	*ret = index == 1;
	return true;
}

static bool
refuse_both(const struct fields *fields, const struct node *a, const struct node *b)
{
	return tree_refuse(fields->tree, b->key, fields->err, FAULT_CONFLICT,
	    "'%s' beside '%s' says two things of one bound; take one out",
	    b->key->text.text, a->key->text.text);
}

/* over and under are min and max with the number itself left out. */
static bool
read_bounds(const struct fields *fields, const struct node *node, struct range *ret)
{
	const struct node *min = node_find(node, "min"), *over = node_find(node, "over");
	const struct node *max = node_find(node, "max"),
	                  *under = node_find(node, "under");
	size_t beyond = 0;

	if (min != NULL && over != NULL)
		return refuse_both(fields, min, over);
	if (max != NULL && under != NULL)
		return refuse_both(fields, max, under);
	if (!field_number(fields, min, 0, NUMBER_MAX, &ret->min) ||
	    !field_number(fields, max, 0, NUMBER_MAX, &ret->max) ||
	    !field_number(fields, over, 0, NUMBER_MAX, &beyond))
		return false;
	if (over != NULL)
		ret->min = beyond + 1;
	if (!field_number(fields, under, 1, NUMBER_MAX, &beyond))
		return false;
	if (under != NULL)
		ret->max = beyond - 1;
	return true;
}

bool
field_range(const struct fields *fields, const struct node *node, struct range *ret)
{
	if (node == NULL)
		return true;
	*ret = (struct range){.is_set = true, .min = 0, .max = SIZE_MAX};
	if (node->kind == NODE_SCALAR && !node_is_null(node)) {
		if (!field_number(fields, node, 0, NUMBER_MAX, &ret->min))
			return false;
		ret->max = ret->min;
		return true;
	}
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "a range is wanted here: {over: n}, {under: n}, {min: n, max: n}, or one "
		    "number");
	if (!field_map(fields, node, "a range", KEYS(range_keys)) ||
	    !read_bounds(fields, node, ret))
		return false;
	if (ret->min > ret->max)
		return tree_refuse(fields->tree, node, fields->err, FAULT_NEVER_FIRES,
		    "no number lies in this range, from %zu to %zu", ret->min, ret->max);
	return true;
}
