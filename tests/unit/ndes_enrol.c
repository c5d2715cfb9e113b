#include "base/mem.h"
#include "ndes/enrol.h"
#include "tests/support/pki_fixture.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/objects.h>

static const unsigned char chance[NONCE_SIZE + 16] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};

/* A message as it is after opening, of a client with an RSA key; what differs is set
 * by the test. */
static struct scep_message *
opened(const char *challenge, int challenge_type)
{
	struct scep_message *message = mem_alloc(sizeof(*message));
	struct fixture_request request = {.common_name = "host1",
	    .challenge = challenge,
	    .challenge_type = challenge_type};
	struct buf der = BUF_INIT;
	EVP_PKEY *key = EVP_RSA_gen(1024);

	message->fate = MESSAGE_OPENED;
	message->type = MESSAGE_PKCS_REQ;
	message->transaction_id = mem_string("T1");
	buf_add(&message->sender_nonce, "0123456789abcdef", NONCE_SIZE);
	message->digest_nid = NID_sha256;
	message->cipher_nid = NID_aes_128_cbc;
	buf_add(&message->signer_issuer_serial, "\x30\x00", 2);
	cr_assert(OSSL_DER(&message->signer_spki, key, i2d_PUBKEY));
	fixture_csr(&request, key, &der);
	cr_assert(csr_parse(buf_bytes(&der), &message->csr));
	message->csr_signature_ok = true;
	buf_clear(&der);
	EVP_PKEY_free(key);
	return message;
}

/* Decides and frees the message; the policy is as --challenge takes it. */
static bool
decide(struct scep_message *message, const struct transaction *stored, const char *policy,
    struct certrep *ret)
{
	struct challenge_policy challenge = challenge_policy_of(policy);
	struct enrol_input input = {.message = message,
	    .stored = stored,
	    .challenge = &challenge,
	    .chance = chance,
	    .now = FIXTURE_NOW};
	const char *reason = NULL;
	bool has_certrep = enrol_decide(&input, ret, &reason);

	*ret = has_certrep ? *ret : (struct certrep)CERTREP_INIT;
	bool is_granted = has_certrep && ret->status == PKI_SUCCESS;
	bool has_reason = reason != NULL;
	cr_expect(has_reason != is_granted, "every refusal says why");
	message_free(message);
	return has_certrep;
}

Test(enrol, a_request_with_a_challenge_is_granted)
{
	struct certrep certrep = CERTREP_INIT;

	cr_assert(decide(opened("secret", 0), NULL, "any", &certrep));
	cr_assert(eq(int, certrep.status, PKI_SUCCESS));
	cr_assert(eq(sz, certrep.recipient_nonce.len, NONCE_SIZE));
	cr_assert(strcmp(certrep.transaction_id, "T1") == 0);
	cr_assert(eq(int, certrep.sender_nonce[0], 1));
	cr_assert(certrep.csr != NULL, "the leaf is made of the CSR");
	cr_assert(eq(int, certrep.digest_nid, NID_sha256));
	certrep_clear(&certrep);
}

static const struct {
	const char *name;
	const char *challenge;
	int type;
	const char *policy;
	enum pki_status status;
} challenges[] = {
    {"wrong word", "wrong", 0, "secret", PKI_FAILURE},
    {"right word", "secret", 0, "secret", PKI_SUCCESS},
    {"right word in UTF-8", "secret", V_ASN1_UTF8STRING, "secret", PKI_SUCCESS},
    {"none where one is needed", NULL, 0, "any", PKI_FAILURE},
    {"none where none is needed", NULL, 0, "optional", PKI_SUCCESS},
};

Test(enrol, the_challenge_is_judged_as_the_policy_says)
{
	for (size_t i = 0; i < sizeof(challenges) / sizeof(challenges[0]); i++) {
		struct certrep certrep = CERTREP_INIT;

		cr_assert(decide(opened(challenges[i].challenge, challenges[i].type),
		    NULL, challenges[i].policy, &certrep));
		cr_expect(certrep.status == challenges[i].status, "case %s",
		    challenges[i].name);
		if (certrep.status == PKI_FAILURE)
			cr_expect(certrep.fail_info == FAIL_BAD_MESSAGE_CHECK, "case %s",
			    challenges[i].name);
		certrep_clear(&certrep);
	}
}

Test(enrol, a_challenge_of_two_byte_characters_is_read_as_text)
{
	static const unsigned char word[] = "\0s\0e\0c\0r\0e\0t";
	struct scep_message *message = opened("x", 0);
	struct certrep certrep = CERTREP_INIT;

	message->csr->challenge = (struct bytes){word, 12};
	message->csr->challenge_type = V_ASN1_BMPSTRING;
	cr_assert(decide(message, NULL, "secret", &certrep));
	cr_assert(eq(int, certrep.status, PKI_SUCCESS));
	certrep_clear(&certrep);
}

Test(enrol, the_same_csr_gets_the_same_certificate_without_a_challenge)
{
	struct scep_message *message = opened(NULL, 0);
	struct transaction stored = {.state = TRANSACTION_ISSUED};
	struct certrep certrep = CERTREP_INIT;

	buf_add(&stored.csr, message->csr->der.data, message->csr->der.len);
	buf_add_text(&stored.leaf, "leaf");
	cr_assert(decide(message, &stored, "any", &certrep));
	cr_assert(eq(int, certrep.status, PKI_SUCCESS));
	cr_assert(eq(sz, certrep.leaf_der.len, 4));
	certrep_clear(&certrep);
	transaction_clear(&stored);
}

Test(enrol, another_csr_of_a_known_transaction_is_a_new_request)
{
	struct transaction stored = {.state = TRANSACTION_ISSUED};
	struct certrep certrep = CERTREP_INIT;

	buf_add_text(&stored.csr, "other");
	buf_add_text(&stored.leaf, "leaf");
	cr_assert(decide(opened("x", 0), &stored, "any", &certrep));
	cr_assert(eq(int, certrep.status, PKI_SUCCESS));
	cr_assert(eq(sz, certrep.leaf_der.len, 0));
	certrep_clear(&certrep);
	transaction_clear(&stored);
}

Test(enrol, a_renewal_signed_by_our_certificate_needs_no_challenge)
{
	static const enum message_type types[] = {MESSAGE_RENEWAL_REQ, MESSAGE_PKCS_REQ};

	for (size_t i = 0; i < 2; i++) {
		struct scep_message *message = opened(NULL, 0);
		struct certrep certrep = CERTREP_INIT;

		message->type = types[i];
		message->signer_is_ours = true;
		cr_assert(decide(message, NULL, "any", &certrep));
		cr_expect(eq(int, certrep.status, PKI_SUCCESS));
		certrep_clear(&certrep);
	}
}

Test(enrol, a_renewal_signed_by_anyone_else_is_refused)
{
	struct scep_message *message = opened("x", 0);
	struct certrep certrep = CERTREP_INIT;

	message->type = MESSAGE_RENEWAL_REQ;
	cr_assert(decide(message, NULL, "any", &certrep));
	cr_assert(eq(int, certrep.status, PKI_FAILURE));
	cr_assert(eq(int, certrep.fail_info, FAIL_BAD_REQUEST));
	certrep_clear(&certrep);
}

Test(enrol, a_poll_gets_what_was_waiting)
{
	struct scep_message *message = opened("x", 0);
	struct transaction stored = {.state = TRANSACTION_PENDING};
	struct certrep certrep = CERTREP_INIT;

	buf_add(&stored.csr, message->csr->der.data, message->csr->der.len);
	message->type = MESSAGE_CERT_POLL;
	cr_assert(decide(message, &stored, "any", &certrep));
	cr_assert(eq(int, certrep.status, PKI_SUCCESS));
	cr_assert(certrep.csr != NULL);
	certrep_clear(&certrep);
	transaction_clear(&stored);
}

Test(enrol, a_poll_for_nothing_is_refused)
{
	struct scep_message *message = opened("x", 0);
	struct certrep certrep = CERTREP_INIT;

	message->type = MESSAGE_CERT_POLL;
	cr_assert(decide(message, NULL, "any", &certrep));
	cr_assert(eq(int, certrep.status, PKI_FAILURE));
	cr_assert(eq(int, certrep.fail_info, FAIL_BAD_CERT_ID));
	certrep_clear(&certrep);
}

Test(enrol, get_crl_is_refused_as_captured)
{
	struct scep_message *message = opened("x", 0);
	struct certrep certrep = CERTREP_INIT;

	message->type = MESSAGE_GET_CRL;
	cr_assert(decide(message, NULL, "any", &certrep));
	cr_assert(eq(int, certrep.fail_info, FAIL_BAD_REQUEST));
	cr_assert(certrep.has_hresult);
	cr_assert(eq(u32, certrep.hresult, 0x80070057u));
	certrep_clear(&certrep);
}

static const struct {
	enum message_fate fate;
	bool has_certrep;
	enum fail_info fail_info;
} fates[] = {
    {MESSAGE_NOT_CMS, false, 0},
    {MESSAGE_NOT_ADDRESSED, false, 0},
    {MESSAGE_NOT_DECRYPTED, false, 0},
    {MESSAGE_BAD_SIGNATURE, false, 0},
    {MESSAGE_BAD_ALG, true, FAIL_BAD_ALG},
    {MESSAGE_BAD_CONTENT, true, FAIL_BAD_REQUEST},
};

Test(enrol, what_cannot_be_opened_is_answered_as_ndes_does)
{
	for (size_t i = 0; i < sizeof(fates) / sizeof(fates[0]); i++) {
		struct scep_message *message = opened("x", 0);
		struct certrep certrep = CERTREP_INIT;

		message->fate = fates[i].fate;
		cr_expect(decide(message, NULL, "any", &certrep) == fates[i].has_certrep,
		    "case %zu", i);
		if (fates[i].has_certrep)
			cr_expect(certrep.fail_info == fates[i].fail_info, "case %zu", i);
		certrep_clear(&certrep);
	}
}

Test(enrol, a_signer_that_cannot_decrypt_is_told_bad_alg)
{
	struct scep_message *message = opened("x", 0);
	struct certrep certrep = CERTREP_INIT;
	EVP_PKEY *key = EVP_EC_gen("P-256");

	buf_reset(&message->signer_spki);
	cr_assert(OSSL_DER(&message->signer_spki, key, i2d_PUBKEY));
	cr_assert(decide(message, NULL, "any", &certrep));
	cr_assert(eq(int, certrep.status, PKI_FAILURE));
	cr_assert(eq(int, certrep.fail_info, FAIL_BAD_ALG));
	certrep_clear(&certrep);
	EVP_PKEY_free(key);
}
