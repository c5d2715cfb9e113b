/*
 * A pkiMessage, opened and answered. An input is four octets that say which message is
 * made, and on which of its layers the edits (der_edit.h) that follow are made before
 * the outer layers are put around it; behind the edits may stand a value to be put in
 * the layer's place:
 *
 *	0  the layer: whole message, EnvelopedData (signed properly), or the content
 *	   inside (enveloped and signed properly)
 *	1  messageType (3 bits), cipher (2 bits), recipients (2 bits)
 *	2  digest (2 bits), client (3 bits)
 *	3  oddities: BER, key identifiers, what is left out, type of text attributes
 *
 * So a seed is a few octets, whatever keys this run has.
 */
#include "scep/message.h"

#include "certs/der.h"
#include "der_edit.h"
#include "fuzz.h"
#include "fuzz_pki.h"
#include "scep/certrep.h"
#include <openssl/cms.h>
#include <openssl/err.h>
#include <string.h>

#define HEAD_SIZE 4
#define CLIENTS   8

enum layer_edited { LAYER_WHOLE, LAYER_ENVELOPE, LAYER_CONTENT };
#define LAYERS_EDITED 3

static struct {
	struct pki *pki;
	struct scep_client *clients[CLIENTS];
} world; /* made once, never freed */

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct scep_identity identities[] = {
	    {.is_v1 = false}, {.has_key_id = true}, {.is_v1 = true}, {.is_ec = true}};
	const size_t kinds = sizeof(identities) / sizeof(identities[0]);

	world.pki = fuzz_pki_new();
	for (size_t i = 0; i < CLIENTS; i++) {
		world.clients[i] = fuzz_client_new(world.pki, &identities[i % kinds]);
		if (i >= kinds)
			fuzz_client_enrol(world.clients[i], world.pki);
	}
	return 0;
}

static void
read_head(const uint8_t head[HEAD_SIZE], struct scep_request *ret)
{
	static const int types[] = {0, 17, 20, 21, 22, 3, 77, -1};
	static const int ciphers[] = {
	    NID_aes_128_cbc, NID_des_ede3_cbc, NID_des_cbc, NID_aes_256_cbc};
	static const enum scep_recipients recipients[] = {
	    SCEP_TO_RA, SCEP_TO_ALL, SCEP_TO_RA, SCEP_TO_RA_SIGN};
	static const int digests[] = {NID_sha256, NID_sha1, NID_sha512, NID_md5};
	static const int texts[] = {V_ASN1_PRINTABLESTRING, V_ASN1_UTF8STRING,
	    V_ASN1_OCTET_STRING, V_ASN1_BMPSTRING};

	*ret = (struct scep_request){
	    .message_type = types[head[1] & 7],
	    .cipher_nid = ciphers[head[1] >> 3 & 3],
	    .recipients = recipients[head[1] >> 5 & 3],
	    .digest_nid = digests[head[2] & 3],
	    .is_ber = (head[3] & 1) != 0,
	    .has_signer_key_id = (head[3] & 2) != 0,
	    .has_recipient_key_id = (head[3] & 4) != 0,
	    .no_certificates = (head[3] & 8) != 0,
	    .no_nonce = (head[3] & 16) != 0,
	    .no_envelope = (head[3] & 32) != 0,
	    .text_type = texts[head[3] >> 6 & 3],
	    .challenge = "0123456789ABCDEF",
	};
}

/* What the SignedData of this request would hold. */
static bool
content_of(
    struct scep_client *client, const struct scep_request *request, struct buf *ret)
{
	struct buf whole = BUF_INIT;
	const unsigned char *p;
	CMS_ContentInfo *cms = NULL;
	ASN1_OCTET_STRING **content = NULL;

	if (scep_client_request(client, request, &whole)) {
		p = whole.data;
		cms = d2i_CMS_ContentInfo(NULL, &p, (long)whole.len);
		must(cms != NULL);
		content = CMS_get0_content(cms);
		must(content != NULL && *content != NULL);
		buf_add(ret, ASN1_STRING_get0_data(*content),
		    (size_t)ASN1_STRING_length(*content));
	}
	CMS_ContentInfo_free(cms);
	buf_clear(&whole);
	return content != NULL;
}

/* The message with the edits at their layer; `edited` is that layer after them. */
static bool
make_message(enum layer_edited layer, struct scep_client *client,
    struct scep_request request, struct bytes edits, struct buf *edited, struct buf *ret)
{
	struct buf base = BUF_INIT;
	bool ok;

	if (layer == LAYER_WHOLE) {
		ok = scep_client_request(client, &request, &base);
	} else {
		struct scep_request plain = request;

		plain.is_ber = false;
		plain.no_envelope = layer == LAYER_CONTENT || request.no_envelope;
		ok = content_of(client, &plain, &base);
	}
	der_edit_all(edits, buf_bytes(&base), edited);
	buf_clear(&base);
	if (!ok)
		return false;
	if (layer == LAYER_WHOLE) {
		buf_add(ret, edited->data, edited->len);
		return true;
	}
	buf_reserve(edited, 1);
	request.inner = buf_bytes(edited);
	if (layer == LAYER_ENVELOPE)
		request.no_envelope = true;
	return scep_client_request(client, &request, ret);
}

static void
check_text(const char *text)
{
	size_t len = text == NULL ? 0 : strlen(text);

	must(len <= TRANSACTION_ID_MAX);
	for (size_t i = 0; i < len; i++)
		must(text[i] >= 0x20 && text[i] <= 0x7e);
}

/* What message.h promises of the fields. */
static void
check_fields(const struct scep_message *message)
{
	bool has_csr_type =
	    message->type == MESSAGE_PKCS_REQ || message->type == MESSAGE_RENEWAL_REQ;
	struct buf der = BUF_INIT;

	check_text(message->transaction_id);
	must(message->sender_nonce.len <= MESSAGE_NONCE_MAX);
	must(message->type == MESSAGE_NONE || message->type_number == (int)message->type);
	must(message->csr == NULL || has_csr_type);
	if (message->fate == MESSAGE_OPENED)
		must((message->csr != NULL) == has_csr_type);
	must(message->csr != NULL || !message->csr_signature_ok);
	if (message->fate == MESSAGE_OPENED || message->fate == MESSAGE_BAD_CONTENT) {
		must(der_from_ber(buf_bytes(&message->inner), &der));
		must(slice_equal(buf_slice(&der), buf_slice(&message->inner)));
	} else {
		must(message->csr == NULL && message->inner.len == 0);
	}
	if (message->fate == MESSAGE_NOT_CMS)
		must(message->signer_cert.len == 0 && message->type_number == -1);
	buf_clear(&der);
}

/* A content that was signed and enveloped properly falls at no earlier hurdle. */
static void
check_content(const struct scep_message *message, struct bytes content)
{
	struct buf der = BUF_INIT;
	bool is_asn1 = der_from_ber(content, &der);

	must(message->fate == MESSAGE_OPENED || message->fate == MESSAGE_BAD_CONTENT ||
	     message->fate == MESSAGE_NOT_DECRYPTED);
	must(is_asn1 == (message->fate != MESSAGE_NOT_DECRYPTED));
	if (is_asn1)
		must(slice_equal(buf_slice(&der), buf_slice(&message->inner)));
	buf_clear(&der);
}

/* The answer that the server would give: SUCCESS where there is a CSR, else FAILURE. */
static void
answer(struct scep_message *message)
{
	static const unsigned char serial[16] = {0x40, 1, 2, 3};
	struct certrep certrep = CERTREP_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;
	bool is_success =
	    message->csr != NULL && certrep_can_envelop(buf_bytes(&message->signer_spki));

	certrep.status = is_success ? PKI_SUCCESS : PKI_FAILURE;
	certrep.digest_nid = certrep_reply_digest(message->digest_nid);
	certrep.cipher_nid = certrep_reply_cipher(message->cipher_nid);
	certrep.transaction_id = message->transaction_id;
	message->transaction_id = NULL;
	certrep.recipient_nonce = buf_move(&message->sender_nonce);
	certrep.recipient_issuer_serial = buf_move(&message->signer_issuer_serial);
	certrep.recipient_spki = buf_move(&message->signer_spki);
	if (is_success) {
		certrep.csr = message->csr;
		message->csr = NULL;
		leaf_from_csr(&certrep.leaf, certrep.csr, FUZZ_NOW, serial);
	}
	if (!certrep_seal(&certrep, world.pki, &out, &err))
		must(is_success && err.kind == ERR_FAILED && out.len == 0);
	buf_clear(&out);
	certrep_clear(&certrep);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf edited = BUF_INIT;
	struct buf der = BUF_INIT;
	struct scep_message *message;
	struct scep_request request;
	enum layer_edited layer;

	if (len < HEAD_SIZE)
		return 0;
	layer = (enum layer_edited)(data[0] % LAYERS_EDITED);
	read_head(data, &request);
	if (!make_message(layer, world.clients[data[2] >> 2 & 7], request,
	        (struct bytes){data + HEAD_SIZE, len - HEAD_SIZE}, &edited, &der))
		goto out; /* a mixture that no client can make */
	ERR_clear_error();
	message = message_open(buf_bytes(&der), world.pki, FUZZ_NOW);
	must(ERR_peek_error() == 0);
	check_fields(message);
	if (layer == LAYER_CONTENT && !request.no_certificates && !request.no_envelope &&
	    request.recipients != SCEP_TO_RA_SIGN)
		check_content(message, buf_bytes(&edited));
	if (message->fate != MESSAGE_NOT_CMS)
		answer(message);
	must(ERR_peek_error() == 0);
	message_free(message);
out:
	ERR_clear_error();
	buf_clear(&edited);
	buf_clear(&der);
	return 0;
}
