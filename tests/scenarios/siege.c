#include "scenarios/siege.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/mem.h"
#include "scenarios/ask.h"
#include "scenarios/attacks.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define POLLS_MAX    10
#define CERT_POLL    20
#define CLIENT_BITS  1024
#define LEAK_WAIT_US (10 * 1000000)
#define LEAK_LOOK_NS (5 * 1000000)

bool
siege_fails(struct siege *siege, const char *what, enum peer_fate fate)
{
	snprintf(siege->trouble, sizeof(siege->trouble),
	    "input %zu (%s): %s; the connection was %s, the server is %s", siege->inputs,
	    siege->last_kind != NULL ? siege->last_kind : "none yet", what,
	    peer_fate_name(fate),
	    server_process_is_running(&siege->server) ? "running" : "gone");
	return false;
}

void
siege_count(struct siege *siege, const struct peer_answer *answer)
{
	siege->by_status[answer->status < SIEGE_STATUS_MAX ? answer->status : 0]++;
}

/* One good request on a connection of its own. */
static bool
ask(struct siege *siege, struct bytes request, struct peer_answer *answer)
{
	struct peer peer;
	bool ok = peer_open(&peer, siege->server.port, NULL) &&
	          peer_send(&peer, request) && peer_receive(&peer, false, answer) &&
	          answer->status == 200;

	if (!ok)
		siege_fails(siege, "a good request is not answered 200", peer.fate);
	peer_close(&peer);
	return ok;
}

static bool
get(struct siege *siege, const char *operation, struct peer_answer *answer)
{
	char *text = mem_format("GET " ASK_PATH
	                        "?operation=%s HTTP/1.1\r\nHost: localhost\r\n\r\n",
	    operation);
	bool ok = ask(siege, (struct bytes){(unsigned char *)text, strlen(text)}, answer);

	free(text);
	return ok;
}

bool
siege_is_answered(struct siege *siege)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	bool ok = get(siege, "GetCACaps", &answer);

	if (ok && (answer.body.len == 0 ||
	              memmem(answer.body.data, answer.body.len, "Renewal", 7) == NULL))
		ok = siege_fails(siege, "GetCACaps lacks Renewal", PEER_OPEN);
	peer_answer_clear(&answer);
	return ok;
}

static bool
enrol_once(struct siege *siege, int message_type, int *status)
{
	struct scep_request request = {
	    .message_type = message_type, .challenge = siege->server.challenge};
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct buf message = BUF_INIT;
	struct buf http = BUF_INIT;
	struct scep_reply reply;
	bool ok = scep_client_request(siege->client, &request, &message);

	attack_post(buf_bytes(&message), &http);
	ok = ok && ask(siege, buf_bytes(&http), &answer);
	if (ok) {
		scep_client_read_reply(siege->client, buf_bytes(&answer.body), &reply);
		*status = reply.status;
		ok = reply.signature_ok && reply.transaction_ok &&
		     (reply.status == 3 || (reply.status == 0 && reply.leaf_has_our_key));
		if (!ok)
			siege_fails(siege, "no certificate came", PEER_OPEN);
		scep_reply_clear(&reply);
	}
	peer_answer_clear(&answer);
	buf_clear(&message);
	buf_clear(&http);
	return ok;
}

bool
siege_enrols(struct siege *siege)
{
	int status = 3;
	bool ok = enrol_once(siege, 0, &status);

	for (int i = 0; ok && status == 3 && i < POLLS_MAX; i++)
		ok = enrol_once(siege, CERT_POLL, &status);
	return ok && status == 0;
}

bool
siege_has_no_leak(struct siege *siege)
{
	const struct timespec look = {.tv_nsec = LEAK_LOOK_NS};
	int64_t until = clock_monotonic_us() + LEAK_WAIT_US;
	size_t now;

	peer_close(&siege->peer);
	while ((now = server_process_descriptors(&siege->server)) > siege->descriptors &&
	       clock_monotonic_us() < until)
		nanosleep(&look, NULL);
	if (now > 0 && now <= siege->descriptors)
		return true;
	snprintf(siege->trouble, sizeof(siege->trouble),
	    "%zu descriptors were open at the beginning, now it is %zu",
	    siege->descriptors, now);
	return false;
}

static bool
add_base(struct siege *siege, struct scep_client *client, struct scep_request request)
{
	struct buf message = BUF_INIT;

	request.challenge = siege->server.challenge;
	if (siege->base_count == SIEGE_BASES_MAX ||
	    !scep_client_request(client, &request, &message)) {
		buf_clear(&message);
		return false;
	}
	siege->bases[siege->base_count++] = message;
	return true;
}

/* Messages as clients send them, and some that no NDES can serve. */
static bool
add_bases(struct siege *siege, struct bytes ca)
{
	static const struct scep_request requests[] = {
	    {.dns_name = "host.example.com"},
	    {.message_type = 17},
	    {.message_type = 20},
	    {.message_type = 21},
	    {.message_type = 22},
	    {.message_type = 99},
	    {.message_type = -1},
	    {.is_ber = true, .digest_nid = NID_sha1, .cipher_nid = NID_des_ede3_cbc},
	    {.cipher_nid = NID_des_cbc, .digest_nid = NID_md5},
	    {.digest_nid = NID_sha512, .cipher_nid = NID_aes_256_cbc},
	    {.recipients = SCEP_TO_ALL},
	    {.recipients = SCEP_TO_RA_SIGN},
	    {.recipients = SCEP_TO_STRANGER},
	    {.has_recipient_key_id = true},
	    {.no_certificates = true},
	    {.no_nonce = true},
	    {.no_envelope = true},
	    {.transaction_id = ""},
	    {.transaction_id = "another", .text_type = V_ASN1_UTF8STRING},
	    {.challenge_type = V_ASN1_BMPSTRING},
	    {.inner = {(const unsigned char *)"\x30\x84\xff\xff\xff\xff", 6}},
	};
	static const struct scep_identity identities[] = {{.is_ec = true},
	    {.is_v1 = true, .rsa_bits = CLIENT_BITS},
	    {.has_key_id = true, .rsa_bits = CLIENT_BITS}};
	bool ok = scep_client_set_ca(siege->client, ca);

	for (size_t i = 0; ok && i < sizeof(requests) / sizeof(requests[0]); i++)
		(void)add_base(siege, siege->client, requests[i]);
	for (size_t i = 0; ok && i < sizeof(identities) / sizeof(identities[0]); i++) {
		struct scep_client *other = scep_client_new(&identities[i]);
		struct scep_request request = {
		    .has_signer_key_id = identities[i].has_key_id};

		ok = other != NULL && scep_client_set_ca(other, ca) &&
		     add_base(siege, other, request);
		scep_client_free(other);
	}
	return ok;
}

bool
siege_begin(struct siege *siege, const char *program, const char *scenario, uint64_t seed,
    struct err *err)
{
	const char *args[] = {"--scenario", scenario, "--listen", "127.0.0.1:0", "--tls",
	    "127.0.0.1:0", "--quiet", NULL};
	struct peer_answer answer = PEER_ANSWER_INIT;
	bool ok;

	*siege = (struct siege){.dice = {seed}, .peer = {.fd = -1}};
	if (!server_process_start(&siege->server, program, args, err))
		return false;
	siege->tls = peer_trust(siege->server.ca_path, err);
	siege->client = scep_client_new(&(struct scep_identity){.rsa_bits = CLIENT_BITS});
	ok = siege->tls != NULL && siege->client != NULL &&
	     get(siege, "GetCACert", &answer) &&
	     add_bases(siege, buf_bytes(&answer.body));
	/* a first enrolment: what is loaded late is loaded, and counted as open */
	ok = ok && siege_enrols(siege);
	siege->descriptors = server_process_descriptors(&siege->server);
	peer_answer_clear(&answer);
	if (ok)
		return true;
	err_set(err, ERR_FAILED, "the server is in no good state: %s", siege->trouble);
	server_process_stop(&siege->server);
	siege_end(siege);
	return false;
}

void
siege_end(struct siege *siege)
{
	peer_close(&siege->peer);
	SSL_CTX_free(siege->tls);
	scep_client_free(siege->client);
	for (size_t i = 0; i < siege->base_count; i++)
		buf_clear(&siege->bases[i]);
	buf_clear(&siege->last);
}

void
siege_tell(const struct siege *siege)
{
	for (size_t i = 0; i < SIEGE_KINDS_MAX; i++)
		if (siege->by_kind[i] > 0)
			tap_note("%6zu %s", siege->by_kind[i], attack_name(i));
	for (size_t i = 1; i < SIEGE_STATUS_MAX; i++)
		if (siege->by_status[i] > 0)
			tap_note("%6zu answers %zu", siege->by_status[i], i);
}

void
siege_keep_last(const struct siege *siege)
{
	char path[] = "/tmp/mockndes-hostile-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;

	if (file == NULL)
		return;
	fwrite(siege->last.data, 1, siege->last.len, file);
	fclose(file);
	tap_note("the last input is in %s", path);
}
