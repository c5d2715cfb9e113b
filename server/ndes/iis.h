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

/* What a detailed page repeats of the request; borrowed. */
struct iis_request {
	bool is_tls;
	struct slice host; /* with the port, as in the Host header; empty: localhost */
	struct slice path; /* as received */
	const char *user;  /* NULL: nobody has logged on */
};

/* mscep.dll's own answer: Content-Length first, as ISAPI supplies it. */
void
iis_mscep_reply(struct reply *reply, const struct iis *iis, const char *content_type);
/* An IIS error page for a status and substatus; `layer` is LAYER_IIS,
   LAYER_MSCEP or LAYER_CRP. */
void iis_error_reply(struct reply *reply, const struct iis *iis, enum layer layer,
    unsigned status, unsigned substatus);
/*
 * --error-pages detailed: an IIS error page (of iis_error_reply, perhaps with substatus
 * and win32 changed since) becomes the one that a browser on the server itself is shown.
 * False, and nothing changed: the body is none of IIS's own, or there is no such page.
 */
bool iis_detail_reply(
    struct reply *reply, const struct iis *iis, const struct iis_request *request);
/* 301 to `location` (borrowed), with the short document that IIS sends. */
void iis_redirect_reply(struct reply *reply, const struct iis *iis, const char *location);
/* HTTP.sys: the page of that name; the connection closes. */
void http_sys_reply(
    struct reply *reply, unsigned status, const char *page, const char *reason);
/* HTTP.sys's answer to a refusal; false: it closes without a word. */
bool http_sys_refuse(struct reply *reply, enum refusal refusal);

#endif
