/*
 * file: a log file that is appended to, line by line.
 *
 * Each write is one write(2) on an O_APPEND descriptor, so that a reader sees
 * whole lines. The folders are made when the file is opened. A file that was
 * removed or renamed under the writer is made anew (looked for once a second,
 * by the time given).
 */
#ifndef LOGS_FILE_H
#define LOGS_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include <time.h>

struct log_file {
	char *path;
	int fd;         /* -1: not open */
	time_t looked;  /* when the path was last looked at */
	bool is_failed; /* the last line was lost, and that was told */
};

void log_file_init(struct log_file *file, char *path); /* takes path */
void log_file_clear(struct log_file *file);
/* Closes; from now on the file is another. Takes path. */
void log_file_move(struct log_file *file, char *path);

/* Opens the file if it is not open; *is_new tells that it was opened just now. */
bool log_file_attach(struct log_file *file, time_t now, bool *is_new, struct err *err);
bool log_file_write(struct log_file *file, struct bytes lines, struct err *err);

/*
 * Tells a failure once: false and *err at the first of several failures in a
 * row, true at all others and whenever `ok`. `failure` is what happened.
 */
bool
log_file_tell(struct log_file *file, bool ok, const struct err *failure, struct err *err);

#endif
