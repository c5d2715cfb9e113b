#include "base/mem.h"
#include "cli/sheet.h"
#include "scenarios/params.h"
#include <stdlib.h>
#include <string.h>

#define LEFT   13 /* column of the texts */
#define INDENT 2

static char *
title_line(const struct scenario *scenario)
{
	struct buf out = BUF_INIT;

	buf_add_text(&out, scenario->id);
	for (size_t i = 0; i < scenario->aliases.count; i++)
		buf_add_format(
		    &out, "%s%s", i == 0 ? " (" : ", ", scenario->aliases.items[i]);
	buf_add_text(&out, scenario->aliases.count > 0 ? ")" : "");
	return buf_string(&out);
}

static void
add_top(const struct sheet *sheet, struct paper *paper)
{
	const struct scenario *scenario = sheet_scenario(sheet);
	char *title = title_line(scenario);
	char *about = mem_format("group %s; %s; %s", scenario->group,
	    provenance_text(scenario->doc.provenance), outcome_text(scenario->outcome));

	paper_heading(paper, title);
	paper_text(paper, 0, scenario->title);
	paper_text(paper, 0, about);
	paper_gap(paper);
	if (sheet->why != NULL)
		paper_item(paper, 0, LEFT, "Found by", sheet->why);
	paper_item(paper, 0, LEFT, "Symptom", scenario->doc.symptom);
	paper_item(paper, 0, LEFT, "Cause", scenario->doc.cause);
	paper_item(paper, 0, LEFT, "Fix", scenario->doc.fix);
	free(title);
	free(about);
}

/* "503 1 AppOffline SCEP  (every request)"; what is long goes below its head. */
static char *
sign_line(const struct sign *sign)
{
	switch (sign->kind) {
	case SIGN_IIS:
	case SIGN_CRP:
		return mem_format("... %s TIME  (%s)", sign->text, sign->head);
	case SIGN_HTTPERR:
		return mem_format("... %s  (%s)", sign->text, sign->head);
	case SIGN_NO_LINE:
		return mem_format("%s  (%s)", sign->text, sign->head);
	case SIGN_REGISTRY:
		return mem_format("%s: %s", sign->head, sign->text);
	case SIGN_ID:
	case SIGN_ALIAS:
	case SIGN_TITLE:
	case SIGN_SYMPTOM:
	case SIGN_CAUSE:
	case SIGN_FIX:
	case SIGN_CLIENT:
	case SIGN_EVENT:
	case SIGN_FILE:
	case SIGN_SHOWS:
		break;
	}
	return mem_format(
	    "%s%s%s", sign->head, sign->text[0] != '\0' ? ": " : "", sign->text);
}

static void
add_section(struct paper *paper, const char *heading)
{
	paper_gap(paper);
	paper_heading(paper, heading);
}

/* What the lead shows, kind by kind. */
static void
add_signs(const struct shown_list *shown, struct paper *paper)
{
	if (shown->count > 0 && shown->items[0].settings == NULL)
		add_section(paper, "What shows it");
	for (size_t kind = SIGN_CLIENT; kind < SIGN_COUNT; kind++) {
		const char *label = sign_heading((enum sign_kind)kind);

		for (size_t i = 0; i < shown->count; i++) {
			const struct shown *item = &shown->items[i];
			char *line;

			if (item->settings != NULL || item->sign->kind != kind)
				continue;
			line = sign_line(item->sign);
			paper_item(paper, INDENT, LEFT, label, line);
			label = "";
			free(line);
		}
	}
}

static void
add_other_signs(const struct shown_list *shown, struct paper *paper)
{
	const char *last = NULL;

	for (size_t i = 0; i < shown->count; i++) {
		const struct shown *item = &shown->items[i];
		char *line;

		if (item->settings == NULL)
			continue;
		if (last == NULL)
			add_section(paper, "What else shows, by settings");
		if (last == NULL || strcmp(last, item->settings) != 0)
			paper_text(paper, INDENT, item->settings);
		line = sign_line(item->sign);
		paper_item(paper, 2 * INDENT, LEFT + INDENT,
		    sign_heading(item->sign->kind), line);
		last = item->settings;
		free(line);
	}
}

static void
add_params(const struct scenario *scenario, struct paper *paper)
{
	if (scenario->param_count == 0)
		return;
	add_section(paper, "Settings");
	for (size_t i = 0; i < scenario->param_count; i++) {
		const struct param *param = &scenario->params[i];
		char *domain = param_domain(param);
		char *text = mem_format("%s%s%s (default: %s)",
		    param->help != NULL ? param->help : "",
		    param->help != NULL ? "; " : "", domain,
		    param->default_value[0] != '\0' ? param->default_value : "empty");

		paper_item(paper, INDENT, LEFT, param->name, text);
		free(domain);
		free(text);
	}
}

static void
add_cases(const struct sheet *sheet, struct paper *paper)
{
	struct case_list cases = sheet_cases(sheet);

	if (cases.count > 0)
		add_section(paper, "Other causes");
	for (size_t i = 0; i < cases.count; i++) {
		const struct other_case *item = &cases.items[i];

		paper_text(paper, INDENT, item->settings);
		if (item->symptom != NULL)
			paper_item(paper, 2 * INDENT, LEFT, "symptom", item->symptom);
		if (item->cause != NULL)
			paper_item(paper, 2 * INDENT, LEFT, "cause", item->cause);
		if (item->fix != NULL)
			paper_item(paper, 2 * INDENT, LEFT, "fix", item->fix);
		if (item->outcome != NULL)
			paper_item(paper, 2 * INDENT, LEFT, "outcome", item->outcome);
	}
	free(cases.items);
}

static void
add_advices(const struct sheet *sheet, struct paper *paper)
{
	struct advice_list list = sheet_advice(sheet);

	for (size_t i = 0; i < list.count; i++) {
		const struct advice *item = &list.items[i];
		char *text = mem_format("%s%s%s%s", item->expect->hint,
		    item->settings != NULL ? " (" : "",
		    item->settings != NULL ? item->settings : "",
		    item->settings != NULL ? ")" : "");

		paper_item(paper, 0, LEFT, i == 0 ? "Good client" : "", text);
		free(text);
	}
	free(list.items);
}

static void
add_sources(const struct doc *doc, struct paper *paper)
{
	for (size_t i = 0; i < doc->unknown.count; i++)
		paper_item(
		    paper, 0, LEFT, i == 0 ? "Not known" : "", doc->unknown.items[i]);
	for (size_t i = 0; i < doc->source_count; i++) {
		const struct source *source = &doc->sources[i];
		char *title = mem_format("%s%s%s%s",
		    source->title != NULL ? source->title : source->url,
		    source->read != NULL ? " (read " : "",
		    source->read != NULL ? source->read : "",
		    source->read != NULL ? ")" : "");

		paper_item(paper, 0, LEFT, i == 0 ? "Sources" : "", title);
		if (source->title != NULL)
			paper_line(paper, LEFT, "", source->url);
		free(title);
	}
}

void
sheet_text(const struct sheet *sheet, struct paper *paper)
{
	const struct scenario *scenario = sheet_scenario(sheet);
	struct shown_list shown = sheet_shown(sheet);
	char *command = sheet_command(sheet);

	add_top(sheet, paper);
	add_signs(&shown, paper);
	paper_gap(paper);
	paper_line(paper, LEFT, "Play it", command);
	add_params(scenario, paper);
	add_other_signs(&shown, paper);
	add_cases(sheet, paper);
	paper_gap(paper);
	add_advices(sheet, paper);
	add_sources(&scenario->doc, paper);
	free(command);
	free(shown.items);
}
