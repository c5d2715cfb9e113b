/*
 * glob: whether a text is like a pattern. `*` is any text, the empty one too; every
 * other character is itself. It takes time in proportion to the text's length
 * times the pattern's at worst, and to the text's for patterns as people write them.
 */
#ifndef SCENARIOS_GLOB_H
#define SCENARIOS_GLOB_H

#include "base/buf.h"

#define GLOB_MAX 1024 /* bytes; a longer pattern matches nothing */

bool glob_matches(const char *glob, struct slice text); /* case counts */

/* `*` stays within a segment of the path, `**` goes across; ASCII case is folded, as
   IIS does. */
bool glob_matches_path(const char *glob, struct slice path);

#endif
