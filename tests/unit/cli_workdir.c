#include "cli/workdir.h"
#include "tests/support/folder.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sys/stat.h>
#include <unistd.h>

Test(workdir, the_certificate_is_there_and_then_gone)
{
	struct workdir workdir = {.path = NULL};
	struct err err = ERR_INIT;
	struct stat info;

	cr_assert(workdir_make(&workdir, &err), "%s", err.text);
	cr_assert(stat(workdir.path, &info) == 0);
	cr_expect(eq(int, (int)(info.st_mode & 077), 0), "private");
	cr_expect(access(workdir.ca_path, F_OK) != 0, "not before it is written");
	cr_assert(workdir_write_ca(
	    &workdir, (struct bytes){(const unsigned char *)"PEM", 3}, &err));
	cr_expect(access(workdir.ca_path, R_OK) == 0);
	char *path = strdup(workdir.path);
	workdir_remove(&workdir);
	cr_expect(access(path, F_OK) != 0, "nothing is left behind");
	free(path);
}

Test(workdir, a_place_where_nothing_can_be_written_is_a_sentence)
{
	struct workdir workdir = {.path = NULL};
	struct err err = ERR_INIT;

	setenv("TMPDIR", "/nonexistent", 1);
	cr_assert(not(workdir_make(&workdir, &err)));
	cr_expect(strstr(err.text, "/nonexistent") != NULL, "%s", err.text);
	cr_expect(eq(int, err.kind, ERR_FAILED));
	workdir_remove(&workdir);
}
