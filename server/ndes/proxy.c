#include "ndes/proxy.h"

#include <string.h>

/* The headers are named as they were seen; their values are examples. */
#define TRANSACTION_ID "00000000-0000-4000-8000-000000000504"

static const struct reply_header proxy_headers[] = {
    {"x-ms-proxy-app-id", "00000000-0000-4000-8000-00000000a001"},
    {"x-ms-proxy-group-id", "00000000-0000-4000-8000-00000000a002"},
    {"x-ms-proxy-subscription-id", "00000000-0000-4000-8000-00000000a003"},
    {"x-ms-proxy-transaction-id", TRANSACTION_ID},
    {"x-ms-proxy-service-name", "proxy-example"},
    {"x-ms-proxy-data-center", "EXAMPLE"},
};

#define PAGE_HEAD                                                    \
	"<!DOCTYPE html>\r\n"                                        \
	"<html lang=\"en\">\r\n"                                     \
	"<head><meta charset=\"utf-8\"><title>%s</title></head>\r\n" \
	"<body>\r\n"

/* Status, transaction and the rest stand in the lower left corner. */
#define REFUSAL_PAGE                              \
	PAGE_HEAD "<h1>%s:</h1>\r\n"              \
	          "<h2>%s</h2>\r\n"               \
	          "<p>%s</p>\r\n"                 \
	          "<footer>\r\n"                  \
	          "<p>Status Code: %s</p>\r\n"    \
	          "<p>Transaction ID: %s</p>\r\n" \
	          "</footer>\r\n"                 \
	          "</body>\r\n"                   \
	          "</html>\r\n"

#define SIGN_IN_PAGE                                                                     \
	PAGE_HEAD                                                                        \
	"<h1>Sign in</h1>\r\n"                                                           \
	"<p>Example of a sign-in page. The application asks for a logon before it lets " \
	"anybody through (pre-authentication); a SCEP client cannot log on.</p>\r\n"     \
	"<form method=\"post\" action=\"/login\">\r\n"                                   \
	"<label>Account <input type=\"email\" name=\"login\"></label>\r\n"               \
	"<label>Password <input type=\"password\" name=\"passwd\"></label>\r\n"          \
	"<button type=\"submit\">Sign in</button>\r\n"                                   \
	"</form>\r\n"                                                                    \
	"</body>\r\n"                                                                    \
	"</html>\r\n"

#define APP_REFUSED "This corporate app can't be accessed"

struct proxy_page {
	const char *name;
	unsigned status; /* whose own page it is; 0: of none */
	const char *code;
	const char *heading;
	const char *sentence; /* NULL: the sign-in page, which has none of these */
	const char *status_text;
};

static const struct proxy_page proxy_pages[] = {
    {"gateway-timeout", 504, "GatewayTimeout", "The corporate app cannot be accessed",
        APP_REFUSED " right now. Please try again later. The connector timed out.",
        "Gateway Timeout"},
    {"bad-gateway", 502, "BadGateway", "The corporate app cannot be accessed",
        APP_REFUSED " right now. Please try again later.", "Bad Gateway"},
    {"forbidden", 403, "Forbidden", APP_REFUSED,
        "You are not authorized to access this application.", "Forbidden"},
    {.name = "sign-in"},
};

static const struct proxy_page *
find_page(unsigned status, const char *name)
{
	for (size_t i = 0; i < sizeof(proxy_pages) / sizeof(proxy_pages[0]); i++) {
		const struct proxy_page *page = &proxy_pages[i];

		if (name != NULL ? strcmp(page->name, name) == 0
		                 : status != 0 && page->status == status)
			return page;
	}
	return NULL;
}

static void
add_page(struct buf *body, const struct proxy_page *page)
{
	if (page->sentence == NULL)
		buf_add_format(body, SIGN_IN_PAGE, "Sign in to your account");
	else
		buf_add_format(body, REFUSAL_PAGE, APP_REFUSED, page->code, page->heading,
		    page->sentence, page->status_text, TRANSACTION_ID);
}

bool
proxy_page_is_known(const char *page)
{
	return find_page(0, page) != NULL;
}

void
proxy_reply(struct reply *reply, unsigned status, const char *page)
{
	const struct proxy_page *found = find_page(status, page);

	reply->status = status;
	reply->reason = status_reason(status);
	reply->layer = LAYER_APP_PROXY;
	if (found != NULL) {
		add_page(&reply->body, found);
		reply_header(reply, "Content-Type", "text/html; charset=utf-8");
	}
	for (size_t i = 0; i < sizeof(proxy_headers) / sizeof(proxy_headers[0]); i++)
		reply_header(reply, proxy_headers[i].name, proxy_headers[i].value);
	reply_header(reply, "Date", reply_date);
	reply_header(reply, "Content-Length", reply_length);
}
