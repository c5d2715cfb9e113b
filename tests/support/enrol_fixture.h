/*
 * enrol_fixture: messages as they are after opening, and the decision over them.
 */
#ifndef SUPPORT_ENROL_FIXTURE_H
#define SUPPORT_ENROL_FIXTURE_H

#include "base/mem.h"
#include "ndes/enrol.h"
#include "support/pki_fixture.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/objects.h>

static const unsigned char enrol_chance[NONCE_SIZE + 16] = {
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};

/* The CSR of this key; `request` says what is in it. */
static inline void
set_csr(
    struct scep_message *message, const struct fixture_request *request, EVP_PKEY *key)
{
	struct buf der = BUF_INIT;

	csr_free(message->csr);
	fixture_csr(request, key, &der);
	cr_assert(csr_parse(buf_bytes(&der), &message->csr));
	message->csr_signature_ok = true;
	buf_clear(&der);
}

/* A message as it is after opening, of a client with an RSA key; what differs is set
 * by the test. */
static inline struct scep_message *
opened(const char *challenge, int challenge_type)
{
	struct scep_message *message = mem_alloc(sizeof(*message));
	struct fixture_request request = {.common_name = "host1",
	    .challenge = challenge,
	    .challenge_type = challenge_type};
	EVP_PKEY *key = EVP_RSA_gen(1024);

	message->fate = MESSAGE_OPENED;
	message->type = MESSAGE_PKCS_REQ;
	message->transaction_id = mem_string("T1");
	buf_add(&message->sender_nonce, "0123456789abcdef", NONCE_SIZE);
	message->digest_nid = NID_sha256;
	message->cipher_nid = NID_aes_128_cbc;
	buf_add(&message->signer_issuer_serial, "\x30\x00", 2);
	cr_assert(OSSL_DER(&message->signer_spki, key, i2d_PUBKEY));
	set_csr(message, &request, key);
	EVP_PKEY_free(key);
	return message;
}

static inline const char *
status_text(const struct certrep *certrep)
{
	return certrep->status == PKI_FAILURE ? fail_info_name(certrep->fail_info)
	                                      : pki_status_name(certrep->status);
}

/* Decides over what the test has filled in, and frees the message. */
static inline bool
decide_input(struct enrol_input *input, struct certrep *ret)
{
	static const struct challenge_policy any = {CHALLENGE_ANY, NULL};
	const char *reason = NULL;
	bool has_certrep;

	if (input->challenge == NULL)
		input->challenge = &any;
	input->chance = enrol_chance;
	input->now = FIXTURE_NOW;
	has_certrep = enrol_decide(input, ret, &reason);
	bool is_granted = has_certrep && ret->status == PKI_SUCCESS;
	bool has_reason = reason != NULL;
	cr_expect(has_reason != is_granted, "every refusal says why");
	message_free(input->message);
	return has_certrep;
}

/* The policy is as --challenge takes it. */
static inline bool
decide(struct scep_message *message, const struct transaction *stored, const char *policy,
    struct certrep *ret)
{
	struct challenge_policy challenge = challenge_policy_of(policy);
	struct enrol_input input = {
	    .message = message, .stored = stored, .challenge = &challenge};

	return decide_input(&input, ret);
}

#endif
