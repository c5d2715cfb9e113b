#include "http/reply.h"
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* Known by their address; what they hold is never sent. */
const char reply_date[] = "(date)";
const char reply_length[] = "(length)";

void
reply_reset(struct reply *reply)
{
	buf_reset(&reply->body);
	reply->status = 0;
	reply->reason = NULL;
	reply->header_count = 0;
	reply->shared_body = (struct bytes){NULL, 0};
	reply->close = false;
	reply->breaks_off = false;
	reply->is_http10 = false;
	reply->framing = FRAMING_USUAL;
	reply->layer = LAYER_NETWORK;
	reply->substatus = 0;
	reply->win32 = 0;
	reply->httperr_reason = NULL;
	reply->httperr_queue = NULL;
}

void
reply_clear(struct reply *reply)
{
	reply_reset(reply);
	buf_clear(&reply->body);
}

void
reply_header(struct reply *reply, const char *name, const char *value)
{
	if (reply->header_count == REPLY_HEADERS_MAX)
		abort();
	reply->headers[reply->header_count++] = (struct reply_header){name, value};
}

static void
remove_header(struct reply *reply, size_t at)
{
	reply->header_count--;
	memmove(&reply->headers[at], &reply->headers[at + 1],
	    (reply->header_count - at) * sizeof(reply->headers[0]));
}

/* Further headers of the same name (two WWW-Authenticate) go, or what is sent would
   still hold an old value. */
void
reply_set_header(struct reply *reply, const char *name, const char *value)
{
	bool is_set = value == NULL;
	size_t at = 0;

	while (at < reply->header_count) {
		if (strcasecmp(reply->headers[at].name, name) != 0) {
			at++;
		} else if (is_set) {
			remove_header(reply, at);
		} else {
			reply->headers[at++].value = value;
			is_set = true;
		}
	}
	if (!is_set)
		reply_header(reply, name, value);
}

struct bytes
reply_body(const struct reply *reply)
{
	return reply->shared_body.data != NULL ? reply->shared_body
	                                       : buf_bytes(&reply->body);
}

/*
 * RFC 9110 15, but in the words of HTTP.sys and IIS where these are older. The
 * phrase of HTTP.sys's own 414 is not known for certain: the documented case names
 * "Request-URI Too Long" (the page says "Request URL Too Long"). No client is
 * known to look at it.
 */
static const struct {
	unsigned status;
	const char *reason;
} reasons[] = {
    {200, "OK"},
    {100, "Continue"},
    {101, "Switching Protocols"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Request Entity Too Large"},
    {414, "Request-URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Requested Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {426, "Upgrade Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

const char *
status_reason(unsigned status)
{
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (reasons[i].status == status)
			return reasons[i].reason;
	}
	return "Unknown";
}
