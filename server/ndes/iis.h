/*
 * iis: replies as HTTP.sys, IIS and mscep.dll under IIS send them: which headers,
 * in which order, with which page.
 */
#ifndef NDES_IIS_H
#define NDES_IIS_H

#include "http/refusal.h"
#include "http/reply.h"
#include "ndes/version.h"

/* What the site says in its headers. */
struct iis {
	const struct server_version *version;
	bool is_aspnet; /* X-Powered-By: ASP.NET, where the Intune connector is installed
	                 */
};

/* mscep.dll's own answer: Content-Length first, as ISAPI supplies it. */
void
iis_mscep_reply(struct reply *reply, const struct iis *iis, const char *content_type);
/* An IIS error page for a status and substatus; `layer` is LAYER_IIS or LAYER_MSCEP. */
void iis_error_reply(struct reply *reply, const struct iis *iis, enum layer layer,
    unsigned status, unsigned substatus);
/* 301 to `location` (borrowed), with the short document that IIS sends. */
void iis_redirect_reply(struct reply *reply, const struct iis *iis, const char *location);
/* HTTP.sys: the page of that name; the connection closes. */
void http_sys_reply(
    struct reply *reply, unsigned status, const char *page, const char *reason);
/* HTTP.sys's answer to a refusal; false: it closes without a word. */
bool http_sys_refuse(struct reply *reply, enum refusal refusal);

#endif
