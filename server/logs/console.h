/* clang-format off */
/*
 * console: one line a request for the person at the terminal.
 *
 *   14:00:03 127.0.0.1 GET  /certsrv/mscep/mscep.dll GetCACaps            200    58 B   0.1 ms
 *   14:00:04 127.0.0.1 POST /certsrv/mscep/mscep.dll PKIOperation PKCSReq 200  1.9 kB   2.4 ms SUCCESS
 *   14:00:05 127.0.0.1 GET  /certsrv/mscep/mscep.dll PKIOperation         414   329 B   0.1 ms
 *            uri-too-long/long-get  query 3643 > 2048; mockndes --help scenarios
 *
 * Aligned; coloured on a terminal only (never with NO_COLOR set). Times are UTC.
 * As JSON: one object a line with the same facts, null for what there is not.
 * Control characters from the wire and bytes that are no UTF-8 are shown as '?'
 * (logs/field.h), so that a client cannot write to the terminal or break JSON.
 */
/* clang-format on */
#ifndef LOGS_CONSOLE_H
#define LOGS_CONSOLE_H

#include "base/buf.h"
#include <stdint.h>
#include <stdio.h>
#include <time.h>

enum console_format { CONSOLE_TEXT, CONSOLE_JSON };

struct console_record {
	time_t time;
	struct slice client_ip;
	struct slice method;
	struct slice path;
	const char *operation;      /* "GetCACaps"; NULL: none */
	const char *message_type;   /* "PKCSReq"; NULL: none */
	const char *transaction_id; /* NULL: none */
	const char *pki_status; /* "SUCCESS", "FAILURE badRequest"; NULL: no CertRep */
	unsigned status;        /* 0: closed without an answer */
	uint64_t bytes_sent;
	uint64_t time_taken_us;
	const char *scenario; /* of the rule that fired; NULL: honest answer */
	const char *rule;
	const char *why;  /* "query 3643 > 2048"; NULL: none */
	const char *hint; /* what a person might do next; NULL: none */
};

/* Appends the line(s) with LF. */
void console_line(struct buf *out, const struct console_record *record,
    enum console_format format, bool coloured);

#endif
