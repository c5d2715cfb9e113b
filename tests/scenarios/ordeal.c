#include "scenarios/ordeal.h"

#include "base/mem.h"
#include "scenarios/ask.h"
#include "support/peer.h"
#include <openssl/pkcs7.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CLIENT_BITS 1024
#define GET_CERT    21
#define ADMIN_PATH  "/certsrv/mscep_admin/"
#define ADMIN_WORDS "The enrollment challenge password is: <B> "

enum { STATUS_SUCCESS = 0, STATUS_FAILURE = 2 };

static bool __attribute__((format(printf, 2, 3)))
fails(struct ordeal *ordeal, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(ordeal->trouble, sizeof(ordeal->trouble), format, args);
	va_end(args);
	return false;
}

bool
ordeal_init(struct ordeal *ordeal, const char *program, const char *state,
    bool is_one_time, struct err *err)
{
	*ordeal = (struct ordeal){
	    .program = program, .state = state, .is_one_time = is_one_time};
	for (size_t i = 0; i < ORDEAL_CLIENTS; i++) {
		ordeal->clients[i] =
		    scep_client_new(&(struct scep_identity){.rsa_bits = CLIENT_BITS});
		if (ordeal->clients[i] == NULL)
			return err_set(err, ERR_FAILED, "no key for a client");
	}
	return true;
}

void
ordeal_clear(struct ordeal *ordeal)
{
	for (size_t i = 0; i < ordeal->count; i++) {
		free(ordeal->attempts[i].transaction_id);
		free(ordeal->attempts[i].challenge);
		buf_clear(&ordeal->attempts[i].csr);
		buf_clear(&ordeal->attempts[i].request);
		buf_clear(&ordeal->attempts[i].leaf);
	}
	for (size_t i = 0; i < ORDEAL_CLIENTS; i++)
		scep_client_free(ordeal->clients[i]);
	free(ordeal->attempts);
	buf_clear(&ordeal->bag);
}

static bool
get(struct ordeal *ordeal, const char *target, struct peer_answer *answer)
{
	char *text = mem_format(
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", target);
	struct bytes request = {(const unsigned char *)text, strlen(text)};
	struct peer peer;
	bool ok = peer_open(&peer, ordeal->server.port, NULL) &&
	          peer_send(&peer, request) && peer_receive(&peer, false, answer) &&
	          answer->status == 200;

	if (!ok)
		fails(ordeal, "GET %s: status %u, the connection was %s", target,
		    answer->status, peer_fate_name(peer.fate));
	peer_close(&peer);
	free(text);
	return ok;
}

/* The first server's certificates are everybody's from then on. */
static bool
meet_ca(struct ordeal *ordeal)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	bool ok = get(ordeal, ASK_PATH "?operation=GetCACert", &answer);

	if (ok && ordeal->bag.len == 0) {
		buf_add(&ordeal->bag, answer.body.data, answer.body.len);
		for (size_t i = 0; ok && i < ORDEAL_CLIENTS; i++)
			ok = scep_client_set_ca(
			         ordeal->clients[i], buf_bytes(&ordeal->bag)) ||
			     fails(ordeal, "GetCACert shows no CA");
	} else if (ok && (answer.body.len != ordeal->bag.len ||
	                     memcmp(answer.body.data, ordeal->bag.data,
	                         answer.body.len) != 0)) {
		ok = fails(ordeal, "GetCACert shows another CA than before");
	}
	peer_answer_clear(&answer);
	return ok;
}

bool
ordeal_start(struct ordeal *ordeal)
{
	const char *args[] = {"--state", ordeal->state, "--listen", "127.0.0.1:0",
	    "--quiet", "--challenge", ordeal->is_one_time ? "one-time" : "any", NULL};
	struct err err = ERR_INIT;

	if (!server_process_start(&ordeal->server, ordeal->program, args, &err))
		return fails(ordeal, "%s", err.text);
	return meet_ca(ordeal);
}

/* Off the page of mscep_admin, as those read it who scrape it. NULL: none there. */
static char *
new_password(struct ordeal *ordeal)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct buf text = BUF_INIT;
	char *password = NULL;
	const char *at;

	if (!get(ordeal, ADMIN_PATH, &answer))
		goto out;
	for (size_t i = 0; i < answer.body.len; i += 2) /* UTF-16LE, all of it ASCII */
		buf_add_char(&text, (char)answer.body.data[i]);
	buf_add_char(&text, '\0');
	at = strstr((const char *)text.data, ADMIN_WORDS);
	if (at == NULL) {
		fails(ordeal, "the page of mscep_admin shows no password");
		goto out;
	}
	at += strlen(ADMIN_WORDS);
	password = mem_text(at, strcspn(at, " <\r\n"));
out:
	peer_answer_clear(&answer);
	buf_clear(&text);
	return password;
}

static bool
make_csr(struct attempt *attempt)
{
	struct scep_request request = {.challenge = attempt->challenge};

	buf_reset(&attempt->csr);
	return scep_client_csr(attempt->client, &request, &attempt->csr);
}

static void
add_post(const struct buf *message, struct buf *out)
{
	buf_add_format(out,
	    "POST " ASK_PATH "?operation=PKIOperation HTTP/1.1\r\nHost: localhost\r\n"
	    "Content-Type: application/x-pki-message\r\nContent-Length: %zu\r\n\r\n",
	    message->len);
	buf_add(out, message->data, message->len);
}

/* The whole POST of the attempt's pkiMessage. */
static bool
make_request(const struct attempt *attempt, struct buf *out)
{
	struct scep_request request = {
	    .transaction_id = attempt->transaction_id, .inner = buf_bytes(&attempt->csr)};
	struct buf message = BUF_INIT;
	bool ok = scep_client_request(attempt->client, &request, &message);

	if (ok)
		add_post(&message, out);
	buf_clear(&message);
	return ok;
}

/* Appends an attempt that can be sent. */
static bool
prepare(struct ordeal *ordeal, struct scep_client *client)
{
	struct attempt attempt = {.client = client};
	bool ok;

	attempt.challenge = ordeal->is_one_time ? new_password(ordeal)
	                                        : mem_string(ordeal->server.challenge);
	if (attempt.challenge == NULL)
		return false;
	attempt.transaction_id = mem_format("ordeal-%zu", ordeal->count);
	ok = make_csr(&attempt) && make_request(&attempt, &attempt.request);
	ordeal->attempts[ordeal->count++] = attempt;
	return ok || fails(ordeal, "no request could be made");
}

bool
ordeal_prepare(struct ordeal *ordeal)
{
	ordeal->attempts = mem_grow(
	    ordeal->attempts, ordeal->count + ORDEAL_CLIENTS, sizeof(*ordeal->attempts));
	for (size_t i = 0; i < ORDEAL_CLIENTS; i++)
		if (!prepare(ordeal, ordeal->clients[i]))
			return false;
	return true;
}

static bool
leaf_der(X509 *leaf, struct buf *out)
{
	unsigned char *der = NULL;
	int len = i2d_X509(leaf, &der);

	if (len > 0)
		buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	return len > 0;
}

/* A whole answer came; the first certificate is kept, a later one has to be the same. */
static bool
take_answer(struct ordeal *ordeal, struct attempt *attempt,
    const struct peer_answer *answer, bool may_refuse)
{
	struct buf der = BUF_INIT;
	struct scep_reply reply;
	bool ok;

	scep_client_read_reply(attempt->client, buf_bytes(&answer->body), &reply);
	ok = answer->status == 200 && reply.signature_ok && reply.transaction_ok;
	if (ok && reply.status == STATUS_FAILURE && may_refuse)
		attempt->is_refused = true;
	else if (!ok || reply.status != STATUS_SUCCESS || !reply.leaf_has_our_key ||
	         !reply.leaf_from_ca || !leaf_der(reply.leaf, &der))
		ok = fails(ordeal,
		    "%s: no certificate; status %u, pkiStatus %d, failInfo %d",
		    attempt->transaction_id, answer->status, reply.status,
		    reply.fail_info);
	else if (attempt->leaf.len == 0)
		attempt->leaf = buf_move(&der);
	else if (der.len != attempt->leaf.len ||
	         memcmp(der.data, attempt->leaf.data, der.len) != 0)
		ok = fails(ordeal, "%s: another certificate than was answered before",
		    attempt->transaction_id);
	buf_clear(&der);
	scep_reply_clear(&reply);
	return ok;
}

bool
ordeal_storm(struct ordeal *ordeal, size_t *ret)
{
	struct attempt *attempts = &ordeal->attempts[ordeal->count - ORDEAL_CLIENTS];
	struct peer peers[ORDEAL_CLIENTS];
	struct peer_answer answer = PEER_ANSWER_INIT;
	bool is_sent[ORDEAL_CLIENTS];
	bool ok = true;

	*ret = 0;
	for (size_t i = 0; i < ORDEAL_CLIENTS; i++) {
		is_sent[i] = peer_open(&peers[i], ordeal->server.port, NULL) &&
		             peer_send(&peers[i], buf_bytes(&attempts[i].request));
		buf_clear(&attempts[i].request);
	}
	for (size_t i = 0; i < ORDEAL_CLIENTS; i++) {
		if (is_sent[i] && peer_receive(&peers[i], false, &answer)) {
			++*ret;
			ok = take_answer(ordeal, &attempts[i], &answer, false) && ok;
		}
		peer_close(&peers[i]);
	}
	peer_answer_clear(&answer);
	return ok;
}

static bool
post(struct ordeal *ordeal, const struct buf *request, struct peer_answer *answer)
{
	struct peer peer;
	bool ok = peer_open(&peer, ordeal->server.port, NULL) &&
	          peer_send(&peer, buf_bytes(request)) &&
	          peer_receive(&peer, false, answer);

	if (!ok)
		fails(ordeal, "a POST is not answered, the connection was %s",
		    peer_fate_name(peer.fate));
	peer_close(&peer);
	return ok;
}

/* IssuerAndSerialNumber of the answered certificate, RFC 8894 3.3.4 */
static bool
name_leaf(const struct attempt *attempt, struct buf *out)
{
	const unsigned char *p = attempt->leaf.data;
	X509 *leaf = d2i_X509(NULL, &p, (long)attempt->leaf.len);
	PKCS7_ISSUER_AND_SERIAL *name = PKCS7_ISSUER_AND_SERIAL_new();
	unsigned char *der = NULL;
	int len = 0;

	if (leaf != NULL && name != NULL &&
	    X509_NAME_set(&name->issuer, X509_get_issuer_name(leaf)) == 1 &&
	    ASN1_STRING_copy(name->serial, X509_get0_serialNumber(leaf)) == 1)
		len = i2d_PKCS7_ISSUER_AND_SERIAL(name, &der);
	if (len > 0)
		buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	PKCS7_ISSUER_AND_SERIAL_free(name);
	X509_free(leaf);
	return len > 0;
}

/* The certificate by its serial number. */
static bool
get_cert(struct ordeal *ordeal, const struct attempt *attempt)
{
	struct scep_request request = {.message_type = GET_CERT};
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct buf name = BUF_INIT;
	struct buf message = BUF_INIT;
	struct buf http = BUF_INIT;
	struct buf der = BUF_INIT;
	struct scep_reply reply;
	bool ok = name_leaf(attempt, &name);

	request.inner = buf_bytes(&name);
	ok = ok && scep_client_request(attempt->client, &request, &message);
	add_post(&message, &http);
	ok = ok && post(ordeal, &http, &answer);
	if (ok) {
		scep_client_read_reply(attempt->client, buf_bytes(&answer.body), &reply);
		if (reply.status != STATUS_SUCCESS || !leaf_der(reply.leaf, &der) ||
		    der.len != attempt->leaf.len ||
		    memcmp(der.data, attempt->leaf.data, der.len) != 0)
			ok = fails(ordeal, "%s: GetCert does not find the certificate",
			    attempt->transaction_id);
		scep_reply_clear(&reply);
	}
	peer_answer_clear(&answer);
	buf_clear(&name);
	buf_clear(&message);
	buf_clear(&http);
	buf_clear(&der);
	return ok;
}

/* A password that brought a certificate, in another transaction of the same client. */
static bool
password_is_refused(struct ordeal *ordeal, const struct attempt *used)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct attempt other = {.client = used->client, .challenge = used->challenge};
	struct buf http = BUF_INIT;
	bool ok;

	other.transaction_id = mem_format("%s-again", used->transaction_id);
	ok = make_csr(&other) && make_request(&other, &http) &&
	     post(ordeal, &http, &answer) && take_answer(ordeal, &other, &answer, true);
	if (ok && !other.is_refused)
		ok = fails(ordeal, "%s: its one-time password works twice",
		    used->transaction_id);
	free(other.transaction_id);
	buf_clear(&other.csr);
	buf_clear(&other.leaf);
	buf_clear(&http);
	peer_answer_clear(&answer);
	return ok;
}

bool
ordeal_ask_again(struct ordeal *ordeal, struct attempt *attempt)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct buf http = BUF_INIT;
	bool may_refuse = ordeal->is_one_time && attempt->leaf.len == 0;
	bool ok;

	if (attempt->is_refused)
		return true;
	ok = make_request(attempt, &http) && post(ordeal, &http, &answer) &&
	     take_answer(ordeal, attempt, &answer, may_refuse);
	buf_clear(&http);
	peer_answer_clear(&answer);
	if (!ok || attempt->is_refused || !get_cert(ordeal, attempt))
		return ok && attempt->is_refused;
	if (!ordeal->is_one_time || attempt->is_challenged)
		return true;
	attempt->is_challenged = true;
	return password_is_refused(ordeal, attempt);
}

static int
compare_serials(const void *a, const void *b)
{
	const ASN1_INTEGER *const *one = a;
	const ASN1_INTEGER *const *other = b;

	return ASN1_INTEGER_cmp(*one, *other);
}

bool
ordeal_serials_differ(struct ordeal *ordeal)
{
	STACK_OF(X509) *bag = ordeal->clients[0]->bag;
	size_t bag_count = (size_t)sk_X509_num(bag);
	const ASN1_INTEGER **serials =
	    mem_array(ordeal->count + bag_count, sizeof(ASN1_INTEGER *));
	X509 **leaves = mem_array(ordeal->count + 1, sizeof(*leaves));
	size_t count = 0;
	bool ok = true;

	for (size_t i = 0; i < bag_count; i++)
		serials[count++] = X509_get0_serialNumber(sk_X509_value(bag, (int)i));
	for (size_t i = 0; i < ordeal->count; i++) {
		const struct attempt *attempt = &ordeal->attempts[i];
		const unsigned char *p = attempt->leaf.data;

		if (attempt->leaf.len == 0)
			continue;
		leaves[i] = d2i_X509(NULL, &p, (long)attempt->leaf.len);
		serials[count++] = X509_get0_serialNumber(leaves[i]);
	}
	qsort(serials, count, sizeof(ASN1_INTEGER *), compare_serials);
	for (size_t i = 1; i < count; i++)
		if (ASN1_INTEGER_cmp(serials[i - 1], serials[i]) == 0)
			ok = fails(ordeal, "a serial number is there twice");
	for (size_t i = 0; i < ordeal->count; i++)
		X509_free(leaves[i]);
	free(leaves);
	free(serials);
	return ok;
}
