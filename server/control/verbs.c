#include "control/verbs.h"

#include "base/clock.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/parse.h"
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VERSION_PATH "/v1/"
#define TIME_SIZE    (CLOCK_LOG_DATE_SIZE + 1) /* "2026-11-22T14:00:00Z" and NUL */

/* Text of the system (a path, say) may be no UTF-8; JSON must be. */
static json_t *
json_text(const char *text)
{
	json_t *json = text == NULL ? json_null() : json_string(text);
	char *copy;

	if (json != NULL)
		return json;
	copy = mem_string(text);
	for (char *c = copy; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	json = json_string(copy);
	free(copy);
	return json;
}

static struct control_answer
answer_of(int status, json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
	char *line = mem_format("%s\n", text);

	free(text);
	json_decref(json);
	return (struct control_answer){.status = status, .json = line};
}

struct control_answer
control_refuse(int status, const char *sentence)
{
	json_t *json = json_object();

	json_object_set_new(json, "ok", json_false());
	json_object_set_new(json, "error", json_text(sentence));
	return answer_of(status, json);
}

static void
time_text(int64_t ms, char out[TIME_SIZE])
{
	clock_log_date((time_t)(ms / 1000), out);
	out[CLOCK_LOG_DATE_SIZE - 10] = 'T';
	out[CLOCK_LOG_DATE_SIZE - 1] = 'Z';
	out[CLOCK_LOG_DATE_SIZE] = '\0';
}

static void
put_time(json_t *json, int64_t ms)
{
	char text[TIME_SIZE];

	time_text(ms, text);
	json_object_set_new(json, "now", json_string(text));
}

/* Each does its verb and puts what it has to tell into `out`. */

static bool
do_use(const struct control_hooks *hooks, const char *word, json_t *out, struct err *err)
{
	struct control_status status;

	if (!hooks->use(hooks->arg, word, err))
		return false;
	status = hooks->status(hooks->arg);
	json_object_set_new(out, "scenario", json_text(status.scenario));
	if (status.fault_url != NULL)
		json_object_set_new(out, "fault_url", json_text(status.fault_url));
	return true;
}

static bool
do_event(
    const struct control_hooks *hooks, const char *word, json_t *out, struct err *err)
{
	if (!hooks->event(hooks->arg, word, err))
		return false;
	json_object_set_new(out, "event", json_text(word));
	return true;
}

static bool
do_advance(
    const struct control_hooks *hooks, const char *word, json_t *out, struct err *err)
{
	uint64_t ms;

	if (!parse_duration_ms(slice_of(word), &ms))
		return err_set(err, ERR_USAGE,
		    "'%.64s' is not a time to advance by: write 90s, 6m or 1.5h, at most "
		    "8784h",
		    word);
	if (!hooks->advance(hooks->arg, ms, err))
		return false;
	json_object_set_new(out, "by_ms", json_integer((json_int_t)ms));
	put_time(out, hooks->status(hooks->arg).now_ms);
	return true;
}

static bool
do_challenge(
    const struct control_hooks *hooks, const char *word, json_t *out, struct err *err)
{
	char *challenge = NULL;

	if (!hooks->challenge(hooks->arg, &challenge, err))
		return false;
	json_object_set_new(out, "challenge", json_text(challenge));
	free(challenge);
	return true;
}

static bool
do_reset(
    const struct control_hooks *hooks, const char *word, json_t *out, struct err *err)
{
	return hooks->reset(hooks->arg, err);
}

static bool
do_status(
    const struct control_hooks *hooks, const char *word, json_t *out, struct err *err)
{
	struct control_status status = hooks->status(hooks->arg);

	json_object_set_new(out, "instance", json_text(status.instance));
	json_object_set_new(out, "pid", json_integer((json_int_t)getpid()));
	json_object_set_new(out, "scenario", json_text(status.scenario));
	json_object_set_new(out, "url", json_text(status.url));
	json_object_set_new(out, "tls_url", json_text(status.tls_url));
	json_object_set_new(out, "fault_url", json_text(status.fault_url));
	json_object_set_new(out, "states", json_text(status.states));
	json_object_set_new(
	    out, "clock", json_string(status.is_clock_manual ? "manual" : "real"));
	put_time(out, status.now_ms);
	json_object_set_new(out, "under_way", json_integer((json_int_t)status.under_way));
	return true;
}

static const struct verb {
	const char *name;
	const char *method;
	const char *member; /* of the body; NULL: it takes none */
	const char *example;
	bool (*run)(const struct control_hooks *hooks, const char *word, json_t *out,
	    struct err *err);
} verbs[] = {
    {"use", "POST", "scenario", "414:limit=10", do_use},
    {"event", "POST", "name", "repaired", do_event},
    {"advance", "POST", "by", "6m", do_advance},
    {"challenge", "POST", NULL, NULL, do_challenge},
    {"reset", "POST", NULL, NULL, do_reset},
    {"status", "GET", NULL, NULL, do_status},
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static bool
refuse_member(const struct verb *verb, const char *name, struct err *err)
{
	if (verb->member == NULL)
		return err_set(err, ERR_USAGE, "%s takes no \"%.64s\": its body is {}",
		    verb->name, name);
	return err_set(err, ERR_USAGE,
	    "%s takes {\"%s\": \"%s\"}; \"%.64s\" is not part of it", verb->name,
	    verb->member, verb->example, name);
}

/* The one word that the verb takes, borrowed from `body`; NULL if it takes none. */
static bool
read_word(const struct verb *verb, json_t *body, const char **ret, struct err *err)
{
	const char *name, *word = NULL;
	json_t *value;

	json_object_foreach(body, name, value)
	{
		if (verb->member == NULL || strcmp(name, verb->member) != 0)
			return refuse_member(verb, name, err);
		word = json_string_value(value);
	}
	if (verb->member != NULL && (word == NULL || word[0] == '\0'))
		return err_set(err, ERR_USAGE,
		    "%s needs {\"%s\": \"%s\"}, with a word that is not empty",
		    verb->name, verb->member, verb->example);
	*ret = word;
	return true;
}

/* The body as an object; NULL: it is none. */
static json_t *
read_body(struct slice text, struct err *err)
{
	json_error_t wrong;
	json_t *body;

	if (slice_trim(text).len == 0)
		return json_object();
	body = json_loadb(text.text, text.len, JSON_REJECT_DUPLICATES, &wrong);
	if (body == NULL) {
		err_set(err, ERR_USAGE, "the body is not JSON: line %d: %s", wrong.line,
		    wrong.text);
		return NULL;
	}
	if (!json_is_object(body)) {
		err_set(err, ERR_USAGE, "the body is JSON, but not an object");
		json_decref(body);
		return NULL;
	}
	return body;
}

static struct control_answer
run_verb(const struct verb *verb, const struct control_hooks *hooks, struct slice text)
{
	struct err err = ERR_INIT;
	const char *word = NULL;
	json_t *body = read_body(text, &err);
	json_t *out = json_object();
	bool ok;

	json_object_set_new(out, "ok", json_true());
	ok = body != NULL && read_word(verb, body, &word, &err) &&
	     verb->run(hooks, word, out, &err);
	json_decref(body);
	if (ok)
		return answer_of(200, out);
	json_decref(out);
	return control_refuse(err.kind == ERR_USAGE ? 400 : 409, err.text);
}

static struct control_answer
refuse_path(const char *path)
{
	const char *names[VERB_COUNT];
	struct buf sentence = BUF_INIT;
	struct control_answer answer;
	const char *last = strrchr(path, '/');
	char *text;

	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i].name;
	buf_add_format(&sentence, "there is no %.64s here", path);
	nearest_hint(
	    &sentence, slice_of(last == NULL ? path : last + 1), names, VERB_COUNT);
	buf_add_text(&sentence, "; it knows");
	for (size_t i = 0; i < VERB_COUNT; i++)
		buf_add_format(
		    &sentence, "%s " VERSION_PATH "%s", i == 0 ? "" : ",", verbs[i].name);
	text = buf_string(&sentence);
	answer = control_refuse(404, text);
	free(text);
	return answer;
}

static struct control_answer
refuse_method(const struct verb *verb)
{
	struct err err = ERR_INIT;
	struct control_answer answer;

	err_set(&err, ERR_USAGE, VERSION_PATH "%s is asked with %s", verb->name,
	    verb->method);
	answer = control_refuse(405, err.text);
	answer.allow = verb->method;
	return answer;
}

struct control_answer
control_answer(const struct control_hooks *hooks, const struct control_call *call)
{
	const char *path = call->path != NULL && call->path[0] != '\0' ? call->path : "/";
	size_t len = sizeof(VERSION_PATH) - 1;
	const struct verb *verb = NULL;

	for (size_t i = 0; i < VERB_COUNT && verb == NULL; i++)
		if (strncmp(path, VERSION_PATH, len) == 0 &&
		    strcmp(path + len, verbs[i].name) == 0)
			verb = &verbs[i];
	if (verb == NULL)
		return refuse_path(path);
	if (strcmp(call->method, verb->method) != 0)
		return refuse_method(verb);
	if (call->body.len > CONTROL_BODY_MAX)
		return control_refuse(413, "the body is too long");
	return run_verb(verb, hooks, call->body);
}
