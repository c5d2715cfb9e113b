#define OPENSSL_SUPPRESS_DEPRECATED /* RAND_set_rand_method: chance that is known */

#include "base/mem.h"
#include "certs/ossl.h"
#include "scep/certrep.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <string.h>

/* Every octet of chance: non-zero, as PKCS#1 padding wants it, and of odd parity. */
#define CHANCE 0x5b

static int
known_chance(unsigned char *buf, int num)
{
	memset(buf, CHANCE, (size_t)num);
	return 1;
}

static int
chance_is_there(void)
{
	return 1;
}

/* Three keys, each with its certificate: CA, sign, encrypt. */
static struct pki *
golden_pki(void)
{
	struct pki_part parts[PKI_COUNT];
	struct err err = ERR_INIT;
	char *path = mem_format("%s/certrep-golden.pem", getenv("TEST_DATA"));
	BIO *file = BIO_new_file(path, "r");
	struct pki *pki;

	cr_assert(ossl_load_providers(&err));
	cr_assert(file != NULL, "%s", path);
	for (size_t i = 0; i < PKI_COUNT; i++) {
		parts[i].key = PEM_read_bio_PrivateKey(file, NULL, NULL, NULL);
		parts[i].cert = PEM_read_bio_X509(file, NULL, NULL, NULL);
		cr_assert(parts[i].key != NULL && parts[i].cert != NULL);
	}
	pki = pki_of(parts, &err);
	cr_assert(pki != NULL, "%s", err.text);
	for (size_t i = 0; i < PKI_COUNT; i++)
		X509_free(parts[i].cert);
	BIO_free(file);
	free(path);
	return pki;
}

/* The certificate is there already, so that the bytes depend on CertReps alone. */
static struct certrep
golden(const struct pki *pki, enum pki_status status)
{
	const struct pki_cert *requester = &pki->encrypt;
	struct certrep certrep = {.status = status,
	    .fail_info = FAIL_BAD_REQUEST,
	    .has_hresult = status == PKI_FAILURE,
	    .hresult = HRESULT_E_INVALIDARG,
	    .transaction_id = mem_string("0123456789ABCDEF"),
	    .sender_nonce = {1, 2, 3},
	    .digest_nid = NID_sha256,
	    .cipher_nid = NID_aes_128_cbc};

	buf_add(&certrep.recipient_nonce, "0123456789abcdef", NONCE_SIZE);
	buf_add(&certrep.recipient_issuer_serial, requester->issuer_and_serial.data,
	    requester->issuer_and_serial.len);
	buf_add(&certrep.recipient_spki, requester->spki.data, requester->spki.len);
	buf_add(&certrep.leaf_der, requester->der.data, requester->der.len);
	return certrep;
}

/* SHA-256 in hexadecimal */
static void
fingerprint(const struct buf *bytes, char ret[65])
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	cr_assert(
	    EVP_Digest(bytes->data, bytes->len, digest, &len, EVP_sha256(), NULL) == 1);
	for (unsigned i = 0; i < len; i++)
		snprintf(ret + (size_t)2 * i, 3, "%02x", digest[i]);
}

Test(certrep_golden, an_honest_answer_is_byte_for_byte_what_it_was, .timeout = 20)
{
	static const struct {
		const char *name;
		enum pki_status status;
		bool is_rfc8894;
		int digest_nid;
		int cipher_nid;
		const char *fingerprint;
	} rows[] = {
	    {"failure", PKI_FAILURE, false, NID_sha256, NID_aes_128_cbc,
	        "cf9b553f331dc28b525f237248d887fb973ecb00f2ba129f52b8438bf1f69003"},
	    {"failure, SHA-1", PKI_FAILURE, false, NID_sha1, NID_aes_128_cbc,
	        "2b9eb024cb8a9216c2bed58d341d241fbad5d1852aae1e976d8a6e65c5415a69"},
	    {"failure, RFC 8894", PKI_FAILURE, true, NID_sha512, NID_aes_128_cbc,
	        "186774b147670c94d368b55b7f23b26411026f50375be3b28b9c0e98fc76c2eb"},
	    {"pending", PKI_PENDING, false, NID_sha256, NID_aes_128_cbc,
	        "62c92218dcd046b197a563539fb8dd7c306f7ef072f10dda26a4bee38846e07f"},
	    {"success", PKI_SUCCESS, false, NID_sha256, NID_aes_128_cbc,
	        "020ac29e4d6cbbcafc61813f011da571b200413b3e1420cb9c45882527dd01ea"},
	    {"success, 3DES", PKI_SUCCESS, false, NID_sha1, NID_des_ede3_cbc,
	        "aa26bdc8803af042d3b5056e93d70b7669acc13c7336beed1d4a912d82522756"},
	    {"success, RFC 8894", PKI_SUCCESS, true, NID_sha512, NID_aes_256_cbc,
	        "ed7e8fd5b3aa6011717b8f070af1272d387349f03f33324e35f39c9f01dc9f07"},
	};
	static const RAND_METHOD method = {
	    .bytes = known_chance, .pseudorand = known_chance, .status = chance_is_there};
	struct pki *pki = golden_pki();

	cr_assert(RAND_set_rand_method(&method) == 1);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct certrep certrep = golden(pki, rows[i].status);
		struct buf out = BUF_INIT;
		struct err err = ERR_INIT;
		char got[65];

		certrep.is_rfc8894 = rows[i].is_rfc8894;
		certrep.digest_nid = rows[i].digest_nid;
		certrep.cipher_nid = rows[i].cipher_nid;
		cr_assert(certrep_seal(&certrep, pki, &out, &err), "%s", err.text);
		fingerprint(&out, got);
		cr_expect(strcmp(got, rows[i].fingerprint) == 0, "case %s: %s",
		    rows[i].name, got);
		buf_clear(&out);
		certrep_clear(&certrep);
	}
	RAND_set_rand_method(RAND_OpenSSL());
	pki_release(pki);
}
