#include "cli/sheet.h"
#include "scenarios/load.h"
#include <stdlib.h>

static void
set_text(json_t *object, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, key, json_string(text));
}

static json_t *
json_texts(const struct texts *texts)
{
	json_t *array = json_array();

	for (size_t i = 0; i < texts->count; i++)
		json_array_append_new(array, json_string(texts->items[i]));
	return array;
}

static const char *
param_type(const struct param *param)
{
	switch (param->kind) {
	case PARAM_NUMBER:
		return "number";
	case PARAM_DURATION:
		return "duration";
	case PARAM_TEXT:
		break;
	}
	return param->words.count > 0 ? "word" : "text";
}

static json_t *
json_param(const struct param *param)
{
	json_t *json = json_object();

	set_text(json, "name", param->name);
	set_text(json, "type", param_type(param));
	set_text(json, "default", param->default_value);
	if (param->kind != PARAM_TEXT) {
		bool is_number = param->kind == PARAM_NUMBER;

		json_object_set_new(json, is_number ? "min" : "min_ms",
		    json_integer((json_int_t)param->min));
		json_object_set_new(json, is_number ? "max" : "max_ms",
		    json_integer((json_int_t)param->max));
	}
	json_object_set_new(json, "words", json_texts(&param->words));
	set_text(json, "help", param->help);
	return json;
}

static json_t *
json_sources(const struct doc *doc)
{
	json_t *array = json_array();

	for (size_t i = 0; i < doc->source_count; i++) {
		json_t *json = json_object();

		set_text(json, "url", doc->sources[i].url);
		set_text(json, "title", doc->sources[i].title);
		set_text(json, "read", doc->sources[i].read);
		json_array_append_new(array, json);
	}
	return array;
}

static json_t *
json_layers(const struct subject *subject)
{
	json_t *array = json_array();
	bool layers[LAYER_COUNT];

	subject_layers(subject, layers);
	for (size_t i = 0; i < LAYER_COUNT; i++)
		if (layers[i])
			json_array_append_new(array, json_string(layer_names[i]));
	return array;
}

json_t *
subject_json(const struct subject *subject)
{
	const struct scenario *scenario = variations_first(&subject->variations);
	json_t *json = json_object(), *params = json_array();

	for (size_t i = 0; i < scenario->param_count; i++)
		json_array_append_new(params, json_param(&scenario->params[i]));
	set_text(json, "id", scenario->id);
	json_object_set_new(json, "aliases", json_texts(&scenario->aliases));
	set_text(json, "group", scenario->group);
	set_text(json, "provenance", provenance_name(scenario->doc.provenance));
	set_text(json, "outcome", outcome_name(scenario->outcome));
	set_text(json, "title", scenario->title);
	set_text(json, "needs_profile", scenario->needs_profile);
	json_object_set_new(json, "layers", json_layers(subject));
	json_object_set_new(json, "params", params);
	json_object_set_new(json, "sources", json_sources(&scenario->doc));
	return json;
}

static json_t *
json_shown(const struct sheet *sheet)
{
	struct shown_list list = sheet_shown(sheet);
	json_t *array = json_array();

	for (size_t i = 0; i < list.count; i++) {
		const struct sign *sign = list.items[i].sign;
		json_t *json = json_object();

		set_text(json, "where", sign_word(sign->kind));
		set_text(json, "what", sign->head);
		set_text(json, "text", sign->text);
		set_text(json, "settings", list.items[i].settings);
		json_array_append_new(array, json);
	}
	free(list.items);
	return array;
}

static json_t *
json_cases(const struct sheet *sheet)
{
	struct case_list list = sheet_cases(sheet);
	json_t *array = json_array();

	for (size_t i = 0; i < list.count; i++) {
		json_t *json = json_object();

		set_text(json, "settings", list.items[i].settings);
		set_text(json, "symptom", list.items[i].symptom);
		set_text(json, "cause", list.items[i].cause);
		set_text(json, "fix", list.items[i].fix);
		set_text(json, "outcome", list.items[i].outcome);
		json_array_append_new(array, json);
	}
	free(list.items);
	return array;
}

static json_t *
json_advices(const struct sheet *sheet)
{
	struct advice_list list = sheet_advice(sheet);
	json_t *array = json_array();

	for (size_t i = 0; i < list.count; i++) {
		json_t *json = json_object();

		set_text(json, "id", list.items[i].expect->id);
		set_text(json, "hint", list.items[i].expect->hint);
		set_text(json, "settings", list.items[i].settings);
		json_array_append_new(array, json);
	}
	free(list.items);
	return array;
}

json_t *
sheet_json(const struct sheet *sheet)
{
	const struct scenario *scenario = sheet_scenario(sheet);
	json_t *json = subject_json(sheet->subject);
	char *command = sheet_command(sheet);

	set_text(json, "found", sheet->why);
	set_text(json, "outcome", outcome_name(scenario->outcome));
	set_text(
	    json, "settings", sheet->subject->variations.items[sheet->lead].settings);
	set_text(json, "command", command);
	set_text(json, "symptom", scenario->doc.symptom);
	set_text(json, "cause", scenario->doc.cause);
	set_text(json, "fix", scenario->doc.fix);
	json_object_set_new(json, "cases", json_cases(sheet));
	json_object_set_new(json, "shows", json_shown(sheet));
	json_object_set_new(json, "good_client", json_advices(sheet));
	json_object_set_new(json, "unknown", json_texts(&scenario->doc.unknown));
	free(command);
	return json;
}
