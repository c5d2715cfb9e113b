#include "cli/choose.h"

#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include "scenarios/tree.h"
#include <stdio.h>

static bool
read_file(const char *path, struct buf *out, struct err *err)
{
	FILE *file = fopen(path, "rbe");

	if (file == NULL)
		return err_set_errno(
		    err, ERR_USAGE, "cannot read the scenario file %s", path);
	buf_reserve(
	    out, TREE_BYTES_MAX + 1); /* one more than may be: the loader refuses it */
	out->len = fread(out->data, 1, TREE_BYTES_MAX + 1, file);
	bool has_failed = ferror(file) != 0;
	fclose(file);
	if (has_failed)
		return err_set(err, ERR_USAGE,
		    "cannot read the scenario file %s: is it a file?", path);
	return true;
}

struct scenario *
choose_scenario(const struct options *options, struct err *err)
{
	struct buf text = BUF_INIT;
	struct scenario *scenario = NULL;

	if (options->scenario_file == NULL)
		return catalogue_load(options->scenario, err);
	if (read_file(options->scenario_file, &text, err))
		scenario =
		    scenario_load(options->scenario_file, buf_slice(&text), NULL, err);
	buf_clear(&text);
	return scenario;
}
