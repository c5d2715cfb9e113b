/*
 * sheet: one scenario as explain tells it, and the pages: what it shows, why, and what
 * to do. Here are its lists, each thing once; sheet_text.c and sheet_json.c print them.
 */
#ifndef CLI_SHEET_H
#define CLI_SHEET_H

#include "cli/find.h"
#include "cli/paper.h"
#include <jansson.h>

struct sheet {
	const struct subject *subject;
	size_t lead;     /* the variation that it is about */
	const char *why; /* what was found; NULL: it was asked for by its name */
};

/* A sign, and the settings under which it shows. */
struct shown {
	const struct sign *sign;
	const char *settings; /* NULL: those of the lead */
};

struct shown_list {
	struct shown *items;
	size_t count;
};

/* From SIGN_CLIENT on: first the lead's, then what others show besides; yours. */
struct shown_list sheet_shown(const struct sheet *sheet);

/* Texts that hold under other settings only. */
struct other_case {
	const char *settings; /* NULL: the defaults */
	const char *symptom;  /* NULL: as the lead's */
	const char *cause;
	const char *fix;
	const char *outcome; /* "must-fail"; NULL: as the lead's */
};

struct case_list {
	struct other_case *items;
	size_t count;
};

struct case_list sheet_cases(const struct sheet *sheet); /* yours */

struct advice {
	const struct expect *expect;
	const char *settings; /* NULL: those of the lead */
};

struct advice_list {
	struct advice *items;
	size_t count;
};

/* Expectations with a hint: what a good client does; yours. */
struct advice_list sheet_advice(const struct sheet *sheet);

const struct scenario *sheet_scenario(const struct sheet *sheet);
/* "mockndes --scenario uri-too-long:answer=404.15"; yours. */
char *sheet_command(const struct sheet *sheet);
/* The same for a scenario and its settings; NULL: the defaults. */
char *scenario_command(const struct scenario *scenario, const char *settings);

/* Sentences for words: "documented by its maker", "a good client enrols all the same". */
const char *provenance_text(enum provenance provenance);
const char *outcome_text(enum outcome outcome);

/* Which part of the deployment answers, over all variations, in the order of layers. */
void subject_layers(const struct subject *subject, bool ret[LAYER_COUNT]);

void sheet_text(const struct sheet *sheet, struct paper *paper);
json_t *sheet_json(const struct sheet *sheet);
/* What `list --json` says of it, without what it shows. */
json_t *subject_json(const struct subject *subject);

#endif
