/*
 * fields: typed values out of the tree, each refused with its place, what is
 * wanted there and the nearest right word.
 *
 * A reader for an absent key (node NULL) is content and leaves its result as it
 * was; which keys are required is said in the table of keys. Where `${name}` is
 * allowed (fields_params), every value that the parameter may take at this place
 * is checked, not only the one in force: a file is right for all its settings
 * or refused.
 */
#ifndef SCENARIOS_FIELDS_H
#define SCENARIOS_FIELDS_H

#include "scenarios/model.h"
#include "scenarios/tree.h"
#include "scenarios/words.h"

#define PARAMS_MAX      16         /* parameters of a scenario */
#define PARAM_WORDS_MAX 16         /* words of a parameter */
#define NUMBER_MAX      1000000000 /* numbers without a smaller limit */
#define LIST_MAX        100        /* items of a list */
#define DURATION_MAX    1000000000 /* ms; durations without a smaller limit */

/* What `with` says of the parameters; a parameter stands in it once at most. */
struct with {
	struct {
		const struct param *param;
		const char *word; /* NULL: any number, or any duration */
	} items[PARAMS_MAX];
	size_t count;
};

struct fields {
	struct tree *tree;
	struct err *err;
	/* what ${name} may name here; NULL: not used here, plain text */
	const struct param *params;
	size_t param_count;
	const struct with *with; /* NULL: none */
	/* what is read so far: its params and machines are whole when rules are read */
	const struct scenario *scenario;
};

struct key {
	const char *name;
	bool is_required;
};

/* node must be a MAP with these keys alone and all the required ones. */
bool field_map(const struct fields *fields, const struct node *node, const char *what,
    const struct key *keys, size_t count);
/* node must be a LIST of 1 to `most` items; NULL is fine and counts 0. */
bool field_list(const struct fields *fields, const struct node *node, const char *what,
    size_t most, size_t *ret);

bool field_text(const struct fields *fields, const struct node *node, const char **ret);
/* As field_text; "" is a text too when it stands in quotes. */
bool
field_any_text(const struct fields *fields, const struct node *node, const char **ret);
/* As field_text, without control characters: for a header line. */
bool field_line(const struct fields *fields, const struct node *node, const char **ret);
#define DURATION_TEXT_MAX 24
/* 5000 is "5s": the largest unit that needs no fraction. */
void duration_text(uint64_t ms, char ret[DURATION_TEXT_MAX]);
/* A name of a header (RFC 9110 5.6.2). */
bool text_is_token(struct slice text);
/* Small letters and digits with single hyphens between: "uri-too-long". */
bool text_is_id(struct slice text);
bool field_id(const struct fields *fields, const struct node *node, const char **ret);
bool field_number(const struct fields *fields, const struct node *node, size_t min,
    size_t max, size_t *ret);
/* true or false */
bool field_bool(const struct fields *fields, const struct node *node, bool *ret);
/* "250ms" "5s" "2m" "1h"; a bare number is FAULT_BARE_DURATION. */
bool field_duration(const struct fields *fields, const struct node *node, uint64_t min_ms,
    uint64_t max_ms, uint64_t *ret);
/* "20%" "0.5%", above 0 and at most 100; a bare number is FAULT_BARE_CHANCE. */
bool
field_chance(const struct fields *fields, const struct node *node, uint32_t *per_million);
/* {over: n} {under: n} {min: n} {max: n}, a lower and an upper one, or n alone. */
bool field_range(const struct fields *fields, const struct node *node, struct range *ret);
/* "0x" and eight hexadecimal digits. */
bool field_hresult(const struct fields *fields, const struct node *node, uint32_t *ret);
bool field_word(const struct fields *fields, const struct node *node,
    const struct words *words, size_t *ret);
bool field_word_text(const struct fields *fields, const struct node *node,
    const struct words *words, const char **ret);
/* One word or a list of different words. */
bool field_words(const struct fields *fields, const struct node *node,
    const struct words *words, struct texts *ret);
/* One text or a list of texts. */
bool field_texts(const struct fields *fields, const struct node *node, struct texts *ret);
/* The same; a text may stand there twice, as a line of a log does. */
bool field_lines(const struct fields *fields, const struct node *node, struct texts *ret);

/* A plain ~ or null, or nothing at all. */
bool node_is_null(const struct node *node);

#endif
