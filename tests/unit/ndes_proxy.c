#include "http/plan.h"
#include "ndes/proxy.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#define DATE "Sun, 22 Nov 2026 14:00:00 GMT"

static const char *
header(const struct reply *reply, const char *name)
{
	for (size_t i = 0; i < reply->header_count; i++)
		if (strcmp(reply->headers[i].name, name) == 0)
			return reply->headers[i].value;
	return NULL;
}

static bool
has(const struct reply *reply, const char *text)
{
	struct bytes body = reply_body(reply);

	return body.len > 0 && memmem(body.data, body.len, text, strlen(text)) != NULL;
}

Test(proxy, knows_its_pages_by_name)
{
	static const char *const known[] = {
	    "gateway-timeout", "bad-gateway", "forbidden", "sign-in"};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		cr_expect(proxy_page_is_known(known[i]), "case %s", known[i]);
	cr_expect(not(proxy_page_is_known("503-unavailable")));
	cr_expect(not(proxy_page_is_known("")));
}

Test(proxy, each_refusal_has_the_page_of_its_status)
{
	static const struct {
		unsigned status;
		const char *code;
		const char *status_text;
	} cases[] = {{504, "<h1>GatewayTimeout:</h1>", "Status Code: Gateway Timeout"},
	    {502, "<h1>BadGateway:</h1>", "Status Code: Bad Gateway"},
	    {403, "<h1>Forbidden:</h1>", "Status Code: Forbidden"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply reply = {.status = 0};

		proxy_reply(&reply, cases[i].status, NULL);
		cr_expect(reply.status == cases[i].status, "case %s", cases[i].code);
		cr_expect(has(&reply, cases[i].code), "case %s", cases[i].code);
		cr_expect(has(&reply, cases[i].status_text), "case %s", cases[i].code);
		cr_expect(has(&reply, "This corporate app can't be accessed"), "case %s",
		    cases[i].code);
		reply_clear(&reply);
	}
}

Test(proxy, the_timeout_page_has_the_documented_words)
{
	struct reply reply = {.status = 0};

	proxy_reply(&reply, 504, "gateway-timeout");
	cr_expect(has(&reply, "GatewayTimeout:"));
	cr_expect(has(&reply, "The corporate app cannot be accessed"));
	cr_expect(has(&reply, "The connector timed out."));
	reply_clear(&reply);
}

/* The page and the header name the same transaction, as a person would compare them. */
Test(proxy, the_page_names_the_transaction_of_the_header)
{
	struct reply reply = {.status = 0};

	proxy_reply(&reply, 504, NULL);
	const char *id = header(&reply, "x-ms-proxy-transaction-id");
	cr_assert(id != NULL);
	cr_expect(has(&reply, id));
	reply_clear(&reply);
}

Test(proxy, a_page_may_come_with_another_status)
{
	struct reply reply = {.status = 0};

	proxy_reply(&reply, 200, "sign-in");
	cr_expect(eq(uint, reply.status, 200));
	cr_expect(has(&reply, "Example of a sign-in page."));
	cr_expect(has(&reply, "type=\"password\""));
	reply_clear(&reply);
}

Test(proxy, a_status_without_a_page_has_an_empty_body)
{
	struct reply reply = {.status = 0};

	proxy_reply(&reply, 503, NULL);
	cr_expect(eq(sz, reply_body(&reply).len, 0));
	cr_expect(header(&reply, "Content-Type") == NULL);
	reply_clear(&reply);
}

Test(proxy, it_says_its_own_headers_and_no_server)
{
	static const char *const names[] = {"x-ms-proxy-app-id", "x-ms-proxy-group-id",
	    "x-ms-proxy-subscription-id", "x-ms-proxy-transaction-id",
	    "x-ms-proxy-service-name", "x-ms-proxy-data-center"};
	struct reply reply = {.status = 0};
	struct plan plan = {.step_count = 0};
	struct plan_manner manner = {.keep_alive = true};

	proxy_reply(&reply, 504, NULL);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_expect(header(&reply, names[i]) != NULL, "case %s", names[i]);
	cr_expect(header(&reply, "Server") == NULL);
	cr_expect(eq(int, reply.layer, LAYER_APP_PROXY));
	plan_from_reply(&plan, &reply, &manner, DATE);
	buf_add_char(&plan.bytes, '\0');
	const char *answer = (const char *)plan.bytes.data;
	cr_expect(strncmp(answer, "HTTP/1.1 504 Gateway Timeout\r\n", 30) == 0, "%.40s",
	    answer);
	cr_expect(strstr(answer, "\r\nDate: " DATE "\r\n") != NULL, "%.600s", answer);
	reply_clear(&reply);
	plan_clear(&plan);
}
