#include "scenarios/match.h"
#include "base/mem.h"
#include "scenarios/counters.h"
#include <stdlib.h>
#include <string.h>

struct run {
	const struct scenario *scenario;
	bool counts;
	size_t *fired; /* one a rule */
	struct counters counters;
};

enum truth { FAILS, HOLDS, NOT_KNOWN };

struct run *
run_new(const struct scenario *scenario)
{
	struct run *run = mem_alloc(sizeof(*run));

	run->scenario = scenario;
	run->fired = mem_array(scenario->rule_count + 1, sizeof(*run->fired));
	for (size_t i = 0; i < scenario->rule_count; i++)
		run->counts |= scenario->rules[i].match.times > 0;
	return run;
}

void
run_free(struct run *run)
{
	if (run == NULL)
		return;
	counters_clear(&run->counters);
	free(run->fired);
	free(run);
}

const struct scenario *
run_scenario(const struct run *run)
{
	return run->scenario;
}

size_t
run_fired(const struct run *run, size_t rule_index)
{
	return run->fired[rule_index];
}

bool
run_counts(const struct run *run)
{
	return run->counts;
}

static bool
has_text(const struct texts *texts, struct slice word)
{
	for (size_t i = 0; i < texts->count; i++)
		if (slice_is(word, texts->items[i]))
			return true;
	return texts->count == 0;
}

static bool
has_size(const struct range *range, size_t size)
{
	return !range->is_set || (size >= range->min && size <= range->max);
}

static bool
is_pki_operation(const struct facts *facts)
{
	return strcmp(facts->operation, "PKIOperation") == 0;
}

/* What the head alone decides. */
static enum predicate
test_head(const struct rule *rule, const struct facts *facts)
{
	const struct match *match = &rule->match;

	if (rule->action == ACTION_RESPOND &&
	    !layer_touches(rule->respond.layer, facts->path))
		return PREDICATE_LAYER;
	if (rule->action == ACTION_SCEP && !is_pki_operation(facts))
		return PREDICATE_OPERATION;
	if (match->operations.count > 0 &&
	    !has_text(&match->operations, slice_of(facts->operation)))
		return PREDICATE_OPERATION;
	if (!has_text(&match->methods, facts->method))
		return PREDICATE_METHOD;
	if (!has_size(&match->query_bytes, facts->query_bytes))
		return PREDICATE_QUERY_BYTES;
	if (!has_size(&match->uri_bytes, facts->uri_bytes))
		return PREDICATE_URI_BYTES;
	return PREDICATE_NONE;
}

/* scep has a CertRep to edit only where a pkiMessage was opened. */
static bool
needs_message(const struct rule *rule)
{
	return rule->action == ACTION_SCEP || rule->match.message_types.count > 0;
}

static bool
needs_transaction(const struct rule *rule)
{
	return rule->match.times > 0 && rule->match.count_by == COUNT_BY_TRANSACTION;
}

static enum truth
test_message(const struct rule *rule, const struct facts *facts)
{
	if (facts->stage < STAGE_MESSAGE) {
		if (is_pki_operation(facts))
			return needs_message(rule) || needs_transaction(rule) ? NOT_KNOWN
			                                                      : HOLDS;
		return needs_message(rule) ? FAILS : HOLDS;
	}
	if (!needs_message(rule))
		return HOLDS;
	if (facts->message_type == NULL)
		return FAILS;
	return has_text(&rule->match.message_types, slice_of(facts->message_type))
	           ? HOLDS
	           : FAILS;
}

/* Points into the facts. */
static struct bytes
counter_key(const struct match *match, const struct facts *facts)
{
	switch (match->count_by) {
	case COUNT_BY_SITE:
		break;
	case COUNT_BY_CLIENT:
		return (struct bytes){
		    (const unsigned char *)facts->client.text, facts->client.len};
	case COUNT_BY_CONNECTION:
		return (struct bytes){
		    (const unsigned char *)&facts->connection, sizeof(facts->connection)};
	case COUNT_BY_TRANSACTION:
		return (struct bytes){(const unsigned char *)facts->transaction_id.text,
		    facts->transaction_id.len};
	}
	return (struct bytes){NULL, 0};
}

/* A used up count stays as it is, so that asking again changes nothing. */
static bool
take_count(struct run *run, size_t index, const struct facts *facts)
{
	const struct match *match = &run->scenario->rules[index].match;
	struct bytes key;

	if (match->times == 0)
		return true;
	key = counter_key(match, facts);
	if (counters_get(&run->counters, index, key) >= match->times)
		return false;
	counters_add(&run->counters, index, key);
	return true;
}

static void
fire(struct run *run, size_t index, struct decision *ret)
{
	ret->verdict = DECIDE_RULE;
	ret->rule = &run->scenario->rules[index];
	ret->failed[index] = PREDICATE_NONE;
	run->fired[index]++;
}

void
run_decide(struct run *run, const struct facts *facts, struct decision *ret)
{
	const struct scenario *scenario = run->scenario;

	ret->verdict = DECIDE_HONEST;
	ret->rule = NULL;
	for (size_t i = 0; i < scenario->rule_count; i++) {
		const struct rule *rule = &scenario->rules[i];
		enum predicate failed = test_head(rule, facts);
		enum truth truth = FAILS;

		ret->rule_index = i;
		if (failed == PREDICATE_NONE) {
			truth = test_message(rule, facts);
			failed = PREDICATE_MESSAGE_TYPE;
		}
		if (truth == NOT_KNOWN) {
			ret->verdict = DECIDE_LATER;
			return;
		}
		if (truth == HOLDS) {
			if (take_count(run, i, facts)) {
				fire(run, i, ret);
				return;
			}
			failed = PREDICATE_TIMES;
		}
		ret->failed[i] = (unsigned char)failed;
	}
	ret->rule_index = scenario->rule_count;
}

static const char *
separator(const struct buf *out, size_t start)
{
	return out->len > start ? ", " : "";
}

static void
add_why(struct buf *out, size_t start, const char *name, const struct range *range,
    size_t size)
{
	if (!range->is_set)
		return;
	buf_add_format(out, "%s%s %zu", separator(out, start), name, size);
	if (range->min > 0 && range->max < SIZE_MAX)
		buf_add_format(out, " in %zu to %zu", range->min, range->max);
	else if (range->min > 0)
		buf_add_format(out, " > %zu", range->min - 1);
	else if (range->max < SIZE_MAX)
		buf_add_format(out, " < %zu", range->max + 1);
}

void
decision_why(const struct decision *decision, const struct facts *facts, struct buf *out)
{
	size_t start = out->len;

	if (decision->verdict != DECIDE_RULE)
		return;
	add_why(
	    out, start, "query", &decision->rule->match.query_bytes, facts->query_bytes);
	add_why(out, start, "URL", &decision->rule->match.uri_bytes, facts->uri_bytes);
}

static void
describe_texts(struct buf *out, size_t start, const struct texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		if (i == 0)
			buf_add_text(out, separator(out, start));
		else
			buf_add_text(out, i + 1 < texts->count ? ", " : " or ");
		buf_add_text(out, texts->items[i]);
	}
}

static void
describe_range(struct buf *out, size_t start, const char *name, const struct range *range)
{
	if (!range->is_set)
		return;
	buf_add_format(out, "%s%s ", separator(out, start), name);
	if (range->min > 0 && range->max < SIZE_MAX)
		buf_add_format(out, "of %zu to %zu bytes", range->min, range->max);
	else if (range->min > 0)
		buf_add_format(out, "over %zu bytes", range->min - 1);
	else if (range->max < SIZE_MAX)
		buf_add_format(out, "under %zu bytes", range->max + 1);
	else
		buf_add_text(out, "of any length");
}

static void
describe_times(struct buf *out, size_t start, const struct match *match)
{
	static const char *const of[] = {
	    "", " of a client", " of a connection", " of a transaction"};

	if (match->times > 0)
		buf_add_format(out, "%sthe first %zu%s", separator(out, start),
		    match->times, of[match->count_by]);
}

void
rule_describe(const struct rule *rule, struct buf *out)
{
	const struct match *match = &rule->match;
	size_t start = out->len;

	if (rule->action == ACTION_SCEP)
		buf_add_text(out, "PKIOperation");
	else
		describe_texts(out, start, &match->operations);
	describe_texts(out, start, &match->methods);
	describe_texts(out, start, &match->message_types);
	describe_range(out, start, "query", &match->query_bytes);
	describe_range(out, start, "URL", &match->uri_bytes);
	if (out->len == start)
		buf_add_text(out, "any request");
	if (rule->action == ACTION_RESPOND && rule->respond.layer == LAYER_MSCEP)
		buf_add_text(out, " below /certsrv/mscep");
	describe_times(out, start, match);
}

const char *
predicate_name(enum predicate predicate)
{
	switch (predicate) {
	case PREDICATE_NONE:
		return "none";
	case PREDICATE_LAYER:
		return "layer";
	case PREDICATE_OPERATION:
		return "operation";
	case PREDICATE_METHOD:
		return "method";
	case PREDICATE_QUERY_BYTES:
		return "query_bytes";
	case PREDICATE_URI_BYTES:
		return "uri_bytes";
	case PREDICATE_MESSAGE_TYPE:
		return "message_type";
	case PREDICATE_TIMES:
		return "times";
	}
	return "unknown";
}
