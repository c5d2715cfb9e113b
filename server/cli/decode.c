#include "cli/decode.h"

#include "base/mem.h"
#include "certs/ossl.h"
#include "cli/unwrap.h"
#include "scep/describe.h"
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INDENT       2
#define LABEL_MAX    44 /* columns; a longer label pushes its own line aside */
#define READ_SIZE    65536
#define FOLDER_FILES 64

/* How wide the columns are. */
struct widths {
	size_t label; /* with its indentation */
	size_t type;
};

static bool
is_finding(const struct fact *fact)
{
	return fact->level != FACT_PLAIN;
}

static void
measure(const struct fact *fact, size_t depth, struct widths *widths)
{
	size_t label = depth * INDENT + strlen(fact->label);

	if (is_finding(fact))
		return;
	if (label > widths->label && label <= LABEL_MAX)
		widths->label = label;
	if (fact->type != NULL && strlen(fact->type) > widths->type)
		widths->type = strlen(fact->type);
	for (size_t i = 0; i < fact->count; i++)
		measure(fact->children[i], depth + 1, widths);
}

static void
add_line(
    const struct fact *fact, size_t depth, const struct widths *widths, struct buf *out)
{
	size_t start = out->len;

	buf_add_format(out, "%*s%s", (int)(depth * INDENT), "", fact->label);
	if (fact->type != NULL || fact->value != NULL)
		buf_add_format(out, "%*s  %-*s  %s",
		    (int)(widths->label > out->len - start
		              ? widths->label - (out->len - start)
		              : 0),
		    "", (int)widths->type, fact->type != NULL ? fact->type : "",
		    fact->value != NULL ? fact->value : "");
	if (fact->oid != NULL &&
	    (fact->value == NULL || strcmp(fact->oid, fact->value) != 0))
		buf_add_format(out, "  [%s]", fact->oid);
	while (out->len > start && out->data[out->len - 1] == ' ')
		out->len--;
	buf_add_char(out, '\n');
}

static void
add_tree(
    const struct fact *fact, size_t depth, const struct widths *widths, struct buf *out)
{
	if (is_finding(fact)) {
		buf_add_format(out, "%*s! %s %s: %s\n", (int)(depth * INDENT), "",
		    fact->label, fact_level_name(fact->level), fact->value);
		return;
	}
	add_line(fact, depth, widths, out);
	for (size_t i = 0; i < fact->count; i++)
		add_tree(fact->children[i], depth + 1, widths, out);
}

/* Each rule once, in the order of the tree. */
static void
add_rules(const struct fact *fact, enum fact_level level, size_t start, struct buf *out)
{
	char word[64];

	if (fact->level == level) {
		snprintf(word, sizeof(word), " %s,", fact->label);
		if (memmem(out->data + start, out->len - start, word, strlen(word)) ==
		    NULL)
			buf_add_text(out, word);
	}
	for (size_t i = 0; i < fact->count; i++)
		add_rules(fact->children[i], level, start, out);
}

static void
add_summary(const struct fact *root, struct buf *out)
{
	static const struct {
		enum fact_level level;
		const char *one, *many;
	} levels[] = {
	    {FACT_ERROR, "error", "errors"},
	    {FACT_WARNING, "warning", "warnings"},
	    {FACT_INFORMATION, "note", "notes"},
	};
	bool has_any = false;

	buf_add_char(out, '\n');
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		size_t count = fact_count(root, levels[i].level);

		if (count == 0)
			continue;
		has_any = true;
		buf_add_format(
		    out, "%zu %s:", count, count == 1 ? levels[i].one : levels[i].many);
		add_rules(root, levels[i].level, out->len, out);
		out->data[out->len - 1] = '\n';
	}
	if (!has_any)
		buf_add_text(out, "nothing odd\n");
}

void
decode_text(const struct fact *root, struct buf *out)
{
	struct widths widths = {0, 0};

	for (size_t i = 0; i < root->count; i++)
		measure(root->children[i], 0, &widths);
	for (size_t i = 0; i < root->count; i++)
		add_tree(root->children[i], 0, &widths, out);
	add_summary(root, out);
}

static void
set_text(json_t *object, const char *key, const char *text)
{
	if (text != NULL)
		json_object_set_new(object, key, json_string(text));
}

static json_t *
json_finding(const struct fact *fact, const char *at)
{
	json_t *json = json_object();

	set_text(json, "rule", fact->label);
	set_text(json, "level", fact_level_name(fact->level));
	set_text(json, "text", fact->value);
	set_text(json, "at", at);
	return json;
}

/* Findings are left out here: they stand in a list of their own, with the path. */
static json_t *
json_fact(const struct fact *fact, const char *path, json_t *findings)
{
	char *at = mem_format("%s%s%s", path, path[0] == '\0' ? "" : "/", fact->label);
	json_t *json = json_object();
	json_t *children = json_array();

	set_text(json, "label", fact->label);
	set_text(json, "oid", fact->oid);
	set_text(json, "type", fact->type);
	set_text(json, "value", fact->value);
	for (size_t i = 0; i < fact->count; i++) {
		const struct fact *child = fact->children[i];

		if (is_finding(child))
			json_array_append_new(findings, json_finding(child, at));
		else
			json_array_append_new(children, json_fact(child, at, findings));
	}
	if (json_array_size(children) > 0)
		json_object_set(json, "facts", children);
	json_decref(children);
	free(at);
	return json;
}

void
decode_json(const struct fact *root, struct buf *out)
{
	json_t *json = json_object();
	json_t *facts = json_array();
	json_t *findings = json_array();
	char *text;

	for (size_t i = 0; i < root->count; i++)
		json_array_append_new(facts, json_fact(root->children[i], "", findings));
	json_object_set_new(json, "facts", facts);
	json_object_set_new(json, "findings", findings);
	text = json_dumps(json, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	buf_add_format(out, "%s\n", text);
	free(text);
	json_decref(json);
}

static bool
read_stream(FILE *stream, const char *name, struct buf *ret, struct err *err)
{
	size_t got;

	do {
		buf_reserve(ret, READ_SIZE);
		got = fread(ret->data + ret->len, 1, READ_SIZE, stream);
		ret->len += got;
	} while (got > 0 && ret->len <= DECODE_INPUT_MAX);
	if (ferror(stream) != 0)
		return err_set_errno(err, ERR_FAILED, "cannot read %s", name);
	if (ret->len > DECODE_INPUT_MAX)
		return err_set(err, ERR_FAILED,
		    "%s is larger than %d MiB: give the lines that matter", name,
		    DECODE_INPUT_MAX / (1024 * 1024));
	return true;
}

static bool
read_path(const char *path, enum err_kind kind, struct buf *ret, struct err *err)
{
	FILE *file = fopen(path, "rbe");
	bool ok;

	if (file == NULL)
		return err_set_errno(err, kind, "cannot open %s", path);
	ok = read_stream(file, path, ret, err);
	fclose(file);
	return ok;
}

static bool
add_key_file(const char *path, struct describe_aids *aids, struct err *err)
{
	struct buf text = BUF_INIT;
	bool ok = read_path(path, ERR_USAGE, &text, err) &&
	          describe_aids_add(aids, buf_bytes(&text), path, err);

	if (text.len > 0)
		explicit_bzero(text.data, text.len);
	buf_clear(&text);
	return ok;
}

static int
is_key_name(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && dot != entry->d_name &&
	       (strcmp(dot, ".pem") == 0 || strcmp(dot, ".key") == 0);
}

static bool
add_key_folder(const char *path, struct describe_aids *aids, struct err *err)
{
	struct dirent **entries = NULL;
	int count = scandir(path, &entries, is_key_name, alphasort);
	bool ok = count > 0 && count <= FOLDER_FILES;

	if (count < 0)
		return err_set_errno(err, ERR_USAGE, "cannot open the folder %s", path);
	if (!ok)
		err_set(err, ERR_USAGE, "the folder %s has %s files *.pem and *.key",
		    path, count == 0 ? "no" : "too many");
	for (int i = 0; i < count; i++) {
		char *file = mem_format("%s/%s", path, entries[i]->d_name);

		ok = ok && add_key_file(file, aids, err);
		free(file);
		free(entries[i]);
	}
	free(entries);
	return ok;
}

static bool
add_keys(
    const struct decode_options *options, struct describe_aids *aids, struct err *err)
{
	struct stat status;
	bool ok = true;

	for (size_t i = 0; i < options->key_count && ok; i++) {
		const char *path = options->keys[i];

		if (stat(path, &status) == 0 && S_ISDIR(status.st_mode))
			ok = add_key_folder(path, aids, err);
		else
			ok = add_key_file(path, aids, err);
	}
	return ok;
}

static bool
print(const struct fact *root, bool is_json, struct err *err)
{
	struct buf out = BUF_INIT;
	bool ok = true;

	if (is_json)
		decode_json(root, &out);
	else
		decode_text(root, &out);
	if (fwrite(out.data, 1, out.len, stdout) != out.len || fflush(stdout) != 0)
		ok = err_set_errno(err, ERR_FAILED, "cannot write to stdout");
	buf_clear(&out);
	return ok;
}

bool
decode_print(const struct decode_options *options, struct err *err)
{
	bool is_stdin = options->file == NULL || strcmp(options->file, "-") == 0;
	struct describe_aids aids = {.key_count = 0};
	struct fact *root = fact_new("input");
	struct buf input = BUF_INIT;
	struct buf bytes = BUF_INIT;
	bool ok;

	ok = ossl_load_providers(err) && add_keys(options, &aids, err) &&
	     (is_stdin ? read_stream(stdin, "stdin", &input, err)
	               : read_path(options->file, ERR_FAILED, &input, err)) &&
	     unwrap(buf_bytes(&input), root, &bytes, err) &&
	     describe(buf_bytes(&bytes), &aids, root, err) &&
	     print(root, options->is_json, err);
	buf_clear(&input);
	buf_clear(&bytes);
	describe_aids_clear(&aids);
	fact_free(root);
	return ok;
}
