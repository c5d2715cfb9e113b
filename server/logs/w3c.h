/*
 * w3c: the IIS log, %SystemDrive%\inetpub\logs\LogFiles\W3SVC1\u_exYYMMDD.log.
 *
 * A record becomes a line by a pure function; the writer owns the file. UTF-8,
 * CRLF, UTC; a header block whenever the file is opened; a new file a day.
 * Empty fields are "-"; a blank in a field is '+', control characters and bytes
 * that would break the line too.
 */
#ifndef LOGS_W3C_H
#define LOGS_W3C_H

#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>
#include <time.h>

enum w3c_fields {
	W3C_DEFAULT,    /* date .. sc-win32-status time-taken */
	W3C_WITH_BYTES, /* sc-bytes before time-taken, as the documented lines show */
};

struct w3c_record {
	time_t time;
	struct slice server_ip;
	struct slice method;
	struct slice uri_stem;  /* path as received, percent-decoded as IIS does */
	struct slice uri_query; /* as received */
	unsigned server_port;
	struct slice username;
	struct slice client_ip;
	struct slice user_agent;
	struct slice referer;
	unsigned status;
	unsigned substatus;
	uint32_t win32;
	uint64_t bytes_sent;
	uint64_t time_taken_ms;
};

/* Appends one line with CRLF. */
void w3c_line(struct buf *out, const struct w3c_record *record, enum w3c_fields fields);
/* Appends the four lines #Software #Version #Date #Fields. `iis` is "10.0" or "8.5". */
void w3c_head(struct buf *out, const char *iis, time_t now, enum w3c_fields fields);

struct w3c_log;

/*
 * `dir` is the root of the Windows tree (--logs DIR); folders are made. The file
 * of today is opened at once, so that an unwritable directory is known at start.
 */
struct w3c_log *w3c_open(const char *dir, const char *iis, enum w3c_fields fields,
    time_t now, struct err *err);
/*
 * False once: the disk is full or the file is gone; err says which. While that
 * lasts, lines are lost and true is returned; a file that was removed or renamed
 * is made anew. A later day in the record begins that day's file.
 */
bool w3c_write(struct w3c_log *log, const struct w3c_record *record, struct err *err);
void w3c_close(struct w3c_log *log); /* NULL is fine */

#endif
