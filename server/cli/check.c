#include "cli/check.h"
#include "base/mem.h"
#include "base/parse.h"
#include "cli/variations.h"
#include "scenarios/tree.h"
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_UNREADABLE "unreadable" /* beside those of scenarios/fault.h */
#define READ_SIZE       65536

/* What was found out about one file. */
struct finding {
	const char *file;
	bool is_ok;
	size_t line, column; /* 0: of the whole file */
	char *code;          /* NULL: none */
	char *message;       /* the sentence alone */
	char *id;            /* when it is ok */
	size_t rules, probes;
};

static void
finding_clear(struct finding *finding)
{
	free(finding->code);
	free(finding->message);
	free(finding->id);
}

/* ":12:" from `at` on; the number, and what is behind it. */
static const char *
read_place(const char *at, size_t *ret)
{
	size_t len = at[0] == ':' ? strspn(at + 1, "0123456789") : 0;

	if (len == 0 || !parse_size((struct slice){at + 1, len}, SIZE_MAX / 2, ret))
		return NULL;
	return at + 1 + len;
}

/* "name:line:column: sentence [code]" into its parts; any may be missing. */
static void
split_message(struct finding *finding, const char *text)
{
	size_t len = strlen(finding->file), end;
	const char *at = text, *bracket;

	if (strncmp(text, finding->file, len) == 0) {
		const char *line = read_place(text + len, &finding->line);
		const char *column =
		    line != NULL ? read_place(line, &finding->column) : NULL;

		at = column != NULL ? column : line != NULL ? line : text + len;
		at += strspn(at, ": ");
	}
	end = strlen(at);
	bracket = strrchr(at, '[');
	if (end > 0 && at[end - 1] == ']' && bracket != NULL && bracket > at) {
		finding->code =
		    mem_text(bracket + 1, (size_t)(at + end - 1 - (bracket + 1)));
		end = (size_t)(bracket - 1 - at);
	}
	finding->message = mem_text(at, end);
}

static void
inspect(struct finding *finding, struct slice text)
{
	struct variations variations;
	struct err err = ERR_INIT;
	const struct scenario *scenario;

	if (!variations_load(finding->file, text, &variations, &err)) {
		split_message(finding, err.text);
		return;
	}
	scenario = variations_first(&variations);
	finding->is_ok = true;
	finding->id = mem_string(scenario->id);
	finding->rules = scenario->rule_count;
	finding->probes = scenario->probe_count;
	variations_clear(&variations);
}

static void
add_count(struct buf *out, size_t count, const char *what)
{
	buf_add_format(out, ", %zu %s%s", count, what, count == 1 ? "" : "s");
}

static void
add_line(struct buf *out, const struct finding *finding)
{
	buf_add_text(out, finding->file);
	if (finding->is_ok) {
		buf_add_format(out, ": ok (%s", finding->id);
		add_count(out, finding->rules, "rule");
		add_count(out, finding->probes, "probe");
		buf_add_text(out, ")\n");
		return;
	}
	if (finding->line > 0)
		buf_add_format(out, ":%zu", finding->line);
	if (finding->column > 0)
		buf_add_format(out, ":%zu", finding->column);
	buf_add_format(out, ": %s", finding->message);
	if (finding->code != NULL)
		buf_add_format(out, " [%s]", finding->code);
	buf_add_char(out, '\n');
}

bool
check_text(const char *name, struct slice text, struct buf *out)
{
	struct finding finding = {.file = name};
	bool ok;

	inspect(&finding, text);
	add_line(out, &finding);
	ok = finding.is_ok;
	finding_clear(&finding);
	return ok;
}

/* One byte more than a file may have, so that the loader sees that it is too large. */
static bool
read_stream(FILE *stream, struct buf *ret)
{
	size_t got;

	do {
		buf_reserve(ret, READ_SIZE);
		got = fread(ret->data + ret->len, 1, READ_SIZE, stream);
		ret->len += got;
	} while (got > 0 && ret->len <= TREE_BYTES_MAX);
	return ferror(stream) == 0;
}

static bool
read_file(const char *path, struct buf *ret)
{
	FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "rbe");
	bool ok = file != NULL && read_stream(file, ret);
	int why = errno;

	if (file != NULL && file != stdin)
		fclose(file);
	errno = why;
	return ok;
}

static bool
check_file(const char *path, struct finding *ret)
{
	struct buf text = BUF_INIT;

	*ret = (struct finding){.file = strcmp(path, "-") == 0 ? "stdin" : path};
	if (read_file(path, &text)) {
		inspect(ret, buf_slice(&text));
	} else {
		ret->code = mem_string(CODE_UNREADABLE);
		ret->message = mem_format(
		    "it cannot be read: %s; name a scenario file, or - for stdin",
		    strerror(errno));
	}
	buf_clear(&text);
	return ret->is_ok;
}

static json_t *
json_finding(const struct finding *finding)
{
	json_t *json = json_object();

	json_object_set_new(json, "file", json_string(finding->file));
	json_object_set_new(json, "ok", json_boolean(finding->is_ok));
	if (finding->is_ok) {
		json_object_set_new(json, "id", json_string(finding->id));
		json_object_set_new(
		    json, "rules", json_integer((json_int_t)finding->rules));
		json_object_set_new(
		    json, "probes", json_integer((json_int_t)finding->probes));
		return json;
	}
	if (finding->line > 0)
		json_object_set_new(
		    json, "line", json_integer((json_int_t)finding->line));
	if (finding->column > 0)
		json_object_set_new(
		    json, "column", json_integer((json_int_t)finding->column));
	if (finding->code != NULL)
		json_object_set_new(json, "code", json_string(finding->code));
	json_object_set_new(json, "message", json_string(finding->message));
	return json;
}

static void
add_json(struct buf *out, json_t *array)
{
	char *text = json_dumps(array, JSON_INDENT(2) | JSON_PRESERVE_ORDER);

	buf_add_format(out, "%s\n", text);
	free(text);
}

bool
check_print(const char *const *files, size_t count, bool is_json, struct err *err)
{
	struct paper paper = {.out = BUF_INIT};
	json_t *array = json_array();
	size_t faulty = 0;

	if (count == 0) {
		json_decref(array);
		return err_set(err, ERR_USAGE,
		    "check which file? Name scenario files, or - for stdin");
	}
	for (size_t i = 0; i < count; i++) {
		struct finding finding;

		faulty += !check_file(files[i], &finding);
		add_line(&paper.out, &finding);
		json_array_append_new(array, json_finding(&finding));
		finding_clear(&finding);
	}
	if (is_json) {
		buf_reset(&paper.out);
		add_json(&paper.out, array);
	}
	json_decref(array);
	if (!paper_print(&paper, "what was found", err))
		return false;
	return faulty == 0 ||
	       err_set(err, ERR_USAGE, "%zu of %zu file%s cannot be played", faulty,
	           count, count == 1 ? "" : "s");
}
