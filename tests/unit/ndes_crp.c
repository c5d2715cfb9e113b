#include "http/plan.h"
#include "ndes/crp.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct iis
iis_2012(void)
{
	return (struct iis){.version = server_version_find("2012r2"), .is_aspnet = true};
}

static void
expect_text(const char *got, const char *want)
{
	cr_expect(strcmp(got, want) == 0, "got:  %s\nwant: %s", got, want);
}

Test(crp, verify_request_is_created_and_notify_has_no_content)
{
	struct iis iis = iis_2012();
	struct plan_manner manner = {.keep_alive = true};
	struct reply reply = {.status = 0};
	struct plan plan = {.step_count = 0};

	crp_reply(&reply, &iis, AREA_CRP_VERIFY);
	cr_expect(eq(uint, reply.status, 201));
	cr_expect(eq(int, reply.layer, LAYER_CRP));
	cr_expect(eq(sz, reply_body(&reply).len, 4));
	reply_reset(&reply);

	crp_reply(&reply, &iis, AREA_CRP_NOTIFY);
	plan_from_reply(&plan, &reply, &manner, "now");
	buf_add_char(&plan.bytes, '\0');
	const char *answer = (const char *)plan.bytes.data;
	cr_expect(strncmp(answer, "HTTP/1.1 204 No Content\r\n", 25) == 0, "%s", answer);
	cr_expect(strstr(answer, "Content-Length") == NULL, "%s", answer);
	reply_clear(&reply);
	plan_clear(&plan);
}

Test(crp, another_verb_is_405_with_iis_own_page)
{
	struct iis iis = iis_2012();
	struct reply reply = {.status = 0};

	crp_bad_method_reply(&reply, &iis);
	cr_expect(eq(uint, reply.status, 405));
	cr_expect(eq(uint, reply.substatus, 0));
	cr_expect(eq(u32, reply.win32, 0));
	cr_expect(eq(sz, reply_body(&reply).len, 1293));
	reply_clear(&reply);
}

/* "201 0 0 341 875" and "204 0 0 277 62" of a request that took 1296 ms */
Test(crp, the_documented_request_leaves_the_documented_lines)
{
	struct crp_line lines[CRP_LINES_MAX];

	cr_assert(eq(sz, crp_lines(server_version_find("2012r2"), true, 1296, lines), 2));
	expect_text(
	    lines[0].stem, "/CertificateRegistrationSvc/Certificate/VerifyRequest");
	cr_expect(eq(uint, lines[0].status, 201));
	cr_expect(eq(u64, lines[0].bytes_sent, 341));
	cr_expect(eq(u64, lines[0].time_taken_ms, 875));
	expect_text(lines[1].stem, "/CertificateRegistrationSvc/Certificate/Notify");
	cr_expect(eq(uint, lines[1].status, 204));
	cr_expect(eq(u64, lines[1].bytes_sent, 277));
	cr_expect(eq(u64, lines[1].time_taken_ms, 62));
}

Test(crp, iis_10_says_one_letter_more)
{
	struct crp_line lines[CRP_LINES_MAX];

	crp_lines(server_version_find("2022"), true, 0, lines);
	cr_expect(eq(u64, lines[0].bytes_sent, 342));
	cr_expect(eq(u64, lines[1].bytes_sent, 278));
}

Test(crp, what_is_not_verified_is_not_notified)
{
	struct crp_line lines[CRP_LINES_MAX];

	cr_expect(eq(sz, crp_lines(server_version_find("2022"), false, 100, lines), 1));
}

Test(crp, both_calls_fit_into_the_time_of_the_request)
{
	struct crp_line lines[CRP_LINES_MAX];

	for (uint64_t taken = 0; taken < 5000; taken += 7) {
		crp_lines(server_version_find("2022"), true, taken, lines);
		cr_expect(lines[0].time_taken_ms + lines[1].time_taken_ms <= taken);
	}
}
