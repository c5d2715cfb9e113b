/*
 * fact: what is known about some bytes, as a tree for people and machines alike.
 *
 * A fact has a label ("transactionID"), and where they apply a dotted OID, the name of
 * an ASN.1 type and a value. A finding is a fact whose level is not FACT_PLAIN: its
 * label is the rule ("C-21", "S-08"; or the name of a standard where no rule has a
 * number), its value one sentence; it is a child of what it is about.
 *
 * All text is printable UTF-8 without control characters, whatever the bytes were: it
 * may go to a terminal, and into JSON.
 */
#ifndef SCEP_FACT_H
#define SCEP_FACT_H

#include "base/buf.h"

#define FACT_TEXT_MAX 4096 /* octets of one value; what is longer is cut */

enum fact_level {
	FACT_PLAIN,
	FACT_INFORMATION, /* worth knowing, and harmless */
	FACT_WARNING,     /* against a SHOULD, or known to break a real server */
	FACT_ERROR,       /* against a MUST */
};

struct fact {
	char *label;
	char *oid;   /* NULL: none */
	char *type;  /* NULL: none */
	char *value; /* NULL: none, the children say it */
	enum fact_level level;
	struct fact **children; /* in the order of the bytes */
	size_t count;
};

struct fact *fact_new(const char *label);
void fact_free(struct fact *fact); /* with all below it; NULL is fine */

/* A new last child, borrowed. */
struct fact *fact_add(struct fact *parent, const char *label);
struct fact *fact_add_format(struct fact *parent, const char *label, const char *format,
    ...) __attribute__((format(printf, 3, 4)));

/* Each replaces what was there; NULL: none. */
void fact_set_oid(struct fact *fact, const char *oid);
void fact_set_type(struct fact *fact, const char *type);
void fact_set_value(struct fact *fact, struct slice text);
void fact_set_format(struct fact *fact, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A finding about `fact`: one sentence, without a rule's number in it. */
void fact_find(struct fact *fact, enum fact_level level, const char *rule,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* "information", "warning", "error"; NULL for FACT_PLAIN. */
const char *fact_level_name(enum fact_level level);
/* How many findings of this level there are in the tree. */
size_t fact_count(const struct fact *fact, enum fact_level level);

/*
 * Appends the text with everything that is not printable UTF-8 as \xNN: control
 * characters, broken sequences, and what turns the direction of writing.
 */
void fact_clean(struct slice text, struct buf *out);

#endif
