/*
 * embed: the catalogue as a C file. A tool of the build:
 *
 *     embed-catalogue OUTPUT FILE...
 *
 * Every file is loaded first, so a faulty scenario, an id or alias that is there
 * twice, or a file that is not named after its id stops the build with a sentence.
 */
#include "base/mem.h"
#include "scenarios/load.h"
#include "scenarios/tree.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_A_LINE 20

struct entry {
	const char *file; /* without folders */
	char *text;
	size_t len;
	struct scenario *scenario;
};

static bool
read_file(const char *path, struct entry *ret, struct err *err)
{
	FILE *file = fopen(path, "rb");
	bool ok = true;

	if (file == NULL)
		return err_set_errno(err, ERR_FAILED, "%s cannot be opened", path);
	ret->text = mem_alloc(TREE_BYTES_MAX + 1);
	ret->len = fread(ret->text, 1, TREE_BYTES_MAX + 1, file);
	if (ferror(file))
		ok = err_set_errno(err, ERR_FAILED, "%s cannot be read", path);
	fclose(file);
	return ok;
}

static bool
is_named_after_id(const struct entry *entry)
{
	size_t len = strlen(entry->scenario->id);

	return strncmp(entry->file, entry->scenario->id, len) == 0 &&
	       strcmp(entry->file + len, ".yaml") == 0;
}

static bool
load_entry(const char *path, struct entry *ret, struct err *err)
{
	const char *slash = strrchr(path, '/');

	ret->file = slash != NULL ? slash + 1 : path;
	if (!read_file(path, ret, err))
		return false;
	ret->scenario =
	    scenario_load(ret->file, (struct slice){ret->text, ret->len}, NULL, err);
	if (ret->scenario == NULL)
		return false;
	if (!is_named_after_id(ret))
		return err_set(err, ERR_USAGE,
		    "%s: a file of the catalogue is named after its "
		    "id: %s.yaml",
		    ret->file, ret->scenario->id);
	return true;
}

/* How a scenario is called by `name`: its id or an alias. */
static bool
answers_to(const struct scenario *scenario, const char *name)
{
	if (strcmp(scenario->id, name) == 0)
		return true;
	for (size_t i = 0; i < scenario->aliases.count; i++)
		if (strcmp(scenario->aliases.items[i], name) == 0)
			return true;
	return false;
}

static bool
check_names(const struct entry *one, const struct entry *other, struct err *err)
{
	const struct scenario *scenario = other->scenario;
	const char *twice = NULL;

	if (answers_to(one->scenario, scenario->id))
		twice = scenario->id;
	for (size_t i = 0; i < scenario->aliases.count; i++)
		if (answers_to(one->scenario, scenario->aliases.items[i]))
			twice = scenario->aliases.items[i];
	if (twice == NULL)
		return true;
	return err_set(err, ERR_USAGE, "%s and %s are both called '%s'; rename one",
	    one->file, other->file, twice);
}

static int
compare_entries(const void *a, const void *b)
{
	const struct entry *left = a, *right = b;

	return strcmp(left->scenario->id, right->scenario->id);
}

/* Numbers, not a string literal: no limit of length, no trigraphs, no escapes. */
static void
write_text(FILE *out, size_t index, const struct entry *entry)
{
	fprintf(out, "static const unsigned char text_%zu[] = {", index);
	for (size_t i = 0; i < entry->len; i++)
		fprintf(out, "%s%u,", i % BYTES_A_LINE == 0 ? "\n\t" : "",
		    (unsigned)(unsigned char)entry->text[i]);
	fprintf(out, "\n\t0};\n");
	fprintf(out, "static const char *const aliases_%zu[] = {", index);
	for (size_t i = 0; i < entry->scenario->aliases.count; i++)
		fprintf(out, "\"%s\", ", entry->scenario->aliases.items[i]);
	fprintf(out, "NULL};\n\n");
}

static void
write_all(FILE *out, const struct entry *entries, size_t count)
{
	fprintf(out, "/* Made from scenarios/catalogue by embed.c. */\n"
	             "#include \"scenarios/catalogue.h\"\n\n");
	for (size_t i = 0; i < count; i++)
		write_text(out, i, &entries[i]);
	fprintf(out, "const struct catalogue_entry catalogue_entries[] = {\n");
	for (size_t i = 0; i < count; i++)
		fprintf(out,
		    "\t{\"%s\", \"%s\", aliases_%zu, (const char *)text_%zu, %zu},\n",
		    entries[i].file, entries[i].scenario->id, i, i, entries[i].len);
	fprintf(out, "};\nconst size_t catalogue_count = %zu;\n", count);
}

static bool
write_file(const char *path, const struct entry *entries, size_t count, struct err *err)
{
	FILE *out = fopen(path, "w");
	bool ok;

	if (out == NULL)
		return err_set_errno(err, ERR_FAILED, "%s cannot be made", path);
	write_all(out, entries, count);
	ok = !ferror(out);
	if (fclose(out) != 0 || !ok)
		return err_set_errno(err, ERR_FAILED, "%s cannot be written", path);
	return true;
}

static bool
embed(const char *output, char **paths, struct entry *entries, size_t count)
{
	struct err err = ERR_INIT;
	bool ok = true;

	for (size_t i = 0; ok && i < count; i++) {
		ok = load_entry(paths[i], &entries[i], &err);
		for (size_t j = 0; ok && j < i; j++)
			ok = check_names(&entries[j], &entries[i], &err);
	}
	if (ok) {
		qsort(entries, count, sizeof(*entries), compare_entries);
		ok = write_file(output, entries, count, &err);
	}
	if (!ok)
		fprintf(stderr, "%s\n", err.text);
	return ok;
}

int
main(int argc, char **argv)
{
	struct entry *entries;
	size_t count;
	bool ok;

	if (argc < 3) {
		fprintf(stderr, "usage: embed-catalogue OUTPUT FILE...\n");
		return 2;
	}
	count = (size_t)argc - 2;
	entries = mem_array(count, sizeof(*entries));
	ok = embed(argv[1], argv + 2, entries, count);
	for (size_t i = 0; i < count; i++) {
		scenario_free(entries[i].scenario);
		free(entries[i].text);
	}
	free(entries);
	return ok ? 0 : 1;
}
