#include "ndes/pages.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

/* Lengths and MD5 sums as others have seen them of HTTP.sys. */
static const struct {
	const char *name;
	size_t len;
	const char *md5;
} http_sys[] = {
    {"400-bad-request", 311, "6c13efb22d910e0bcfa6d3f58d5716ab"},
    {"400-invalid-url", 324, "93b17548f8f23ad8a33060f706baca1d"},
    {"400-invalid-hostname", 334, "812cb069327a73bb5d9f95c392c722c2"},
    {"400-header-too-long", 342, "245fb26adefeea6ab644fc3833fe72cc"},
    {"400-request-too-long", 346, "c7f13b90b073178b4091022c635b337f"},
    {"400-invalid-verb", 326, "02c5242bd2adc73d4984a15ef7a108b3"},
    {"400-invalid-header", 339, "87bd4e520c48ffa06bdc030ae60adebe"},
    {"400-content-length", 374, "e8e06aa681c2d4172e8d094e6f639e12"},
    {"404-not-found", 315, "67932d4b695e1d6b19dfc2e3610761ff"},
    {"411-length-required", 344, "d3a52206b0353c83ac07c8b73713cf55"},
    {"413-entity-too-large", 341, "ece389df72ae6778eaef962fbf734616"},
    {"414-url-too-long", 329, "13f39bc2608363e208ba9494d5d6379c"},
    {"503-unavailable", 326, "bf3231d7fad0292d818aac7d6d669f00"},
};

static void
md5_text(const struct buf *buf, char out[33])
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	cr_assert(EVP_Digest(buf->data, buf->len, sum, &len, EVP_md5(), NULL) == 1);
	for (unsigned i = 0; i < len; i++)
		snprintf(out + 2 * i, 3, "%02x", sum[i]);
}

Test(pages, http_sys_pages_are_byte_for_byte_those_that_were_seen)
{
	for (size_t i = 0; i < sizeof(http_sys) / sizeof(http_sys[0]); i++) {
		struct buf page = BUF_INIT;
		char md5[33];

		cr_assert(
		    page_http_sys(&page, http_sys[i].name), "case %s", http_sys[i].name);
		md5_text(&page, md5);
		cr_expect(page.len == http_sys[i].len, "case %s: %zu bytes",
		    http_sys[i].name, page.len);
		cr_expect(strcmp(md5, http_sys[i].md5) == 0, "case %s: %s",
		    http_sys[i].name, md5);
		buf_clear(&page);
	}
}

Test(pages, a_status_has_a_usual_http_sys_page)
{
	cr_expect(strcmp(page_http_sys_name(414), "414-url-too-long") == 0);
	cr_expect(strcmp(page_http_sys_name(400), "400-bad-request") == 0);
	cr_expect(page_http_sys_name(418) == NULL);
}

Test(pages, an_unknown_http_sys_page_is_refused)
{
	struct buf page = BUF_INIT;

	cr_expect(not(page_http_sys(&page, "teapot")));
	cr_expect(eq(sz, page.len, 0));
}

/* What tools recognise: title, heading, sentence, and the length of the whole. */
static const struct {
	unsigned status;
	size_t len;
	const char *title;
} iis[] = {
    {401, 1293,
        "<title>401 - Unauthorized: Access is denied due to invalid credentials."},
    {403, 1233, "<title>403 - Forbidden: Access is denied.</title>"},
    {404, 1245, "<title>404 - File or directory not found.</title>"},
    {405, 1293,
        "<title>405 - HTTP verb used to access this page is not allowed.</title>"},
    {500, 1208, "<title>500 - Internal server error.</title>"},
};

Test(pages, iis_pages_have_the_titles_and_lengths_that_were_seen)
{
	for (size_t i = 0; i < sizeof(iis) / sizeof(iis[0]); i++) {
		struct buf page = BUF_INIT;

		cr_assert(page_iis(&page, iis[i].status));
		cr_expect(page.len == iis[i].len, "case %u: %zu bytes", iis[i].status,
		    page.len);
		buf_add_char(&page, '\0');
		cr_expect(strstr((char *)page.data, iis[i].title) != NULL, "case %u",
		    iis[i].status);
		cr_expect(strstr((char *)page.data, "<h1>Server Error</h1>") != NULL);
		buf_clear(&page);
	}
}

Test(pages, iis_has_no_page_for_503)
{
	struct buf page = BUF_INIT;

	cr_expect(not(page_iis(&page, 503)));
}

static const struct {
	unsigned status;
	unsigned substatus;
	const char *name; /* as in the heading "HTTP Error ..." */
} detailed[] = {
    {401, 1, "401.1 - Unauthorized"},
    {401, 2, "401.2 - Unauthorized"},
    {403, 0, "403.0 - Forbidden"},
    {403, 14, "403.14 - Forbidden"},
    {403, 16, "403.16 - Forbidden"},
    {404, 0, "404.0 - Not Found"},
    {404, 14, "404.14 - Not Found"},
    {404, 15, "404.15 - Not Found"},
    {405, 0, "405.0 - Method Not Allowed"},
    {500, 0, "500.0 - Internal Server Error"},
};

Test(pages, detailed_pages_name_status_and_substatus_as_iis_does)
{
	struct page_facts facts = {
	    .iis = "10.0", .handler = "ISAPI-dll", .url = SLICE("http://localhost:80/a")};

	for (size_t i = 0; i < sizeof(detailed) / sizeof(detailed[0]); i++) {
		const char *name = detailed[i].name;
		struct buf page = BUF_INIT;
		char want[128];

		cr_assert(page_iis_detailed(
		    &page, detailed[i].status, detailed[i].substatus, &facts));
		buf_add_char(&page, '\0');
		snprintf(want, sizeof(want),
		    "<title>IIS 10.0 Detailed Error - %s</title>", name);
		cr_expect(strstr((char *)page.data, want) != NULL, "case %s", name);
		snprintf(want, sizeof(want), ">HTTP Error %s<", name);
		cr_expect(strstr((char *)page.data, want) != NULL, "case %s", name);
		cr_expect(strstr((char *)page.data, ">http://localhost:80/a<") != NULL,
		    "case %s", name);
		buf_clear(&page);
	}
}

Test(pages, a_detailed_page_shows_no_mark_up_of_the_client)
{
	struct page_facts facts = {.iis = "8.5",
	    .handler = "ISAPI-dll",
	    .win32 = 1346,
	    .url = SLICE("http://a/<script>\"'&")};
	struct buf page = BUF_INIT;

	cr_assert(page_iis_detailed(&page, 500, 0, &facts));
	buf_add_char(&page, '\0');
	cr_expect(strstr((char *)page.data, "<script>") == NULL);
	cr_expect(strstr((char *)page.data, "&#60;script&#62;&#34;&#39;&#38;<") != NULL);
	/* HRESULT_FROM_WIN32(ERROR_BAD_IMPERSONATION_LEVEL) */
	cr_expect(strstr((char *)page.data, ">0x80070542<") != NULL);
	buf_clear(&page);
}

Test(pages, an_unknown_substatus_has_no_detailed_page)
{
	struct page_facts facts = {.iis = "10.0", .handler = "ISAPI-dll"};
	struct buf page = BUF_INIT;

	cr_expect(not(page_iis_detailed(&page, 403, 99, &facts)));
	cr_expect(eq(sz, page.len, 0));
}
