/*
 * refusal: why HTTP.sys turns a request down before any application sees it.
 *
 * One table gives the status, the name of the page (ndes/pages) and the reason
 * phrase of the HTTPERR log. Ground: Microsoft's list of HTTPERR reasons and the
 * pages HTTP.sys is known to send.
 */
#ifndef HTTP_REFUSAL_H
#define HTTP_REFUSAL_H

enum refusal {
	REFUSAL_NONE,
	REFUSAL_BAD_REQUEST,      /* 400 badly formed */
	REFUSAL_URL,              /* 400 Invalid URL */
	REFUSAL_HOSTNAME,         /* 400 Invalid Hostname: HTTP/1.1 without Host */
	REFUSAL_VERB,             /* 400 Invalid Verb */
	REFUSAL_VERSION,          /* 505 */
	REFUSAL_CRLF,             /* 400, bare CR or LF where CRLF is due */
	REFUSAL_HEADER,           /* 400 Invalid Header */
	REFUSAL_FIELD_LENGTH,     /* 400 one header is over MaxFieldLength */
	REFUSAL_REQUEST_LENGTH,   /* 400 line and headers are over MaxRequestBytes */
	REFUSAL_URL_LENGTH,       /* 414 */
	REFUSAL_NUMBER,           /* 400 Content-Length or chunk size */
	REFUSAL_LENGTH_REQUIRED,  /* 411 */
	REFUSAL_ENTITY_TOO_LARGE, /* 413 */
	REFUSAL_IDLE_TIMEOUT,     /* closed without a word; Timer_ConnectionIdle */
	REFUSAL_HEAD_TIMEOUT,     /* Timer_HeaderWait */
	REFUSAL_BODY_TIMEOUT,     /* Timer_EntityBody */
};
#define REFUSAL_COUNT 17

struct refusal_entry {
	unsigned status;    /* 0: closed without an answer */
	const char *page;   /* key of the HTTP.sys page, NULL when closed */
	const char *reason; /* s-reason of the HTTPERR line */
};

const struct refusal_entry *refusal_entry(enum refusal refusal);

#endif
