#include "ndes/enrol.h"

#include "base/mem.h"
#include <string.h>

#define TAG_BMP_STRING 30 /* X.680: two bytes a character */

struct failure {
	enum fail_info fail_info;
	uint32_t hresult;
	const char *reason; /* static */
};

static const struct failure bad_csr_signature = {FAIL_BAD_MESSAGE_CHECK,
    HRESULT_E_INVALIDARG, "the CSR's own signature does not verify"};
static const struct failure bad_signer_key = {FAIL_BAD_ALG, HRESULT_E_INVALIDARG,
    "the signer's key cannot decrypt an answer: use an RSA key"};
static const struct failure bad_renewal = {FAIL_BAD_REQUEST, HRESULT_E_INVALIDARG,
    "a RenewalReq has to be signed by a certificate of this CA"};
static const struct failure short_key = {FAIL_BAD_REQUEST, HRESULT_CERTSRV_E_KEY_LENGTH,
    "the requested RSA key is shorter than 1024 bits"};
static const struct failure bad_poll = {FAIL_BAD_CERT_ID, HRESULT_E_INVALIDARG,
    "CertPoll for a transaction that was never begun"};
static const struct failure bad_stored_csr = {
    FAIL_BAD_REQUEST, HRESULT_E_INVALIDARG, "the stored CSR cannot be read"};
static const struct failure unknown_cert = {FAIL_BAD_CERT_ID, HRESULT_E_INVALIDARG,
    "this CA has not issued a certificate with that issuer and serial number"};
static const struct failure no_crl = {FAIL_BAD_REQUEST, HRESULT_E_INVALIDARG,
    "NDES does not serve GetCRL (--rfc8894 does)"};
static const struct failure foreign_crl = {
    FAIL_BAD_CERT_ID, HRESULT_E_INVALIDARG, "GetCRL for another CA's certificate"};
static const struct failure bad_type = {
    FAIL_BAD_REQUEST, HRESULT_E_INVALIDARG, "this messageType is no request"};
static const struct failure bad_algorithm = {
    FAIL_BAD_ALG, HRESULT_E_INVALIDARG, "digest or cipher is not supported here"};
static const struct failure weak_algorithm = {FAIL_BAD_ALG, HRESULT_E_INVALIDARG,
    "RFC 8894 2.9 forbids DES and MD5 (NDES takes them)"};
static const struct failure bad_content = {FAIL_BAD_REQUEST, HRESULT_E_INVALIDARG,
    "the envelope does not hold what the messageType says"};
static const struct failure bad_signature = {FAIL_BAD_MESSAGE_CHECK, HRESULT_E_INVALIDARG,
    "the signature does not verify with the signer's certificate"};

static const char *
fail(struct certrep *certrep, const struct failure *failure)
{
	certrep->status = PKI_FAILURE;
	certrep->fail_info = failure->fail_info;
	certrep->has_hresult = !certrep->is_rfc8894; /* an invention of NDES */
	certrep->hresult = failure->hresult;
	return failure->reason;
}

static void
address(struct certrep *certrep, const struct enrol_input *input)
{
	struct scep_message *message = input->message;

	certrep->now = input->now;
	certrep->is_rfc8894 = input->is_rfc8894;
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
grant(struct certrep *certrep, struct csr *csr, const struct enrol_input *input,
    const struct enrol_plan *plan)
{
	certrep->status = PKI_SUCCESS;
	certrep->csr = csr;
	leaf_from_csr(&certrep->leaf, csr, plan != NULL ? plan->now : input->now,
	    plan != NULL ? plan->serial : input->chance + NONCE_SIZE);
	return NULL;
}

/* A certificate that is there already. */
static const char *
give(struct certrep *certrep, const struct buf *cert)
{
	certrep->status = PKI_SUCCESS;
	buf_add(&certrep->leaf_der, cert->data, cert->len);
	return NULL;
}

static void
password_text(const struct csr *csr, struct buf *ret)
{
	size_t step = csr->challenge_type == TAG_BMP_STRING ? 2 : 1;

	for (size_t i = step - 1; i < csr->challenge.len; i += step)
		buf_add_char(ret, (char)csr->challenge.data[i]);
}

static const char *
judge_challenge(const struct enrol_input *input)
{
	struct buf text = BUF_INIT;
	const char *objection;

	(void)enrol_password(input->message, &text);
	objection = challenge_objection(
	    input->challenge, input->challenge_fact, buf_slice(&text));
	buf_clear(&text);
	return objection;
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

	if (!is_same_csr(stored, message->csr))
		return false;
	return stored->state == TRANSACTION_PENDING || stored->leaf.len != signer->len ||
	       memcmp(stored->leaf.data, signer->data, signer->len) != 0;
}

/* Some clients poll by sending their request again instead of a CertPoll. */
static const char *
answer_again(struct certrep *certrep, const struct enrol_input *input)
{
	struct csr *csr = input->message->csr;

	if (input->stored->state == TRANSACTION_ISSUED)
		return give(certrep, &input->stored->leaf);
	input->message->csr = NULL;
	return grant(certrep, csr, input, input->plan);
}

static bool
is_short(const struct csr *csr)
{
	unsigned bits = spki_bits(csr->spki);

	return bits > 0 && bits < ENROL_RSA_BITS_MIN; /* 0: EC, and the like */
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
	const char *objection;

	if (!message->csr_signature_ok)
		return fail(certrep, &bad_csr_signature);
	if (is_sent_again(input->stored, message))
		return answer_again(certrep, input);
	if (message->type == MESSAGE_RENEWAL_REQ && !is_renewal)
		return fail(certrep, &bad_renewal);
	objection = is_renewal ? NULL : judge_challenge(input);
	if (objection != NULL)
		return fail(certrep, &(const struct failure){FAIL_BAD_MESSAGE_CHECK,
		                         HRESULT_E_INVALIDARG, objection});
	certrep->spends_challenge = !is_renewal &&
	                            input->challenge->mode == CHALLENGE_ONE_TIME &&
	                            input->challenge_fact == CHALLENGE_FACT_GOOD;
	if (is_short(csr)) /* the CA's word, after NDES has taken the password */
		return fail(certrep, &short_key);
	message->csr = NULL;
	return grant(certrep, csr, input, NULL);
}

/*
 * CertPoll: the waiting request is approved now, unless a scenario says otherwise. RFC
 * 8894 3.3.3 finds it by recipient and transactionID alone: issuerAndSubject is not
 * looked at.
 */
static const char *
decide_poll(struct certrep *certrep, const struct enrol_input *input)
{
	const struct transaction *stored = input->stored;
	struct csr *csr;

	if (stored == NULL)
		return fail(certrep, &bad_poll);
	if (stored->state == TRANSACTION_ISSUED)
		return give(certrep, &stored->leaf);
	if (!csr_parse(buf_bytes(&stored->csr), &csr))
		return fail(certrep, &bad_stored_csr);
	return grant(certrep, csr, input, input->plan);
}

static const char *
decide_get_cert(struct certrep *certrep, const struct enrol_input *input)
{
	if (!input->message->wanted_is_ours || input->found_cert == NULL)
		return fail(certrep, &unknown_cert);
	return give(certrep, input->found_cert);
}

static const char *
decide_get_crl(struct certrep *certrep, const struct enrol_input *input)
{
	if (!input->is_rfc8894)
		return fail(certrep, &no_crl);
	if (!input->message->wanted_is_ours)
		return fail(certrep, &foreign_crl);
	certrep->status = PKI_SUCCESS;
	certrep->has_crl = true;
	certrep->crl_update = input->now;
	return NULL;
}

/*
 * A key that cannot decrypt: the standard seals the answer under the challengePassword
 * (RFC 8894 3.1), NDES is not known to.
 */
static bool
take_password(struct certrep *certrep, const struct enrol_input *input)
{
	const struct scep_message *message = input->message;
	struct csr *stored = NULL;

	if (!input->is_rfc8894)
		return false;
	if (message->csr != NULL)
		password_text(message->csr, &certrep->recipient_password);
	else if (input->stored != NULL &&
	         csr_parse(buf_bytes(&input->stored->csr), &stored))
		password_text(stored, &certrep->recipient_password);
	csr_free(stored);
	return certrep->recipient_password.len > 0;
}

static const char *
decide_opened(struct certrep *certrep, const struct enrol_input *input)
{
	const struct scep_message *message = input->message;
	enum message_type type = message->type;

	if (input->is_rfc8894 && message_is_weak(message))
		return fail(certrep, &weak_algorithm);
	if (type == MESSAGE_NONE || type == MESSAGE_CERT_REP)
		return fail(certrep, &bad_type);
	if (type == MESSAGE_GET_CRL && !input->is_rfc8894)
		return fail(certrep, &no_crl);
	if (!certrep_can_envelop(buf_bytes(&message->signer_spki)) &&
	    !take_password(certrep, input))
		return fail(certrep, &bad_signer_key);
	switch (type) {
	case MESSAGE_PKCS_REQ:
	case MESSAGE_RENEWAL_REQ:
		return decide_request(certrep, input);
	case MESSAGE_CERT_POLL:
		return decide_poll(certrep, input);
	case MESSAGE_GET_CERT:
		return decide_get_cert(certrep, input);
	case MESSAGE_GET_CRL:
		return decide_get_crl(certrep, input);
	case MESSAGE_CERT_REP:
	case MESSAGE_NONE:
		break;
	}
	return fail(certrep, &bad_type);
}

bool
enrol_answers(enum message_fate fate)
{
	return fate == MESSAGE_OPENED || fate == MESSAGE_BAD_ALG ||
	       fate == MESSAGE_BAD_CONTENT;
}

/* Static; NULL: there is a CertRep. */
static const char *
silence(enum message_fate fate)
{
	switch (fate) {
	case MESSAGE_NOT_CMS:
		return "not a pkiMessage: no CMS SignedData in it";
	case MESSAGE_NOT_ADDRESSED:
		return "not encrypted to the RA encryption certificate (the one with "
		       "keyEncipherment)";
	case MESSAGE_NOT_DECRYPTED:
		return "addressed to the RA encryption certificate, but it does not "
		       "decrypt to what its messageType says";
	case MESSAGE_BAD_SIGNATURE:
		return bad_signature.reason;
	case MESSAGE_BAD_ALG:
	case MESSAGE_BAD_CONTENT:
	case MESSAGE_OPENED:
		break;
	}
	return NULL;
}

bool
enrol_decide(const struct enrol_input *input, struct certrep *ret, const char **reason)
{
	enum message_fate fate = input->message->fate;
	bool is_told = input->is_rfc8894 && fate == MESSAGE_BAD_SIGNATURE;

	*reason = silence(fate);
	if (*reason != NULL && !is_told)
		return false;
	address(ret, input);
	if (fate == MESSAGE_BAD_SIGNATURE)
		*reason = fail(ret, &bad_signature);
	else if (fate == MESSAGE_BAD_ALG)
		*reason = fail(ret, &bad_algorithm);
	else if (fate == MESSAGE_BAD_CONTENT)
		*reason = fail(ret, &bad_content);
	else
		*reason = decide_opened(ret, input);
	return true;
}

bool
enrol_password(const struct scep_message *message, struct buf *ret)
{
	if (message->csr == NULL || message->csr->challenge.len == 0 ||
	    message->signer_is_ours)
		return false;
	password_text(message->csr, ret);
	return true;
}

bool
enrol_plan_of(const struct certrep *certrep, struct enrol_plan *ret)
{
	if (certrep->csr == NULL)
		return false;
	memcpy(ret->serial, certrep->leaf.serial, sizeof(ret->serial));
	ret->now = certrep->leaf.not_before + PKI_BACKDATE_S;
	return true;
}
