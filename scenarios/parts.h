/*
 * parts: the large parts of a scenario file, each read by a function of its own.
 * load.c calls them, in the order of this file; nobody else does.
 */
#ifndef SCENARIOS_PARTS_H
#define SCENARIOS_PARTS_H

#include "scenarios/fields.h"

/* NULL nodes: the part is not there. Items not in play are checked and left out. */

/* `doc:` without its cases; those need the parameters. */
bool doc_read(const struct fields *fields, const struct node *node, struct doc *ret);
/* Texts and outcome of the case in force take the place of those that are there. */
bool doc_cases_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);

bool machines_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);
bool server_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);
bool rules_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);
/* Every `emit` of the list `rules` is waited for by a machine; after rules_read. */
bool emits_check(const struct fields *fields, const struct node *rules);
/* Some machine waits for this event. */
bool
event_check(const struct fields *fields, const struct node *node, struct slice event);
bool expects_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);
/* The list at the top: items in play, one behind the other. */
bool evidences_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);
bool probes_read(
    const struct fields *fields, const struct node *node, struct scenario *scenario);

/* PLAIN: of an expectation, or of `not`: no counting. */
enum match_kind { MATCH_RULE, MATCH_PLAIN };

/* The parts of a rule. `state` in a match names machines of fields->scenario. */
bool match_read(const struct fields *fields, const struct node *node, struct match *ret,
    enum match_kind kind);
bool
respond_read(const struct fields *fields, const struct node *node, struct respond *ret);
bool scep_read(const struct fields *fields, const struct node *node, struct scep *ret);
/*
 * `evidence:`; is_of_rule: iis, httperr and crp are allowed (`iis: none` leaves has_iis
 * false). Whether the log is the one that the layer writes is up to the caller.
 */
bool evidence_read(const struct fields *fields, const struct node *node,
    struct evidence *ret, bool is_of_rule);

#endif
