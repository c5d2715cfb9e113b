/*
 * query: what a person knows of a failure, in the words he has, into what can be looked
 * for. Pure.
 *
 * All words are one phrase. It is read as the first of these that it can be:
 *
 *   a line of HTTPERR    ... 503 1 AppOffline SCEP      (cut lines too)
 *   a line of the IIS log ... 500 0 1346 31             (both field sets, cut lines too)
 *   three numbers        500 0 1346                     sc-status sc-substatus win32
 *   two numbers, a point 403 16, 403.16                 status and substatus
 *   an event             event 5009, Application Error 1000
 *   a status             HTTP 503
 *   an HRESULT           0x80094800, 80094800, -2146875392, 2148091904
 *   one number           500, 1000: a status, an event, a Win32 code
 *
 * and beside that always as a text that stands somewhere.
 */
#ifndef CLI_QUERY_H
#define CLI_QUERY_H

#include "base/buf.h"
#include <stdint.h>

#define QUERY_BYTES_MAX 65536 /* a line of a log with a pkiMessage in it */

struct query {
	char *text;     /* the words, one blank between; at least one letter */
	bool is_number; /* the whole is one: it may be a status, an event, a code */
	uint32_t number;
	bool has_status;
	unsigned status;
	bool has_substatus;
	unsigned substatus;
	bool has_win32; /* with status and substatus: all three of a line */
	uint32_t win32;
	bool is_crp; /* a line of /CertificateRegistrationSvc */
	bool has_event;
	unsigned event;
	char *source; /* of the event: "Application Error"; NULL: any */
	bool has_hresult;
	uint32_t hresult;
	const char *httperr;   /* a reason of words_httperr; NULL: none is named */
	bool is_line;          /* a whole line: nothing but what it says is meant */
	const char *fail_info; /* a word of words_fail_info; NULL: none is named */
};

/* False: there is nothing in the words, or too much. */
bool query_read(struct query *ret, const char *const *words, size_t count);
void query_clear(struct query *query);

/* The parts of a text between its blanks; `most` at most. Returns how many. */
size_t query_split(struct slice text, struct slice *ret, size_t most);
/* 0x and up to eight digits, eight digits, or decimal with or without a sign. */
bool query_hresult(struct slice text, uint32_t *ret);

#endif
