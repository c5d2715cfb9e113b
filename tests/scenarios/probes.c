/*
 * probes: plays the probes of every scenario in the catalogue against the program:
 *
 *	probes MOCKNDES [http|https] [ID] [--all] [--table FILE] [--show]
 *
 * Probes with the same params share one server, in the order of the file. Without
 * "http" or "https" both are played, each with servers of its own; what has a port of its
 * own, or goes over TLS anyway, is played once, with "http". Over HTTPS each scenario is
 * played with its defaults, and with other params where the fault is in the connection
 * or in how the bytes leave; --all plays all.
 *
 * --table writes what was found, a line for each server: id, group, provenance, params,
 * protocol, probes passed, and how OpenSSL's own reader saw the answers. --show prints
 * the same as comments.
 */
#include "base/mem.h"
#include "certs/ossl.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include "scenarios/play.h"
#include "scenarios/tap.h"
#include "scenarios/wants.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is played in one server. */
struct run {
	struct scenario *scenario; /* with these params */
	char *choice;              /* "id:k=v" */
	char *params;              /* "k=v", or "" */
	const struct probe *first; /* of those with these params */
	bool is_tls;
	size_t passed;
	size_t count;
	struct buf seen; /* how OpenSSL saw the answers, each reading once */
};

struct runner {
	struct tap tap;
	const char *program;
	const char *protocol; /* NULL: both */
	const char *id;       /* NULL: all */
	const char *table;    /* NULL: none */
	bool is_shown;
	bool plays_all;
	struct kept kept;
	struct cast cast;
	struct run *runs;
	size_t run_count;
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

static bool
is_over_tls_anyway(const struct run *run)
{
	for (size_t i = 0; i < run->scenario->probe_count; i++) {
		const struct probe *probe = &run->scenario->probes[i];

		if (has_same_params(probe, run->first) && !probe->is_tls &&
		    probe->sni == NULL)
			return false;
	}
	return true;
}

/* "uri-too-long{limit=4096} https"; yours. */
static char *
name_run(const struct run *run)
{
	bool has_params = run->params[0] != '\0';

	return mem_format("%s%s%s%s%s", run->scenario->id, has_params ? "{" : "",
	    run->params, has_params ? "}" : "", run->is_tls ? " https" : "");
}

static void
tell_probe(struct runner *runner, struct run *run, const char *name,
    const struct probe *probe, const struct err *failure)
{
	const char *blank = probe->message_type != NULL ? " " : "";
	const char *type = probe->message_type != NULL ? probe->message_type : "";
	bool ok = failure->kind == ERR_NONE;
	char status[16] = "";

	run->count++;
	run->passed += ok;
	if (probe->want_status != 0)
		snprintf(status, sizeof(status), " %u", probe->want_status);
	if (!tap_check(&runner->tap, ok, "%s line %zu %s%s%s %s%s", name, probe->line,
	        probe->operation, blank, type, probe->method, status))
		tap_note("%s", failure->text);
}

static void
note_seen(struct run *run, const struct buf *seen)
{
	if (seen->len == 0 || (run->seen.len > 0 && memmem(run->seen.data, run->seen.len,
	                                                seen->data, seen->len) != NULL))
		return;
	if (run->seen.len > 0)
		buf_add_text(&run->seen, "; ");
	buf_add(&run->seen, seen->data, seen->len);
}

static bool
play_probe(struct run *run, struct play *play, const struct probe *probe, struct err *err)
{
	bool ok = true;

	for (size_t i = 0; ok && i < probe->repeat; i++) {
		struct take take = {.probe = probe};

		ok = play_send(play, &take, err) && wants_check(play, &take, err);
		note_seen(run, &take.seen);
		play_settle(play, &take);
	}
	return ok;
}

static void
find_needs(const struct run *run, struct play_needs *needs)
{
	for (size_t i = 0; i < run->scenario->probe_count; i++)
		if (has_same_params(run->first, &run->scenario->probes[i]))
			play_need(needs, &run->scenario->probes[i]);
}

static void
play_run(struct runner *runner, struct run *run)
{
	struct play_settings settings = {.program = runner->program,
	    .kept = &runner->kept,
	    .choice = run->choice,
	    .scenario = run->scenario,
	    .is_tls = run->is_tls};
	const struct scenario *scenario = run->scenario;
	char *name = name_run(run);
	struct err start = ERR_INIT;
	struct err end = ERR_INIT;
	struct play play;
	bool is_open;

	find_needs(run, &settings.needs);
	is_open = play_open(&play, &settings, &runner->cast, &start);
	for (size_t i = 0; i < scenario->probe_count; i++) {
		const struct probe *probe = &scenario->probes[i];
		struct err failure = start;

		if (!has_same_params(run->first, probe))
			continue;
		if (is_open)
			play_probe(run, &play, probe, &failure);
		tell_probe(runner, run, name, probe, &failure);
	}
	if (is_open)
		play_close(&play, &end);
	if (!tap_check(&runner->tap, is_open && end.kind == ERR_NONE,
	        "%s ends well, with no line in the logs that nobody caused", name))
		tap_note("%s", is_open ? end.text : start.text);
	free(name);
}

/* Whether HTTPS may end otherwise than HTTP. */
static bool
matters_over_tls(const struct run *run)
{
	for (size_t i = 0; i < run->scenario->rule_count; i++) {
		const struct rule *rule = &run->scenario->rules[i];

		if (rule->action.kind == ACTION_CONNECTION ||
		    rule->action.respond.redirect != REDIRECT_NONE ||
		    rule->shaping.drip_bytes > 0 ||
		    rule->shaping.cut.where != CUT_NOWHERE ||
		    rule->reply.framing != FRAMING_USUAL)
			return true;
	}
	return run->params[0] == '\0';
}

/* The scenario anew, with the params of its probe `index`. */
static bool
add_run(struct runner *runner, const struct scenario *plain, size_t index, bool is_tls,
    struct err *err)
{
	char *params = params_text(&plain->probes[index]);
	struct run run = {.params = params,
	    .choice =
	        mem_format("%s%s%s", plain->id, params[0] != '\0' ? ":" : "", params),
	    .is_tls = is_tls};

	run.scenario = catalogue_load(run.choice, err);
	if (run.scenario == NULL) {
		free(run.choice);
		free(run.params);
		return false;
	}
	run.first = &run.scenario->probes[index];
	if (is_tls && (play_has_door(run.scenario) || is_over_tls_anyway(&run) ||
	                  (!runner->plays_all && !matters_over_tls(&run)))) {
		scenario_free(run.scenario);
		free(run.choice);
		free(run.params);
		return true;
	}
	runner->runs =
	    mem_grow(runner->runs, runner->run_count + 1, sizeof(*runner->runs));
	runner->runs[runner->run_count++] = run;
	return true;
}

static bool
add_scenario(struct runner *runner, const char *id, bool is_tls, struct err *err)
{
	struct scenario *plain = catalogue_load(id, err);
	bool ok = plain != NULL;

	for (size_t i = 0; ok && i < plain->probe_count; i++)
		if (is_first_of_group(plain, i))
			ok = add_run(runner, plain, i, is_tls, err);
	scenario_free(plain);
	return ok;
}

static bool
add_all(struct runner *runner, struct err *err)
{
	for (int is_tls = 0; is_tls < 2; is_tls++) {
		const char *protocol = is_tls ? "https" : "http";

		if (runner->protocol != NULL && strcmp(runner->protocol, protocol) != 0)
			continue;
		for (size_t i = 0; i < catalogue_count; i++) {
			const char *id = catalogue_entries[i].id;

			if ((runner->id == NULL || strcmp(runner->id, id) == 0) &&
			    !add_scenario(runner, id, is_tls, err))
				return false;
		}
	}
	return runner->run_count > 0 ||
	       err_set(err, ERR_USAGE, "there is no scenario to play");
}

static size_t
count_checks(const struct runner *runner)
{
	size_t count = 0;

	for (size_t i = 0; i < runner->run_count; i++) {
		const struct run *run = &runner->runs[i];

		count++;
		for (size_t k = 0; k < run->scenario->probe_count; k++)
			count += has_same_params(run->first, &run->scenario->probes[k]);
	}
	return count;
}

/* Words in the order of enum provenance. */
static const char *const provenances[] = {"captured", "documented", "inferred"};

static void
add_row(const struct run *run, struct buf *out)
{
	const struct scenario *scenario = run->scenario;

	buf_add_format(out, "%s\t%s\t%s\t%s\t%s\t%zu/%zu\t%.*s\n", scenario->id,
	    scenario->group, provenances[scenario->doc.provenance], run->params,
	    run->is_tls ? "https" : "http", run->passed, run->count, (int)run->seen.len,
	    run->seen.len > 0 ? (const char *)run->seen.data : "");
}

static bool
tell_table(const struct runner *runner, struct err *err)
{
	struct buf text = BUF_INIT;
	FILE *file = NULL;
	bool ok = true;

	buf_add_text(&text, "id\tgroup\tprovenance\tparams\tprotocol\tpassed\topenssl\n");
	for (size_t i = 0; i < runner->run_count; i++)
		add_row(&runner->runs[i], &text);
	if (runner->is_shown)
		tap_note("%.*s", (int)text.len - 1, (const char *)text.data);
	if (runner->table != NULL) {
		file = fopen(runner->table, "we");
		ok = file != NULL && fwrite(text.data, 1, text.len, file) == text.len;
		if (file != NULL)
			ok = fclose(file) == 0 && ok;
		if (!ok)
			err_set_errno(err, ERR_FAILED, "cannot write %s", runner->table);
	}
	buf_clear(&text);
	return ok;
}

static bool
read_arguments(struct runner *runner, int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (strcmp(word, "--table") == 0 && i + 1 < argc)
			runner->table = argv[++i];
		else if (strcmp(word, "--show") == 0)
			runner->is_shown = true;
		else if (strcmp(word, "--all") == 0)
			runner->plays_all = true;
		else if (word[0] == '-')
			return false;
		else if (runner->program == NULL)
			runner->program = word;
		else if (strcmp(word, "http") == 0 || strcmp(word, "https") == 0)
			runner->protocol = word;
		else
			runner->id = word;
	}
	return runner->program != NULL;
}

static void
clear(struct runner *runner)
{
	for (size_t i = 0; i < runner->run_count; i++) {
		scenario_free(runner->runs[i].scenario);
		free(runner->runs[i].choice);
		free(runner->runs[i].params);
		buf_clear(&runner->runs[i].seen);
	}
	free(runner->runs);
	cast_clear(&runner->cast);
	kept_close(&runner->kept);
}

int
main(int argc, char **argv)
{
	struct runner runner = {.cast = CAST_INIT};
	struct err err = ERR_INIT;
	int code;

	if (!read_arguments(&runner, argc, argv))
		return tap_bail_out(
		    "usage: %s MOCKNDES [http|https] [ID] [--all] [--table FILE] "
		    "[--show]",
		    argv[0]);
	ossl_init(); /* providers stay: nothing is cleaned up behind them at exit */
	if (!add_all(&runner, &err) || !kept_open(&runner.kept, runner.program, &err)) {
		clear(&runner);
		return tap_bail_out("%s", err.text);
	}
	buf_add(&runner.cast.by_hand, runner.kept.bag.data, runner.kept.bag.len);
	tap_plan(&runner.tap, count_checks(&runner));
	for (size_t i = 0; i < runner.run_count; i++)
		play_run(&runner, &runner.runs[i]);
	code = tell_table(&runner, &err) ? tap_end(&runner.tap)
	                                 : tap_bail_out("%s", err.text);
	clear(&runner);
	return code;
}
