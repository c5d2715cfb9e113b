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
	struct admin_facts admin = {.host = "localhost"};
	struct reply reply = {.status = 0};
	struct rule rule = {.action = {.kind = ACTION_RESPOND,
	                        .respond = {.status = 500, .layer = LAYER_MSCEP}},
	    .evidence = {.has_iis = true, .win32 = 1346}};

	edit_respond(&reply, &rule, &iis, &admin);
	cr_assert(eq(uint, reply.status, 500));
	cr_assert(eq(u32, reply.win32, 1346));
	cr_assert(eq(sz, reply_body(&reply).len, 1208));
	cr_assert(not(reply.close));
	reply_clear(&reply);
}

Test(edit, an_http_sys_respond_rule_closes_and_names_its_reason)
{
	struct iis iis = iis_2022();
	struct admin_facts admin = {.host = "localhost"};
	struct reply reply = {.status = 0};
	struct rule rule = {.action = {.kind = ACTION_RESPOND,
	                        .respond = {.status = 400,
	                            .layer = LAYER_HTTP_SYS,
	                            .page = "400-request-too-long"}},
	    .evidence = {.httperr_reason = "RequestLength"}};

	edit_respond(&reply, &rule, &iis, &admin);
	cr_assert(eq(sz, reply_body(&reply).len, 346));
	cr_assert(reply.close);
	cr_assert(strcmp(reply.httperr_reason, "RequestLength") == 0);
	reply_clear(&reply);
}

Test(edit, a_rule_s_own_reason_body_and_headers_win)
{
	struct iis iis = iis_2022();
	struct admin_facts admin = {.host = "localhost"};
	struct reply reply = {.status = 0};
	struct header_edit headers[] = {
	    {.name = "Server"}, {.name = "Content-Type", .value = "text/plain"}};
	struct rule rule = {.action = {.kind = ACTION_RESPOND,
	                        .respond = {.status = 500,
	                            .layer = LAYER_IIS,
	                            .reason = "Oops",
	                            .body = "sorry",
	                            .headers = headers,
	                            .header_count = 2}}};

	edit_respond(&reply, &rule, &iis, &admin);
	cr_assert(strcmp(reply.reason, "Oops") == 0);
	cr_assert(eq(sz, reply_body(&reply).len, 5));
	for (size_t i = 0; i < reply.header_count; i++) {
		cr_expect(strcmp(reply.headers[i].name, "Server") != 0);
		if (strcmp(reply.headers[i].name, "Content-Type") == 0)
			cr_expect(strcmp(reply.headers[i].value, "text/plain") == 0);
	}
	reply_clear(&reply);
}

Test(edit, each_layer_answers_in_its_own_manner)
{
	static const struct {
		enum layer layer;
		unsigned status;
		const char *page;
		const char *server; /* NULL: it does not say who it is */
	} cases[] = {
	    {LAYER_NETWORK, 200, NULL, NULL},
	    {LAYER_APP_PROXY, 504, "gateway-timeout", NULL},
	    {LAYER_HTTP_SYS, 414, NULL, "Microsoft-HTTPAPI/2.0"},
	    {LAYER_POOL, 503, NULL, "Microsoft-HTTPAPI/2.0"},
	    {LAYER_IIS, 404, NULL, "Microsoft-IIS/10.0"},
	    {LAYER_MSCEP, 200, "admin-cache-full", "Microsoft-IIS/10.0"},
	    {LAYER_CRP, 403, NULL, "Microsoft-IIS/10.0"},
	};
	struct iis iis = iis_2022();
	struct admin_facts admin = {.host = "localhost", .rules = PASSWORD_RULES_DEFAULT};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct reply reply = {.status = 0};
		struct rule rule = {.action = {.kind = ACTION_RESPOND,
		                        .respond = {.status = cases[i].status,
		                            .layer = cases[i].layer,
		                            .page = cases[i].page}}};
		const char *server = NULL;

		edit_respond(&reply, &rule, &iis, &admin);
		for (size_t h = 0; h < reply.header_count; h++)
			if (strcmp(reply.headers[h].name, "Server") == 0)
				server = reply.headers[h].value;
		cr_expect(eq(uint, reply.status, cases[i].status), "case %zu", i);
		cr_expect(eq(int, (int)reply.layer, (int)cases[i].layer), "case %zu", i);
		if (cases[i].server == NULL)
			cr_expect(server == NULL, "case %zu", i);
		else
			cr_expect(server != NULL && strcmp(server, cases[i].server) == 0,
			    "case %zu", i);
		reply_clear(&reply);
	}
}

Test(edit, what_leaves_is_edited_whoever_made_it)
{
	struct header_edit headers[] = {{.name = "Content-Type"},
	    {.name = "X-Twice", .value = "a"},
	    {.name = "X-Twice", .value = "b", .is_further = true}};
	struct reply_edit edit = {.status = 202,
	    .framing = FRAMING_CHUNKED,
	    .is_http10 = true,
	    .body = "base64",
	    .headers = headers,
	    .header_count = 3};
	struct reply reply = {.status = 200};
	size_t twice = 0;

	reply_header(&reply, "Content-Type", "text/plain");
	reply.shared_body = (struct bytes){(const unsigned char *)"abc", 3};
	edit_reply(&reply, &edit);
	for (size_t i = 0; i < reply.header_count; i++) {
		cr_expect(strcmp(reply.headers[i].name, "Content-Type") != 0);
		twice += strcmp(reply.headers[i].name, "X-Twice") == 0;
	}
	cr_expect(eq(sz, twice, 2));
	cr_expect(eq(uint, reply.status, 202));
	cr_expect(reply.is_http10);
	cr_expect(eq(int, (int)reply.framing, FRAMING_CHUNKED));
	cr_expect(memcmp(reply_body(&reply).data, "YWJj", 4) == 0);
	reply_clear(&reply);
}

Test(edit, a_bare_pass_is_no_fault_but_one_that_shapes_is)
{
	struct rule bare = {.action = {.kind = ACTION_PASS}};
	struct rule slow = bare, loud = bare;

	slow.shaping.drip_bytes = 1;
	loud.emit = "crash";
	cr_expect(not(rule_is_fault(&bare)));
	cr_expect(rule_is_fault(&slow));
	cr_expect(rule_is_fault(&loud));
}

Test(edit, a_delay_goes_before_the_head_or_the_body)
{
	struct shaping_wish wish = {.delay = {.kind = DELAY_FIXED, .at = DELAY_BODY}};
	struct shaping shaping;

	edit_shaping(&shaping, &wish, 700);
	cr_expect(eq(u64, shaping.wait_head_ms, 0));
	cr_expect(eq(u64, shaping.wait_body_ms, 700));
	wish.delay.at = DELAY_HEAD;
	edit_shaping(&shaping, &wish, 700);
	cr_expect(eq(u64, shaping.wait_head_ms, 700));
	cr_expect(eq(u64, shaping.wait_body_ms, 0));
}

Test(edit, evidence_of_an_honest_answer_is_for_the_iis_log_alone)
{
	struct rule rule = {.action = {.kind = ACTION_PASS},
	    .evidence = {.has_iis = true, .substatus = 7, .win32 = 64}};
	struct reply iis = {.layer = LAYER_MSCEP}, http_sys = {.layer = LAYER_HTTP_SYS};

	edit_honest_evidence(&iis, &rule);
	edit_honest_evidence(&http_sys, &rule);
	cr_expect(eq(uint, iis.substatus, 7));
	cr_expect(eq(u32, iis.win32, 64));
	cr_expect(eq(uint, http_sys.substatus, 0));
	rule.action.kind = ACTION_RESPOND;
	iis.substatus = 0;
	edit_honest_evidence(&iis, &rule);
	cr_expect(eq(uint, iis.substatus, 0), "respond has its own");
}
