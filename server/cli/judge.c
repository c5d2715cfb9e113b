#include "cli/server.h"
#include <stdio.h>

#define EXPECTATION_BROKEN 3
#define NOTHING_PROVED     4
#define SKIPPED_TOLD       2 /* one by one; of further ones only how many */

struct judging {
	bool tells_skipped;
	size_t skipped;
	struct buf *sentence; /* of the first that is broken */
	bool is_broken;
};

static void
add_broken(struct buf *out, const struct scenario *scenario, const struct expect *expect,
    const char *why)
{
	buf_add_format(out, "%s/%s: %s", scenario->id, expect->id, why);
	if (expect->hint != NULL)
		buf_add_format(out, "; %s", expect->hint);
}

static void
tell(const struct scenario *scenario, const struct expect *expect, const char *why)
{
	static const char *const names[] = {
	    [LEVEL_ERROR] = "error", [LEVEL_WARNING] = "warning", [LEVEL_NOTE] = "note"};
	struct buf line = BUF_INIT;

	add_broken(&line, scenario, expect, why);
	fprintf(stderr, "mockndes: %s: %.*s\n", names[expect->level], (int)line.len,
	    (const char *)line.data);
	buf_clear(&line);
}

static void
on_judged(void *arg, const struct scenario *scenario, const struct expect *expect,
    enum judgement judgement, const char *why)
{
	struct judging *judging = arg;

	if (judgement == JUDGED_SKIPPED && judging->tells_skipped &&
	    judging->skipped++ < SKIPPED_TOLD)
		fprintf(stderr,
		    "mockndes: skipped: %s/%s: the fault that it is about never "
		    "fired\n",
		    scenario->id, expect->id);
	if (judgement != JUDGED_BROKEN)
		return;
	if (expect->level != LEVEL_ERROR || judging->is_broken) {
		tell(scenario, expect, why);
		return;
	}
	judging->is_broken = true;
	buf_add_format(judging->sentence, "exit %d: ", EXPECTATION_BROKEN);
	add_broken(judging->sentence, scenario, expect, why);
}

int
judge_expectations(const struct server *server, struct buf *sentence)
{
	const struct options *options = server->options;
	struct judging judging = {
	    .sentence = sentence,
	    .tells_skipped = options->child != NULL && !options->quiet,
	};
	const char *misled = flow_misled(server->flow);

	flow_judge(server->flow, on_judged, &judging);
	if (judging.skipped > SKIPPED_TOLD)
		fprintf(stderr, "mockndes: skipped: %zu more, for the same reason\n",
		    judging.skipped - SKIPPED_TOLD);
	if (judging.is_broken)
		return EXPECTATION_BROKEN;
	if (misled == NULL)
		return 0;
	buf_add_format(
	    sentence, "exit %d: a path chose no scenario: %s", NOTHING_PROVED, misled);
	return NOTHING_PROVED;
}
