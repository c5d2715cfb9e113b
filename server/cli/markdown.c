#include "cli/markdown.h"
#include "base/mem.h"
#include "cli/sheet.h"
#include "scenarios/load.h"
#include "scenarios/params.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define CATALOGUE "../../scenarios/catalogue"

/* Letters that Markdown would take for something else; a line break is a blank. */
static void
add_text(struct buf *out, const char *text)
{
	for (size_t i = 0; text[i] != '\0'; i++) {
		bool is_inside = text[i] == '_' && i > 0 &&
		                 isalnum((unsigned char)text[i - 1]) &&
		                 isalnum((unsigned char)text[i + 1]);

		if (strchr("\\`*_[]<>|#", text[i]) != NULL && !is_inside)
			buf_add_char(out, '\\');
		buf_add_char(out, text[i] == '\n' ? ' ' : text[i]);
	}
}

/* Code in the cell of a table: a bar is escaped there, a backtick ends it. */
static void
add_code(struct buf *out, const char *text)
{
	const char *fence = strchr(text, '`') != NULL ? "``" : "`";

	buf_add_text(out, fence);
	for (; *text != '\0'; text++) {
		if (*text == '|')
			buf_add_char(out, '\\');
		buf_add_char(out, *text == '\n' ? ' ' : *text);
	}
	buf_add_text(out, fence);
}

static void
add_heading(struct buf *out, const char *text)
{
	buf_add_format(out, "\n## %s\n\n", text);
}

static void
add_paragraph(struct buf *out, const char *heading, const char *text)
{
	add_heading(out, heading);
	add_text(out, text);
	buf_add_char(out, '\n');
}

static void
add_top(struct buf *out, const struct scenario *scenario)
{
	buf_add_format(out, "# %s\n\n", scenario->id);
	add_text(out, scenario->title);
	buf_add_text(out, "\n\n| | |\n|---|---|\n");
	if (scenario->aliases.count > 0) {
		buf_add_text(out, "| aliases |");
		for (size_t i = 0; i < scenario->aliases.count; i++) {
			buf_add_text(out, i > 0 ? ", " : " ");
			add_code(out, scenario->aliases.items[i]);
		}
		buf_add_text(out, " |\n");
	}
	buf_add_format(out, "| group | %s |\n", scenario->group);
	buf_add_format(
	    out, "| provenance | **%s** |\n", provenance_text(scenario->doc.provenance));
	buf_add_format(out, "| outcome | `%s`: %s |\n", outcome_name(scenario->outcome),
	    outcome_text(scenario->outcome));
	if (scenario->needs_profile != NULL)
		buf_add_format(
		    out, "| needs | `--profile %s` |\n", scenario->needs_profile);
	buf_add_format(out, "| file | [%s.yaml](" CATALOGUE "/%s.yaml) |\n", scenario->id,
	    scenario->id);
}

static bool
is_code(enum sign_kind kind)
{
	return kind == SIGN_IIS || kind == SIGN_CRP || kind == SIGN_HTTPERR ||
	       kind == SIGN_FILE || kind == SIGN_SHOWS;
}

static void
add_shown(struct buf *out, const struct shown *item)
{
	const struct sign *sign = item->sign;

	buf_add_format(out, "| %s | ", sign_heading(sign->kind));
	add_text(out, sign->head);
	buf_add_text(out, " | ");
	if (is_code(sign->kind))
		add_code(out, sign->text);
	else
		add_text(out, sign->text);
	buf_add_text(out, " | ");
	if (item->settings != NULL)
		add_code(out, item->settings);
	buf_add_text(out, " |\n");
}

static void
add_signs(struct buf *out, const struct sheet *sheet)
{
	struct shown_list list = sheet_shown(sheet);

	if (list.count > 0) {
		add_heading(out, "What shows it");
		buf_add_text(out, "IIS log and HTTPERR: the end of the line, without the "
		                  "time taken. Where settings are named, it shows under "
		                  "these alone.\n\n"
		                  "| where | of what | | with |\n|---|---|---|---|\n");
	}
	for (size_t kind = SIGN_CLIENT; kind < SIGN_COUNT; kind++)
		for (size_t i = 0; i < list.count; i++)
			if (list.items[i].sign->kind == kind)
				add_shown(out, &list.items[i]);
	free(list.items);
}

static void
add_case_text(struct buf *out, const char *name, const char *text)
{
	if (text == NULL)
		return;
	buf_add_format(out, "- %s: ", name);
	add_text(out, text);
	buf_add_char(out, '\n');
}

static void
add_cases(struct buf *out, const struct sheet *sheet)
{
	struct case_list list = sheet_cases(sheet);

	if (list.count > 0)
		add_heading(out, "Other causes");
	for (size_t i = 0; i < list.count; i++) {
		buf_add_text(out, i > 0 ? "\nWith " : "With ");
		add_code(out, list.items[i].settings);
		buf_add_text(out, "\n\n");
		add_case_text(out, "symptom", list.items[i].symptom);
		add_case_text(out, "cause", list.items[i].cause);
		add_case_text(out, "fix", list.items[i].fix);
		add_case_text(out, "outcome", list.items[i].outcome);
	}
	free(list.items);
}

static void
add_params(struct buf *out, const struct scenario *scenario)
{
	if (scenario->param_count == 0)
		return;
	add_heading(out, "Settings");
	buf_add_text(out, "| name | default | it is | |\n|---|---|---|---|\n");
	for (size_t i = 0; i < scenario->param_count; i++) {
		const struct param *param = &scenario->params[i];
		char *domain = param_domain(param);

		buf_add_format(out, "| `%s` | ", param->name);
		if (param->default_value[0] != '\0')
			add_code(out, param->default_value);
		buf_add_text(out, " | ");
		add_text(out, domain);
		buf_add_text(out, " | ");
		add_text(out, param->help != NULL ? param->help : "");
		buf_add_text(out, " |\n");
		free(domain);
	}
}

static void
add_advices(struct buf *out, const struct sheet *sheet)
{
	struct advice_list list = sheet_advice(sheet);

	if (list.count > 0)
		add_heading(out, "What a good client does");
	for (size_t i = 0; i < list.count; i++) {
		buf_add_format(out, "- `%s`", list.items[i].expect->id);
		if (list.items[i].settings != NULL) {
			buf_add_text(out, " with ");
			add_code(out, list.items[i].settings);
		}
		buf_add_text(out, ": ");
		add_text(out, list.items[i].expect->hint);
		buf_add_char(out, '\n');
	}
	free(list.items);
}

static void
add_sources(struct buf *out, const struct doc *doc)
{
	if (doc->unknown.count > 0)
		add_heading(out, "What is not known");
	for (size_t i = 0; i < doc->unknown.count; i++) {
		buf_add_text(out, "- ");
		add_text(out, doc->unknown.items[i]);
		buf_add_char(out, '\n');
	}
	add_heading(out, "Sources");
	for (size_t i = 0; i < doc->source_count; i++) {
		const struct source *source = &doc->sources[i];

		buf_add_text(out, "- ");
		if (source->title != NULL) {
			add_text(out, source->title);
			buf_add_text(out, ": ");
		}
		buf_add_format(out, "<%s>", source->url);
		if (source->read != NULL)
			buf_add_format(out, ", read %s", source->read);
		buf_add_char(out, '\n');
	}
}

void
markdown_page(struct buf *out, const struct subject *subject)
{
	const struct sheet sheet = {.subject = subject};
	const struct scenario *scenario = sheet_scenario(&sheet);
	char *command = sheet_command(&sheet);

	buf_add_text(out, "<!-- made by tools/pages from the scenario's file -->\n");
	add_top(out, scenario);
	add_paragraph(out, "Symptom", scenario->doc.symptom);
	add_paragraph(out, "Cause", scenario->doc.cause);
	add_paragraph(out, "Fix", scenario->doc.fix);
	add_heading(out, "Play it");
	buf_add_format(out, "```sh\n%s\n```\n", command);
	add_signs(out, &sheet);
	add_params(out, scenario);
	add_cases(out, &sheet);
	add_advices(out, &sheet);
	add_sources(out, &scenario->doc);
	free(command);
}

static const struct scenario *
scenario_of(const struct subject *subject)
{
	return variations_first(&subject->variations);
}

static void
add_row(struct buf *out, const struct scenario *scenario, const char *folder)
{
	buf_add_format(out, "| [%s](%s%s%s.md) |", scenario->id, folder,
	    folder[0] != '\0' ? "/" : "", scenario->id);
	for (size_t i = 0; i < scenario->aliases.count; i++)
		buf_add_format(
		    out, "%s`%s`", i > 0 ? ", " : " ", scenario->aliases.items[i]);
	buf_add_text(out, " | ");
	add_text(out, scenario->title);
}

static bool
begins_group(const struct subject *subjects, size_t i)
{
	return i == 0 || strcmp(scenario_of(&subjects[i])->group,
	                     scenario_of(&subjects[i - 1])->group) != 0;
}

void
markdown_index(struct buf *out, const struct subject *subjects, size_t count)
{
	buf_add_format(out,
	    "<!-- made by tools/pages from the files of the scenarios -->\n"
	    "# Scenarios\n\n"
	    "%zu scenarios, by group. Each is played by `mockndes --scenario ID`; "
	    "`mockndes explain ID` prints its page, and finds it by what it shows: "
	    "a status, a line of a log, an event, an HRESULT.\n",
	    count);
	for (size_t i = 0; i < count; i++) {
		const struct scenario *scenario = scenario_of(&subjects[i]);

		if (begins_group(subjects, i)) {
			add_heading(out, scenario->group);
			buf_add_text(
			    out, "| id | aliases | | provenance |\n|---|---|---|---|\n");
		}
		add_row(out, scenario, "");
		buf_add_format(
		    out, " | %s |\n", provenance_name(scenario->doc.provenance));
	}
}

static size_t
count_group(const struct subject *subjects, size_t count, size_t from)
{
	size_t at = from + 1;

	while (at < count && !begins_group(subjects, at))
		at++;
	return at - from;
}

void
markdown_table(struct buf *out, const struct subject *subjects, size_t count,
    const char *whole, const char *folder)
{
	const char *separator = "\nOther groups: ";

	buf_add_text(out, "| id | alias | |\n|---|---|---|\n");
	for (size_t i = 0; i < count; i++)
		if (strcmp(scenario_of(&subjects[i])->group, whole) == 0) {
			add_row(out, scenario_of(&subjects[i]), folder);
			buf_add_text(out, " |\n");
		}
	for (size_t i = 0; i < count; i += count_group(subjects, count, i)) {
		const char *group = scenario_of(&subjects[i])->group;

		if (strcmp(group, whole) == 0)
			continue;
		buf_add_format(
		    out, "%s%s (%zu)", separator, group, count_group(subjects, count, i));
		separator = ", ";
	}
	buf_add_format(out, "%s[%s](%s/README.md) has all %zu.\n",
	    separator[0] == ',' ? ". " : "\n", folder, folder, count);
}
