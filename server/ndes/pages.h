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

/* Appends the page; false: there is none of that name. */
bool page_http_sys(struct buf *out, const char *name);
/* The page HTTP.sys sends for a status without a more special one; NULL: none. */
const char *page_http_sys_name(unsigned status);
/* IIS's page for 401, 403, 404, 500; false: it has none for this status. */
bool page_iis(struct buf *out, unsigned status);

#endif
