#include "base/parse.h"
#include "scenarios/candidates.h"
#include "scenarios/rule_parts.h"
#include <string.h>

#define KEYS(table)    table, sizeof(table) / sizeof(table[0])
#define DELAY_MAX_MS   (60 * 60 * 1000)
#define DRIP_BYTES_MAX (1024 * 1024)
#define SIGMA_MAX      3 /* 20 times the median, one time in six */
#define DECIMALS_MAX   6

static const struct key delay_keys[] = {
    {"min", false}, {"max", false}, {"median", false}, {"sigma", false}, {"at", false}};
static const struct key drip_keys[] = {{"bytes", true}, {"every", true}};
static const struct key truncate_keys[] = {{"after", true}, {"then", true}};

/* "0.5", "2": above 0, at most SIGMA_MAX. */
static bool
parse_sigma(struct slice text, double *ret)
{
	const char *dot = text.len > 0 ? memchr(text.text, '.', text.len) : NULL;
	struct slice whole = text, part = {"0", 1};
	size_t units, decimals;
	double scale = 1;

	if (dot != NULL) {
		whole.len = (size_t)(dot - text.text);
		part = (struct slice){dot + 1, text.len - whole.len - 1};
	}
	if (part.len > DECIMALS_MAX || !parse_size(whole, SIGMA_MAX, &units) ||
	    !parse_size(part, NUMBER_MAX, &decimals))
		return false;
	for (size_t i = 0; i < part.len; i++)
		scale *= 10;
	*ret = (double)units + (double)decimals / scale;
	return *ret > 0 && *ret <= SIGMA_MAX;
}

static bool
is_sigma(struct slice text, const void *arg)
{
	double sigma;

	return parse_sigma(text, &sigma);
}

static bool
read_lognormal(const struct fields *fields, const struct node *map, struct delay *ret)
{
	const struct node *sigma = node_find(map, "sigma");
	const struct node *median = node_find(map, "median");
	struct candidates c;

	ret->kind = DELAY_LOGNORMAL;
	if (median == NULL || sigma == NULL)
		return tree_refuse(fields->tree, map, fields->err, FAULT_MISSING_KEY,
		    "a lognormal delay needs both: {median: 2s, sigma: 0.5}");
	return field_duration(fields, median, 1, DELAY_MAX_MS, &ret->median_ms) &&
	       candidates_list(fields, sigma, &c) &&
	       candidates_check(fields, sigma, &c, is_sigma, NULL,
	           "a number above 0 and at most 3, such as 0.5,") &&
	       parse_sigma(c.chosen, &ret->sigma);
}

/* {min: 5s} alone is 5s; what may be said beside it is `at`. */
static bool
read_bounds(const struct fields *fields, const struct node *map, struct delay *ret)
{
	const struct node *min = node_find(map, "min"), *max = node_find(map, "max");

	if (min == NULL)
		return tree_refuse(fields->tree, map, fields->err, FAULT_MISSING_KEY,
		    "a delay is 5s, {min: 1s, max: 3s} or {median: 2s, sigma: 0.5}");
	if (!field_duration(fields, min, 0, DELAY_MAX_MS, &ret->min_ms))
		return false;
	ret->max_ms = ret->min_ms;
	if (!field_duration(fields, max, 0, DELAY_MAX_MS, &ret->max_ms))
		return false;
	ret->kind = ret->max_ms == ret->min_ms ? DELAY_FIXED : DELAY_RANGE;
	if (ret->min_ms > ret->max_ms)
		return tree_refuse(fields->tree, max, fields->err, FAULT_VALUE,
		    "no time lies between: min is above max");
	return true;
}

static bool
read_delay(const struct fields *fields, const struct node *node, struct delay *ret)
{
	const struct node *of_lognormal, *of_range;
	size_t at = DELAY_HEAD;

	if (node == NULL)
		return true;
	if (node->kind != NODE_MAP) {
		ret->kind = DELAY_FIXED;
		if (!field_duration(fields, node, 0, DELAY_MAX_MS, &ret->min_ms))
			return false;
		ret->max_ms = ret->min_ms;
		return true;
	}
	if (!field_map(fields, node, "delay", KEYS(delay_keys)) ||
	    !field_word(fields, node_find(node, "at"), &words_delay_at, &at))
		return false;
	ret->at = (enum delay_at)at;
	of_range = node_find(node, "min");
	of_range = of_range != NULL ? of_range : node_find(node, "max");
	of_lognormal = node_find(node, "median");
	of_lognormal = of_lognormal != NULL ? of_lognormal : node_find(node, "sigma");
	if (of_range != NULL && of_lognormal != NULL)
		return tree_refuse(fields->tree, of_lognormal->key, fields->err,
		    FAULT_CONFLICT,
		    "'%s' beside '%s': a delay is even between two times, or lognormal; take "
		    "one out",
		    of_lognormal->key->text.text, of_range->key->text.text);
	return of_lognormal != NULL ? read_lognormal(fields, node, ret)
	                            : read_bounds(fields, node, ret);
}

static bool
read_drip(const struct fields *fields, const struct node *node, struct shaping_wish *ret)
{
	return node == NULL || (field_map(fields, node, "drip", KEYS(drip_keys)) &&
	                           field_number(fields, node_find(node, "bytes"), 1,
	                               DRIP_BYTES_MAX, &ret->drip_bytes) &&
	                           field_duration(fields, node_find(node, "every"), 1,
	                               DELAY_MAX_MS, &ret->drip_ms));
}

/* "100B", "50%" or "status-line" */
static bool
parse_after(struct slice text, struct cut *ret)
{
	struct slice number = text;

	*ret = (struct cut){.where = CUT_STATUS_LINE};
	if (slice_is(text, "status-line"))
		return true;
	if (text.len < 2)
		return false;
	number.len--;
	ret->where = text.text[number.len] == '%' ? CUT_BODY_PERCENT : CUT_BODY_BYTES;
	if (ret->where == CUT_BODY_BYTES && text.text[number.len] != 'B')
		return false;
	return parse_size(
	    number, ret->where == CUT_BODY_PERCENT ? 100 : NUMBER_MAX, &ret->after);
}

static bool
is_after(struct slice text, const void *arg)
{
	struct cut cut;

	return parse_after(text, &cut);
}

static bool
read_truncate(const struct fields *fields, const struct node *node, struct cut *ret)
{
	const struct node *after = node_find(node, "after");
	size_t end = CUT_END_CLOSE;
	struct candidates c;

	if (node == NULL)
		return true;
	if (!field_map(fields, node, "truncate", KEYS(truncate_keys)) ||
	    !candidates_list(fields, after, &c) ||
	    !candidates_check(fields, after, &c, is_after, NULL,
	        "a place to cut, as 100B, 50% or status-line,") ||
	    !field_word(fields, node_find(node, "then"), &words_cut_end, &end) ||
	    !parse_after(c.chosen, ret))
		return false;
	ret->end = (enum cut_end)end;
	return true;
}

bool
shaping_read(
    const struct fields *fields, const struct node *rule, struct shaping_wish *ret)
{
	return read_delay(fields, node_find(rule, "delay"), &ret->delay) &&
	       read_drip(fields, node_find(rule, "drip"), ret) &&
	       read_truncate(fields, node_find(rule, "truncate"), &ret->cut);
}
