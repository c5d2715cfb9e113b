#include "ndes/iis.h"

#include "ndes/pages.h"
#include <string.h>

/* Headers that IIS adds behind those of the application. */
static void
add_server_headers(struct reply *reply, const struct iis *iis)
{
	reply_header(reply, "Server", iis->version->server);
	if (iis->is_aspnet)
		reply_header(reply, "X-Powered-By", "ASP.NET");
	reply_header(reply, "Date", reply_date);
}

static void
set_status(struct reply *reply, enum layer layer, unsigned status, unsigned substatus)
{
	reply->status = status;
	reply->reason = status_reason(status);
	reply->layer = layer;
	reply->substatus = substatus;
}

void
iis_mscep_reply(struct reply *reply, const struct iis *iis, const char *content_type)
{
	set_status(reply, LAYER_MSCEP, 200, 0);
	reply_header(reply, "Content-Length", reply_length);
	if (content_type != NULL)
		reply_header(reply, "Content-Type", content_type);
	add_server_headers(reply, iis);
}

void
iis_error_reply(struct reply *reply, const struct iis *iis, enum layer layer,
    unsigned status, unsigned substatus)
{
	set_status(reply, layer, status, substatus);
	if (page_iis(&reply->body, status))
		reply_header(reply, "Content-Type", "text/html");
	add_server_headers(reply, iis);
	reply_header(reply, "Content-Length", reply_length);
}

static const char *
handler_of(const struct reply *reply, struct slice path)
{
	if (reply->layer == LAYER_CRP)
		return "ExtensionlessUrlHandler-Integrated-4.0";
	return reply->layer == LAYER_MSCEP || layer_touches(LAYER_POOL, path)
	           ? "ISAPI-dll"
	           : "StaticFile";
}

/* A rule of a scenario may have put a body of its own there. */
static bool
has_own_page(const struct reply *reply)
{
	struct bytes body = reply_body(reply);
	struct buf page = BUF_INIT;
	bool is_own = page_iis(&page, reply->status) && page.len == body.len &&
	              memcmp(page.data, body.data, body.len) == 0;

	buf_clear(&page);
	return is_own;
}

/* IIS sends it ahead of all others (grade C). */
static void
add_first_header(struct reply *reply, const char *name, const char *value)
{
	reply_header(reply, name, value); /* there is room, or it does not come back */
	for (size_t i = reply->header_count - 1; i > 0; i--)
		reply->headers[i] = reply->headers[i - 1];
	reply->headers[0] = (struct reply_header){name, value};
}

bool
iis_detail_reply(
    struct reply *reply, const struct iis *iis, const struct iis_request *request)
{
	struct slice host = request->host.len > 0 ? request->host : SLICE("localhost");
	struct buf url = BUF_INIT;
	struct buf page = BUF_INIT;
	struct page_facts facts = {
	    .iis = iis->version->iis,
	    .handler = handler_of(reply, request->path),
	    .user = request->user,
	    .win32 = reply->win32,
	};
	bool is_known = false;

	if (!has_own_page(reply))
		return false;
	buf_add_text(&url, request->is_tls ? "https://" : "http://");
	buf_add_slice(&url, host);
	buf_add_slice(&url, request->path);
	facts.url = buf_slice(&url);
	if (page_iis_detailed(&page, reply->status, reply->substatus, &facts)) {
		is_known = true;
		buf_reset(&reply->body);
		buf_add(&reply->body, page.data, page.len);
		reply_set_header(reply, "Content-Type", "text/html; charset=utf-8");
		add_first_header(reply, "Cache-Control", "private");
	}
	buf_clear(&url);
	buf_clear(&page);
	return is_known;
}

void
iis_redirect_reply(struct reply *reply, const struct iis *iis, const char *location)
{
	set_status(reply, LAYER_IIS, 301, 0);
	reply_header(reply, "Content-Type", "text/html; charset=UTF-8");
	reply_header(reply, "Location", location);
	add_server_headers(reply, iis);
	reply_header(reply, "Content-Length", reply_length);
	buf_add_text(&reply->body,
	    "<head><title>Document Moved</title></head>\n"
	    "<body><h1>Object Moved</h1>This document may be found <a HREF=\"");
	page_add_escaped(&reply->body, slice_of(location));
	buf_add_text(&reply->body, "\">here</a></body>");
}

void
http_sys_reply(struct reply *reply, unsigned status, const char *page, const char *reason)
{
	set_status(reply, LAYER_HTTP_SYS, status, 0);
	reply->httperr_reason = reason;
	reply->close = true;
	if (page != NULL && page_http_sys(&reply->body, page))
		reply_header(reply, "Content-Type", "text/html; charset=us-ascii");
	reply_header(reply, "Server", "Microsoft-HTTPAPI/2.0");
	reply_header(reply, "Date", reply_date);
	reply_header(reply, "Connection", "close");
	reply_header(reply, "Content-Length", reply_length);
}

bool
http_sys_refuse(struct reply *reply, enum refusal refusal)
{
	const struct refusal_entry *entry = refusal_entry(refusal);

	if (entry->page == NULL) {
		set_status(reply, LAYER_HTTP_SYS, entry->status, 0);
		reply->httperr_reason = entry->reason;
		reply->close = true;
		return false;
	}
	http_sys_reply(reply, entry->status, entry->page, entry->reason);
	return true;
}
