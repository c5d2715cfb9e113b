/*
 * embed: the catalogue as a C file. A tool of the build:
 *
 *     embed-catalogue OUTPUT DEPFILE FOLDER
 *
 * Every *.yaml of the folder is loaded first, so a faulty scenario, an id or alias that
 * is there twice, or a file that is not named after its id stops the build with a
 * sentence each. DEPFILE tells ninja (as make would read it) to come back when one of
 * the files changes, or the folder gets another.
 */
#include "base/mem.h"
#include "scenarios/load.h"
#include "scenarios/tree.h"
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENDING ".yaml"

struct entry {
	char *file; /* without folders */
	char *path;
	char *text;
	size_t len;
	struct scenario *scenario;
};

struct entries {
	struct entry *items;
	size_t count;
};

static bool
read_file(struct entry *ret, struct err *err)
{
	FILE *file = fopen(ret->path, "rb");
	bool ok = true;

	if (file == NULL)
		return err_set_errno(err, ERR_FAILED, "%s cannot be opened", ret->path);
	ret->text = mem_alloc(TREE_BYTES_MAX + 1);
	ret->len = fread(ret->text, 1, TREE_BYTES_MAX + 1, file);
	if (ferror(file))
		ok = err_set_errno(err, ERR_FAILED, "%s cannot be read", ret->path);
	fclose(file);
	return ok;
}

static bool
is_named_after_id(const struct entry *entry)
{
	size_t len = strlen(entry->scenario->id);

	return strncmp(entry->file, entry->scenario->id, len) == 0 &&
	       strcmp(entry->file + len, ENDING) == 0;
}

static bool
load_entry(struct entry *ret, struct err *err)
{
	if (!read_file(ret, err))
		return false;
	ret->scenario =
	    scenario_load(ret->file, (struct slice){ret->text, ret->len}, NULL, err);
	if (ret->scenario == NULL)
		return false;
	if (!is_named_after_id(ret))
		return err_set(err, ERR_USAGE,
		    "%s: a file of the catalogue is named after its id: %s" ENDING,
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

/* A line of C for each line of the text. */
static void
write_text(FILE *out, size_t index, const struct entry *entry)
{
	fprintf(out, "static const char text_%zu[] =\n\t\"", index);
	for (size_t i = 0; i < entry->len; i++) {
		unsigned char c = (unsigned char)entry->text[i];

		if (c == '\n')
			fprintf(out, "\\n\"\n\t\"");
		else if (c < 0x20 || c > 0x7e || strchr("\"\\?", c) != NULL)
			fprintf(out, "\\%03o", (unsigned)c);
		else
			fputc(c, out);
	}
	fprintf(out, "\";\n");
	fprintf(out, "static const char *const aliases_%zu[] = {", index);
	for (size_t i = 0; i < entry->scenario->aliases.count; i++)
		fprintf(out, "\"%s\", ", entry->scenario->aliases.items[i]);
	fprintf(out, "NULL};\n\n");
}

static void
write_all(FILE *out, const struct entries *entries)
{
	fprintf(out, "/* Made from scenarios/catalogue by embed.c. */\n"
	             "#include \"scenarios/catalogue.h\"\n\n");
	for (size_t i = 0; i < entries->count; i++)
		write_text(out, i, &entries->items[i]);
	fprintf(out, "const struct catalogue_entry catalogue_entries[] = {\n");
	for (size_t i = 0; i < entries->count; i++)
		fprintf(out, "\t{\"%s\", \"%s\", aliases_%zu, text_%zu, %zu},\n",
		    entries->items[i].file, entries->items[i].scenario->id, i, i,
		    entries->items[i].len);
	fprintf(out, "};\nconst size_t catalogue_count = %zu;\n", entries->count);
}

static void
write_path(FILE *out, const char *path)
{
	for (const char *c = path; *c != '\0'; c++) {
		if (strchr(" #\\", *c) != NULL)
			fputc('\\', out);
		if (*c == '$')
			fputc('$', out);
		fputc(*c, out);
	}
}

static void
write_dependencies(
    FILE *out, const char *output, const char *folder, const struct entries *entries)
{
	write_path(out, output);
	fprintf(out, ": ");
	write_path(out, folder);
	for (size_t i = 0; i < entries->count; i++) {
		fprintf(out, " \\\n  ");
		write_path(out, entries->items[i].path);
	}
	fprintf(out, "\n");
}

static FILE *
open_output(const char *path, struct err *err)
{
	FILE *out = fopen(path, "w");

	if (out == NULL)
		err_set_errno(err, ERR_FAILED, "%s cannot be made", path);
	return out;
}

static bool
close_output(FILE *out, const char *path, struct err *err)
{
	bool ok = !ferror(out);

	if (fclose(out) != 0 || !ok)
		return err_set_errno(err, ERR_FAILED, "%s cannot be written", path);
	return true;
}

static bool
write_files(const char *output, const char *depfile, const char *folder,
    const struct entries *entries, struct err *err)
{
	FILE *out = open_output(output, err);

	if (out == NULL)
		return false;
	write_all(out, entries);
	if (!close_output(out, output, err))
		return false;
	out = open_output(depfile, err);
	if (out == NULL)
		return false;
	write_dependencies(out, output, folder, entries);
	return close_output(out, depfile, err);
}

static int
is_scenario(const struct dirent *found)
{
	size_t len = strlen(found->d_name), ending = strlen(ENDING);

	return found->d_name[0] != '.' && len > ending &&
	       strcmp(found->d_name + len - ending, ENDING) == 0;
}

static bool
list_folder(const char *folder, struct entries *ret, struct err *err)
{
	struct dirent **found;
	int count = scandir(folder, &found, is_scenario, alphasort);

	if (count < 0)
		return err_set_errno(err, ERR_FAILED, "%s cannot be listed", folder);
	ret->items = mem_array((size_t)count + 1, sizeof(*ret->items));
	for (int i = 0; i < count; i++) {
		struct entry *entry = &ret->items[ret->count++];

		entry->file = mem_string(found[i]->d_name);
		entry->path = mem_format("%s/%s", folder, found[i]->d_name);
		free(found[i]);
	}
	free(found);
	if (count == 0)
		return err_set(err, ERR_USAGE, "%s: no *" ENDING " is there", folder);
	return true;
}

/* Tells of each file that is faulty, not of the first alone. */
static bool
load_all(struct entries *entries)
{
	bool ok = true;

	for (size_t i = 0; i < entries->count; i++) {
		struct err err = ERR_INIT;

		if (!load_entry(&entries->items[i], &err)) {
			fprintf(stderr, "%s\n", err.text);
			ok = false;
		}
	}
	for (size_t i = 0; ok && i < entries->count; i++) {
		for (size_t j = 0; ok && j < i; j++) {
			struct err err = ERR_INIT;

			ok = check_names(&entries->items[j], &entries->items[i], &err);
			if (!ok)
				fprintf(stderr, "%s\n", err.text);
		}
	}
	return ok;
}

static bool
embed(
    const char *output, const char *depfile, const char *folder, struct entries *entries)
{
	struct err err = ERR_INIT;

	if (!list_folder(folder, entries, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return false;
	}
	if (!load_all(entries))
		return false;
	qsort(entries->items, entries->count, sizeof(*entries->items), compare_entries);
	if (write_files(output, depfile, folder, entries, &err))
		return true;
	fprintf(stderr, "%s\n", err.text);
	return false;
}

int
main(int argc, char **argv)
{
	struct entries entries = {.items = NULL};
	bool ok;

	if (argc != 4) {
		fprintf(stderr, "usage: embed-catalogue OUTPUT DEPFILE FOLDER\n");
		return 2;
	}
	ok = embed(argv[1], argv[2], argv[3], &entries);
	for (size_t i = 0; i < entries.count; i++) {
		scenario_free(entries.items[i].scenario);
		free(entries.items[i].text);
		free(entries.items[i].file);
		free(entries.items[i].path);
	}
	free(entries.items);
	return ok ? 0 : 1;
}
