/* enrol, continued: plans, what is asked for by number, and the standard's way. */
#include "certs/templates.h"
#include "support/enrol_fixture.h"

/* Decides over the message as it is while the stored CSR waits for its seal. */
static struct buf
issue_planned(
    struct scep_message *message, const struct enrol_plan *plan, const struct pki *pki)
{
	struct transaction stored = {.state = TRANSACTION_PENDING};
	struct certrep certrep = CERTREP_INIT;
	struct enrol_input input = {.message = message, .stored = &stored, .plan = plan};
	struct err err = ERR_INIT;
	struct buf leaf = BUF_INIT;

	buf_add(&stored.csr, message->csr->der.data, message->csr->der.len);
	cr_assert(decide_input(&input, &certrep));
	cr_assert(certrep.status == PKI_SUCCESS);
	cr_assert(leaf_issue(&certrep.leaf, pki, &leaf, &err), "%s", err.text);
	certrep_clear(&certrep);
	transaction_clear(&stored);
	return leaf;
}

static struct pki *
rsa_pki(void)
{
	struct pki_settings settings = {.host = "ndes", .now = FIXTURE_NOW};
	struct err err = ERR_INIT;
	struct pki *pki = pki_new(
	    &settings, EVP_RSA_gen(1024), EVP_RSA_gen(1024), EVP_RSA_gen(1024), &err);

	cr_assert(pki != NULL, "%s", err.text);
	return pki;
}

Test(enrol, one_plan_gives_one_certificate_byte_for_byte, .timeout = 10)
{
	static const enum message_type types[] = {MESSAGE_PKCS_REQ, MESSAGE_CERT_POLL};
	struct pki *pki = rsa_pki();
	struct scep_message *message = opened("x", 0);
	struct fixture_request same = {.common_name = "host1", .challenge = "x"};
	EVP_PKEY *key = EVP_RSA_gen(1024);
	struct certrep first = CERTREP_INIT;
	struct enrol_input input = {.message = message};
	struct err err = ERR_INIT;
	struct buf leaf = BUF_INIT;
	struct enrol_plan plan;

	set_csr(message, &same, key);
	cr_assert(decide_input(&input, &first));
	cr_assert(enrol_plan_of(&first, &plan));
	cr_assert(leaf_issue(&first.leaf, pki, &leaf, &err), "%s", err.text);
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		struct scep_message *again = opened("x", 0);
		struct buf second;

		set_csr(again, &same, key);
		again->type = types[i];
		second = issue_planned(again, &plan, pki);
		cr_expect(second.len == leaf.len &&
		              memcmp(second.data, leaf.data, leaf.len) == 0,
		    "case %zu", i);
		buf_clear(&second);
	}
	EVP_PKEY_free(key);
	certrep_clear(&first);
	buf_clear(&leaf);
	pki_release(pki);
}

Test(enrol, only_a_new_certificate_has_a_plan)
{
	struct transaction stored = {.state = TRANSACTION_ISSUED};
	struct certrep certrep = CERTREP_INIT;
	struct scep_message *message = opened("x", 0);
	struct enrol_plan plan;

	buf_add(&stored.csr, message->csr->der.data, message->csr->der.len);
	buf_add_text(&stored.leaf, "leaf");
	cr_assert(decide(message, &stored, "any", &certrep));
	cr_expect(not(enrol_plan_of(&certrep, &plan)));
	certrep_clear(&certrep);
	transaction_clear(&stored);
}

Test(enrol, the_length_of_the_requested_key_is_judged_as_a_ca_does, .timeout = 20)
{
	static const struct {
		unsigned bits; /* 0: P-256 */
		const char *status;
	} rows[] = {{512, "badRequest"}, {768, "badRequest"}, {1024, "SUCCESS"},
	    {2048, "SUCCESS"}, {4096, "SUCCESS"}, {0, "SUCCESS"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fixture_request request = {
		    .common_name = "host1", .challenge = "x"};
		struct scep_message *message = opened("x", 0);
		struct certrep certrep = CERTREP_INIT;
		EVP_PKEY *key =
		    rows[i].bits == 0 ? EVP_EC_gen("P-256") : EVP_RSA_gen(rows[i].bits);

		set_csr(message, &request, key);
		cr_assert(decide(message, NULL, "any", &certrep));
		cr_expect(strcmp(status_text(&certrep), rows[i].status) == 0,
		    "case %u bits: %s", rows[i].bits, status_text(&certrep));
		if (certrep.status == PKI_FAILURE)
			cr_expect(
			    certrep.hresult == 0x80094811u, "case %u bits", rows[i].bits);
		certrep_clear(&certrep);
		EVP_PKEY_free(key);
	}
}

#define SID_URI \
	"tag:microsoft.com,2022-09-14:sid:S-1-5-21-1004336348-1177238915-682003330-512"

Test(enrol, the_sid_of_strong_mapping_survives, .timeout = 10)
{
	struct fixture_request request = {.common_name = "host1", .challenge = "x"};
	struct scep_message *message = opened("x", 0);
	struct pki *pki = rsa_pki();
	struct certrep certrep = CERTREP_INIT;
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct buf leaf = BUF_INIT;
	struct err err = ERR_INIT;
	GENERAL_NAMES *names;
	X509 *cert;

	/* a comma would end the value in OpenSSL's words: so by hand */
	names = sk_GENERAL_NAME_new_null();
	GENERAL_NAME *name = GENERAL_NAME_new();
	ASN1_IA5STRING *uri = ASN1_IA5STRING_new();
	ASN1_STRING_set(uri, SID_URI, -1);
	GENERAL_NAME_set0_value(name, GEN_URI, uri);
	sk_GENERAL_NAME_push(names, name);
	X509V3_add1_i2d(&request.extensions, NID_subject_alt_name, names, 0, 0);
	GENERAL_NAMES_free(names);
	set_csr(message, &request, key);
	cr_assert(decide(message, NULL, "any", &certrep));
	cr_assert(leaf_issue(&certrep.leaf, pki, &leaf, &err), "%s", err.text);
	cert = fixture_cert(buf_bytes(&leaf));
	names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	cr_assert(eq(int, sk_GENERAL_NAME_num(names), 1));
	name = sk_GENERAL_NAME_value(names, 0);
	cr_assert(eq(int, name->type, GEN_URI));
	cr_expect(
	    strcmp((const char *)ASN1_STRING_get0_data(name->d.uniformResourceIdentifier),
	        SID_URI) == 0);
	GENERAL_NAMES_free(names);
	X509_free(cert);
	buf_clear(&leaf);
	certrep_clear(&certrep);
	EVP_PKEY_free(key);
	pki_release(pki);
}

/* A message that asks for a certificate by number. */
static struct scep_message *
asking(enum message_type type, bool is_ours)
{
	struct scep_message *message = opened("x", 0);

	message->type = type;
	message->wanted = template_new(ASN1_ITEM_rptr(asn1_issuer_serial));
	ASN1_INTEGER_set(message->wanted->serial, 0x4711);
	message->wanted_is_ours = is_ours;
	return message;
}

Test(enrol, get_cert_gives_what_was_found)
{
	struct certrep certrep = CERTREP_INIT;
	struct enrol_input input = {.message = asking(MESSAGE_GET_CERT, true)};
	struct buf cert = BUF_INIT;
	struct bytes serial;

	cr_assert(message_wanted_serial(input.message, &serial));
	cr_assert(serial.len == 2 && memcmp(serial.data, "\x47\x11", 2) == 0);
	buf_add_text(&cert, "cert");
	input.found_cert = &cert;
	cr_assert(decide_input(&input, &certrep));
	cr_expect(certrep.status == PKI_SUCCESS && certrep.leaf_der.len == 4);
	cr_expect(certrep.csr == NULL, "nothing is remembered of it");
	certrep_clear(&certrep);
	buf_clear(&cert);
}

Test(enrol, get_cert_for_what_is_not_there_is_refused)
{
	for (int is_ours = 0; is_ours < 2; is_ours++) {
		struct certrep certrep = CERTREP_INIT;
		struct scep_message *message = asking(MESSAGE_GET_CERT, is_ours == 1);
		struct enrol_input input = {.message = message};
		struct bytes serial;

		cr_expect(message_wanted_serial(message, &serial) == (is_ours == 1));
		cr_assert(decide_input(&input, &certrep));
		cr_expect(
		    strcmp(status_text(&certrep), "badCertId") == 0, "case %d", is_ours);
		certrep_clear(&certrep);
	}
}

Test(enrol, get_crl_is_served_by_the_standards_way)
{
	for (int is_ours = 0; is_ours < 2; is_ours++) {
		struct certrep certrep = CERTREP_INIT;
		struct enrol_input input = {
		    .message = asking(MESSAGE_GET_CRL, is_ours == 1), .is_rfc8894 = true};

		cr_assert(decide_input(&input, &certrep));
		cr_expect(certrep.has_crl == (is_ours == 1));
		cr_expect(strcmp(status_text(&certrep),
		              is_ours == 1 ? "SUCCESS" : "badCertId") == 0,
		    "case %d", is_ours);
		certrep_clear(&certrep);
	}
}

Test(enrol, the_standard_has_no_hresult_and_answers_a_wrong_signature)
{
	for (int is_rfc8894 = 0; is_rfc8894 < 2; is_rfc8894++) {
		struct scep_message *message = opened("x", 0);
		struct certrep certrep = CERTREP_INIT;
		struct enrol_input input = {
		    .message = message, .is_rfc8894 = is_rfc8894 == 1};

		message->fate = MESSAGE_BAD_SIGNATURE;
		cr_assert(decide_input(&input, &certrep) == (is_rfc8894 == 1));
		cr_expect(certrep.is_rfc8894 == (is_rfc8894 == 1));
		if (is_rfc8894 == 1)
			cr_expect(strcmp(status_text(&certrep), "badMessageCheck") == 0 &&
			          !certrep.has_hresult);
		certrep_clear(&certrep);
	}
}

Test(enrol, the_standard_forbids_des_and_md5)
{
	static const struct {
		int cipher;
		int digest;
		bool is_weak;
	} rows[] = {
	    {NID_des_cbc, NID_sha256, true},
	    {NID_aes_128_cbc, NID_md5, true},
	    {NID_des_ede3_cbc, NID_sha1, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int is_rfc8894 = 0; is_rfc8894 < 2; is_rfc8894++) {
			struct scep_message *message = opened("x", 0);
			struct certrep certrep = CERTREP_INIT;
			struct enrol_input input = {
			    .message = message, .is_rfc8894 = is_rfc8894 == 1};
			bool is_refused = rows[i].is_weak && is_rfc8894 == 1;

			message->cipher_nid = rows[i].cipher;
			message->digest_nid = rows[i].digest;
			cr_assert(decide_input(&input, &certrep));
			cr_expect(strcmp(status_text(&certrep),
			              is_refused ? "badAlg" : "SUCCESS") == 0,
			    "case %zu: %s", i, status_text(&certrep));
			certrep_clear(&certrep);
		}
}

/* RFC 8894 3.1; what to do with a PKCSReq whose signer has an EC key. */
Test(enrol, by_the_standard_a_password_takes_the_place_of_an_rsa_key)
{
	static const struct {
		const char *challenge;
		bool is_rfc8894;
		const char *status;
	} rows[] = {
	    {"secret", false, "badAlg"},
	    {"secret", true, "SUCCESS"},
	    {NULL, true, "badAlg"},
	};
	struct challenge_policy optional = challenge_policy_of("optional");
	EVP_PKEY *key = EVP_EC_gen("P-256");

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct certrep certrep = CERTREP_INIT;
		struct enrol_input input = {.message = opened(rows[i].challenge, 0),
		    .challenge = &optional,
		    .is_rfc8894 = rows[i].is_rfc8894};

		buf_reset(&input.message->signer_spki);
		cr_assert(OSSL_DER(&input.message->signer_spki, key, i2d_PUBKEY));
		cr_assert(decide_input(&input, &certrep));
		cr_expect(strcmp(status_text(&certrep), rows[i].status) == 0,
		    "case %zu: %s", i, status_text(&certrep));
		if (certrep.status == PKI_SUCCESS)
			cr_expect(
			    slice_is(buf_slice(&certrep.recipient_password), "secret"));
		certrep_clear(&certrep);
	}
	EVP_PKEY_free(key);
}
