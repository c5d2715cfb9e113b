#include "flow/edit.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct iis
iis_2022(void)
{
	return (struct iis){.version = server_version_find("2022"), .is_aspnet = true};
}

Test(edit, a_scep_rule_makes_pending_of_success)
{
	struct certrep certrep = {.status = PKI_SUCCESS};
	struct scep scep = {.status = "PENDING"};

	edit_certrep(&certrep, &scep);
	cr_assert(eq(int, certrep.status, PKI_PENDING));
	cr_assert(not(certrep.has_hresult));
}

Test(edit, a_failure_without_words_is_ndes_usual_one)
{
	struct certrep certrep = {.status = PKI_SUCCESS};
	struct scep scep = {.status = "FAILURE"};

	edit_certrep(&certrep, &scep);
	cr_assert(eq(int, certrep.status, PKI_FAILURE));
	cr_assert(eq(int, certrep.fail_info, FAIL_BAD_REQUEST));
	cr_assert(eq(u32, certrep.hresult, HRESULT_E_INVALIDARG));
}

Test(edit, a_failure_says_what_the_rule_says)
{
	struct certrep certrep = {.status = PKI_SUCCESS};
	struct scep scep = {.status = "FAILURE",
	    .fail_info = "badMessageCheck",
	    .has_hresult = true,
	    .hresult = 0x80094800};

	edit_certrep(&certrep, &scep);
	cr_assert(eq(int, certrep.fail_info, FAIL_BAD_MESSAGE_CHECK));
	cr_assert(eq(u32, certrep.hresult, 0x80094800));
}

Test(edit, success_cannot_be_made_of_nothing)
{
	struct certrep certrep = {.status = PKI_FAILURE, .fail_info = FAIL_BAD_ALG};
	struct scep scep = {.status = "SUCCESS"};

	edit_certrep(&certrep, &scep);
	cr_assert(eq(int, certrep.status, PKI_FAILURE));
	cr_assert(eq(int, certrep.fail_info, FAIL_BAD_ALG));
}

Test(edit, an_iis_respond_rule_carries_its_evidence_to_the_log)
{
	struct iis iis = iis_2022();
	struct reply reply = {.status = 0};
	struct rule rule = {.action = ACTION_RESPOND,
	    .respond = {.status = 500, .layer = LAYER_MSCEP},
	    .evidence = {.has_iis = true, .win32 = 1346}};

	edit_respond(&reply, &rule, &iis);
	cr_assert(eq(uint, reply.status, 500));
	cr_assert(eq(u32, reply.win32, 1346));
	cr_assert(eq(sz, reply_body(&reply).len, 1208));
	cr_assert(not(reply.close));
	reply_clear(&reply);
}

Test(edit, an_http_sys_respond_rule_closes_and_names_its_reason)
{
	struct iis iis = iis_2022();
	struct reply reply = {.status = 0};
	struct rule rule = {.action = ACTION_RESPOND,
	    .respond = {.status = 400,
	        .layer = LAYER_HTTP_SYS,
	        .page = "400-request-too-long"},
	    .evidence = {.httperr_reason = "RequestLength"}};

	edit_respond(&reply, &rule, &iis);
	cr_assert(eq(sz, reply_body(&reply).len, 346));
	cr_assert(reply.close);
	cr_assert(strcmp(reply.httperr_reason, "RequestLength") == 0);
	reply_clear(&reply);
}

Test(edit, a_rule_s_own_reason_body_and_headers_win)
{
	struct iis iis = iis_2022();
	struct reply reply = {.status = 0};
	struct header_edit headers[] = {{"Server", NULL}, {"Content-Type", "text/plain"}};
	struct rule rule = {.action = ACTION_RESPOND,
	    .respond = {.status = 500,
	        .layer = LAYER_IIS,
	        .reason = "Oops",
	        .body = "sorry",
	        .headers = headers,
	        .header_count = 2}};

	edit_respond(&reply, &rule, &iis);
	cr_assert(strcmp(reply.reason, "Oops") == 0);
	cr_assert(eq(sz, reply_body(&reply).len, 5));
	for (size_t i = 0; i < reply.header_count; i++) {
		cr_expect(strcmp(reply.headers[i].name, "Server") != 0);
		if (strcmp(reply.headers[i].name, "Content-Type") == 0)
			cr_expect(strcmp(reply.headers[i].value, "text/plain") == 0);
	}
	reply_clear(&reply);
}
