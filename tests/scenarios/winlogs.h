/*
 * winlogs: the logs below a --logs folder, followed while the server writes them.
 *
 * A field is found by its name in the log's own #Fields line, so both field sets and
 * all versions can be read. Only whole lines (with CRLF) count.
 */
#ifndef SCENARIOS_WINLOGS_H
#define SCENARIOS_WINLOGS_H

#include "base/buf.h"
#include "base/err.h"

struct winlog {
	char *pattern;       /* of the files' paths */
	size_t known;        /* records that winlog_settle has seen */
	size_t count;        /* records that are there */
	struct buf text;     /* of all files, oldest first */
	struct slice head;   /* the newest #Software to #Fields lines with their CRLF */
	struct slice fields; /* the newest #Fields line, behind its colon */
	struct slice record; /* the newest record, without CRLF */
};

struct winlogs {
	char folder[64]; /* for --logs */
	struct winlog iis;
	struct winlog httperr;
};

/* Makes a folder below TMPDIR or /tmp; winlogs_close removes it with all in it. */
bool winlogs_open(struct winlogs *logs, struct err *err);
void winlogs_close(struct winlogs *logs);

/* Reads the files again; how many records came since winlog_settle. */
size_t winlog_look(struct winlog *log);
/* Looks until there are `count` such records, for `ms` at most. */
bool winlog_await(struct winlog *log, size_t count, unsigned ms);
/* What is there is old from now on. */
void winlog_settle(struct winlog *log);
/* A field of the newest record; empty: the log has no such field. */
struct slice winlog_field(const struct winlog *log, const char *name);

/* The word at `index` of a line whose words are parted by one blank each. */
struct slice winlog_word(struct slice line, size_t index);

#endif
