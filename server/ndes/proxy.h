/*
 * proxy: the answers of the Microsoft Entra application proxy in front of NDES. Their
 * exact HTML and headers are not known (grade low): headings and sentences are those
 * that Microsoft documents and shows, the mark-up is our own.
 */
#ifndef NDES_PROXY_H
#define NDES_PROXY_H

#include "http/reply.h"

/* Whether there is a page of that name: gateway-timeout, bad-gateway, forbidden, sign-in.
 */
bool proxy_page_is_known(const char *page);
/* `page` NULL: the status's own (504, 502, 403), or none. Layer APP_PROXY. */
void proxy_reply(struct reply *reply, unsigned status, const char *page);

#endif
