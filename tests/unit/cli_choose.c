#include "cli/choose.h"
#include "scenarios/load.h"
#include "tests/support/folder.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

Test(choose, an_alias_with_parameters_finds_its_scenario)
{
	struct options options = {.scenario = "414:limit=100"};
	struct err err = ERR_INIT;
	struct scenario *scenario = choose_scenario(&options, &err);

	cr_assert(scenario != NULL, "%s", err.text);
	cr_expect(strcmp(scenario->id, "uri-too-long") == 0);
	scenario_free(scenario);
}

Test(choose, an_unknown_name_is_refused_with_the_nearest)
{
	struct options options = {.scenario = "impersonatoin"};
	struct err err = ERR_INIT;

	cr_assert(choose_scenario(&options, &err) == NULL);
	cr_expect(eq(int, err.kind, ERR_USAGE));
	cr_expect(strstr(err.text, "impersonation") != NULL, "%s", err.text);
}

Test(choose, a_file_is_read_and_its_faults_are_named_by_line)
{
	struct folder folder = folder_new();
	char path[128];
	struct options options = {.scenario = "healthy", .scenario_file = path};
	struct err err = ERR_INIT;

	snprintf(path, sizeof(path), "%s/mine.yaml", folder.path);
	FILE *file = fopen(path, "w");
	fputs("mockndes: 1\nid: mine\ntitel: x\n", file);
	fclose(file);
	cr_assert(choose_scenario(&options, &err) == NULL);
	cr_expect(strstr(err.text, "mine.yaml:3:1") != NULL, "%s", err.text);
	folder_remove(&folder);
}

Test(choose, a_file_that_is_not_there_or_is_a_folder_is_a_sentence)
{
	static const char *const paths[] = {"/nonexistent/mine.yaml", "/tmp"};

	for (size_t i = 0; i < 2; i++) {
		struct options options = {
		    .scenario = "healthy", .scenario_file = paths[i]};
		struct err err = ERR_INIT;

		cr_expect(choose_scenario(&options, &err) == NULL, "case %s", paths[i]);
		cr_expect(err.kind == ERR_USAGE && strstr(err.text, paths[i]) != NULL,
		    "case %s: %s", paths[i], err.text);
	}
}
