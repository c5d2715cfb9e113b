/*
 * pages: the bodies of error answers, byte for byte where they are known.
 *
 * HTTP.sys's pages come from one template and are named "400-invalid-url" and the
 * like. IIS's custom error pages are marked up in words of our own; title, headings
 * and sentence are IIS's.
 */
#ifndef NDES_PAGES_H
#define NDES_PAGES_H

#include "base/buf.h"
#include <stdint.h>

/* Appends the page; false: there is none of that name. */
bool page_http_sys(struct buf *out, const char *name);
/* The page HTTP.sys sends for a status without a more special one; NULL: none. */
const char *page_http_sys_name(unsigned status);
/* IIS's page for 401, 403, 404, 405, 500; false: it has none for this status. */
bool page_iis(struct buf *out, unsigned status);

/* What a detailed page says of the request; text is UTF-8 and borrowed. */
struct page_facts {
	const char *iis;     /* "10.0" */
	const char *handler; /* "ISAPI-dll", "StaticFile" */
	const char *user;    /* NULL: nobody has logged on yet */
	struct slice url;    /* whole: "http://localhost:80/certsrv/mscep/mscep.dll" */
	uint32_t win32;      /* shown as HRESULT; 0: none */
};

/*
 * The page that a browser on the server itself is shown (errorMode Detailed). Title and
 * heading are IIS's ("HTTP Error 403.0 - Forbidden"); the sentences are from memory
 * (grade C), and what else stands on the page is the names of its facts alone. False: it
 * is not known for this status.
 */
bool page_iis_detailed(
    struct buf *out, unsigned status, unsigned substatus, const struct page_facts *facts);

/* Appends text of others: the four letters that mean something in HTML written out. */
void page_add_escaped(struct buf *out, struct slice text);

#endif
