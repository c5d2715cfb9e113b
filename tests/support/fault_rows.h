/*
 * fault_rows: one line of a scenario file each, what is refused about it, and where.
 *
 * It stands behind parameters (scenario_text.h) and one machine, `pool`, that is up or
 * down. A caret is not in the file: it marks the place that is told.
 */
#ifndef SUPPORT_FAULT_ROWS_H
#define SUPPORT_FAULT_ROWS_H

#include "scenarios/load.h"
#include "scenarios/tree.h"
#include "support/scenario_text.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct row {
	const char *line;
	enum fault fault;
	const char *phrase;
};

#define BEFORE                                                                    \
	PTOP "machines: {pool: {initial: up, states: {up: {events: {crash: {to: " \
	     "down}}}, down: {events: {start: {to: up}}}}}}\n"
#define LINE 19 /* what stands behind BEFORE */

/* Loads the line without its caret, if it has one. */
static inline struct scenario *
load_row(const char *line, struct err *err)
{
	const char *caret = strchr(line, '^');
	size_t before = caret != NULL ? (size_t)(caret - line) : strlen(line);
	struct buf text = BUF_INIT;
	struct scenario *scenario;

	buf_add_text(&text, BEFORE);
	buf_add(&text, line, before);
	buf_add_text(&text, caret != NULL ? caret + 1 : "");
	buf_add_char(&text, '\n');
	scenario = scenario_load("f", buf_slice(&text), NULL, err);
	buf_clear(&text);
	return scenario;
}

static inline void
expect_right(const char *const *lines, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct err err = ERR_INIT;
		struct scenario *scenario = load_row(lines[i], &err);

		cr_expect(scenario != NULL, "case %s: %s", lines[i], err.text);
		scenario_free(scenario);
	}
}

static inline void
expect_fault(const struct row *row)
{
	const char *caret = strchr(row->line, '^');
	char place[40], code[40];
	struct err err = ERR_INIT;
	struct scenario *scenario;

	cr_assert(caret != NULL, "case %s", row->line);
	snprintf(place, sizeof(place), "f:%d:%td: ", LINE, caret - row->line + 1);
	snprintf(code, sizeof(code), " [%s]", fault_code(row->fault));
	scenario = load_row(row->line, &err);
	cr_expect(scenario == NULL, "case %s", row->line);
	cr_expect(strncmp(err.text, place, strlen(place)) == 0,
	    "case %s: not at %s but \"%s\"", row->line, place, err.text);
	cr_expect(strstr(err.text, code) != NULL, "case %s: no%s in \"%s\"", row->line,
	    code, err.text);
	cr_expect(strstr(err.text, row->phrase) != NULL, "case %s: no '%s' in \"%s\"",
	    row->line, row->phrase, err.text);
	scenario_free(scenario);
}

static inline void
expect_faults(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		expect_fault(&rows[i]);
}
#define EXPECT_FAULTS(table) expect_faults(table, COUNT(table))

#define R(text) "rules: [{id: r, " text "}]"
/* A match, and a rule with an empty one. */
#define M(text) R("match: {" text "}, pass: {}")
#define A(text) R("match: {}, " text)
#define ACCEPT  "connection: {how: reset, at: accept}"

#endif
