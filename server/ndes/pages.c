#include "ndes/pages.h"

#include <stdio.h>
#include <string.h>

/* The two quoted strings of the DOCTYPE really stand without a blank between. */
#define HTTP_SYS_PAGE                                                                           \
	"<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"\"http://www.w3.org/TR/html4/"      \
	"strict.dtd\">\r\n"                                                                     \
	"<HTML><HEAD><TITLE>%s</TITLE>\r\n"                                                     \
	"<META HTTP-EQUIV=\"Content-Type\" Content=\"text/html; charset=us-ascii\"></HEAD>\r\n" \
	"<BODY><h2>%s</h2>\r\n"                                                                 \
	"<hr><p>HTTP Error %u. %s</p>\r\n"                                                      \
	"</BODY></HTML>\r\n"

struct http_sys_page {
	const char *name;
	unsigned status;
	const char *title;
	const char *heading;
	const char *sentence;
};

/* The first page of a status is the one sent where none is named. */
static const struct http_sys_page http_sys_pages[] = {
    {"400-bad-request", 400, "Bad Request", "Bad Request",
        "The request is badly formed."},
    {"400-invalid-url", 400, "Bad Request", "Bad Request - Invalid URL",
        "The request URL is invalid."},
    {"400-invalid-hostname", 400, "Bad Request", "Bad Request - Invalid Hostname",
        "The request hostname is invalid."},
    {"400-header-too-long", 400, "Bad Request", "Bad Request - Header Field Too Long",
        "A request header field is too long."},
    {"400-request-too-long", 400, "Bad Request", "Bad Request - Request Too Long",
        "The size of the request headers is too long."},
    {"400-invalid-verb", 400, "Bad Request", "Bad Request - Invalid Verb",
        "The request verb is invalid."},
    {"400-invalid-header", 400, "Bad Request", "Bad Request - Invalid Header",
        "The request has an invalid header name."},
    {"400-content-length", 400, "Bad Request", "Bad Request - Invalid Content Length",
        "There is an invalid content length or chunk length in the request."},
    {"404-not-found", 404, "Not Found", "Not Found",
        "The requested resource is not found."},
    {"411-length-required", 411, "Length Required", "Length Required",
        "The request must be chunked or have a content length."},
    {"413-entity-too-large", 413, "Request Entity Too Large", "Request Entity Too Large",
        "The request entity is too large."},
    {"414-url-too-long", 414, "Request URL Too Long", "Request URL Too Long",
        "The request URL is too long."},
    {"503-unavailable", 503, "Service Unavailable", "Service Unavailable",
        "The service is unavailable."},
    /* text by analogy with the others: not captured */
    {"505-version", 505, "HTTP Version Not Supported", "HTTP Version Not Supported",
        "The HTTP version is not supported."},
};
#define HTTP_SYS_PAGE_COUNT (sizeof(http_sys_pages) / sizeof(http_sys_pages[0]))

bool
page_http_sys(struct buf *out, const char *name)
{
	for (size_t i = 0; i < HTTP_SYS_PAGE_COUNT; i++) {
		const struct http_sys_page *page = &http_sys_pages[i];

		if (strcmp(page->name, name) != 0)
			continue;
		buf_add_format(out, HTTP_SYS_PAGE, page->title, page->heading,
		    page->status, page->sentence);
		return true;
	}
	return false;
}

const char *
page_http_sys_name(unsigned status)
{
	for (size_t i = 0; i < HTTP_SYS_PAGE_COUNT; i++)
		if (http_sys_pages[i].status == status)
			return http_sys_pages[i].name;
	return NULL;
}

/*
 * IIS's pages are XHTML 1.0 Strict; what tools and people know them by is exact
 * (title, headings, sentence, and the length of the whole). The mark-up is ours.
 */
#define IIS_PAGE                                                                                  \
	"<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" "                             \
	"\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\r\n"                              \
	"<html xmlns=\"http://www.w3.org/1999/xhtml\">\r\n"                                       \
	"<head>\r\n"                                                                              \
	"<meta http-equiv=\"Content-Type\" content=\"text/html; charset=iso-8859-1\"/>\r\n"       \
	"<title>%s</title>\r\n"                                                                   \
	"<style type=\"text/css\">\r\n"                                                           \
	"<!--\r\n"                                                                                \
	"html, body { margin: 0; padding: 0; background: #f2f2f2; color: #111; }\r\n"             \
	"body { font: 80%% Verdana, Helvetica, sans-serif; }\r\n"                                 \
	"h1, h2, h3 { font-weight: normal; margin: 0; }\r\n"                                      \
	"#banner { background: #4a5a6a; color: #fff; padding: 8px 3%%; }\r\n"                     \
	"#banner h1 { font-size: 2em; }\r\n"                                                      \
	"#box { background: #fff; border: 1px solid #bbb; margin: 12px 3%%; padding: 10px; }\r\n" \
	"#box h2 { font-size: 1.6em; color: #b00; padding-bottom: 6px; }\r\n"                     \
	"#box h3 { font-size: 1.1em; }\r\n"                                                       \
	"#box p { line-height: 1.4; }\r\n"                                                        \
	"a, a:visited { color: #246; text-decoration: underline; }\r\n"                           \
	"@media print { #banner { background: #fff; color: #111; } }\r\n"                         \
	"pre { font: 1em monospace; margin:0 }\r\n"                                               \
	"-->\r\n"                                                                                 \
	"</style>\r\n"                                                                            \
	"</head>\r\n"                                                                             \
	"<body>\r\n"                                                                              \
	"<div id=\"banner\"><h1>Server Error</h1></div>\r\n"                                      \
	"<div id=\"box\">\r\n"                                                                    \
	"<h2>%s</h2>\r\n"                                                                         \
	"<h3>%s</h3>\r\n"                                                                         \
	"</div>\r\n"                                                                              \
	"</body>\r\n"                                                                             \
	"</html>\r\n"

#define NO_PERMISSION                                                                      \
	"You do not have permission to view this directory or page using the credentials " \
	"that you supplied."

static const struct {
	unsigned status;
	const char *title;
	const char *sentence;
} iis_pages[] = {
    {401, "401 - Unauthorized: Access is denied due to invalid credentials.",
        NO_PERMISSION},
    {403, "403 - Forbidden: Access is denied.", NO_PERMISSION},
    {404, "404 - File or directory not found.",
        "The resource you are looking for might have been removed, had its name changed, or "
        "is temporarily unavailable."},
    /* title and sentence from memory; with them the page has the 1293 bytes it should */
    {405, "405 - HTTP verb used to access this page is not allowed.",
        "The page you are looking for cannot be displayed because an invalid method (HTTP "
        "verb) was used to attempt access."},
    {500, "500 - Internal server error.",
        "There is a problem with the resource you are looking for, and it cannot be "
        "displayed."},
};

bool
page_iis(struct buf *out, unsigned status)
{
	for (size_t i = 0; i < sizeof(iis_pages) / sizeof(iis_pages[0]); i++) {
		if (iis_pages[i].status != status)
			continue;
		buf_add_format(out, IIS_PAGE, iis_pages[i].title, iis_pages[i].title,
		    iis_pages[i].sentence);
		return true;
	}
	return false;
}

/* Where in IIS it happened: the module and its notification. */
static const struct {
	unsigned status;
	unsigned substatus;
	const char *reason;
	const char *sentence;
	const char *module;
	const char *notification;
	uint32_t win32; /* where the request brings none */
} detailed_pages[] = {
    {401, 1, "Unauthorized", NO_PERMISSION, "WindowsAuthenticationModule",
        "AuthenticateRequest", 1326},
    {401, 2, "Unauthorized",
        "You are not authorized to view this page due to invalid authentication headers.",
        "IIS Web Core", "AuthenticateRequest", 5},
    {403, 0, "Forbidden", "You do not have permission to view this directory or page.",
        "IsapiModule", "ExecuteRequestHandler", 0},
    {403, 14, "Forbidden",
        "The Web server is configured to not list the contents of this directory.",
        "DirectoryListingModule", "ExecuteRequestHandler", 0},
    {403, 16, "Forbidden", "Your client certificate is either not trusted or is invalid.",
        "IIS Web Core", "BeginRequest", 0},
    {404, 0, "Not Found",
        "The resource you are looking for has been removed, had its name changed, or is "
        "temporarily unavailable.",
        "IIS Web Core", "MapRequestHandler", 2},
    {404, 14, "Not Found",
        "The request filtering module is configured to deny a request where the URL is too "
        "long.",
        "RequestFilteringModule", "BeginRequest", 0},
    {404, 15, "Not Found",
        "The request filtering module is configured to deny a request where the query string "
        "is too long.",
        "RequestFilteringModule", "BeginRequest", 0},
    {405, 0, "Method Not Allowed",
        "The page you are looking for cannot be displayed because an invalid method (HTTP "
        "verb) is being used.",
        "ManagedPipelineHandler", "ExecuteRequestHandler", 0},
    {500, 0, "Internal Server Error",
        "The page cannot be displayed because an internal server error has occurred.",
        "IsapiModule", "ExecuteRequestHandler", 0},
};

#define DETAILED_PAGE                                                               \
	"<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" "               \
	"\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\">\r\n"                \
	"<html xmlns=\"http://www.w3.org/1999/xhtml\">\r\n"                         \
	"<head>\r\n"                                                                \
	"<title>IIS %s Detailed Error - %u.%u - %s</title>\r\n"                     \
	"<style type=\"text/css\">\r\n"                                             \
	"body { margin: 0; background: #eee; color: #111; font: 80%% sans-serif; }" \
	"\r\n"                                                                      \
	"h2, h3 { margin: 0; font-weight: normal; }\r\n"                            \
	"div { margin: 12px 3%%; padding: 10px; background: #fff; }\r\n"            \
	"th { text-align: left; padding-right: 2em; }\r\n"                          \
	"</style>\r\n"                                                              \
	"</head>\r\n"                                                               \
	"<body>\r\n"                                                                \
	"<div>\r\n"                                                                 \
	"<h3>HTTP Error %u.%u - %s</h3>\r\n"                                        \
	"<h4>%s</h4>\r\n"                                                           \
	"</div>\r\n"                                                                \
	"<div>\r\n"                                                                 \
	"<h3>Detailed Error Information:</h3>\r\n"                                  \
	"<table>\r\n"

static void
add_fact(struct buf *out, const char *name, struct slice value)
{
	buf_add_format(out, "<tr><th>%s</th><td>", name);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.text[i];

		if (c == '<' || c == '>' || c == '&' || c == '"' || c == '\'')
			buf_add_format(out, "&#%d;", c);
		else
			buf_add_char(out, c);
	}
	buf_add_text(out, "</td></tr>\r\n");
}

/* HRESULT_FROM_WIN32; a code that is an HRESULT itself stays. */
static uint32_t
hresult_of(uint32_t win32)
{
	return win32 == 0 || win32 > UINT16_MAX ? win32 : 0x80070000u | win32;
}

static void
add_facts(struct buf *out, size_t page, const struct page_facts *facts)
{
	const char *user = facts->user != NULL ? facts->user : "Not yet determined";
	uint32_t win32 = facts->win32 != 0 ? facts->win32 : detailed_pages[page].win32;
	char code[16];

	snprintf(code, sizeof(code), "0x%08x", (unsigned)hresult_of(win32));
	add_fact(out, "Module", slice_of(detailed_pages[page].module));
	add_fact(out, "Notification", slice_of(detailed_pages[page].notification));
	add_fact(out, "Handler", slice_of(facts->handler));
	add_fact(out, "Error Code", slice_of(code));
	add_fact(out, "Requested URL", facts->url);
	add_fact(out, "Logon User", slice_of(user));
}

bool
page_iis_detailed(
    struct buf *out, unsigned status, unsigned substatus, const struct page_facts *facts)
{
	for (size_t i = 0; i < sizeof(detailed_pages) / sizeof(detailed_pages[0]); i++) {
		const char *reason = detailed_pages[i].reason;

		if (detailed_pages[i].status != status ||
		    detailed_pages[i].substatus != substatus)
			continue;
		buf_add_format(out, DETAILED_PAGE, facts->iis, status, substatus, reason,
		    status, substatus, reason, detailed_pages[i].sentence);
		add_facts(out, i, facts);
		buf_add_text(out, "</table>\r\n</div>\r\n</body>\r\n</html>\r\n");
		return true;
	}
	return false;
}

void
page_add_escaped(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++)
		switch (text.text[i]) {
		case '&':
			buf_add_text(out, "&amp;");
			break;
		case '<':
			buf_add_text(out, "&lt;");
			break;
		case '>':
			buf_add_text(out, "&gt;");
			break;
		case '"':
			buf_add_text(out, "&quot;");
			break;
		default:
			buf_add_char(out, text.text[i]);
		}
}
