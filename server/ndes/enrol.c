#include "ndes/enrol.h"

#include "base/mem.h"
#include <string.h>

#define TAG_BMP_STRING 30 /* X.680: two bytes a character */

/*
 * Only one HRESULT was captured on the wire (a refused GetCRL); the others of
 * these failures carry it by analogy.
 */
static const char *
fail(struct certrep *certrep, enum fail_info fail_info, const char *reason)
{
	certrep->status = PKI_FAILURE;
	certrep->fail_info = fail_info;
	certrep->has_hresult = true;
	certrep->hresult = HRESULT_E_INVALIDARG;
	return reason;
}

static void
address(struct certrep *certrep, const struct enrol_input *input)
{
	struct scep_message *message = input->message;

	certrep->transaction_id = mem_string(message->transaction_id);
	memcpy(certrep->sender_nonce, input->chance, NONCE_SIZE);
	buf_add(&certrep->recipient_nonce, message->sender_nonce.data,
	    message->sender_nonce.len);
	certrep->digest_nid = certrep_reply_digest(message->digest_nid);
	certrep->cipher_nid = certrep_reply_cipher(message->cipher_nid);
	buf_add(&certrep->recipient_issuer_serial, message->signer_issuer_serial.data,
	    message->signer_issuer_serial.len);
	buf_add(&certrep->recipient_spki, message->signer_spki.data,
	    message->signer_spki.len);
	certrep->recipient_key = message->signer_key; /* decoded once, moved along */
	message->signer_key = NULL;
}

/* Takes the CSR; the leaf will be signed while the answer is sealed. */
static const char *
grant(struct certrep *certrep, struct csr *csr, const struct enrol_input *input)
{
	certrep->status = PKI_SUCCESS;
	certrep->csr = csr;
	leaf_from_csr(&certrep->leaf, csr, input->now, input->chance + NONCE_SIZE);
	return NULL;
}

static const char *
grant_again(struct certrep *certrep, const struct transaction *stored)
{
	certrep->status = PKI_SUCCESS;
	buf_add(&certrep->leaf_der, stored->leaf.data, stored->leaf.len);
	return NULL;
}

static bool
challenge_holds(const struct enrol_input *input)
{
	const struct csr *csr = input->message->csr;
	struct buf text = BUF_INIT;
	size_t step = csr->challenge_type == TAG_BMP_STRING ? 2 : 1;

	for (size_t i = step - 1; i < csr->challenge.len; i += step)
		buf_add_char(&text, (char)csr->challenge.data[i]);
	bool holds = challenge_accepts(input->challenge, buf_slice(&text));
	buf_clear(&text);
	return holds;
}

static bool
is_same_csr(const struct transaction *stored, const struct csr *csr)
{
	return stored != NULL && stored->csr.len == csr->der.len &&
	       memcmp(stored->csr.data, csr->der.data, csr->der.len) == 0;
}

/*
 * The same CSR in the same transaction is the same request, sent again; unless it is
 * signed by the very certificate that it got: a client that keeps key and CSR (and so
 * the transactionID) renews like this.
 */
static bool
is_sent_again(const struct transaction *stored, const struct scep_message *message)
{
	const struct buf *signer = &message->signer_cert;

	if (!is_same_csr(stored, message->csr) || stored->state != TRANSACTION_ISSUED)
		return false;
	return stored->leaf.len != signer->len ||
	       memcmp(stored->leaf.data, signer->data, signer->len) != 0;
}

/*
 * PKCSReq and RenewalReq. What is sent again gets the same certificate and spends no
 * challenge; a renewal signed by a certificate of ours needs none.
 */
static const char *
decide_request(struct certrep *certrep, const struct enrol_input *input)
{
	struct scep_message *message = input->message;
	bool is_renewal = message->signer_is_ours;
	struct csr *csr = message->csr;

	if (!certrep_can_envelop(buf_bytes(&message->signer_spki)))
		return fail(certrep, FAIL_BAD_ALG,
		    "the signer's key cannot decrypt an answer: use an RSA key");
	if (!message->csr_signature_ok)
		return fail(certrep, FAIL_BAD_MESSAGE_CHECK,
		    "the CSR's own signature does not verify");
	if (is_sent_again(input->stored, message))
		return grant_again(certrep, input->stored);
	if (message->type == MESSAGE_RENEWAL_REQ && !is_renewal)
		return fail(certrep, FAIL_BAD_REQUEST,
		    "a RenewalReq has to be signed by a certificate of this CA");
	if (!is_renewal && !challenge_holds(input))
		return fail(certrep, FAIL_BAD_MESSAGE_CHECK,
		    "the challengePassword is missing or wrong (see --challenge)");
	message->csr = NULL;
	return grant(certrep, csr, input);
}

/* CertPoll: the waiting request is approved now, unless a scenario says otherwise. */
static const char *
decide_poll(struct certrep *certrep, const struct enrol_input *input)
{
	const struct transaction *stored = input->stored;
	struct csr *csr;

	if (!certrep_can_envelop(buf_bytes(&input->message->signer_spki)))
		return fail(certrep, FAIL_BAD_ALG,
		    "the signer's key cannot decrypt an answer: use an RSA key");
	if (stored == NULL)
		return fail(certrep, FAIL_BAD_CERT_ID,
		    "CertPoll for a transaction that was never begun");
	if (stored->state == TRANSACTION_ISSUED)
		return grant_again(certrep, stored);
	if (!csr_parse(buf_bytes(&stored->csr), &csr))
		return fail(certrep, FAIL_BAD_REQUEST, "the stored CSR cannot be read");
	return grant(certrep, csr, input);
}

static const char *
decide_opened(struct certrep *certrep, const struct enrol_input *input)
{
	switch (input->message->type) {
	case MESSAGE_PKCS_REQ:
	case MESSAGE_RENEWAL_REQ:
		return decide_request(certrep, input);
	case MESSAGE_CERT_POLL:
		return decide_poll(certrep, input);
	case MESSAGE_GET_CRL: /* captured: NDES refuses it with exactly this */
	case MESSAGE_GET_CERT:
	case MESSAGE_CERT_REP:
	case MESSAGE_NONE:
		break;
	}
	return fail(certrep, FAIL_BAD_REQUEST, "NDES does not serve this messageType");
}

bool
enrol_answers(enum message_fate fate)
{
	return fate == MESSAGE_OPENED || fate == MESSAGE_BAD_ALG ||
	       fate == MESSAGE_BAD_CONTENT;
}

bool
enrol_decide(const struct enrol_input *input, struct certrep *ret, const char **reason)
{
	switch (input->message->fate) {
	case MESSAGE_NOT_CMS:
		*reason = "not a pkiMessage: no CMS SignedData in it";
		return false;
	case MESSAGE_NOT_ADDRESSED:
		*reason = "not encrypted to the RA encryption certificate (the one with "
		          "keyEncipherment)";
		return false;
	case MESSAGE_NOT_DECRYPTED:
		*reason = "addressed to the RA encryption certificate, but it does not "
		          "decrypt to what its messageType says";
		return false;
	case MESSAGE_BAD_SIGNATURE:
		*reason = "the signature does not verify with the signer's certificate";
		return false;
	case MESSAGE_BAD_ALG:
		address(ret, input);
		*reason =
		    fail(ret, FAIL_BAD_ALG, "digest or cipher is not supported here");
		return true;
	case MESSAGE_BAD_CONTENT:
		address(ret, input);
		*reason = fail(ret, FAIL_BAD_REQUEST,
		    "the envelope does not hold what the messageType says");
		return true;
	case MESSAGE_OPENED:
		address(ret, input);
		*reason = decide_opened(ret, input);
		return true;
	}
	return false;
}
