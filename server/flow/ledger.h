/*
 * ledger: where finished exchanges are written down: the log of the Windows layer
 * that answered, and a line for the person at the terminal.
 */
#ifndef FLOW_LEDGER_H
#define FLOW_LEDGER_H

#include "logs/console.h"
#include "logs/httperr.h"
#include "logs/w3c.h"
#include <stdio.h>

struct ledger {
	struct w3c_log *w3c;         /* NULL: no --logs */
	struct httperr_log *httperr; /* NULL: no --logs */
	FILE *console;               /* NULL: --quiet */
	enum console_format format;
	bool coloured;
	struct buf line; /* scratch */
	bool has_failed; /* a log could not be written: it is said once */
};

struct exchange;

/* An exchange is over; what of it is known goes where it belongs. */
void ledger_write(struct ledger *ledger, const struct exchange *exchange);
/* A sentence about the server itself, to stderr. */
void ledger_note(struct ledger *ledger, const char *sentence);
void ledger_close(struct ledger *ledger);

#endif
