#include "base/mem.h"
#include "scep/certrep.h"
#include "scep/describe.h"
#include "support/described.h"
#include "support/scep_fixture.h"
#include "support/text.h"
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

/* A FAILURE as NDES sends it. */
static struct certrep
failure(void)
{
	struct certrep certrep = CERTREP_INIT;

	certrep.status = PKI_FAILURE;
	certrep.fail_info = FAIL_BAD_REQUEST;
	certrep.digest_nid = NID_sha256;
	certrep.transaction_id = mem_string("A1");
	buf_add(&certrep.recipient_nonce, "0123456789abcdef", 16);
	return certrep;
}

static struct fact *
sealed(struct certrep *certrep, const struct pki *pki)
{
	struct describe_aids aids = {.key_count = 0};
	struct buf der = BUF_INIT;
	struct err err = ERR_INIT;
	struct fact *root;

	add_bag(&aids, pki);
	cr_assert(certrep_seal(certrep, pki, &der, &err), "%s", err.text);
	root = described(buf_bytes(&der), &aids);
	buf_clear(&der);
	describe_aids_clear(&aids);
	certrep_clear(certrep);
	return root;
}

Test(describe_answer, a_failure_of_ndes_is_read_and_not_blamed, .timeout = 10)
{
	struct pki *pki = scep_fixture_pki();
	struct certrep certrep = failure();
	struct fact *root;

	certrep.has_hresult = true;
	certrep.hresult = HRESULT_E_INVALIDARG;
	root = sealed(&certrep, pki);
	expect_string(value_at(root, "pkiStatus"), "2 (FAILURE)");
	expect_string(value_at(root, "failInfo"), "2 (badRequest)");
	expect_string(value_at(root, "HRESULT"), "-2147024809 (0x80070057)");
	cr_expect(strstr(value_at(root, "signature"), "verifies") != NULL);
	cr_expect(eq(int, (int)level_of(root, "S-08"), FACT_INFORMATION));
	cr_expect(eq(int, (int)level_of(root, "S-11"), FACT_INFORMATION));
	cr_expect(eq(sz, fact_count(root, FACT_ERROR), (size_t)0));
	cr_expect(eq(sz, fact_count(root, FACT_WARNING), (size_t)0));
	fact_free(root);
	pki_release(pki);
}

Test(describe_answer, what_is_odd_about_an_answer_has_a_number, .timeout = 20)
{
	struct pki *pki = scep_fixture_pki();

	for (int which = 0; which < 6; which++) {
		static const char *const rules[] = {
		    "S-13", "S-14", "S-10", "S-10", "S-11", "S-07"};
		struct certrep certrep = failure();
		struct fact *root;

		if (which == 0)
			certrep.status = (enum pki_status)7;
		if (which == 1)
			certrep.fail_info = (enum fail_info)9;
		if (which == 2) {
			free(certrep.transaction_id);
			certrep.transaction_id = NULL;
		}
		if (which == 3)
			buf_reset(&certrep.recipient_nonce);
		if (which == 4)
			certrep.recipient_nonce.len = 8;
		if (which == 5)
			certrep.digest_nid = NID_md5;
		root = sealed(&certrep, pki);
		cr_expect(eq(int, (int)level_of(root, rules[which]), FACT_ERROR),
		    "case %s", rules[which]);
		fact_free(root);
	}
	pki_release(pki);
}

/* The answer to a request, with the key that it is encrypted to. */
static struct fact *
success(const struct pki *pki, struct scep_client *client, EVP_PKEY *key)
{
	static const struct scep_request request = {.challenge = "x"};
	struct describe_aids aids = aids_with(key);
	struct certrep certrep = failure();
	struct buf der = BUF_INIT, answer = BUF_INIT;
	struct err err = ERR_INIT;
	struct scep_message *message;
	struct fact *root;

	cr_assert(scep_client_request(client, &request, &der));
	message = message_open(buf_bytes(&der), pki, time(NULL));
	certrep.status = PKI_SUCCESS;
	certrep.cipher_nid = NID_des_ede3_cbc;
	certrep.csr = message->csr;
	message->csr = NULL;
	certrep.recipient_issuer_serial = buf_move(&message->signer_issuer_serial);
	certrep.recipient_spki = buf_move(&message->signer_spki);
	leaf_from_csr(
	    &certrep.leaf, certrep.csr, time(NULL), (const unsigned char[16]){0x10, 1});
	cr_assert(certrep_seal(&certrep, pki, &answer, &err), "%s", err.text);
	root = described(buf_bytes(&answer), &aids);
	describe_aids_clear(&aids);
	certrep_clear(&certrep);
	message_free(message);
	buf_clear(&der);
	buf_clear(&answer);
	return root;
}

Test(describe_answer, an_issued_certificate_is_shown_to_its_owner_alone, .timeout = 20)
{
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client = scep_fixture_client(pki, (struct scep_identity){0});
	struct fact *root = success(pki, client, client->key);

	cr_expect(strncmp(value_at(root, "inside"), "decrypted", 9) == 0);
	expect_string(value_at(fact_at(root, "inside"), "certificates"), "2");
	expect_string(value_at(fact_at(root, "inside"), "Certificate"), "end entity");
	expect_string(value_at(fact_at(root, "inside"), "subject"), "CN=host1");
	cr_expect(eq(sz, fact_count(root, FACT_ERROR), (size_t)0));
	fact_free(root);
	root = success(pki, client, pki->encrypt.key);
	expect_string(value_at(root, "inside"),
	    "not decrypted: none of the keys given is the recipient's");
	cr_expect(fact_at(root, "inside")->count == 0);
	fact_free(root);
	scep_client_free(client);
	pki_release(pki);
}

Test(describe_answer, bags_and_certificates, .timeout = 10)
{
	struct pki *pki = scep_fixture_pki();
	struct describe_aids aids = {.key_count = 0};
	const struct bytes single = buf_bytes(&pki->ca.der);
	struct bytes wrong[2];
	struct buf bag = BUF_INIT;
	struct err err = ERR_INIT;
	const struct fact *list;
	struct fact *root;

	cr_assert(bag_of_pki(pki, &bag, &err));
	root = described(buf_bytes(&bag), &aids);
	list = fact_at(root, "certificates");
	cr_assert(list != NULL && list->count == 3);
	expect_string(list->children[0]->value, "RA signing");
	expect_string(list->children[1]->value, "RA encryption");
	expect_string(list->children[2]->value, "CA");
	cr_expect(eq(int,
	    (int)(fact_count(root, FACT_ERROR) + fact_count(root, FACT_WARNING)), 0));
	fact_free(root);
	root = described(single, &aids);
	expect_string(value_at(root, "Certificate"), "CA");
	expect_string(value_at(root, "issuer"), "CN=" PKI_CA_NAME);
	fact_free(root);
	wrong[0] = single;
	wrong[1] = buf_bytes(&pki->sign.der);
	buf_reset(&bag);
	cr_assert(bag_build(wrong, 2, &bag, &err));
	root = described(buf_bytes(&bag), &aids);
	cr_expect(eq(int, (int)level_of(root, "S-02"), FACT_WARNING));
	fact_free(root);
	buf_clear(&bag);
	pki_release(pki);
}

Test(describe_answer, capabilities)
{
	static const struct {
		const char *name;
		const char *text;
		size_t lines;
		enum fact_level s05, s23;
	} rows[] = {
	    {"all", "AES\nPOSTPKIOperation\nSHA-256", 3, FACT_PLAIN, FACT_PLAIN},
	    {"in one", "SCEPStandard", 1, FACT_PLAIN, FACT_PLAIN},
	    {"NDES", "POSTPKIOperation\r\nSHA-256\r\n", 2, FACT_INFORMATION, FACT_PLAIN},
	    {"old", "DES3\rSHA-1\r", 2, FACT_INFORMATION, FACT_PLAIN},
	    {"case", "scepstandard\nSCEPStandard", 2, FACT_PLAIN, FACT_WARNING},
	    {"unknown", "SCEPStandard\nTeleport", 2, FACT_PLAIN, FACT_INFORMATION},
	};
	const struct describe_aids aids = {.key_count = 0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fact *root =
		    described((struct bytes){(const unsigned char *)rows[i].text,
		                  strlen(rows[i].text)},
		        &aids);
		const struct fact *list = fact_at(root, "capabilities");
		size_t lines = 0;

		for (size_t k = 0; k < list->count; k++)
			lines += strcmp(list->children[k]->label, "capability") == 0;
		cr_expect(eq(sz, lines, rows[i].lines), "case %s", rows[i].name);
		cr_expect(level_of(root, "S-05") == rows[i].s05, "case %s", rows[i].name);
		cr_expect(level_of(root, "S-23") == rows[i].s23, "case %s", rows[i].name);
		fact_free(root);
	}
}

Test(describe_answer, garbage_is_one_sentence)
{
	static const struct {
		const char *text;
		size_t len;
		const char *want;
	} rows[] = {
	    {"", 0, "empty"},
	    {"<!DOCTYPE html>", 15, "HTML"},
	    {"{\"a\":1}", 7, "JSON"},
	    {"HTTP/1.1 200 OK\r\n", 17, "HTTP answer"},
	    {"\x30\x82\x01\x00\x02\x01", 6, "cut off"},
	    {"\x30\x03\x02\x01\x05", 5, "another kind"},
	    {"\x01\x02\x00\xff", 4, "binary"},
	    {"hello", 5, "plain text"},
	};
	const struct describe_aids aids = {.key_count = 0};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct fact *root = fact_new("input");
		struct err err = ERR_INIT;

		const struct bytes input = {
		    (const unsigned char *)rows[i].text, rows[i].len};
		bool ok = describe(input, &aids, root, &err);

		cr_expect(not(ok), "case %s", rows[i].want);
		cr_expect(eq(int, (int)err.kind, ERR_FAILED), "case %s", rows[i].want);
		cr_expect(strstr(err.text, rows[i].want) != NULL, "\"%s\" without \"%s\"",
		    err.text, rows[i].want);
		cr_expect(root->count == 0, "case %s", rows[i].want);
		fact_free(root);
	}
}

static struct buf
pem_of(EVP_PKEY *key, const char *passphrase)
{
	BIO *bio = BIO_new(BIO_s_mem());
	struct buf text = BUF_INIT;
	char *data = NULL;
	long len;

	cr_assert(PEM_write_bio_PKCS8PrivateKey(bio, key,
	              passphrase == NULL ? NULL : EVP_aes_128_cbc(), passphrase,
	              passphrase == NULL ? 0 : (int)strlen(passphrase), NULL, NULL) == 1);
	len = BIO_get_mem_data(bio, &data);
	buf_add(&text, data, (size_t)len);
	BIO_free(bio);
	return text;
}

Test(describe_answer, keys_are_taken_from_pem, .timeout = 20)
{
	struct describe_aids aids = {.key_count = 0};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct buf text = pem_of(key, NULL);
	struct buf locked = pem_of(key, "secret");
	const struct bytes none = {(const unsigned char *)"no key", 6};
	struct buf more = BUF_INIT;
	struct err err = ERR_INIT;

	/* Two in one file. */
	buf_add(&more, text.data, text.len);
	buf_add_text(&more, "some words\n");
	buf_add(&more, text.data, text.len);
	cr_assert(describe_aids_add(&aids, buf_bytes(&more), "a.pem", &err));
	cr_expect(eq(sz, aids.key_count, (size_t)2));
	cr_expect(EVP_PKEY_eq(aids.keys[1], key) == 1);
	cr_expect(describe_aids_add(&aids, buf_bytes(&locked), "b.pem", &err) == false);
	cr_expect(err.kind == ERR_USAGE && strstr(err.text, "passphrase") != NULL);
	cr_expect(describe_aids_add(&aids, none, "c.pem", &err) == false);
	cr_expect(err.kind == ERR_USAGE && strstr(err.text, "c.pem") != NULL);
	for (size_t i = aids.key_count; i < DESCRIBE_KEYS_MAX; i++)
		cr_expect(describe_aids_add(&aids, buf_bytes(&text), "a.pem", &err));
	cr_expect(describe_aids_add(&aids, buf_bytes(&text), "a.pem", &err) == false);
	cr_expect(strstr(err.text, "more than") != NULL);
	cr_expect(ERR_peek_error() == 0);
	describe_aids_clear(&aids);
	EVP_PKEY_free(key);
	buf_clear(&text);
	buf_clear(&locked);
	buf_clear(&more);
}
