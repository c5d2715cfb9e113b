#include "scep/describe.h"

#include "support/described.h"
#include "support/scep_fixture.h"
#include "support/text.h"
#include <string.h>

Test(describe, a_request_attribute_by_attribute, .timeout = 20)
{
	static const struct scep_request request = {
	    .challenge = "0123456789ABCDEF", .dns_name = "a.example"};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client = scep_fixture_client(pki, (struct scep_identity){0});
	struct describe_aids aids = aids_with(pki->encrypt.key);
	struct buf der = BUF_INIT;
	struct fact *root;

	add_bag(&aids, pki);
	cr_assert(scep_client_request(client, &request, &der));
	root = described(buf_bytes(&der), &aids);
	expect_string(value_at(root, "messageType"), "19 (PKCSReq)");
	expect_string(fact_at(root, "messageType")->type, "PrintableString");
	expect_string(fact_at(root, "messageType")->oid, "2.16.840.1.113733.1.9.2");
	expect_string(value_at(root, "transactionID"), client->transaction_id);
	expect_string(value_at(root, "contentEncryptionAlgorithm"), "aes-128-cbc");
	expect_string(value_at(root, "challengePassword"), "0123456789ABCDEF");
	expect_string(value_at(root, "Subject Alternative Name"), "DNS:a.example");
	expect_string(value_at(root, "signature"), "128 octets, verifies");
	cr_expect(strstr(value_at(root, "certificate"), "(RA encryption)") != NULL);
	/* The small keys of the tests are all that is odd. */
	cr_expect(eq(sz, fact_count(root, FACT_ERROR), (size_t)0));
	cr_expect(eq(sz, fact_count(root, FACT_WARNING), (size_t)2));
	cr_expect(eq(int, (int)level_of(root, "C-40"), FACT_WARNING));
	fact_free(root);
	describe_aids_clear(&aids);
	buf_clear(&der);
	scep_client_free(client);
	pki_release(pki);
}

Test(describe, what_is_odd_about_a_request_has_a_number, .timeout = 60)
{
	static const struct {
		const char *name;
		struct scep_identity identity;
		struct scep_request request;
		const char *rule;
		enum fact_level level;
	} rows[] = {
	    {"no nonce", {0}, {.no_nonce = true}, "C-13", FACT_ERROR},
	    {"no messageType", {0}, {.message_type = -1}, "C-13", FACT_ERROR},
	    {"no transactionID", {0}, {.transaction_id = ""}, "C-13", FACT_ERROR},
	    {"UTF8String", {0}, {.text_type = V_ASN1_UTF8STRING}, "C-14", FACT_ERROR},
	    {"UTF8String id", {0}, {.text_type = V_ASN1_UTF8STRING}, "C-17", FACT_ERROR},
	    {"type 77", {0}, {.message_type = 77}, "C-19", FACT_ERROR},
	    {"no envelope", {0}, {.no_envelope = true}, "C-20", FACT_ERROR},
	    {"a poll's content in a PKCSReq", {0},
	        {.inner = {(const unsigned char *)"\x30\x04\x30\x00\x30\x00", 6}}, "C-20",
	        FACT_ERROR},
	    {"DES", {0}, {.cipher_nid = NID_des_cbc}, "C-21", FACT_ERROR},
	    {"MD5", {0}, {.digest_nid = NID_md5}, "C-21", FACT_ERROR},
	    {"SHA-1", {0}, {.digest_nid = NID_sha1}, "C-24", FACT_INFORMATION},
	    {"RA signing certificate", {0}, {.recipients = SCEP_TO_RA_SIGN}, "C-25",
	        FACT_ERROR},
	    {"stranger", {0}, {.recipients = SCEP_TO_STRANGER}, "C-25", FACT_ERROR},
	    {"every certificate", {0}, {.recipients = SCEP_TO_ALL}, "C-26", FACT_WARNING},
	    {"no certificate", {0}, {.no_certificates = true}, "C-28", FACT_ERROR},
	    {"RenewalReq, self-signed", {0}, {.message_type = 17}, "C-29", FACT_ERROR},
	    {"renewal with the old key", {0}, {.message_type = 17}, "C-39", FACT_WARNING},
	    {"renewal with a password", {0}, {.message_type = 17, .challenge = "x"},
	        "C-37", FACT_WARNING},
	    {"no keyUsage", {.is_v1 = true}, {0}, "C-32", FACT_WARNING},
	    {"long serial, v1", {.is_v1 = true}, {0}, "C-33", FACT_WARNING},
	    {"no password", {0}, {0}, "C-35", FACT_WARNING},
	    {"UTF8String password", {0},
	        {.challenge = "x", .challenge_type = V_ASN1_UTF8STRING}, "C-36",
	        FACT_WARNING},
	    {"EC key", {.is_ec = true}, {.challenge = "x"}, "C-40", FACT_WARNING},
	    {"BER", {0}, {.is_ber = true}, "C-41", FACT_WARNING},
	    {"host without SAN", {.common_name = "a.example"}, {.challenge = "x"}, "C-42",
	        FACT_WARNING},
	};
	struct pki *pki = scep_fixture_pki();
	struct describe_aids aids = aids_with(pki->encrypt.key);

	add_bag(&aids, pki);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scep_client *client = scep_fixture_client(pki, rows[i].identity);
		struct buf der = BUF_INIT;
		struct fact *root;

		cr_assert(scep_client_request(client, &rows[i].request, &der), "case %s",
		    rows[i].name);
		root = described(buf_bytes(&der), &aids);
		cr_expect(eq(int, (int)level_of(root, rows[i].rule), (int)rows[i].level),
		    "case %s", rows[i].name);
		fact_free(root);
		buf_clear(&der);
		scep_client_free(client);
	}
	describe_aids_clear(&aids);
	pki_release(pki);
}

#define PKCS9            "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09"
#define CONTENT_TYPE_TLV PKCS9 "\x03"
#define CHALLENGE_TLV    PKCS9 "\x07"
#define EXTENSIONS_TLV   PKCS9 "\x0e"
#define MESSAGE_TYPE_TLV "\x06\x0a\x60\x86\x48\x01\x86\xf8\x45\x01\x09\x02"

/* Exchanges two attributes that stand side by side, each shorter than 128 octets. */
static void
exchange_attributes(struct buf *der, const char *first_oid, const char *second_oid)
{
	unsigned char *first = memmem(der->data, der->len, first_oid, strlen(first_oid));
	struct buf copy = BUF_INIT;
	size_t first_len, second_len;

	cr_assert(first != NULL);
	first -= 2;
	first_len = first[1] + 2u;
	second_len = first[first_len + 1] + 2u;
	cr_assert(memcmp(first + first_len + 2, second_oid, strlen(second_oid)) == 0);
	buf_add(&copy, first, first_len);
	memmove(first, first + first_len, second_len);
	memcpy(first + second_len, copy.data, first_len);
	buf_clear(&copy);
}

Test(describe, sets_that_are_not_sorted_are_noted, .timeout = 20)
{
	static const struct scep_request request = {
	    .challenge = "0123456789ABCDEF", .dns_name = "a.example"};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client = scep_fixture_client(pki, (struct scep_identity){0});
	const struct describe_aids aids = {.key_count = 0};
	struct buf message = BUF_INIT, csr = BUF_INIT;

	cr_assert(scep_client_request(client, &request, &message));
	cr_assert(scep_client_csr(client, &request, &csr));
	for (int exchanged = 0; exchanged <= 1; exchanged++) {
		struct fact *of_message = described(buf_bytes(&message), &aids);
		struct fact *of_csr = described(buf_bytes(&csr), &aids);
		enum fact_level want = exchanged == 0 ? FACT_PLAIN : FACT_WARNING;

		cr_expect(level_of(of_message, "C-41") == want, "message %d", exchanged);
		cr_expect(level_of(of_csr, "C-41") == want, "CSR %d", exchanged);
		fact_free(of_message);
		fact_free(of_csr);
		if (exchanged == 0) {
			exchange_attributes(&message, MESSAGE_TYPE_TLV, CONTENT_TYPE_TLV);
			exchange_attributes(&csr, CHALLENGE_TLV, EXTENSIONS_TLV);
		}
	}
	buf_clear(&message);
	buf_clear(&csr);
	scep_client_free(client);
	pki_release(pki);
}

Test(describe, a_finding_says_what_was_found, .timeout = 20)
{
	static const struct scep_request request = {.challenge = "x"};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client =
	    scep_fixture_client(pki, (struct scep_identity){.is_v1 = true});
	const struct describe_aids aids = {.key_count = 0};
	struct buf der = BUF_INIT;
	struct fact *root;

	cr_assert(scep_client_request(client, &request, &der));
	der.data[der.len - 1] ^= 1; /* of the signature */
	root = described(buf_bytes(&der), &aids);
	expect_string(value_at(root, "C-33"),
	    "The signer's serial number has 32 octets, 20 are the most.");
	expect_string(value_at(root, "C-28"),
	    "The signature does not verify with the signer's certificate.");
	expect_string(value_at(root, "signature"), "128 octets");
	fact_free(root);
	buf_clear(&der);
	scep_client_free(client);
	pki_release(pki);
}

Test(describe, polls_and_queries_are_opened, .timeout = 20)
{
	static const struct {
		const char *name;
		struct scep_request request;
		const char *label;
	} rows[] = {
	    {"CertPoll", {.message_type = 20}, "IssuerAndSubject"},
	    {"GetCert", {.message_type = 21}, "IssuerAndSerialNumber"},
	    {"GetCRL", {.message_type = 22}, "IssuerAndSerialNumber"},
	    {"recipient by key identifier", {.has_recipient_key_id = true},
	        "CertificationRequest"},
	};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client =
	    scep_fixture_client(pki, (struct scep_identity){.has_key_id = true});
	struct describe_aids aids = aids_with(pki->encrypt.key);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf der = BUF_INIT;
		struct fact *root;

		cr_assert(scep_client_request(client, &rows[i].request, &der), "case %s",
		    rows[i].name);
		root = described(buf_bytes(&der), &aids);
		cr_expect(fact_at(root, rows[i].label) != NULL, "case %s", rows[i].name);
		cr_expect(level_of(root, "C-20") == FACT_PLAIN, "case %s", rows[i].name);
		fact_free(root);
		buf_clear(&der);
	}
	describe_aids_clear(&aids);
	scep_client_free(client);
	pki_release(pki);
}

Test(describe, every_changed_octet_is_survived, .timeout = 60)
{
	static const struct scep_request request = {.challenge = "x", .is_ber = true};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client = scep_fixture_client(pki, (struct scep_identity){0});
	struct describe_aids aids = aids_with(pki->encrypt.key);
	struct buf der = BUF_INIT;

	cr_assert(scep_client_request(client, &request, &der));
	for (size_t i = 0; i < der.len; i++) {
		struct fact *root = fact_new("input");
		struct err err = ERR_INIT;

		der.data[i] ^= 0x11;
		if (describe(buf_bytes(&der), &aids, root, &err))
			cr_expect(root->count == 1, "octet %zu", i);
		else
			cr_expect(
			    err.kind == ERR_FAILED && root->count == 0, "octet %zu", i);
		cr_expect(ERR_peek_error() == 0, "octet %zu", i);
		fact_free(root);
		der.data[i] ^= 0x11;
	}
	for (size_t len = 0; len < der.len; len += 7) {
		struct fact *root = fact_new("input");
		struct err err = ERR_INIT;

		cr_expect(
		    describe((struct bytes){der.data, len}, &aids, root, &err) == false,
		    "length %zu", len);
		fact_free(root);
	}
	describe_aids_clear(&aids);
	buf_clear(&der);
	scep_client_free(client);
	pki_release(pki);
}
