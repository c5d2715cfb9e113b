#include "support/enrol_fixture.h"

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

Test(enrol, a_one_time_password_enrols_as_long_as_it_is_good)
{
	static const struct {
		enum challenge_fact fact;
		const char *status;
	} rows[] = {
	    {CHALLENGE_FACT_GOOD, "SUCCESS"},
	    {CHALLENGE_FACT_UNKNOWN, "badMessageCheck"},
	    {CHALLENGE_FACT_SPENT, "badMessageCheck"},
	    {CHALLENGE_FACT_EXPIRED, "badMessageCheck"},
	    {CHALLENGE_FACT_POLICY, "badMessageCheck"},
	};
	struct challenge_policy policy = challenge_policy_of("one-time");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct certrep certrep = CERTREP_INIT;
		struct enrol_input input = {.message = opened("8CE317021F690069", 0),
		    .challenge = &policy,
		    .challenge_fact = rows[i].fact};
		bool is_good = rows[i].fact == CHALLENGE_FACT_GOOD;

		cr_assert(decide_input(&input, &certrep));
		cr_expect(strcmp(status_text(&certrep), rows[i].status) == 0,
		    "case %zu: %s", i, status_text(&certrep));
		cr_expect(certrep.spends_challenge == is_good, "case %zu", i);
		certrep_clear(&certrep);
	}
}

Test(enrol, a_password_is_spent_only_where_one_was_needed)
{
	static const char *const policies[] = {"any", "optional", "secret"};
	struct challenge_policy one_time = challenge_policy_of("one-time");
	struct certrep certrep = CERTREP_INIT;
	struct enrol_input input = {.message = opened("secret", 0),
	    .challenge = &one_time,
	    .challenge_fact = CHALLENGE_FACT_GOOD};

	input.message->signer_is_ours = true;
	cr_assert(decide_input(&input, &certrep));
	cr_expect(certrep.status == PKI_SUCCESS && !certrep.spends_challenge,
	    "a renewal needs none");
	certrep_clear(&certrep);
	for (size_t i = 0; i < sizeof(policies) / sizeof(policies[0]); i++) {
		cr_assert(decide(opened("secret", 0), NULL, policies[i], &certrep));
		cr_expect(not(certrep.spends_challenge), "case %s", policies[i]);
		certrep_clear(&certrep);
	}
}

Test(enrol, a_waiting_request_may_be_sent_again_without_a_password)
{
	struct challenge_policy one_time = challenge_policy_of("one-time");
	struct transaction stored = {.state = TRANSACTION_PENDING};
	struct certrep certrep = CERTREP_INIT;
	struct enrol_input input = {.message = opened("used", 0),
	    .stored = &stored,
	    .challenge = &one_time,
	    .challenge_fact = CHALLENGE_FACT_SPENT};

	buf_add(&stored.csr, input.message->csr->der.data, input.message->csr->der.len);
	cr_assert(decide_input(&input, &certrep));
	cr_expect(certrep.status == PKI_SUCCESS && !certrep.spends_challenge);
	certrep_clear(&certrep);
	transaction_clear(&stored);
}

Test(enrol, the_password_is_read_as_text_where_one_is_needed)
{
	static const unsigned char bmp[] = "\0s\0e\0c";
	struct scep_message *message = opened("secret", 0);
	struct buf text = BUF_INIT;

	cr_expect(enrol_password(message, &text));
	cr_expect(slice_is(buf_slice(&text), "secret"));
	buf_reset(&text);
	message->csr->challenge = (struct bytes){bmp, 6};
	message->csr->challenge_type = V_ASN1_BMPSTRING;
	cr_expect(enrol_password(message, &text));
	cr_expect(slice_is(buf_slice(&text), "sec"));
	message->signer_is_ours = true;
	cr_expect(not(enrol_password(message, &text)), "a renewal");
	message->signer_is_ours = false;
	message->csr->challenge.len = 0;
	cr_expect(not(enrol_password(message, &text)), "none there");
	message_free(message);
	buf_clear(&text);
}
