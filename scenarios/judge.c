#include "scenarios/run.h"

#include <inttypes.h>

static bool
is_in_time(const struct run *run, const struct expect *expect, const struct facts *facts)
{
	const struct firing *firing;

	if (!expect->is_after)
		return true;
	if (expect->after_rule >= run->rule_count)
		return false;
	firing = &run->firings[expect->after_rule];
	if (firing->count == 0 || facts->arrival <= firing->first_arrival)
		return false;
	return expect->within_ms == 0 || facts->now_ms <= firing->first_ms ||
	       (uint64_t)(facts->now_ms - firing->first_ms) <= expect->within_ms;
}

void
run_observe(struct run *run, const struct facts *facts, const struct decision *decision)
{
	const struct scenario *scenario = run->scenario;
	bool is_decided = decision != NULL && decision->verdict != DECIDE_LATER;
	struct known known = {
	    .facts = facts,
	    .vocabulary = &run->vocabulary,
	    .states = is_decided ? decision->before : run->states.now,
	};

	for (size_t i = 0; i < scenario->expect_count; i++) {
		enum predicate failed;

		if (is_in_time(run, &scenario->expects[i], facts) &&
		    asked_hold(&run->expects[i], &known, false, &failed) == HOLDS)
			run->observed[i]++;
	}
}

static bool
has_fired(const struct run *run, const struct expect *expect)
{
	if (expect->is_after)
		return expect->after_rule < run->rule_count &&
		       run->firings[expect->after_rule].count > 0;
	for (size_t i = 0; i < run->rule_count; i++)
		if (run->firings[i].count > 0)
			return true;
	return false;
}

static void
add_choice(struct buf *out, const struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		if (i > 0)
			buf_add_text(out, i + 1 < texts->count ? ", " : " or ");
		buf_add_text(out, texts->items[i]);
	}
	if (texts->count > 0)
		buf_add_char(out, ' ');
}

/* "POST PKIOperation request (query over 5 bytes)" */
static void
add_requests(struct buf *out, const struct match *match, bool has_noun, bool is_plural)
{
	struct match rest = *match;
	struct buf words = BUF_INIT;

	rest.methods.count = 0;
	rest.operations.count = 0;
	add_choice(out, &match->methods);
	add_choice(out, &match->operations);
	if (has_noun || match->methods.count + match->operations.count == 0)
		buf_add_text(out, is_plural ? "requests " : "request ");
	match_describe(&rest, &words);
	if (!slice_is(buf_slice(&words), "any request")) {
		buf_add_char(out, '(');
		buf_add_slice(out, buf_slice(&words));
		buf_add_text(out, ") ");
	}
	buf_clear(&words);
}

static void
add_duration(struct buf *out, uint64_t ms)
{
	if (ms % 1000 != 0)
		buf_add_format(out, "%" PRIu64 "ms", ms);
	else if (ms % 60000 != 0)
		buf_add_format(out, "%" PRIu64 "s", ms / 1000);
	else
		buf_add_format(out, "%" PRIu64 "m", ms / 60000);
}

static void
add_when(struct buf *out, const struct run *run, const struct expect *expect)
{
	if (!expect->is_after)
		return;
	if (expect->within_ms > 0) {
		buf_add_text(out, " within ");
		add_duration(out, expect->within_ms);
	}
	buf_add_format(
	    out, " after %s had fired", run->scenario->rules[expect->after_rule].id);
}

static void
explain_broken(
    const struct run *run, const struct expect *expect, size_t came, struct buf *why)
{
	const struct range *count = &expect->count;
	const char *bound = count->min == count->max ? "exactly" : "at most";
	size_t wanted = count->max;

	if (came < count->min) {
		wanted = count->min;
		bound = count->min == count->max ? "exactly" : "at least";
	}
	if (came == 0)
		buf_add_text(why, "no ");
	else
		buf_add_format(why, "%zu ", came);
	add_requests(why, &expect->request, came > 0, came > 1);
	buf_add_text(why, "came");
	add_when(why, run, expect);
	if (came == 0 && wanted == 1)
		return;
	if (wanted == 0)
		buf_add_text(why, ", none is expected");
	else
		buf_add_format(why, ", %s %zu %s expected", bound, wanted,
		    wanted == 1 ? "is" : "are");
}

enum judgement
run_judge(const struct run *run, size_t expect_index, struct buf *why)
{
	const struct expect *expect = &run->scenario->expects[expect_index];
	const size_t came = run->observed[expect_index];

	if (!has_fired(run, expect))
		return JUDGED_SKIPPED;
	if (!expect->count.is_set ||
	    (came >= expect->count.min && came <= expect->count.max))
		return JUDGED_KEPT;
	explain_broken(run, expect, came, why);
	return JUDGED_BROKEN;
}
