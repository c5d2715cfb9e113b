#include "flow/inner.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include "scep/types.h"
#include "tests/support/pki_fixture.h"
#include "tests/support/scepclient.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <poll.h>
#include <stdlib.h>

#define MSCEP "/certsrv/mscep/mscep.dll"

/* flow without a socket: requests are read from text, answers land in `answer`. */
struct rig {
	struct pool *pool;
	struct flow *flow;
	struct scenario *scenario;
	struct pki *pki;
	struct request request;
	struct reader reader;
	struct endpoints endpoints;
	exchange_id exchange;
	struct buf answer; /* whole, with a final NUL; empty: none yet */
	unsigned answers;
	bool closes;
};

static void
take_answer(struct rig *rig, const struct plan *plan)
{
	buf_reset(&rig->answer);
	buf_add(&rig->answer, plan->bytes.data, plan->bytes.len);
	buf_add_char(&rig->answer, '\0');
	rig->closes = plan->steps[plan->step_count - 1].kind == STEP_CLOSE;
	rig->answers++;
}

static void
on_answer(void *arg, uint64_t connection, const struct plan *plan)
{
	struct rig *rig = arg;

	cr_expect(eq(u64, connection, rig->endpoints.connection));
	take_answer(rig, plan);
	flow_finished(rig->flow, rig->exchange, FLOW_SENT, plan->bytes.len);
	rig->exchange = 0;
}

static struct pki *
rsa_pki(void)
{
	struct pki_settings settings = {.now = time(NULL)};
	struct err err = ERR_INIT;
	struct pki *pki = pki_new(
	    &settings, EVP_EC_gen("P-256"), EVP_RSA_gen(2048), EVP_RSA_gen(2048), &err);

	cr_assert(pki != NULL, "%s", err.text);
	return pki;
}

static void
rig_open(struct rig *rig, const char *scenario)
{
	struct err err = ERR_INIT;
	struct request_limits limits = REQUEST_LIMITS_NDES;
	struct flow_settings settings = {
	    .ndes = {.version = server_version_find("2022"),
	        .host = "localhost",
	        .challenge = challenge_policy_of("any")},
	    .iis = {.version = server_version_find("2022"), .is_aspnet = true},
	};

	ossl_init();
	cr_assert(ossl_load_providers(&err), "%s", err.text);
	*rig = (struct rig){.pool = pool_new(0, &err)};
	rig->scenario = catalogue_load(scenario, &err);
	cr_assert(rig->scenario != NULL, "%s", err.text);
	settings.scenario = rig->scenario;
	capabilities_parse(slice_of(settings.iis.version->caps), &settings.caps);
	rig->flow = flow_new(&settings, rig->pool, on_answer, rig, &err);
	cr_assert(rig->flow != NULL, "%s", err.text);
	rig->endpoints = (struct endpoints){.connection = 7,
	    .client_ip = SLICE("127.0.0.1"),
	    .server_ip = SLICE("127.0.0.1")};
	reader_init(&rig->reader, &rig->request, &limits);
}

static void
rig_make_ca(struct rig *rig)
{
	rig->pki = rsa_pki();
	struct buf none = BUF_INIT;
	flow_pki_ready(rig->flow, pki_reference(rig->pki), &none);
}

static void
rig_close(struct rig *rig)
{
	pool_free(rig->pool);
	cr_expect(eq(sz, flow_pending(rig->flow), 0), "no exchange is left over");
	flow_free(rig->flow);
	pki_release(rig->pki);
	request_clear(&rig->request);
	buf_clear(&rig->answer);
}

static void
finish(struct rig *rig, const struct plan *plan)
{
	take_answer(rig, plan);
	flow_finished(rig->flow, rig->exchange, FLOW_SENT, plan->bytes.len);
	rig->exchange = 0;
}

/* Sends a request; returns the answer, or NULL while flow keeps it. */
static const char *
ask(struct rig *rig, struct bytes request)
{
	size_t used = 0;
	const struct plan *plan;
	enum reader_state state;

	reader_next(&rig->reader);
	buf_reset(&rig->answer);
	state = reader_feed(&rig->reader, request.data, request.len, &used);
	cr_assert(state == READER_HEAD, "refused: %d", rig->request.refusal);
	plan = flow_head(rig->flow, &rig->endpoints, &rig->request, &rig->exchange);
	if (plan == NULL) {
		request.data += used;
		request.len -= used;
		state = reader_feed(&rig->reader, request.data, request.len, &used);
		cr_assert(state == READER_DONE);
		plan = flow_body(rig->flow, rig->exchange);
	}
	if (plan != NULL)
		finish(rig, plan);
	else
		pool_collect(rig->pool);
	pool_collect(rig->pool);
	return rig->answer.len > 0 ? (const char *)rig->answer.data : NULL;
}

static const char *
ask_text(struct rig *rig, const char *text)
{
	return ask(rig, (struct bytes){(const unsigned char *)text, strlen(text)});
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

static struct bytes
body_of(const struct rig *rig)
{
	const unsigned char *data = rig->answer.data;
	size_t len = rig->answer.len - 1;
	const unsigned char *gap = memmem(data, len, "\r\n\r\n", 4);

	cr_assert(gap != NULL);
	return (struct bytes){gap + 4, len - (size_t)(gap + 4 - data)};
}

/* Posts a pkiMessage and reads the CertRep. */
static void
enrol(struct rig *rig, struct scep_client *client, const struct scep_request *what,
    struct scep_reply *ret)
{
	struct buf der = BUF_INIT;
	struct buf text = BUF_INIT;

	cr_assert(scep_client_request(client, what, &der));
	buf_add_format(&text,
	    "POST " MSCEP "?operation=PKIOperation HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    der.len);
	buf_add(&text, der.data, der.len);
	cr_assert(ask(rig, buf_bytes(&text)) != NULL, "an answer");
	cr_assert(strstr((char *)rig->answer.data, "application/x-pki-message") != NULL,
	    "%s", (char *)rig->answer.data);
	cr_assert(scep_client_read_reply(client, body_of(rig), ret));
	buf_clear(&der);
	buf_clear(&text);
}

static struct scep_client *
client_of(struct rig *rig)
{
	struct scep_client *client =
	    scep_client_new(&(struct scep_identity){.rsa_bits = 1024});

	cr_assert(client != NULL);
	ask_text(rig, GET(MSCEP "?operation=GetCACert&message=x"));
	cr_assert(scep_client_set_ca(client, body_of(rig)));
	return client;
}

Test(flow, get_ca_caps_is_answered_before_the_ca_is_made)
{
	struct rig rig;

	rig_open(&rig, "healthy");
	const char *answer = ask_text(&rig, GET(MSCEP "?operation=GetCACaps&message=ca"));
	cr_assert(answer != NULL);
	cr_expect(strncmp(answer, "HTTP/1.1 200 OK\r\n", 17) == 0);
	cr_expect(
	    strstr(answer,
	        "\r\n\r\nPOSTPKIOperation\nRenewal\nSHA-512\nSHA-256\nSHA-1\nDES3") !=
	    NULL);
	rig_close(&rig);
}

Test(flow, get_ca_cert_waits_for_the_ca, .timeout = 20)
{
	struct rig rig;

	rig_open(&rig, "healthy");
	cr_assert(ask_text(&rig, GET(MSCEP "?operation=GetCACert")) == NULL);
	cr_assert(eq(sz, flow_pending(rig.flow), 1));
	rig_make_ca(&rig);
	cr_assert(eq(uint, rig.answers, 1));
	cr_expect(
	    strstr((char *)rig.answer.data, "application/x-x509-ca-ra-cert") != NULL);
	rig_close(&rig);
}

Test(flow, the_bare_url_is_403_and_other_paths_are_404)
{
	struct rig rig;

	rig_open(&rig, "healthy");
	cr_expect(strncmp(ask_text(&rig, GET(MSCEP)), "HTTP/1.1 403 ", 13) == 0);
	cr_expect(strncmp(ask_text(&rig, GET("/nothing")), "HTTP/1.1 404 ", 13) == 0);
	rig_close(&rig);
}

Test(flow, the_folder_without_a_slash_is_moved_with_its_query)
{
	struct rig rig;

	rig_open(&rig, "healthy");
	const char *answer =
	    ask_text(&rig, GET("/CertSrv/mscep?operation=GetCACaps&message=test"));
	cr_expect(strncmp(answer, "HTTP/1.1 301 ", 13) == 0);
	cr_expect(strstr(answer,
	              "Location: /CertSrv/mscep/?operation=GetCACaps&message=test\r\n") !=
	          NULL);
	rig_close(&rig);
}

Test(flow, garbage_is_answered_200_and_is_no_pki_message)
{
	struct rig rig;

	rig_open(&rig, "healthy");
	rig_make_ca(&rig);
	const char *answer = ask_text(&rig,
	    GET(MSCEP
	        "?operation=PKIOperation&message=NDESLongUrlValidatorFakeChallenge"));
	cr_expect(strncmp(answer, "HTTP/1.1 200 ", 13) == 0);
	cr_expect(strstr(answer, "x-pki-message") == NULL);
	rig_close(&rig);
}

Test(flow, a_pkcs_req_becomes_a_certificate, .timeout = 20)
{
	struct rig rig;
	struct scep_reply reply;

	rig_open(&rig, "healthy");
	rig_make_ca(&rig);
	struct scep_client *client = client_of(&rig);
	enrol(&rig, client, &(struct scep_request){.challenge = "x"}, &reply);
	cr_expect(eq(int, reply.status, PKI_SUCCESS));
	cr_expect(reply.leaf_has_our_key && reply.leaf_from_ca && reply.signature_ok);
	cr_expect(reply.transaction_ok && reply.recipient_nonce_ok);
	scep_reply_clear(&reply);
	scep_client_free(client);
	rig_close(&rig);
}

Test(flow, the_414_leaves_before_any_body_and_is_http_sys_s)
{
	struct rig rig;
	struct buf text = BUF_INIT;

	rig_open(&rig, "414:limit=100");
	buf_add_text(&text, "GET " MSCEP "?operation=PKIOperation&message=");
	for (int i = 0; i < 100; i++)
		buf_add_char(&text, 'A');
	buf_add_text(&text, " HTTP/1.1\r\nHost: h\r\n\r\n");
	const char *answer = ask(&rig, buf_bytes(&text));
	cr_expect(strncmp(answer, "HTTP/1.1 414 ", 13) == 0);
	cr_expect(strstr(answer, "Server: Microsoft-HTTPAPI/2.0\r\n") != NULL);
	cr_expect(rig.closes);
	cr_expect(gt(sz, run_fired(flow_run(rig.flow), 0), 0));
	buf_clear(&text);
	rig_close(&rig);
}

Test(flow, withheld_posts_are_not_listed)
{
	struct rig rig;

	rig_open(&rig, "414");
	const char *answer = ask_text(&rig, GET(MSCEP "?operation=GetCACaps"));
	cr_expect(strstr(answer, "POSTPKIOperation") == NULL);
	cr_expect(strstr(answer, "Renewal") != NULL);
	rig_close(&rig);
}

Test(flow, pending_is_counted_by_transaction, .timeout = 20)
{
	struct rig rig;
	static const int want[] = {PKI_PENDING, PKI_PENDING, PKI_SUCCESS, PKI_SUCCESS};

	rig_open(&rig, "pending:polls=2");
	rig_make_ca(&rig);
	struct scep_client *client = client_of(&rig);
	for (size_t i = 0; i < 4; i++) {
		struct scep_request what = {
		    .challenge = "x", .message_type = i == 0 ? 0 : MESSAGE_CERT_POLL};
		struct scep_reply reply;

		enrol(&rig, client, &what, &reply);
		cr_expect(reply.status == want[i], "answer %zu is %d", i, reply.status);
		cr_expect(reply.signature_ok, "answer %zu", i);
		scep_reply_clear(&reply);
	}
	scep_client_free(client);
	rig_close(&rig);
}

Test(flow, a_peer_that_leaves_while_its_message_is_opened_is_forgotten, .timeout = 20)
{
	struct rig rig;
	struct buf der = BUF_INIT;
	struct buf text = BUF_INIT;
	size_t used;

	rig_open(&rig, "pending");
	rig_make_ca(&rig);
	struct scep_client *client = client_of(&rig);
	cr_assert(
	    scep_client_request(client, &(struct scep_request){.challenge = "x"}, &der));
	buf_add_format(&text,
	    "POST " MSCEP "?operation=PKIOperation HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    der.len);
	size_t head = text.len;
	buf_add(&text, der.data, der.len);
	reader_next(&rig.reader);
	cr_assert(reader_feed(&rig.reader, text.data, text.len, &used) == READER_HEAD);
	flow_head(rig.flow, &rig.endpoints, &rig.request, &rig.exchange);
	cr_assert(reader_feed(&rig.reader, text.data + head, text.len - head, &used) ==
	          READER_DONE);
	cr_assert(flow_body(rig.flow, rig.exchange) == NULL);
	unsigned before = rig.answers;
	flow_finished(rig.flow, rig.exchange, FLOW_DROPPED, 0);
	pool_collect(rig.pool);
	pool_collect(rig.pool);
	cr_expect(eq(uint, rig.answers, before), "nobody is left to answer to");
	scep_client_free(client);
	buf_clear(&der);
	buf_clear(&text);
	rig_close(&rig);
}

Test(flow, head_is_answered_without_a_body)
{
	struct rig rig;

	rig_open(&rig, "healthy");
	const char *answer = ask_text(
	    &rig, "HEAD " MSCEP "?operation=GetCACaps HTTP/1.1\r\nHost: h\r\n\r\n");
	cr_expect(strstr(answer, "Content-Length: 51\r\n") != NULL, "%s", answer);
	cr_expect(eq(sz, body_of(&rig).len, 0));
	rig_close(&rig);
}

/* One that a worker still opens, before all others; its peer has not left yet. */
static exchange_id
queue_at_the_head(struct rig *rig)
{
	struct exchange *exchange = exchange_new();

	exchange->flow = rig->flow;
	exchange->ruling = ruling_hold(rig->flow->ruling);
	exchange->endpoints = &rig->endpoints;
	exchange->request = &rig->request;
	exchange->id = slots_put(&rig->flow->exchanges, exchange);
	exchange->state = EXCHANGE_OPENING;
	exchange->has_turn = true;
	TAILQ_INSERT_HEAD(&rig->flow->turns, exchange, turn);
	return exchange->id;
}

Test(flow, a_peer_that_leaves_its_turn_holds_nobody_up, .timeout = 20)
{
	struct rig rig;
	struct scep_reply reply;
	struct buf der = BUF_INIT, text = BUF_INIT;

	rig_open(&rig, "pending");
	rig_make_ca(&rig);
	struct scep_client *client = client_of(&rig);
	cr_assert(
	    scep_client_request(client, &(struct scep_request){.challenge = "x"}, &der));
	buf_add_format(&text,
	    "POST " MSCEP "?operation=PKIOperation HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    der.len);
	buf_add(&text, der.data, der.len);
	exchange_id first = queue_at_the_head(&rig);
	cr_expect(ask(&rig, buf_bytes(&text)) == NULL, "it is not the second one's turn");
	flow_finished(rig.flow, first, FLOW_DROPPED, 0);
	pool_collect(rig.pool);
	cr_assert(rig.answer.len > 0, "now it is");
	cr_assert(scep_client_read_reply(client, body_of(&rig), &reply));
	cr_expect(eq(int, reply.status, PKI_PENDING));
	scep_reply_clear(&reply);
	scep_client_free(client);
	buf_clear(&der);
	buf_clear(&text);
	rig_close(&rig);
}
