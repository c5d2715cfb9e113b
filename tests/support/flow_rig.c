#include "support/flow_rig.h"

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

/* Takes the scenario. */
void
rig_open_with(struct rig *rig, struct scenario *scenario)
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
	settings.scenario = scenario;
	capabilities_parse(slice_of(settings.iis.version->caps), &settings.caps);
	rig->flow = flow_new(&settings, rig->pool, on_answer, rig, &err);
	cr_assert(rig->flow != NULL, "%s", err.text);
	rig->endpoints = (struct endpoints){.connection = 7,
	    .client_ip = SLICE("127.0.0.1"),
	    .server_ip = SLICE("127.0.0.1")};
	reader_init(&rig->reader, &rig->request, &limits);
}

void
rig_open(struct rig *rig, const char *choice)
{
	struct err err = ERR_INIT;
	struct scenario *scenario = catalogue_load(choice, &err);

	cr_assert(scenario != NULL, "%s", err.text);
	rig_open_with(rig, scenario);
}

void
rig_make_ca(struct rig *rig)
{
	rig->pki = rsa_pki();
	struct buf none = BUF_INIT;
	flow_pki_ready(rig->flow, pki_reference(rig->pki), &none);
}

void
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
const char *
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

const char *
ask_text(struct rig *rig, const char *text)
{
	return ask(rig, (struct bytes){(const unsigned char *)text, strlen(text)});
}

struct bytes
body_of(const struct rig *rig)
{
	const unsigned char *data = rig->answer.data;
	size_t len = rig->answer.len - 1;
	const unsigned char *gap = memmem(data, len, "\r\n\r\n", 4);

	cr_assert(gap != NULL);
	return (struct bytes){gap + 4, len - (size_t)(gap + 4 - data)};
}

/* Posts a pkiMessage to a site ("" or "/s/..") and reads the CertRep. */
void
enrol_at(struct rig *rig, const char *site, struct scep_client *client,
    const struct scep_request *what, struct scep_reply *ret)
{
	struct buf der = BUF_INIT;
	struct buf text = BUF_INIT;

	cr_assert(scep_client_request(client, what, &der));
	buf_add_format(&text,
	    "POST %s" MSCEP "?operation=PKIOperation HTTP/1.1\r\nHost: h\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    site, der.len);
	buf_add(&text, der.data, der.len);
	cr_assert(ask(rig, buf_bytes(&text)) != NULL, "an answer");
	cr_assert(strstr((char *)rig->answer.data, "application/x-pki-message") != NULL,
	    "%s", (char *)rig->answer.data);
	cr_assert(scep_client_read_reply(client, body_of(rig), ret));
	buf_clear(&der);
	buf_clear(&text);
}

void
enrol(struct rig *rig, struct scep_client *client, const struct scep_request *what,
    struct scep_reply *ret)
{
	enrol_at(rig, "", client, what, ret);
}

struct scep_client *
client_of(struct rig *rig)
{
	struct scep_client *client =
	    scep_client_new(&(struct scep_identity){.rsa_bits = 1024});

	cr_assert(client != NULL);
	ask_text(rig, GET(MSCEP "?operation=GetCACert&message=x"));
	cr_assert(scep_client_set_ca(client, body_of(rig)));
	return client;
}
