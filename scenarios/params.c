#include "scenarios/params.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "scenarios/refuse.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SETTINGS_MAX 1024 /* bytes */

static const struct key param_keys[] = {
    {"default", true}, {"min", false}, {"max", false}, {"words", false}, {"help", false}};

char *
param_domain(const struct param *param)
{
	struct buf out = BUF_INIT;
	char min[DURATION_TEXT_MAX], max[DURATION_TEXT_MAX];

	duration_text(param->min, min);
	duration_text(param->max, max);
	if (param->kind == PARAM_NUMBER)
		buf_add_format(&out, "a number from %zu to %zu", param->min, param->max);
	if (param->kind == PARAM_DURATION)
		buf_add_format(&out, "a duration from %s to %s", min, max);
	if (param->words.count > 0)
		buf_add_text(&out, out.len > 0 ? ", or one of " : "one of ");
	for (size_t i = 0; i < param->words.count; i++)
		buf_add_format(&out, "%s%s", i > 0 ? ", " : "", param->words.items[i]);
	if (out.len == 0)
		buf_add_text(&out, "a text");
	return buf_string(&out);
}

/* An amount as it is kept: without leading zeros, in its largest unit. */
static bool
amount_text(const struct param *param, struct slice text, char ret[DURATION_TEXT_MAX])
{
	uint64_t ms;
	size_t number;

	if (param->kind == PARAM_DURATION && parse_duration_ms(text, &ms) &&
	    ms >= param->min && ms <= param->max) {
		duration_text(ms, ret);
		return true;
	}
	if (param->kind == PARAM_NUMBER && parse_size(text, param->max, &number) &&
	    number >= param->min) {
		snprintf(ret, DURATION_TEXT_MAX, "%zu", number);
		return true;
	}
	return false;
}

const char *
param_value(const struct fields *fields, const struct param *param, struct slice text)
{
	char amount[DURATION_TEXT_MAX];

	for (size_t i = 0; i < param->words.count; i++)
		if (slice_is(text, param->words.items[i]))
			return param->words.items[i];
	if (amount_text(param, text, amount))
		return tree_text(fields->tree, slice_of(amount));
	if (param->kind != PARAM_TEXT || param->words.count > 0)
		return NULL;
	return tree_text(fields->tree, text);
}

static const char *
kind_name(enum param_kind kind)
{
	return kind == PARAM_DURATION ? "duration" : "number";
}

/* Whether a text is an amount of that kind, however large. */
static bool
is_amount(enum param_kind kind, struct slice text)
{
	uint64_t ms;
	size_t number;

	return kind == PARAM_DURATION
	           ? parse_duration_ms(text, &ms)
	           : kind == PARAM_NUMBER && parse_size(text, NUMBER_MAX, &number);
}

/* A word goes on a command line between commas, and must not look like a number. */
static bool
check_words(
    const struct fields *fields, const struct node *node, const struct param *param)
{
	for (size_t i = 0; i < param->words.count; i++) {
		const char *word = param->words.items[i];

		if (strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		                 "0123456789._-") != strlen(word))
			return tree_refuse(fields->tree, node, fields->err, FAULT_VALUE,
			    "the word '%s': letters, digits, '.', '_' and '-' only",
			    quote_slice(slice_of(word)).text);
		if (strcmp(word, "number") == 0 || strcmp(word, "duration") == 0)
			return tree_refuse(fields->tree, node, fields->err, FAULT_VALUE,
			    "the word '%s' stands for any %s in 'with'; take another",
			    word, word);
		if (is_amount(param->kind, slice_of(word)))
			return tree_refuse(fields->tree, node, fields->err, FAULT_VALUE,
			    "the word '%s' is a %s, and the parameter takes those already",
			    word, kind_name(param->kind));
	}
	return true;
}

static bool
reads_as_duration(const struct node *node)
{
	uint64_t ms;

	return node != NULL && node->kind == NODE_SCALAR &&
	       parse_duration_ms(node->text, &ms);
}

static bool
read_bounds(const struct fields *fields, const struct node *node, struct param *param)
{
	const struct node *min = node_find(node, "min");
	const struct node *max = node_find(node, "max");
	uint64_t least = 0, most = DURATION_MAX;

	if (min == NULL && max == NULL)
		return true;
	param->kind = PARAM_NUMBER;
	param->max = NUMBER_MAX;
	if (reads_as_duration(min) || reads_as_duration(max)) {
		param->kind = PARAM_DURATION;
		if (!field_duration(fields, min, 0, DURATION_MAX, &least) ||
		    !field_duration(fields, max, 0, DURATION_MAX, &most))
			return false;
		param->min = (size_t)least;
		param->max = (size_t)most;
	} else if (!field_number(fields, min, 0, NUMBER_MAX, &param->min) ||
	           !field_number(fields, max, 0, NUMBER_MAX, &param->max)) {
		return false;
	}
	if (param->min > param->max)
		return tree_refuse(fields->tree, min, fields->err, FAULT_VALUE,
		    "min %s is above max %s; nothing lies between",
		    min != NULL ? min->text.text : "0",
		    max != NULL ? max->text.text : "");
	return true;
}

static bool
read_domain(const struct fields *fields, const struct node *node, struct param *param)
{
	const struct node *words = node_find(node, "words");

	if (!read_bounds(fields, node, param) ||
	    !field_texts(fields, words, &param->words))
		return false;
	if (param->words.count > PARAM_WORDS_MAX)
		return tree_refuse(fields->tree, words, fields->err, FAULT_VALUE,
		    "more than %d words for one parameter", PARAM_WORDS_MAX);
	return words == NULL || check_words(fields, words, param);
}

static bool
read_param(const struct fields *fields, const struct node *node, struct param *param)
{
	const struct node *value = node_find(node, "default");
	const char *text = NULL;
	char *domain;

	if (!text_is_id(node->key->text))
		return tree_refuse(fields->tree, node->key, fields->err, FAULT_VALUE,
		    "'%s': the name of a parameter is small letters and digits, with single "
		    "hyphens between them",
		    quote_slice(node->key->text).text);
	param->name = node->key->text.text;
	if (!field_map(fields, node, "a parameter", param_keys,
	        sizeof(param_keys) / sizeof(param_keys[0])) ||
	    !field_text(fields, node_find(node, "help"), &param->help) ||
	    !read_domain(fields, node, param))
		return false;
	if (!field_any_text(fields, value, &text))
		return false;
	param->default_value = param_value(fields, param, slice_of(text));
	param->value = param->default_value;
	if (param->value != NULL)
		return true;
	domain = param_domain(param);
	tree_refuse(fields->tree, value, fields->err, FAULT_PARAM_VALUE,
	    "the default '%s' of '%s' is not allowed by the parameter itself: it is %s",
	    quote_slice(slice_of(text)).text, param->name, domain);
	free(domain);
	return false;
}

bool
params_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario)
{
	size_t count = 0;

	if (node == NULL)
		return true;
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "params is a map of names, each with its default; leave it out when there "
		    "are none");
	for (const struct node *n = node->first; n != NULL; n = n->next)
		count++;
	if (count > PARAMS_MAX)
		return tree_refuse(fields->tree, node, fields->err, FAULT_VALUE,
		    "more than %d parameters", PARAMS_MAX);
	scenario->params = tree_alloc(fields->tree, count * sizeof(*scenario->params));
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_param(fields, n, &scenario->params[scenario->param_count++]))
			return false;
	return true;
}

static bool
refuse_setting(
    const struct fields *fields, const struct scenario *scenario, struct slice name)
{
	struct buf hint = BUF_INIT;
	const char *names[PARAMS_MAX];
	char *text;

	if (scenario->param_count == 0)
		return err_set(fields->err, ERR_USAGE,
		    "scenario %s has no parameters; leave '%s' out", scenario->id,
		    quote_slice(name).text);
	for (size_t i = 0; i < scenario->param_count; i++)
		names[i] = scenario->params[i].name;
	nearest_hint(&hint, name, names, scenario->param_count);
	buf_add_text(&hint, hint.len > 0 ? " Its parameters: " : "; its parameters: ");
	for (size_t i = 0; i < scenario->param_count; i++)
		buf_add_format(&hint, "%s%s", i > 0 ? ", " : "", names[i]);
	text = buf_string(&hint);
	err_set(fields->err, ERR_USAGE, "scenario %s has no parameter '%s'%s",
	    scenario->id, quote_slice(name).text, text);
	free(text);
	return false;
}

static bool
set_one(const struct fields *fields, struct scenario *scenario, struct slice setting,
    bool was_set[PARAMS_MAX])
{
	const char *equals = memchr(setting.text, '=', setting.len);
	struct slice name, text;
	const struct param *known;
	struct param *param;
	const char *value;

	if (equals == NULL)
		return err_set(fields->err, ERR_USAGE,
		    "scenario %s: '%s' is not a setting; write name=value, with commas between",
		    scenario->id, quote_slice(setting).text);
	name = (struct slice){setting.text, (size_t)(equals - setting.text)};
	text = (struct slice){equals + 1, setting.len - name.len - 1};
	known = param_find(fields, name);
	if (known == NULL)
		return refuse_setting(fields, scenario, name);
	param = &scenario->params[known - scenario->params];
	if (was_set[known - scenario->params])
		return err_set(fields->err, ERR_USAGE,
		    "scenario %s: '%s' is set twice; set it once", scenario->id,
		    param->name);
	was_set[known - scenario->params] = true;
	value = param_value(fields, param, text);
	if (value == NULL) {
		char *domain = param_domain(param);

		err_set(fields->err, ERR_USAGE,
		    "scenario %s: '%s' for '%s' is not allowed; it is %s", scenario->id,
		    quote_slice(text).text, param->name, domain);
		free(domain);
		return false;
	}
	param->value = value;
	return true;
}

bool
params_set(const struct fields *fields, struct scenario *scenario, const char *settings)
{
	bool was_set[PARAMS_MAX] = {false};
	const char *at = settings;

	if (settings == NULL)
		return true;
	if (strlen(settings) > SETTINGS_MAX)
		return err_set(fields->err, ERR_USAGE,
		    "scenario %s: the settings are longer than %d bytes", scenario->id,
		    SETTINGS_MAX);
	for (;;) {
		size_t len = strcspn(at, ",");

		if (!set_one(fields, scenario, (struct slice){at, len}, was_set))
			return false;
		if (at[len] == '\0')
			return true;
		at += len + 1;
	}
}

static bool
read_with(const struct fields *fields, const struct node *node, struct with *ret)
{
	const struct param *param = param_find(fields, node->key->text);
	const char *word;

	if (param == NULL)
		return refuse_param(fields, node->key, node->key->text);
	if (node->kind != NODE_SCALAR)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "with names one word for '%s', not a list or a map", param->name);
	ret->items[ret->count].param = param;
	if (param->kind != PARAM_TEXT && slice_is(node->text, kind_name(param->kind))) {
		ret->items[ret->count++].word = NULL;
		return true;
	}
	word = param_value(fields, param, node->text);
	if (word == NULL) {
		char *domain = param_domain(param);

		tree_refuse(fields->tree, node, fields->err, FAULT_PARAM_VALUE,
		    "'%s' never has the value '%s': it is %s%s%s%s", param->name,
		    quote_slice(node->text).text, domain,
		    param->kind != PARAM_TEXT ? "; for any of them say '" : "",
		    param->kind != PARAM_TEXT ? kind_name(param->kind) : "",
		    param->kind != PARAM_TEXT ? "'" : "");
		free(domain);
		return false;
	}
	ret->items[ret->count++].word = word;
	return true;
}

bool
with_read(const struct fields *fields, const struct node *node, struct with *ret)
{
	ret->count = 0;
	if (node == NULL)
		return true;
	if (node->kind != NODE_MAP || node->first == NULL)
		return tree_refuse(fields->tree, node, fields->err, FAULT_SHAPE,
		    "with is a map 'parameter: word'; leave it out to be in play always");
	for (const struct node *n = node->first; n != NULL; n = n->next)
		if (!read_with(fields, n, ret))
			return false;
	return true;
}

static bool
is_among(const struct texts *texts, const char *text)
{
	for (size_t i = 0; i < texts->count; i++)
		if (strcmp(texts->items[i], text) == 0)
			return true;
	return false;
}

bool
with_holds(const struct with *with)
{
	for (size_t i = 0; i < with->count; i++) {
		const struct param *param = with->items[i].param;
		const char *word = with->items[i].word;

		if (word == NULL ? is_among(&param->words, param->value)
		                 : strcmp(word, param->value) != 0)
			return false;
	}
	return true;
}

/* NULL is any number, or any duration. */
static bool
word_includes(const struct param *param, const char *wide, const char *narrow)
{
	if (wide == NULL)
		return narrow == NULL || !is_among(&param->words, narrow);
	return narrow != NULL && strcmp(wide, narrow) == 0;
}

bool
with_includes(const struct with *wide, const struct with *narrow)
{
	for (size_t i = 0; i < wide->count; i++) {
		bool is_found = false;

		for (size_t j = 0; j < narrow->count && !is_found; j++) {
			if (wide->items[i].param == narrow->items[j].param)
				is_found = word_includes(wide->items[i].param,
				    wide->items[i].word, narrow->items[j].word);
		}
		if (!is_found)
			return false;
	}
	return true;
}
