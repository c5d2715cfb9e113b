#include "cli/ctl.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "control/door.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const struct verb {
	const char *name;
	const char *argument; /* in words; NULL: it takes none */
	const char *member;   /* of the request's body */
	const char *example;
	const char *line; /* what a person reads; "%s" is `shown` */
	const char *shown;
} verbs[] = {
    {"use", "the id of a scenario", "scenario", "414:limit=4096", "%s rules now",
        "scenario"},
    {"event", "the name of an event", "name", "repaired", "%s has happened", "event"},
    {"advance", "a time", "by", "6m", "it is now %s", "now"},
    {"challenge", NULL, NULL, NULL, "%s", "challenge"},
    {"reset", NULL, NULL, NULL, "counters, passwords and transactions are forgotten",
        NULL},
    {"status", NULL, NULL, NULL, NULL, NULL},
};
#define VERB_COUNT (sizeof(verbs) / sizeof(verbs[0]))

static bool
refuse_verb(const char *what, const char *word, struct err *err)
{
	const char *names[VERB_COUNT];
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < VERB_COUNT; i++)
		names[i] = verbs[i].name;
	if (word != NULL)
		nearest_hint(&text, slice_of(word), names, VERB_COUNT);
	buf_add_text(&text, "; the verbs are");
	for (size_t i = 0; i < VERB_COUNT; i++)
		buf_add_format(&text, "%s %s", i == 0 ? "" : ",", names[i]);
	err_set(err, ERR_USAGE, "%s%.64s%.*s", what, word == NULL ? "" : word,
	    (int)text.len, (const char *)text.data);
	buf_clear(&text);
	return false;
}

/* JSON can say nothing else. */
static bool
is_utf8(const char *text)
{
	json_t *json = json_string(text);

	json_decref(json);
	return json != NULL;
}

static bool
check_argument(
    const struct verb *verb, const struct ctl_options *options, struct err *err)
{
	size_t wanted = verb->argument == NULL ? 1 : 2;
	uint64_t ms;

	if (options->word_count > wanted)
		return err_set(err, ERR_USAGE, "ctl %s takes %s, so '%.64s' is too much",
		    verb->name, verb->argument == NULL ? "nothing" : verb->argument,
		    options->words[wanted]);
	if (verb->argument != NULL &&
	    (options->word_count < wanted || options->words[1][0] == '\0'))
		return err_set(err, ERR_USAGE, "ctl %s needs %s: mockndes ctl %s %s",
		    verb->name, verb->argument, verb->name, verb->example);
	if (verb->argument != NULL && !is_utf8(options->words[1]))
		return err_set(
		    err, ERR_USAGE, "what ctl %s got is not UTF-8", verb->name);
	if (strcmp(verb->name, "advance") == 0 &&
	    !parse_duration_ms(slice_of(options->words[1]), &ms))
		return err_set(err, ERR_USAGE,
		    "ctl advance takes a time like 90s, 6m or 1.5h, at most 8784h, not '%.64s'",
		    options->words[1]);
	return true;
}

static const struct verb *
read_words(const struct ctl_options *options, struct err *err)
{
	const struct verb *verb = NULL;

	if (options->word_count == 0) {
		refuse_verb("ctl needs a verb", NULL, err);
		return NULL;
	}
	for (size_t i = 0; i < VERB_COUNT && verb == NULL; i++)
		if (strcmp(options->words[0], verbs[i].name) == 0)
			verb = &verbs[i];
	if (verb == NULL)
		refuse_verb("there is no ctl ", options->words[0], err);
	else if (!check_argument(verb, options, err))
		verb = NULL;
	return verb;
}

static bool
refuse_many(char *const paths[], size_t count, struct err *err)
{
	struct buf list = BUF_INIT;

	for (size_t i = 0; i < count; i++)
		buf_add_format(&list, " unix:%s", paths[i]);
	err_set(err, ERR_FAILED,
	    "%zu servers are running; say which one with --control or " CTL_VARIABLE
	    ":%.*s",
	    count, (int)list.len, (const char *)list.data);
	buf_clear(&list);
	return false;
}

/* The only server in the default folder; yours. */
static char *
find_only(struct err *err)
{
	char *paths[CONTROL_FIND_MAX];
	size_t count = control_find(paths);
	char *folder = control_default_folder(), *only = NULL;

	if (count == 1)
		only = mem_string(paths[0]);
	else if (count > 1)
		refuse_many(paths, count, err);
	else
		err_set(err, ERR_FAILED,
		    "no server is running (none has its control socket in %s): start one, or "
		    "say where its socket is with --control unix:PATH or " CTL_VARIABLE,
		    folder);
	for (size_t i = 0; i < count; i++)
		free(paths[i]);
	free(folder);
	return only;
}

static char *
find_server(const struct ctl_options *options, struct err *err)
{
	const char *variable = getenv(CTL_VARIABLE);
	const char *path;

	if (options->control != NULL)
		path = control_path_of("--control", options->control, err);
	else if (variable != NULL && variable[0] != '\0')
		path = control_path_of(CTL_VARIABLE, variable, err);
	else
		return find_only(err);
	return mem_string(path);
}

static int
open_server(const char *path, struct err *err)
{
	int fd = control_connect(path, CTL_TIMEOUT_MS);

	if (fd < 0)
		err_set_errno(err, ERR_FAILED,
		    errno == ENOENT || errno == ECONNREFUSED
		        ? "no server is running at the control socket %s"
		        : "cannot open the control socket %s",
		    path);
	return fd;
}

static void
add_request(const struct verb *verb, const char *word, struct buf *out)
{
	json_t *body = json_object();
	char *text;

	if (verb->member != NULL)
		json_object_set_new(body, verb->member, json_string(word));
	text = json_dumps(body, JSON_COMPACT);
	json_decref(body);
	if (strcmp(verb->name, "status") == 0)
		buf_add_text(out, "GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n");
	else
		buf_add_format(out,
		    "POST /v1/%s HTTP/1.1\r\nHost: localhost\r\n"
		    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
		    verb->name, strlen(text), text);
	free(text);
}

static bool
send_all(int fd, struct bytes data)
{
	for (size_t done = 0; done < data.len;) {
		ssize_t sent = send(fd, data.data + done, data.len - done, MSG_NOSIGNAL);

		if (sent < 0 && errno != EINTR)
			return false;
		done += sent < 0 ? 0 : (size_t)sent;
	}
	return true;
}

/* All that comes until the server closes. */
static bool
receive_all(int fd, struct buf *out)
{
	for (;;) {
		unsigned char chunk[4096];
		ssize_t got = recv(fd, chunk, sizeof(chunk), 0);

		if (got == 0)
			return true;
		if (got < 0 && errno != EINTR)
			return false;
		if (got > 0)
			buf_add(out, chunk, (size_t)got);
		if (out->len > CTL_ANSWER_MAX) {
			errno = EMSGSIZE;
			return false;
		}
	}
}

/* The body of the answer, an object; NULL: this is not one of our servers. */
static json_t *
read_answer(const struct buf *answer, struct slice *ret_body)
{
	static const char blank[] = "\r\n\r\n";
	const char *end = answer->len == 0
	                      ? NULL
	                      : memmem(answer->data, answer->len, blank, strlen(blank));
	json_t *json;

	if (end == NULL || memcmp(answer->data, "HTTP/1.", strlen("HTTP/1.")) != 0)
		return NULL;
	end += strlen(blank);
	*ret_body =
	    (struct slice){end, answer->len - (size_t)(end - (const char *)answer->data)};
	json = json_loadb(ret_body->text, ret_body->len, 0, NULL);
	if (json_is_boolean(json_object_get(json, "ok")))
		return json;
	json_decref(json);
	return NULL;
}

static const char *
text_of(const json_t *answer, const char *member)
{
	const char *text = json_string_value(json_object_get(answer, member));

	return text == NULL ? "-" : text;
}

static void
add_status(const json_t *answer, struct buf *out)
{
	static const char *const members[] = {"instance", "scenario", "states", "url",
	    "tls_url", "fault_url", "clock", "now"};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		buf_add_format(out, "%-9s %s\n", members[i], text_of(answer, members[i]));
	buf_add_format(out, "%-9s %" JSON_INTEGER_FORMAT "\n", "pid",
	    json_integer_value(json_object_get(answer, "pid")));
	buf_add_format(out, "%-9s %" JSON_INTEGER_FORMAT "\n", "under way",
	    json_integer_value(json_object_get(answer, "under_way")));
}

static void
add_line(const struct verb *verb, const json_t *answer, struct buf *out)
{
	const char *mark = verb->line == NULL ? NULL : strstr(verb->line, "%s");

	if (verb->line == NULL) {
		add_status(answer, out);
		return;
	}
	if (mark == NULL)
		buf_add_text(out, verb->line);
	else
		buf_add_format(out, "%.*s%s%s", (int)(mark - verb->line), verb->line,
		    text_of(answer, verb->shown), mark + 2);
	if (json_is_string(json_object_get(answer, "fault_url")))
		buf_add_format(out, ", at %s", text_of(answer, "fault_url"));
	buf_add_char(out, '\n');
}

static bool
print(const struct buf *out, struct err *err)
{
	if (fwrite(out->data, 1, out->len, stdout) == out->len && fflush(stdout) == 0)
		return true;
	return err_set_errno(err, ERR_FAILED, "cannot write to stdout");
}

/* Tells what the server said; false: it refused. */
static bool
tell(const struct verb *verb, const struct buf *answer, bool is_json, struct err *err)
{
	struct slice body = {.len = 0};
	json_t *json = read_answer(answer, &body);
	struct buf out = BUF_INIT;
	bool ok;

	if (json == NULL)
		return err_set(err, ERR_FAILED,
		    "what answers at the control socket is not mockndes, or broke off");
	ok = json_is_true(json_object_get(json, "ok"));
	if (is_json)
		buf_add_slice(&out, body);
	else if (ok)
		add_line(verb, json, &out);
	if (out.len > 0 && !print(&out, err))
		ok = false;
	else if (!ok)
		err_set(err, ERR_FAILED, "%s", text_of(json, "error"));
	buf_clear(&out);
	json_decref(json);
	return ok;
}

/* Says it to the server behind `fd` and takes its answer. */
static bool
converse(int fd, const struct verb *verb, const char *word, struct buf *answer,
    struct err *err)
{
	struct buf request = BUF_INIT;
	bool ok;

	add_request(verb, word, &request);
	ok = send_all(fd, buf_bytes(&request)) && receive_all(fd, answer);
	buf_clear(&request);
	if (ok)
		return true;
	if (errno == EAGAIN)
		return err_set(err, ERR_FAILED,
		    "the server at the control socket has not answered for %d seconds",
		    CTL_TIMEOUT_MS / 1000);
	return err_set_errno(err, ERR_FAILED, "the control socket broke off");
}

bool
ctl_run(const struct ctl_options *options, struct err *err)
{
	const struct verb *verb = read_words(options, err);
	struct buf answer = BUF_INIT;
	char *path;
	bool ok;
	int fd;

	if (verb == NULL)
		return false;
	path = find_server(options, err);
	if (path == NULL)
		return false;
	fd = open_server(path, err);
	free(path);
	if (fd < 0)
		return false;
	ok = converse(fd, verb, verb->argument == NULL ? NULL : options->words[1],
	         &answer, err) &&
	     tell(verb, &answer, options->is_json, err);
	close(fd);
	buf_clear(&answer);
	return ok;
}
