#include "base/base64.h"
#include "base/mem.h"
#include "flow/exchange.h"
#include "scenarios/catalogue.h"
#include "support/same.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/asn1.h>

static struct endpoints endpoints = {.connection = 9};
static const struct ndes_settings settings = {.profile = PROFILE_INTUNE};

static struct exchange *
exchange_of(struct request *request, const char *method, const char *target)
{
	struct exchange *exchange = exchange_new();
	struct challenge_policy challenge = challenge_policy_of("any");
	struct capabilities caps = {.count = 0};
	struct ruling_terms terms = {.caps = &caps, .challenge = &challenge};
	struct err err = ERR_INIT;
	struct slice selector;

	exchange->ruling = ruling_new(catalogue_load("healthy", &err), &terms);
	request->line.method = slice_of(method);
	request->line.target = slice_of(target);
	url_split(request->line.target, &request->url);
	(void)exchange_take_path(exchange, request, &selector);
	exchange_take_head(exchange, &endpoints, request, &settings);
	return exchange;
}

Test(exchange, the_facts_of_the_head_count_bytes_as_received)
{
	struct request request = {.line = {.major = 1}};
	struct exchange *exchange = exchange_of(&request, "GET",
	    "/certsrv/%6dscep/mscep.dll?operation=PKIOperation&message=%41%42");

	cr_expect(slice_is(exchange->path, "/certsrv/mscep/mscep.dll"));
	cr_expect(eq(sz, exchange->facts.query_bytes, 37));
	cr_expect(eq(sz, exchange->facts.uri_bytes, request.line.target.len));
	cr_expect(strcmp(exchange->facts.operation, "PKIOperation") == 0);
	cr_expect(exchange->facts.stage == STAGE_HEAD, "a message is still to come");
	exchange_free(exchange);
}

Test(exchange, what_chooses_a_site_is_no_part_of_the_path)
{
	struct request request = {.line = {.major = 1}};
	struct exchange *exchange = exchange_of(&request, "GET",
	    "/s/414%3Alimit=9@job/certsrv/mscep/mscep.dll?operation=GetCACaps");

	cr_expect(slice_is(exchange->path, "/certsrv/mscep/mscep.dll"));
	cr_expect(
	    slice_is(exchange->uri, "/certsrv/mscep/mscep.dll?operation=GetCACaps"));
	cr_expect(eq(sz, exchange->facts.uri_bytes, exchange->uri.len));
	cr_expect(strcmp(exchange->facts.operation, "GetCACaps") == 0);
	exchange_free(exchange);
}

/* As clients of the field send it: percent-encoded, raw, broken in lines, base64url. */
static const struct {
	const char *name;
	const char *message;
} messages[] = {
    {"percent-encoded", "%2B%2F8%3D"},
    {"raw", "+/8="},
    {"blank for plus", "%20/8="},
    {"with a line break", "%2B%0A/8="},
    {"base64url without padding", "-_8"},
};

Test(exchange, the_message_of_a_get_is_read_in_every_form)
{
	for (size_t i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		struct request request = {.line = {.major = 1}};
		char *target = mem_format(
		    "/certsrv/mscep/mscep.dll?operation=PKIOperation&message=%s",
		    messages[i].message);
		struct exchange *exchange = exchange_of(&request, "GET", target);
		bool is_read = exchange_read_der(exchange);

		cr_expect(is_read && exchange->der.len == 2 &&
		              memcmp(exchange->der.data, "\xfb\xff", 2) == 0,
		    "case %s", messages[i].name);
		exchange_free(exchange);
		free(target);
	}
}

Test(exchange, what_is_not_base64_is_no_message)
{
	struct request request = {.line = {.major = 1}};
	struct exchange *exchange = exchange_of(&request, "GET",
	    "/certsrv/mscep/mscep.dll?operation=PKIOperation&message=**");

	cr_expect(not(exchange_read_der(exchange)));
	exchange_free(exchange);
}

Test(exchange, the_body_of_a_post_is_the_message)
{
	struct request request = {.line = {.major = 1}};
	struct exchange *exchange = exchange_of(
	    &request, "POST", "/certsrv/mscep/mscep.dll?operation=PKIOperation");

	cr_expect(not(exchange_read_der(exchange)), "an empty body is none");
	buf_add_text(&request.body, "abc");
	cr_expect(exchange_read_der(exchange));
	cr_expect(slice_is(buf_slice(&exchange->der), "abc"));
	exchange_free(exchange);
	request_clear(&request);
}

Test(exchange, a_verb_without_a_body_has_its_message_in_the_query)
{
	struct request request = {.line = {.major = 1}};
	struct exchange *exchange = exchange_of(&request, "PUT",
	    "/certsrv/mscep/mscep.dll?operation=PKIOperation&message=%2B%2F8%3D");

	cr_expect(exchange_read_der(exchange));
	cr_expect(eq(sz, exchange->der.len, 2));
	exchange_free(exchange);
}

Test(exchange, the_type_of_the_challenge_is_a_fact_of_the_message)
{
	static const struct {
		int type;
		const char *want; /* NULL: no fact */
	} rows[] = {{V_ASN1_UTF8STRING, "utf8"}, {V_ASN1_PRINTABLESTRING, "printable"},
	    {V_ASN1_SEQUENCE, "other"}, {0, NULL}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct request request = {.line = {.major = 1}};
		struct exchange *exchange = exchange_of(
		    &request, "POST", "/certsrv/mscep/mscep.dll?operation=PKIOperation");
		struct scep_message *message = mem_alloc(sizeof(*message));
		const char *type;

		message->type = MESSAGE_PKCS_REQ;
		message->transaction_id = mem_string("T");
		message->csr = mem_alloc(sizeof(*message->csr));
		message->csr->challenge_type = rows[i].type;
		exchange_take_message(exchange, message);
		type = exchange->facts.challenge_type;
		cr_expect(rows[i].want == NULL ? type == NULL : same(type, rows[i].want),
		    "case %zu", i);
		exchange_free(exchange);
	}
}

Test(exchange, a_used_exchange_is_as_new_after_reset)
{
	struct request request = {.line = {.major = 1}};
	struct exchange *exchange =
	    exchange_of(&request, "GET", "/certsrv/mscep/mscep.dll?operation=GetCACaps");
	struct scep_message *message = mem_alloc(sizeof(*message));

	message->type = MESSAGE_PKCS_REQ;
	message->transaction_id = mem_string("T");
	exchange_take_message(exchange, message);
	cr_expect(strcmp(exchange->facts.message_type, "PKCSReq") == 0);
	cr_expect(slice_is(exchange->facts.transaction_id, "T"));
	exchange->summary.has_certrep = true;
	exchange->certrep.transaction_id = mem_string("T");
	exchange_reset(exchange);
	cr_expect(exchange->message == NULL);
	cr_expect(exchange->summary.transaction_id == NULL);
	cr_expect(exchange->certrep.transaction_id == NULL);
	cr_expect(eq(u64, exchange->id, 0));
	exchange_free(exchange);
}
