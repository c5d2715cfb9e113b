#include "ndes/iis.h"

#include "ndes/pages.h"

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

void
iis_redirect_reply(struct reply *reply, const struct iis *iis, const char *location)
{
	set_status(reply, LAYER_IIS, 301, 0);
	reply_header(reply, "Content-Type", "text/html; charset=UTF-8");
	reply_header(reply, "Location", location);
	add_server_headers(reply, iis);
	reply_header(reply, "Content-Length", reply_length);
	buf_add_format(&reply->body,
	    "<head><title>Document Moved</title></head>\n"
	    "<body><h1>Object Moved</h1>This document may be found "
	    "<a HREF=\"%s\">here</a></body>",
	    location);
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
