#include "scenarios/talk.h"

#include "base/base64.h"
#include "base/mem.h"
#include "scenarios/ask.h"
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool
talk_fails(struct talk *talk, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(talk->why, sizeof(talk->why), format, args);
	va_end(args);
	return false;
}

static void
forget_reply(struct talk *talk)
{
	scep_reply_clear(&talk->reply);
	CMS_ContentInfo_free(talk->cms);
	talk->cms = NULL;
	ERR_clear_error();
}

static bool
carry(struct talk *talk, struct bytes http)
{
	struct peer peer;
	bool ok = peer_open(&peer, talk->server.port, NULL) && peer_send(&peer, http) &&
	          peer_receive(&peer, false, &talk->answer);

	if (!ok)
		talk_fails(talk, "no answer came: the connection is %s",
		    peer_fate_name(peer.fate));
	peer_close(&peer);
	return ok;
}

bool
talk_get(struct talk *talk, const char *target)
{
	struct buf http = BUF_INIT;
	bool ok;

	buf_add_format(&http, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", target);
	ok = carry(talk, buf_bytes(&http));
	buf_clear(&http);
	return ok;
}

bool
talk_operation(struct talk *talk, const char *operation)
{
	char *target = mem_format(TALK_PATH "?operation=%s&message=ca", operation);
	bool ok = talk_get(talk, target);

	if (ok && talk->answer.status != 200)
		ok =
		    talk_fails(talk, "%s is answered %u", operation, talk->answer.status);
	free(target);
	return ok;
}

bool
talk_password(struct talk *talk, char ret[TALK_PASSWORD + 1])
{
	static const char before[] = "password is: <B> ";
	struct buf page = BUF_INIT;
	const char *at;

	if (!talk_get(talk, "/certsrv/mscep_admin/"))
		return false;
	for (size_t i = 0; i < talk->answer.body.len; i += 2)
		buf_add_char(&page, (char)talk->answer.body.data[i]);
	buf_add_char(&page, '\0');
	at = strstr((const char *)page.data, before);
	if (at != NULL && strlen(at) > strlen(before) + TALK_PASSWORD)
		memcpy(ret, at + strlen(before), TALK_PASSWORD);
	ret[TALK_PASSWORD] = '\0';
	buf_clear(&page);
	return (at != NULL && strspn(ret, "0123456789ABCDEF") == TALK_PASSWORD) ||
	       talk_fails(talk, "mscep_admin is answered %u and shows no password",
	           talk->answer.status);
}

bool
talk_is_type(const struct talk *talk, const char *type)
{
	return slice_is_nocase(peer_header(&talk->answer, "Content-Type"), type);
}

bool
talk_meet(struct talk *talk, const struct scep_identity *identity)
{
	scep_client_free(talk->client);
	talk->client = scep_client_new(identity);
	if (talk->client == NULL)
		return talk_fails(talk, "no client was made");
	if (!talk_operation(talk, "GetCACert"))
		return false;
	return scep_client_set_ca(talk->client, buf_bytes(&talk->answer.body)) ||
	       talk_fails(talk, "the answer to GetCACert is of no use");
}

bool
talk_open(
    struct talk *talk, const char *program, const char *const args[], struct err *err)
{
	static const struct scep_identity small = {.rsa_bits = 1024};

	*talk = (struct talk){.answer = PEER_ANSWER_INIT};
	if (!server_process_start(&talk->server, program, args, err))
		return false;
	if (talk_meet(talk, &small))
		return true;
	err_set(err, ERR_FAILED, "%s", talk->why);
	talk_close(talk);
	return false;
}

void
talk_close(struct talk *talk)
{
	if (talk->server.pid != 0)
		server_process_stop(&talk->server);
	forget_reply(talk);
	peer_answer_clear(&talk->answer);
	scep_client_free(talk->client);
	talk->client = NULL;
}

void
talk_write(struct bytes message, enum talk_way way, struct buf *out)
{
	struct buf base64 = BUF_INIT;

	switch (way) {
	case TALK_GET:
		base64_encode(message, &base64);
		buf_add_text(out, "GET " TALK_PATH "?operation=PKIOperation&message=");
		ask_escape(buf_slice(&base64), out);
		buf_add_text(out, " HTTP/1.1\r\nHost: localhost\r\n\r\n");
		buf_clear(&base64);
		return;
	case TALK_POST:
	case TALK_POST_BARE:
		buf_add_format(out,
		    "POST " TALK_PATH "%s HTTP/1.1\r\nHost: localhost\r\n"
		    "%sContent-Length: %zu\r\n\r\n",
		    way == TALK_POST ? "?operation=PKIOperation" : "",
		    way == TALK_POST ? "Content-Type: application/x-pki-message\r\n" : "",
		    message.len);
		buf_add(out, message.data, message.len);
		return;
	}
}

bool
talk_send(struct talk *talk, const struct scep_request *request, enum talk_way way)
{
	struct buf message = BUF_INIT;
	struct buf http = BUF_INIT;
	const unsigned char *p;
	bool ok = scep_client_request(talk->client, request, &message);

	forget_reply(talk);
	if (!ok)
		talk_fails(talk, "the client could not make the message");
	talk_write(buf_bytes(&message), way, &http);
	ok = ok && carry(talk, buf_bytes(&http));
	buf_clear(&message);
	buf_clear(&http);
	if (!ok)
		return false;
	scep_client_read_reply(talk->client, buf_bytes(&talk->answer.body), &talk->reply);
	p = talk->answer.body.data;
	if (talk->reply.is_cms)
		talk->cms = d2i_CMS_ContentInfo(NULL, &p, (long)talk->answer.body.len);
	return true;
}

bool
talk_expect(
    struct talk *talk, const struct scep_request *request, int status, int fail_info)
{
	const struct scep_reply *reply = &talk->reply;

	if (!talk_send(talk, request, TALK_POST))
		return false;
	if (talk->cms == NULL || !talk_is_type(talk, "application/x-pki-message"))
		return talk_fails(talk, "no CertRep came, but HTTP %u with %zu bytes",
		    talk->answer.status, talk->answer.body.len);
	if (!reply->signature_ok || reply->message_type != 3)
		return talk_fails(talk, "the CertRep is not signed, or messageType is %d",
		    reply->message_type);
	if (!reply->transaction_ok || !reply->recipient_nonce_ok)
		return talk_fails(talk, "transactionID or recipientNonce is another's");
	if (reply->status != status || reply->fail_info != fail_info)
		return talk_fails(talk,
		    "pkiStatus %d, failInfo %d came; %d and %d are wanted", reply->status,
		    reply->fail_info, status, fail_info);
	return true;
}

CMS_ContentInfo *
talk_envelope(const struct talk *talk)
{
	ASN1_OCTET_STRING **content = CMS_get0_content(talk->cms);
	const unsigned char *p;
	CMS_ContentInfo *ret;

	if (content == NULL || *content == NULL)
		return NULL;
	p = ASN1_STRING_get0_data(*content);
	ret = d2i_CMS_ContentInfo(NULL, &p, ASN1_STRING_length(*content));
	ERR_clear_error();
	return ret;
}

CMS_ContentInfo *
talk_bag(const struct talk *talk, const char *password)
{
	CMS_ContentInfo *envelope = talk_envelope(talk);
	CMS_ContentInfo *bag = NULL;
	EVP_PKEY *key = password == NULL ? talk->client->key : NULL;
	X509 *cert = password == NULL ? talk->client->cert : NULL;
	BIO *plain = BIO_new(BIO_s_mem());
	/* OpenSSL keeps the pointer and does not write through it */
	unsigned char *word = (unsigned char *)mem_string(password);

	if (envelope != NULL && plain != NULL &&
	    (password == NULL || CMS_decrypt_set1_password(envelope, word,
	                             (ossl_ssize_t)strlen(password)) == 1) &&
	    CMS_decrypt(envelope, key, cert, NULL, plain, CMS_BINARY) == 1)
		bag = d2i_CMS_bio(plain, NULL);
	CMS_ContentInfo_free(envelope);
	BIO_free(plain);
	free(word);
	ERR_clear_error();
	return bag;
}

const ASN1_TYPE *
talk_attribute(const struct talk *talk, const char *oid)
{
	STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(talk->cms);
	CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, 0);
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int at = CMS_signed_get_attr_by_OBJ(signer, object, -1);
	X509_ATTRIBUTE *found = at >= 0 ? CMS_signed_get_attr(signer, at) : NULL;

	ASN1_OBJECT_free(object);
	return found != NULL ? X509_ATTRIBUTE_get0_type(found, 0) : NULL;
}
