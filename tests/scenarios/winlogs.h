/*
 * winlogs: the logs below a --logs folder, followed while the server writes them.
 *
 * A field is found by its name in the log's own #Fields line, so both field sets and
 * all versions can be read. Only whole lines (with CRLF) count, and each is read once.
 */
#ifndef SCENARIOS_WINLOGS_H
#define SCENARIOS_WINLOGS_H

#include "base/buf.h"
#include "base/err.h"

#define WINLOG_FILES_MAX 16 /* of one log: a day or 1 MB each */

/* Which records count. */
enum winlog_view {
	WINLOG_ALL,
	WINLOG_DEVICES, /* of the IIS log, without the policy module's own calls */
	WINLOG_PLUGIN,  /* and those alone: its VerifyRequest calls */
};

struct winlog {
	char *pattern; /* of the files' paths */
	enum winlog_view view;
	size_t known;        /* records that winlog_settle has seen */
	size_t count;        /* records that are there */
	struct slice head;   /* the newest #Software to #Fields lines with their CRLF */
	struct slice fields; /* the newest #Fields line, behind its colon */
	struct slice record; /* the newest record, without CRLF */
	/* how far it was read */
	struct winlog_file {
		char *path;
		size_t done;
	} files[WINLOG_FILES_MAX];
	size_t file_count;
	struct buf text;      /* of all files, oldest first */
	size_t taken;         /* of the text: taken apart already */
	struct buf head_text; /* what the slices point to */
	struct buf fields_text;
	struct buf record_text;
};

struct winlogs {
	char folder[64]; /* for --logs */
	struct winlog iis;
	struct winlog httperr;
	struct winlog crp; /* VerifyRequest in the IIS log, after winlogs_part */
};

/* Makes a folder below TMPDIR or /tmp; winlogs_close removes it with all in it. */
bool winlogs_open(struct winlogs *logs, struct err *err);
void winlogs_close(struct winlogs *logs);
/* The same, but the folder stays; later winlogs_remove takes it away. */
void winlogs_leave(struct winlogs *logs);
void winlogs_remove(const char *folder);
/* The policy module's calls are in `crp` from now on, and not in `iis`. */
void winlogs_part(struct winlogs *logs);

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
