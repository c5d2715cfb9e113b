/*
 * rule_parts: the pieces of which a rule is read, each by a file of its own; rules.c
 * puts them together. Private to those files; parts.h has what others call.
 *
 * Where a place holds `${name}`, a check of two keys against each other looks at all
 * that may stand there: sets are masks over the words, 1 << LAYER_IIS.
 */
#ifndef SCENARIOS_RULE_PARTS_H
#define SCENARIOS_RULE_PARTS_H

#include "scenarios/parts.h"

/* A rule with what is known about it only while the file is read. */
struct draft {
	struct rule rule;
	struct with with;
	const struct node *node;
	const struct node *match;
	const struct node *action; /* the value of the action's key */
	uint32_t layers; /* that may answer; 0: respond and connection alone say it */
	uint32_t fates;  /* of connection; else 0 */
	uint32_t delays; /* enum delay_at; 0: no delay */
};

#define STATUS_MIN 100
#define STATUS_MAX 599

/* A place whose value is `${name}`, or a list or map with such a place. */
bool node_has_param(const struct fields *fields, const struct node *node);
/* The words that may stand at a place; node NULL: none. At most 32 words. */
bool words_mask(const struct fields *fields, const struct node *node,
    const struct words *words, uint32_t *ret);
/* Whether an `operation` (NULL: any) has one of these, whatever the parameters are. */
bool operation_has(const struct fields *fields, const struct node *operation,
    const struct words *wanted);
/* A key of a match that only the opened pkiMessage answers. */
bool match_key_is_message(struct slice key);
/* A key of a match that counts or draws. */
bool match_key_counts(struct slice key);
/* A key of a match that can be asked before the first byte is read. */
bool match_key_is_accept(struct slice key);

/* The predicates that a run remembers something for: `state`, and those that count. */
bool match_states_read(
    const struct fields *fields, const struct node *node, struct match *ret);
bool match_counting_read(
    const struct fields *fields, const struct node *map, struct match *ret);

bool headers_read(const struct fields *fields, const struct node *node,
    struct header_edit **items, size_t *count);
/* The keys of a table of forms that stand in the map. */
bool forms_read(const struct fields *fields, const struct node *node,
    const struct form_words *table, size_t count, struct forms *ret);
/* NULL: a layer without pages that have a name. */
const struct words *layer_pages(enum layer layer);

bool ca_read(const struct fields *fields, const struct node *node, struct ca *ret);
bool connection_read(
    const struct fields *fields, const struct node *node, struct connection *ret);
/* Of the rule's own keys: delay, drip, truncate. */
bool shaping_read(
    const struct fields *fields, const struct node *rule, struct shaping_wish *ret);
bool
reply_read(const struct fields *fields, const struct node *node, struct reply_edit *ret);

/* The one action of the draft, and its masks. */
bool action_read(const struct fields *fields, struct draft *draft);
/* What goes together in one rule: stage, operations, shaping. */
bool draft_check(const struct fields *fields, const struct draft *draft);
/* Evidence is of the log that the rule's layer writes. */
bool draft_check_log(const struct fields *fields, const struct draft *draft);

/* Refuse, no-accept, tls. */
bool draft_is_of_door(const struct draft *draft);
/* Decided before the first byte is read; the doors are not among them. */
bool draft_is_at_accept(const struct draft *draft);
/* Whatever the later one could ever match, the earlier one takes. */
bool draft_shadows(
    const struct fields *fields, const struct draft *earlier, const struct draft *later);

#endif
