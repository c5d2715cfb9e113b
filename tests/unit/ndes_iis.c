#include "http/plan.h"
#include "ndes/iis.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#define DATE "Sun, 22 Nov 2026 14:00:00 GMT"

static const char *
whole_answer(const struct reply *reply, struct plan *plan)
{
	struct plan_manner manner = {.keep_alive = true};

	plan_from_reply(plan, reply, &manner, DATE);
	buf_add_char(&plan->bytes, '\0');
	return (const char *)plan->bytes.data;
}

static struct iis
iis_2012(void)
{
	return (struct iis){.version = server_version_find("2012r2"), .is_aspnet = true};
}

/* The documented log line has sc-bytes 186 for exactly this answer. */
Test(iis, get_ca_caps_of_2012_r2_is_186_bytes)
{
	struct iis iis = iis_2012();
	struct reply reply = {.status = 0};
	struct plan plan = {.step_count = 0};

	iis_mscep_reply(&reply, &iis, "text/plain");
	reply.shared_body = (struct bytes){
	    (const unsigned char *)"Renewal\nSHA-512\nSHA-256\nSHA-1\nDES3", 34};
	const char *answer = whole_answer(&reply, &plan);
	cr_expect(strlen(answer) == 186, "%zu bytes:\n%s", strlen(answer), answer);
	cr_expect(
	    strncmp(answer,
	        "HTTP/1.1 200 OK\r\nContent-Length: 34\r\nContent-Type: text/plain\r\n"
	        "Server: Microsoft-IIS/8.5\r\nX-Powered-By: ASP.NET\r\nDate: ",
	        17 + 20 + 26 + 27 + 23 + 6) == 0,
	    "%s", answer);
	reply_clear(&reply);
	plan_clear(&plan);
}

Test(iis, an_error_page_ends_its_head_with_the_length)
{
	struct iis iis = iis_2012();
	struct reply reply = {.status = 0};
	struct plan plan = {.step_count = 0};

	iis_error_reply(&reply, &iis, LAYER_MSCEP, 403, 0);
	const char *answer = whole_answer(&reply, &plan);
	cr_expect(
	    strstr(answer, "Date: " DATE "\r\nContent-Length: 1233\r\n\r\n") != NULL,
	    "%.300s", answer);
	cr_expect(eq(int, reply.layer, LAYER_MSCEP));
	cr_expect(plan.steps[plan.step_count - 1].kind == STEP_NEXT);
	reply_clear(&reply);
	plan_clear(&plan);
}

Test(iis, http_sys_answers_414_in_its_own_order_and_closes)
{
	struct reply reply = {.status = 0};
	struct plan plan = {.step_count = 0};

	cr_assert(http_sys_refuse(&reply, REFUSAL_URL_LENGTH));
	const char *answer = whole_answer(&reply, &plan);
	const char *want = "Content-Type: text/html; charset=us-ascii\r\n"
	                   "Server: Microsoft-HTTPAPI/2.0\r\nDate: " DATE "\r\n"
	                   "Connection: close\r\nContent-Length: 329\r\n\r\n";
	cr_expect(strncmp(answer, "HTTP/1.1 414 ", 13) == 0, "%.40s", answer);
	cr_expect(strstr(answer, want) != NULL, "%.300s", answer);
	cr_expect(plan.steps[plan.step_count - 1].kind == STEP_CLOSE);
	cr_expect(strcmp(reply.httperr_reason, "URL_Length") == 0);
	reply_clear(&reply);
	plan_clear(&plan);
}

Test(iis, a_timeout_has_no_answer_but_a_reason)
{
	struct reply reply = {.status = 0};

	cr_expect(not(http_sys_refuse(&reply, REFUSAL_HEAD_TIMEOUT)));
	cr_expect(strcmp(reply.httperr_reason, "Timer_HeaderWait") == 0);
	cr_expect(eq(uint, reply.status, 0));
	reply_clear(&reply);
}

Test(iis, every_refusal_with_a_page_has_that_page)
{
	for (int refusal = REFUSAL_BAD_REQUEST; refusal < REFUSAL_COUNT; refusal++) {
		struct reply reply = {.status = 0};

		if (http_sys_refuse(&reply, (enum refusal)refusal))
			cr_expect(reply_body(&reply).len > 0, "case %d", refusal);
		reply_clear(&reply);
	}
}

static const struct iis_request browser = {
    .host = SLICE("localhost:8080"), .path = SLICE("/certsrv/mscep/mscep.dll")};

Test(iis, the_detailed_page_takes_the_place_of_the_other)
{
	struct iis iis = {.version = server_version_find("2022")};
	struct reply reply = {.status = 0};
	struct plan plan = {.step_count = 0};

	iis_error_reply(&reply, &iis, LAYER_MSCEP, 403, 0);
	cr_assert(iis_detail_reply(&reply, &iis, &browser));
	const char *answer = whole_answer(&reply, &plan);
	const char *head = "HTTP/1.1 403 Forbidden\r\nCache-Control: private\r\n"
	                   "Content-Type: text/html; charset=utf-8\r\n"
	                   "Server: Microsoft-IIS/10.0\r\nDate: " DATE "\r\n"
	                   "Content-Length: ";
	cr_expect(strncmp(answer, head, strlen(head)) == 0, "%.400s", answer);
	cr_expect(strstr(answer, "HTTP Error 403.0 - Forbidden") != NULL);
	cr_expect(
	    strstr(answer, ">http://localhost:8080/certsrv/mscep/mscep.dll<") != NULL);
	cr_expect(strstr(answer, ">ISAPI-dll<") != NULL);
	reply_clear(&reply);
	plan_clear(&plan);
}

Test(iis, a_body_that_is_not_iis_own_is_left_alone)
{
	struct iis iis = {.version = server_version_find("2022")};
	struct reply reply = {.status = 0};

	iis_error_reply(&reply, &iis, LAYER_MSCEP, 500, 0);
	buf_reset(&reply.body);
	buf_add_text(&reply.body, "of a scenario");
	cr_expect(not(iis_detail_reply(&reply, &iis, &browser)));
	cr_expect(eq(sz, reply.body.len, 13));
	reply_clear(&reply);
}

Test(iis, a_success_has_no_detailed_page)
{
	struct iis iis = {.version = server_version_find("2022")};
	struct reply reply = {.status = 0};

	iis_mscep_reply(&reply, &iis, NULL);
	cr_expect(not(iis_detail_reply(&reply, &iis, &browser)));
	reply_clear(&reply);
}

Test(iis, every_refusal_is_a_page_or_a_silent_close_and_has_a_reason)
{
	for (int refusal = REFUSAL_BAD_REQUEST; refusal < REFUSAL_COUNT; refusal++) {
		const struct refusal_entry *entry = refusal_entry((enum refusal)refusal);

		bool is_silent = entry->page == NULL;

		cr_expect(is_silent == (entry->status == 0), "case %d", refusal);
		cr_expect(entry->reason != NULL && strcmp(entry->reason, "-") != 0,
		    "case %d", refusal);
	}
}

Test(iis, a_redirect_writes_no_html_of_the_client_s)
{
	struct iis iis = iis_2012();
	struct reply reply = {.status = 0};

	iis_redirect_reply(&reply, &iis, "/certsrv/mscep/?\"><script>");
	buf_add_char(&reply.body, '\0');
	cr_expect(strstr((char *)reply.body.data, "<script>") == NULL);
	cr_expect(
	    strstr((char *)reply.body.data, "?&quot;&gt;&lt;script&gt;\">here") != NULL,
	    "%s", (char *)reply.body.data);
	reply_clear(&reply);
}
