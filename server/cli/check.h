/*
 * check: `mockndes check FILE...`, whether scenario files can be played.
 *
 * Each file is loaded as it would be played, and once more under each of the settings
 * that it names itself, so that no fault hides behind a parameter. A line a file:
 *
 *   mine.yaml: ok (busy-once, 1 rule, 1 probe)
 *   mine.yaml:7:5: sentence [unknown-key]
 */
#ifndef CLI_CHECK_H
#define CLI_CHECK_H

#include "base/err.h"
#include "cli/paper.h"

/*
 * Prints to stdout; "-" is stdin. ERR_USAGE: some file is faulty or cannot be read, or
 * none is named; all others are told about all the same.
 */
bool check_print(const char *const *files, size_t count, bool is_json, struct err *err);

/* The same for one file that has been read: appends its line. False: it is faulty. */
bool check_text(const char *name, struct slice text, struct buf *out);

#endif
