/*
 * markdown: the pages of docs/scenarios, made from the catalogue alone: one page a
 * scenario, an index by group, and the table in README.md.
 */
#ifndef CLI_MARKDOWN_H
#define CLI_MARKDOWN_H

#include "cli/find.h"

/* All appended. */
void markdown_page(struct buf *out, const struct subject *subject);
/* `subjects` are sorted by group, then by id. */
void markdown_index(struct buf *out, const struct subject *subjects, size_t count);
/* The scenarios of the group `whole`, and how many the other groups have. `folder` is
   where the pages are: "docs/scenarios". */
void markdown_table(struct buf *out, const struct subject *subjects, size_t count,
    const char *whole, const char *folder);

#endif
