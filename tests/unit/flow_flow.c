#include "tests/support/flow_rig.h"
#include "tests/support/pki_fixture.h"
#include <poll.h>

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
	exchange->site = rig->flow->site;
	exchange->ruling = ruling_hold(rig->flow->site->ruling);
	exchange->endpoints = &rig->endpoints;
	exchange->request = &rig->request;
	exchange->id = slots_put(&rig->flow->exchanges, exchange);
	exchange->state = EXCHANGE_OPENING;
	exchange->has_turn = true;
	TAILQ_INSERT_HEAD(&rig->flow->site->turns, exchange, turn);
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
