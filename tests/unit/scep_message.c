#include "scep/message.h"

#include "support/scep_fixture.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/err.h>
#include <openssl/pkcs7.h>
#include <string.h>

#define DIGITS_78 \
	"123456789012345678901234567890123456789012345678901234567890123456789012345678"

/* A client, what it sends, and what the opened message then is. */
struct row {
	const char *name;
	struct scep_identity identity;
	struct scep_request request;
	enum message_fate fate;
	int type_number;
	unsigned recipients;
};

static struct scep_message *
exchange(const struct pki *pki, const struct row *row, struct scep_client **client)
{
	struct scep_message *message;
	struct buf der = BUF_INIT;

	*client = scep_fixture_client(pki, row->identity);
	cr_assert(
	    scep_client_request(*client, &row->request, &der), "case %s", row->name);
	message = message_open(buf_bytes(&der), pki, time(NULL));
	cr_expect(ERR_peek_error() == 0, "case %s: error queue", row->name);
	buf_clear(&der);
	return message;
}

static const struct row real_clients[] = {
    {"standard", {0}, {.challenge = "x"}, MESSAGE_OPENED, 19, 1},
    {"every certificate, DES, SHA-1", {0},
        {.cipher_nid = NID_des_cbc,
            .digest_nid = NID_sha1,
            .recipients = SCEP_TO_ALL,
            .challenge = "x"},
        MESSAGE_OPENED, 19, 3},
    {"v1 signer, long serial, long id", {.is_v1 = true},
        {.cipher_nid = NID_aes_256_cbc, .transaction_id = DIGITS_78}, MESSAGE_OPENED, 19,
        1},
    {"3DES, SHA-384", {0}, {.cipher_nid = NID_des_ede3_cbc, .digest_nid = NID_sha384},
        MESSAGE_OPENED, 19, 1},
    {"AES-192, MD5", {0}, {.cipher_nid = NID_aes_192_cbc, .digest_nid = NID_md5},
        MESSAGE_OPENED, 19, 1},
    {"BER, SHA-512", {0}, {.is_ber = true, .digest_nid = NID_sha512}, MESSAGE_OPENED, 19,
        1},
    {"BER to every certificate", {0},
        {.is_ber = true, .recipients = SCEP_TO_ALL, .dns_name = "host1.example"},
        MESSAGE_OPENED, 19, 3},
    {"UTF8String attributes", {0}, {.text_type = V_ASN1_UTF8STRING}, MESSAGE_OPENED, 19,
        1},
    {"OCTET STRING attributes", {0}, {.text_type = V_ASN1_OCTET_STRING}, MESSAGE_OPENED,
        19, 1},
    {"EC key", {.is_ec = true}, {.message_type = 19}, MESSAGE_OPENED, 19, 1},
    {"signer by key identifier", {.has_key_id = true}, {.has_signer_key_id = true},
        MESSAGE_OPENED, 19, 1},
    {"recipient by key identifier", {0}, {.has_recipient_key_id = true}, MESSAGE_OPENED,
        19, 1},
    {"renewal", {0}, {.message_type = 17}, MESSAGE_OPENED, 17, 1},
};
Test(message, opens_what_real_clients_send, .timeout = 30)
{
	struct pki *pki = scep_fixture_pki();

	for (size_t i = 0; i < sizeof(real_clients) / sizeof(real_clients[0]); i++) {
		const struct row *row = &real_clients[i];
		const struct scep_request *sent = &row->request;
		struct scep_client *client;
		struct scep_message *message = exchange(pki, row, &client);

		cr_expect(
		    eq(int, (int)message->fate, (int)row->fate), "case %s", row->name);
		cr_expect(
		    eq(int, (int)message->type, row->type_number), "case %s", row->name);
		cr_expect(eq(int, message->type_number, row->type_number), "case %s",
		    row->name);
		cr_expect(eq(uint, message->recipient_count, row->recipients), "case %s",
		    row->name);
		cr_expect(eq(int, message->cipher_nid,
		              sent->cipher_nid ? sent->cipher_nid : NID_aes_128_cbc),
		    "case %s", row->name);
		cr_expect(eq(int, message->digest_nid,
		              sent->digest_nid ? sent->digest_nid : NID_sha256),
		    "case %s", row->name);
		cr_expect(
		    message->transaction_id != NULL &&
		        strcmp(message->transaction_id, client->transaction_id) == 0,
		    "case %s", row->name);
		cr_expect(message->csr != NULL && message->csr_signature_ok, "case %s",
		    row->name);
		cr_expect(not(message->signer_is_ours), "case %s", row->name);
		message_free(message);
		scep_client_free(client);
	}
	pki_release(pki);
}

Test(message, falls_at_the_first_hurdle, .timeout = 30)
{
	static const unsigned char text[] = "not ASN.1 at all";
	static const unsigned char number[] = {0x30, 0x03, 0x02, 0x01, 0x05};
	const struct bytes no_asn1 = {text, sizeof(text)};
	const struct bytes no_csr = {number, sizeof(number)};
	const struct row rows[] = {
	    {"to a stranger", {0}, {.recipients = SCEP_TO_STRANGER},
	        MESSAGE_NOT_ADDRESSED, 19, 1},
	    {"to the wrong RA certificate", {0}, {.recipients = SCEP_TO_RA_SIGN},
	        MESSAGE_NOT_ADDRESSED, 19, 1},
	    {"no envelope", {0}, {.no_envelope = true}, MESSAGE_NOT_ADDRESSED, 19, 0},
	    {"no signer certificate", {0}, {.no_certificates = true},
	        MESSAGE_BAD_SIGNATURE, 19, 1},
	    {"cipher not known", {0}, {.cipher_nid = NID_camellia_128_cbc},
	        MESSAGE_BAD_ALG, 19, 1},
	    {"digest not known", {0}, {.digest_nid = NID_sha3_256}, MESSAGE_BAD_ALG, 19,
	        1},
	    {"garbage inside", {0}, {.inner = no_asn1}, MESSAGE_NOT_DECRYPTED, 19, 1},
	    {"no CSR inside", {0}, {.inner = no_csr}, MESSAGE_BAD_CONTENT, 19, 1},
	    {"no CSR in a renewal", {0}, {.message_type = 17, .inner = no_csr},
	        MESSAGE_BAD_CONTENT, 17, 1},
	    {"no names in a poll", {0}, {.message_type = 20, .inner = no_csr},
	        MESSAGE_BAD_CONTENT, 20, 1},
	    {"no name in a GetCRL", {0}, {.message_type = 22, .inner = no_csr},
	        MESSAGE_BAD_CONTENT, 22, 1},
	    {"type without a name", {0}, {.message_type = 99}, MESSAGE_OPENED, 99, 1},
	    {"no type", {0}, {.message_type = -1}, MESSAGE_OPENED, -1, 1},
	};
	struct pki *pki = scep_fixture_pki();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scep_client *client;
		struct scep_message *message = exchange(pki, &rows[i], &client);

		cr_expect(eq(int, (int)message->fate, (int)rows[i].fate), "case %s",
		    rows[i].name);
		cr_expect(eq(int, message->type_number, rows[i].type_number), "case %s",
		    rows[i].name);
		cr_expect(eq(uint, message->recipient_count, rows[i].recipients),
		    "case %s", rows[i].name);
		cr_expect(message->transaction_id != NULL, "case %s", rows[i].name);
		cr_expect(eq(sz, message->sender_nonce.len, (size_t)SCEP_CLIENT_NONCE),
		    "case %s", rows[i].name);
		cr_expect(message->signer_issuer_serial.len > 0, "case %s", rows[i].name);
		message_free(message);
		scep_client_free(client);
	}
	pki_release(pki);
}

Test(message, tells_whom_to_answer, .timeout = 10)
{
	static const struct row row = {"", {.is_v1 = true}, {.challenge = "secret"}};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client;
	struct scep_message *message = exchange(pki, &row, &client);
	const unsigned char *p = message->signer_issuer_serial.data;
	PKCS7_ISSUER_AND_SERIAL *name;
	EVP_PKEY *key;

	name = d2i_PKCS7_ISSUER_AND_SERIAL(
	    NULL, &p, (long)message->signer_issuer_serial.len);
	cr_assert(name != NULL);
	cr_expect(X509_NAME_cmp(name->issuer, X509_get_issuer_name(client->cert)) == 0);
	cr_expect(
	    ASN1_INTEGER_cmp(name->serial, X509_get0_serialNumber(client->cert)) == 0);
	p = message->signer_spki.data;
	key = d2i_PUBKEY(NULL, &p, (long)message->signer_spki.len);
	cr_expect(key != NULL && EVP_PKEY_eq(key, client->key) == 1);
	cr_expect(message->sender_nonce.len == SCEP_CLIENT_NONCE &&
	          memcmp(message->sender_nonce.data, client->sender_nonce,
	              SCEP_CLIENT_NONCE) == 0);
	cr_expect(message->csr != NULL && message->csr->challenge.len == 6 &&
	          memcmp(message->csr->challenge.data, "secret", 6) == 0);
	EVP_PKEY_free(key);
	PKCS7_ISSUER_AND_SERIAL_free(name);
	message_free(message);
	scep_client_free(client);
	pki_release(pki);
}

Test(message, an_attribute_that_cannot_be_echoed_is_absent, .timeout = 20)
{
	char *long_id = malloc(TRANSACTION_ID_MAX + 2);
	const struct row rows[] = {
	    {"left out", {0}, {.transaction_id = ""}},
	    {"line break", {0}, {.transaction_id = "a\nb"}},
	    {"not ASCII", {0},
	        {.transaction_id = "\xc3\xa5", .text_type = V_ASN1_UTF8STRING}},
	    {"too long", {0}, {.transaction_id = long_id}},
	    {"no nonce", {0}, {.transaction_id = "", .no_nonce = true}},
	};
	struct pki *pki = scep_fixture_pki();

	cr_assert(long_id != NULL);
	memset(long_id, '7', TRANSACTION_ID_MAX + 1);
	long_id[TRANSACTION_ID_MAX + 1] = '\0';
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scep_client *client;
		struct scep_message *message = exchange(pki, &rows[i], &client);

		cr_expect(message->transaction_id == NULL, "case %s", rows[i].name);
		cr_expect(rows[i].request.no_nonce == (message->sender_nonce.len == 0),
		    "case %s", rows[i].name);
		cr_expect(
		    eq(int, (int)message->fate, MESSAGE_OPENED), "case %s", rows[i].name);
		message_free(message);
		scep_client_free(client);
	}
	free(long_id);
	pki_release(pki);
}

Test(message, keeps_the_content_of_polls_and_queries, .timeout = 20)
{
	static const struct row rows[] = {
	    {"CertPoll", {0}, {.message_type = 20}, MESSAGE_OPENED, MESSAGE_CERT_POLL},
	    {"CertPoll in BER", {0}, {.message_type = 20, .is_ber = true}, MESSAGE_OPENED,
	        MESSAGE_CERT_POLL},
	    {"GetCert", {0}, {.message_type = 21}, MESSAGE_OPENED, MESSAGE_GET_CERT},
	    {"GetCRL", {0}, {.message_type = 22}, MESSAGE_OPENED, MESSAGE_GET_CRL},
	};
	struct pki *pki = scep_fixture_pki();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scep_client *client;
		struct scep_message *message = exchange(pki, &rows[i], &client);

		cr_expect(
		    eq(int, (int)message->fate, MESSAGE_OPENED), "case %s", rows[i].name);
		cr_expect(eq(int, (int)message->type, rows[i].type_number), "case %s",
		    rows[i].name);
		/* Both begin with the CA's name. */
		cr_expect(message->inner.len > pki->ca.name.len + 4 &&
		              memmem(message->inner.data, message->inner.len,
		                  pki->ca.name.data, pki->ca.name.len) != NULL,
		    "case %s", rows[i].name);
		cr_expect(message->csr == NULL, "case %s", rows[i].name);
		message_free(message);
		scep_client_free(client);
	}
	pki_release(pki);
}

Test(message, a_key_that_does_not_fit_is_not_decrypted, .timeout = 10)
{
	static const struct scep_request request = {.message_type = 19};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client = scep_fixture_client(pki, (struct scep_identity){0});
	EVP_PKEY *fitting = pki->encrypt.key;
	struct scep_message *message;
	struct buf der = BUF_INIT;

	cr_assert(scep_client_request(client, &request, &der));
	pki->encrypt.key = EVP_RSA_gen((size_t)SCEP_FIXTURE_BITS);
	message = message_open(buf_bytes(&der), pki, time(NULL));
	cr_expect(eq(int, (int)message->fate, MESSAGE_NOT_DECRYPTED));
	cr_expect(message->transaction_id != NULL);
	message_free(message);
	EVP_PKEY_free(pki->encrypt.key);
	pki->encrypt.key = fitting;
	buf_clear(&der);
	scep_client_free(client);
	pki_release(pki);
}

Test(message, a_csr_is_verified_by_its_own_key, .timeout = 10)
{
	static const struct scep_request plain = {.challenge = "x"};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client = scep_fixture_client(pki, (struct scep_identity){0});
	struct scep_client *other = scep_fixture_client(pki, (struct scep_identity){0});
	struct scep_request request = {.challenge = "x"};
	struct buf csr = BUF_INIT;

	/* Of another key than the signer's; then with a broken signature. */
	cr_assert(scep_client_csr(other, &plain, &csr));
	for (int broken = 0; broken <= 1; broken++) {
		struct scep_message *message;
		struct buf der = BUF_INIT;

		csr.data[csr.len - 1] ^= (unsigned char)broken;
		request.inner = buf_bytes(&csr);
		cr_assert(scep_client_request(client, &request, &der));
		message = message_open(buf_bytes(&der), pki, time(NULL));
		cr_expect(eq(int, (int)message->fate, MESSAGE_OPENED));
		cr_expect(eq(int, message->csr_signature_ok, !broken));
		message_free(message);
		buf_clear(&der);
	}
	buf_clear(&csr);
	scep_client_free(other);
	scep_client_free(client);
	pki_release(pki);
}

Test(message, a_changed_message_never_opens, .timeout = 60)
{
	static const struct scep_request request = {.challenge = "x", .is_ber = true};
	struct pki *pki = scep_fixture_pki();
	struct scep_client *client = scep_fixture_client(pki, (struct scep_identity){0});
	struct scep_message *message;
	struct buf der = BUF_INIT;
	size_t opened = 0;

	cr_assert(scep_client_request(client, &request, &der));
	cr_assert(eq(int, der.data[1], 0x80)); /* indefinite length */
	for (size_t i = 0; i < der.len; i++) {
		der.data[i] ^= 0x20;
		message = message_open(buf_bytes(&der), pki, time(NULL));
		/* A bit of the signer's own certificate may change: nobody signed that.
		 */
		opened += message->fate == MESSAGE_OPENED &&
		          (message->csr == NULL || !message->csr_signature_ok);
		message_free(message);
		der.data[i] ^= 0x20;
	}
	cr_expect(eq(sz, opened, (size_t)0));
	for (size_t len = 0; len < der.len; len += 7) {
		message = message_open((struct bytes){der.data, len}, pki, time(NULL));
		cr_expect(
		    eq(int, (int)message->fate, MESSAGE_NOT_CMS), "length %zu", len);
		message_free(message);
	}
	buf_clear(&der);
	scep_client_free(client);
	pki_release(pki);
}

Test(message, garbage_is_not_cms, .timeout = 10)
{
	static const struct {
		const char *name;
		const char *text;
	} rows[] = {
	    {"empty", ""},
	    {"text", "<html>hello</html>"},
	    {"empty sequence", "\x30\x80"},
	    {"deep", "\x30\x80\x30\x80\x30\x80\x30\x80\x30\x80"},
	};
	struct pki *pki = scep_fixture_pki();
	struct buf large = BUF_INIT;
	struct scep_message *message;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct slice text = slice_of(rows[i].text);

		message = message_open(
		    (struct bytes){(const unsigned char *)text.text, text.len}, pki, 0);
		cr_expect(eq(int, (int)message->fate, MESSAGE_NOT_CMS), "case %s",
		    rows[i].name);
		cr_expect(eq(int, message->type_number, -1), "case %s", rows[i].name);
		message_free(message);
	}
	buf_reserve(&large, MESSAGE_BYTES_MAX + 1);
	memset(large.data, 0x30, MESSAGE_BYTES_MAX + 1);
	message = message_open((struct bytes){large.data, MESSAGE_BYTES_MAX + 1}, pki, 0);
	cr_expect(eq(int, (int)message->fate, MESSAGE_NOT_CMS));
	message_free(message);
	message_free(NULL);
	buf_clear(&large);
	pki_release(pki);
}
