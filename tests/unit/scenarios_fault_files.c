#include "base/mem.h"
#include "scenarios/load.h"
#include "scenarios/tree.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CODE_LINE "# code: "

static char *
read_file(const char *path, size_t *len)
{
	FILE *file = fopen(path, "rb");
	char *text = mem_alloc(TREE_BYTES_MAX);

	cr_assert(file != NULL, "%s", path);
	*len = fread(text, 1, TREE_BYTES_MAX - 1, file);
	fclose(file);
	return text;
}

/* The fault that the file's first line announces; FAULT_COUNT: none that there is. */
static enum fault
announced(const char *text)
{
	size_t len = strcspn(text, "\n");

	if (strncmp(text, CODE_LINE, strlen(CODE_LINE)) != 0)
		return FAULT_COUNT;
	for (int i = 0; i < FAULT_COUNT; i++) {
		const char *code = fault_code((enum fault)i);

		if (strlen(code) == len - strlen(CODE_LINE) &&
		    strncmp(text + strlen(CODE_LINE), code, strlen(code)) == 0)
			return (enum fault)i;
	}
	return FAULT_COUNT;
}

/* "name:line:column: sentence [code]", the line and the column from 1. */
static void
expect_sentence(const char *name, const char *text, enum fault fault)
{
	char *ending = mem_format(" [%s]", fault_code(fault));
	size_t len = strlen(text), tail = strlen(ending);
	unsigned long line, column;
	char *end;

	cr_assert(strncmp(text, name, strlen(name)) == 0 && text[strlen(name)] == ':',
	    "%s: \"%s\"", name, text);
	line = strtoul(text + strlen(name) + 1, &end, 10);
	cr_assert(line > 0 && *end == ':', "%s: \"%s\"", name, text);
	column = strtoul(end + 1, &end, 10);
	cr_expect(column > 0 && strncmp(end, ": ", 2) == 0, "%s: \"%s\"", name, text);
	cr_expect(len > tail && strcmp(text + len - tail, ending) == 0,
	    "%s: wanted%s, got \"%s\"", name, ending, text);
	free(ending);
}

static enum fault
expect_refused(const char *folder, const char *name)
{
	char *path = mem_format("%s/%s", folder, name);
	struct err err = ERR_INIT;
	size_t len;
	char *text = read_file(path, &len);
	enum fault fault = announced(text);
	struct scenario *scenario =
	    scenario_load(name, (struct slice){text, len}, NULL, &err);

	cr_assert(fault != FAULT_COUNT, "%s: no line '" CODE_LINE "'", name);
	cr_expect(scenario == NULL, "%s is taken", name);
	if (scenario == NULL)
		expect_sentence(name, err.text, fault);
	scenario_free(scenario);
	free(text);
	free(path);
	return fault;
}

static int
is_scenario(const struct dirent *found)
{
	return strstr(found->d_name, ".yaml") != NULL;
}

Test(scenarios_fault_files, each_is_refused_with_its_code_and_every_code_has_one)
{
	char *folder = mem_format("%s/scenario-faults", getenv("TEST_DATA"));
	bool has_file[FAULT_COUNT] = {false};
	struct dirent **found;
	int count = scandir(folder, &found, is_scenario, alphasort);

	cr_assert(count > 0, "%s", folder);
	for (int i = 0; i < count; i++) {
		has_file[expect_refused(folder, found[i]->d_name)] = true;
		free(found[i]);
	}
	for (int i = 0; i < FAULT_COUNT; i++)
		cr_expect(has_file[i], "no file for [%s]", fault_code((enum fault)i));
	free(found);
	free(folder);
}

Test(scenarios_fault_files, codes_are_words_that_differ)
{
	for (int i = 0; i < FAULT_COUNT; i++) {
		const char *code = fault_code((enum fault)i);

		cr_expect(strspn(code, "abcdefghijklmnopqrstuvwxyz-") == strlen(code),
		    "%s", code);
		for (int j = 0; j < i; j++)
			cr_expect(
			    strcmp(code, fault_code((enum fault)j)) != 0, "%s", code);
	}
}

/* A sentence that is cut keeps its code, and ends within no letter. */
Test(scenarios_fault_files, a_long_sentence_keeps_its_code)
{
	struct buf text = BUF_INIT, name = BUF_INIT;
	struct err err = ERR_INIT;
	char *long_name;

	for (size_t i = 0; i < 200; i++)
		buf_add_text(&name, "\xc3\xa9");
	long_name = buf_string(&name);
	buf_add_text(&text, "mockndes: 1\nid: ");
	for (size_t i = 0; i < 2000; i++)
		buf_add_text(&text, "\xc3\xa9");
	buf_add_text(&text, "\n");
	cr_expect(scenario_load(long_name, buf_slice(&text), NULL, &err) == NULL);
	cr_expect(strstr(err.text, " [missing-key]") != NULL, "%s", err.text);
	buf_clear(&text);
	free(long_name);
}
