/*
 * httperr: HTTP.sys's own log, Windows\System32\LogFiles\HTTPERR\httperr1.log.
 *
 * What never reaches an application is logged here and only here. Three field
 * sets by version of Windows. CRLF, UTC, "-" for what is missing; cs-uri is
 * truncated at 4096 bytes. Blanks and what would break the line are '+'.
 */
#ifndef LOGS_HTTPERR_H
#define LOGS_HTTPERR_H

#include "base/buf.h"
#include "base/err.h"
#include <time.h>

enum httperr_fields {
	HTTPERR_2012R2, /* ... cs-uri sc-status s-siteid s-reason s-queuename */
	HTTPERR_2016,   /* ... cs-uri streamid sc-status ... */
	HTTPERR_2022,   /* ... cs-uri streamid streamid_ex ... s-queuename transport */
};

struct httperr_record {
	time_t time;
	struct slice client_ip;
	unsigned client_port;
	struct slice server_ip;
	unsigned server_port;
	struct slice version; /* "HTTP/1.1" */
	struct slice method;
	struct slice uri;   /* path and query as received */
	unsigned status;    /* 0: "-" */
	bool has_site;      /* s-siteid is 1, else "-" */
	const char *reason; /* NULL: "-" */
	const char *queue;  /* NULL: "-" */
	bool is_tls; /* not logged by any field set; kept for the transport field */
};

/* Appends one line with CRLF. */
void httperr_line(
    struct buf *out, const struct httperr_record *record, enum httperr_fields fields);
/* Appends the four lines #Software #Version #Date #Fields. */
void httperr_head(struct buf *out, time_t now, enum httperr_fields fields);

struct httperr_log;

/* As w3c_open and w3c_write: made at once, and a failure is told once. */
struct httperr_log *
httperr_open(const char *dir, enum httperr_fields fields, time_t now, struct err *err);
bool httperr_write(
    struct httperr_log *log, const struct httperr_record *record, struct err *err);
void httperr_close(struct httperr_log *log); /* NULL is fine */

#endif
