#include "ndes/pages.h"

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
