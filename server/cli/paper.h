/*
 * paper: text for a person at a terminal: headings, labels with wrapped text beside them,
 * tables. Colours on a terminal alone, and never with NO_COLOR set.
 */
#ifndef CLI_PAPER_H
#define CLI_PAPER_H

#include "base/buf.h"
#include "base/err.h"

#define PAPER_WIDTH     90 /* where there is no terminal */
#define PAPER_WIDTH_MIN 40
#define PAPER_WIDTH_MAX 120

struct paper {
	struct buf out;
	size_t width;
	bool is_coloured;
};

/* For stdout as it is. */
struct paper paper_for_stdout(void);
/* Writes all to stdout and clears it. `what` is for the message. */
bool paper_print(struct paper *paper, const char *what, struct err *err);

/* Letters of UTF-8. */
size_t text_width(const char *text);

void paper_gap(struct paper *paper); /* an empty line, unless there is nothing above */
/* Bold. */
void paper_heading(struct paper *paper, const char *text);
/* Wrapped from column `left` on; line breaks of the text stay. */
void paper_text(struct paper *paper, size_t left, const char *text);
/* `label` at column `indent`, the text wrapped from column `left` on; a label that is
   longer has a line of its own. */
void paper_item(
    struct paper *paper, size_t indent, size_t left, const char *label, const char *text);
/* The same with a text that stays on its line, however long: something to copy. */
void paper_line(struct paper *paper, size_t left, const char *label, const char *text);

/*
 * A table: `cells` row by row, the first row is the head. The last column is wrapped,
 * the others are as wide as they need.
 */
void paper_table(struct paper *paper, char *const *cells, size_t columns, size_t rows);

#endif
