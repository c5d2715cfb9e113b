/*
 * probes: plays the probes of every scenario in the catalogue against the program:
 *
 *	probes MOCKNDES [http|https] [ID]
 *
 * Probes with the same params share one server, in the order of the file. Without
 * "http" or "https" both are played, each with servers of its own.
 */
#include "base/mem.h"
#include "certs/ossl.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include "scenarios/play.h"
#include "scenarios/tap.h"
#include <stdlib.h>
#include <string.h>

struct runner {
	struct tap tap;
	const char *program;
	struct cast cast;
};

/* "limit=4096,post=offered", or ""; yours. */
static char *
params_text(const struct probe *probe)
{
	struct buf text = BUF_INIT;

	for (size_t i = 0; i < probe->param_count; i++)
		buf_add_format(&text, "%s%s=%s", i > 0 ? "," : "", probe->params[i].name,
		    probe->params[i].value);
	return buf_string(&text);
}

static const char *
find_param(const struct probe *probe, const char *name)
{
	for (size_t i = 0; i < probe->param_count; i++)
		if (strcmp(probe->params[i].name, name) == 0)
			return probe->params[i].value;
	return NULL;
}

/* In whatever order they stand. */
static bool
has_same_params(const struct probe *a, const struct probe *b)
{
	if (a->param_count != b->param_count)
		return false;
	for (size_t i = 0; i < a->param_count; i++) {
		const char *value = find_param(b, a->params[i].name);

		if (value == NULL || strcmp(value, a->params[i].value) != 0)
			return false;
	}
	return true;
}

static bool
is_first_of_group(const struct scenario *scenario, size_t index)
{
	for (size_t i = 0; i < index; i++)
		if (has_same_params(&scenario->probes[i], &scenario->probes[index]))
			return false;
	return true;
}

/* "uri-too-long{limit=4096} https"; yours. */
static char *
name_run(const struct scenario *scenario, const char *params, bool is_tls)
{
	bool has_params = params[0] != '\0';

	return mem_format("%s%s%s%s%s", scenario->id, has_params ? "{" : "", params,
	    has_params ? "}" : "", is_tls ? " https" : "");
}

static void
tell_probe(struct runner *runner, const char *run, const struct probe *probe,
    const struct err *failure)
{
	const char *blank = probe->message_type != NULL ? " " : "";
	const char *type = probe->message_type != NULL ? probe->message_type : "";
	char status[16] = "";

	if (probe->want_status != 0)
		snprintf(status, sizeof(status), " %u", probe->want_status);
	if (!tap_check(&runner->tap, failure->kind == ERR_NONE, "%s line %zu %s%s%s %s%s",
	        run, probe->line, probe->operation, blank, type, probe->method, status))
		tap_note("%s", failure->text);
}

/* All probes with the params of probe `first`, in one server. */
static void
play_group(
    struct runner *runner, const struct scenario *scenario, size_t first, bool is_tls)
{
	char *params = params_text(&scenario->probes[first]);
	char *choice =
	    mem_format("%s%s%s", scenario->id, params[0] != '\0' ? ":" : "", params);
	char *run = name_run(scenario, params, is_tls);
	struct err start = ERR_INIT;
	struct err end = ERR_INIT;
	struct play play;
	bool is_open =
	    play_open(&play, runner->program, choice, is_tls, &runner->cast, &start);

	for (size_t i = first; i < scenario->probe_count; i++) {
		const struct probe *probe = &scenario->probes[i];
		struct err failure = start;

		if (!has_same_params(&scenario->probes[first], probe))
			continue;
		if (is_open)
			play_probe(&play, probe, &failure);
		tell_probe(runner, run, probe, &failure);
	}
	if (is_open)
		play_close(&play, &end);
	if (!tap_check(&runner->tap, is_open && end.kind == ERR_NONE,
	        "%s ends with code 0 and no line in the logs that nobody caused", run))
		tap_note("%s", is_open ? end.text : start.text);
	free(run);
	free(choice);
	free(params);
}

static void
play_scenario(struct runner *runner, const struct scenario *scenario, bool is_tls)
{
	for (size_t i = 0; i < scenario->probe_count; i++)
		if (is_first_of_group(scenario, i))
			play_group(runner, scenario, i, is_tls);
}

static size_t
count_checks(const struct scenario *scenario)
{
	size_t count = scenario->probe_count;

	for (size_t i = 0; i < scenario->probe_count; i++)
		count += is_first_of_group(scenario, i);
	return count;
}

static bool
is_chosen(const struct scenario *scenario, const char *id)
{
	return id == NULL || strcmp(scenario->id, id) == 0;
}

/* The whole catalogue; NULL and err when a file of it is faulty. Yours. */
static struct scenario **
load_all(struct err *err)
{
	struct scenario **all = mem_array(catalogue_count, sizeof(struct scenario *));

	for (size_t i = 0; i < catalogue_count; i++) {
		all[i] = catalogue_load(catalogue_entries[i].id, err);
		if (all[i] == NULL) {
			free(all);
			return NULL;
		}
	}
	return all;
}

static int
play_all(struct runner *runner, struct scenario *const *all, const char *protocol,
    const char *id)
{
	size_t checks = 0;
	int modes = protocol == NULL ? 2 : 1;

	for (size_t i = 0; i < catalogue_count; i++)
		if (is_chosen(all[i], id))
			checks += count_checks(all[i]);
	tap_plan(&runner->tap, checks * (size_t)modes);
	for (int is_tls = 0; is_tls < 2; is_tls++) {
		if (protocol != NULL && strcmp(protocol, is_tls ? "https" : "http") != 0)
			continue;
		for (size_t i = 0; i < catalogue_count; i++)
			if (is_chosen(all[i], id))
				play_scenario(runner, all[i], is_tls);
	}
	return tap_end(&runner->tap);
}

int
main(int argc, char **argv)
{
	struct runner runner = {.cast = CAST_INIT};
	struct err err = ERR_INIT;
	struct scenario **all;
	int code;

	if (argc < 2)
		return tap_bail_out("usage: %s MOCKNDES [http|https] [ID]", argv[0]);
	runner.program = argv[1];
	ossl_init(); /* providers stay: nothing is cleaned up behind them at exit */
	all = load_all(&err);
	if (all == NULL)
		return tap_bail_out("%s", err.text);
	code =
	    play_all(&runner, all, argc > 2 ? argv[2] : NULL, argc > 3 ? argv[3] : NULL);
	for (size_t i = 0; i < catalogue_count; i++)
		scenario_free(all[i]);
	free(all);
	cast_clear(&runner.cast);
	return code;
}
