#include "flow/ruling.h"

#include "base/mem.h"
#include "scenarios/load.h"
#include <stdlib.h>

struct ruling *
ruling_new(struct scenario *scenario, const struct capabilities *caps)
{
	struct ruling *ruling = mem_alloc(sizeof(*ruling));
	struct capabilities listed = *caps;
	struct capabilities without = {.count = 0};
	const struct texts *words = &scenario->server.caps_without;

	ruling->scenario = scenario;
	ruling->run = run_new(scenario);
	ruling->users = 1;
	for (size_t i = 0; i < words->count && i < CAPABILITIES_MAX; i++)
		without.lines[without.count++] = slice_of(words->items[i]);
	capabilities_remove(&listed, &without);
	capabilities_body(&listed, &ruling->caps_body);
	return ruling;
}

struct ruling *
ruling_hold(struct ruling *ruling)
{
	ruling->users++;
	return ruling;
}

void
ruling_release(struct ruling *ruling)
{
	if (ruling == NULL || --ruling->users > 0)
		return;
	run_free(ruling->run);
	scenario_free(ruling->scenario);
	buf_clear(&ruling->caps_body);
	free(ruling);
}

void
ruling_reset(struct ruling *ruling)
{
	run_free(ruling->run);
	ruling->run = run_new(ruling->scenario);
}
