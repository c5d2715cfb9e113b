#include "support/pki_fixture.h"

#include <criterion/new/assert.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

static bool
always(void *arg)
{
	++*(unsigned *)arg;
	return true;
}

static bool
never(void *arg)
{
	++*(unsigned *)arg;
	return false;
}

/* The V1 template's name is a BMPString. */
static void
expect_template(X509 *cert, const char *name)
{
	ASN1_OBJECT *oid = OBJ_txt2obj("1.3.6.1.4.1.311.20.2", 1);
	int at = X509_get_ext_by_OBJ(cert, oid, -1);
	ASN1_OCTET_STRING *data;
	const unsigned char *p;
	unsigned char *text = NULL;
	ASN1_BMPSTRING *bmp;

	cr_assert(at >= 0, "no template extension");
	data = X509_EXTENSION_get_data(X509_get_ext(cert, at));
	p = ASN1_STRING_get0_data(data);
	bmp = d2i_ASN1_BMPSTRING(NULL, &p, ASN1_STRING_length(data));
	cr_assert(ne(ptr, bmp, NULL));
	cr_assert(ASN1_STRING_to_UTF8(&text, bmp) > 0);
	fixture_same_text((const char *)text, name);
	OPENSSL_free(text);
	ASN1_BMPSTRING_free(bmp);
	ASN1_OBJECT_free(oid);
}

static bool
is_critical(X509 *cert, int nid)
{
	return X509_EXTENSION_get_critical(
	           X509_get_ext(cert, X509_get_ext_by_NID(cert, nid, -1))) == 1;
}

static char *
common_name(X509 *cert)
{
	char *text = calloc(1, 256);

	X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, text, 256);
	return text;
}

Test(pki, key_has_the_size_asked_for, .timeout = 10)
{
	struct err err = ERR_INIT;
	unsigned asked = 0;
	EVP_PKEY *key = pki_key(1024, never, &asked, &err);
	EVP_PKEY *quiet = pki_key(1024, NULL, NULL, &err);

	cr_assert(ne(ptr, key, NULL));
	cr_assert(ne(ptr, quiet, NULL));
	cr_expect(EVP_PKEY_is_a(key, "RSA") == 1);
	cr_expect(eq(int, EVP_PKEY_get_bits(key), 1024));
	cr_expect(asked > 0, "is_stopping was never asked");
	cr_expect(ERR_peek_error() == 0);
	EVP_PKEY_free(key);
	EVP_PKEY_free(quiet);
}

Test(pki, key_generation_ends_early_when_told_to_stop, .timeout = 10)
{
	struct err err = ERR_INIT;
	unsigned asked = 0;
	EVP_PKEY *key = pki_key(2048, always, &asked, &err);

	cr_expect(eq(ptr, key, NULL));
	cr_expect(eq(int, err.kind, ERR_FAILED));
	cr_expect(ne(ptr, strstr(err.text, "stopped"), NULL), "%s", err.text);
	cr_expect(ERR_peek_error() == 0);
}

Test(pki, impossible_key_size_is_an_error)
{
	struct err err = ERR_INIT;

	cr_expect(eq(ptr, pki_key(16, NULL, NULL, &err), NULL));
	cr_expect(eq(int, err.kind, ERR_FAILED));
	cr_expect(ERR_peek_error() == 0);
}

Test(pki, all_three_certificates_pass_strict_verification)
{
	struct pki *pki = fixture_pki(NULL);

	cr_expect(ERR_peek_error() == 0);
	cr_expect(eq(int, fixture_verify(pki, buf_bytes(&pki->ca.der), 0), X509_V_OK));
	cr_expect(eq(int, fixture_verify(pki, buf_bytes(&pki->sign.der), 0), X509_V_OK));
	cr_expect(
	    eq(int, fixture_verify(pki, buf_bytes(&pki->encrypt.der), 0), X509_V_OK));
	pki_release(pki);
}

Test(pki, ca_warns_by_name_and_may_only_do_what_a_ca_does)
{
	struct pki *pki = fixture_pki(NULL);
	X509 *ca = fixture_cert(buf_bytes(&pki->ca.der));
	char *name = common_name(ca);
	time_t first_leaf = FIXTURE_NOW - PKI_BACKDATE_S;

	fixture_same_text(name, "mockndes test CA - DO NOT TRUST");
	cr_expect(eq(int, X509_check_ca(ca), 1));
	cr_expect(eq(u32, X509_get_key_usage(ca),
	    KU_KEY_CERT_SIGN | KU_CRL_SIGN | KU_DIGITAL_SIGNATURE));
	cr_expect(is_critical(ca, NID_basic_constraints));
	cr_expect(is_critical(ca, NID_key_usage));
	cr_expect(X509_cmp_time(X509_get0_notBefore(ca), &first_leaf) < 0,
	    "the CA is younger than its first leaf");
	cr_expect(X509_cmp_time(X509_get0_notAfter(ca), &pki->ca.not_after) < 0);
	free(name);
	X509_free(ca);
	pki_release(pki);
}

Test(pki, ra_certificates_look_like_those_of_ndes)
{
	struct pki *pki = fixture_pki("ndes.example.com");
	X509 *sign = fixture_cert(buf_bytes(&pki->sign.der));
	X509 *encrypt = fixture_cert(buf_bytes(&pki->encrypt.der));
	char *name = common_name(sign);
	char country[8];

	fixture_same_text(name, "NDES.EXAMPLE.COM-MSCEP-RA");
	X509_NAME_get_text_by_NID(
	    X509_get_subject_name(sign), NID_countryName, country, sizeof(country));
	fixture_same_text(country, "US");
	cr_expect(X509_NAME_cmp(
	              X509_get_subject_name(sign), X509_get_subject_name(encrypt)) == 0);
	cr_expect(eq(u32, X509_get_key_usage(sign), KU_DIGITAL_SIGNATURE));
	cr_expect(eq(u32, X509_get_key_usage(encrypt), KU_KEY_ENCIPHERMENT));
	expect_template(sign, "EnrollmentAgentOffline");
	expect_template(encrypt, "CEPEncryption");
	free(name);
	X509_free(sign);
	X509_free(encrypt);
	pki_release(pki);
}

Test(pki, ra_certificates_are_request_agents)
{
	struct pki *pki = fixture_pki(NULL);
	const struct pki_cert *ras[] = {&pki->sign, &pki->encrypt};
	ASN1_OBJECT *agent = OBJ_txt2obj("1.3.6.1.4.1.311.20.2.1", 1);
	size_t i;

	for (i = 0; i < 2; i++) {
		X509 *cert = fixture_cert(buf_bytes(&ras[i]->der));
		EXTENDED_KEY_USAGE *purposes =
		    X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);

		cr_assert(ne(ptr, purposes, NULL));
		cr_expect(eq(int, sk_ASN1_OBJECT_num(purposes), 1));
		cr_expect(OBJ_cmp(sk_ASN1_OBJECT_value(purposes, 0), agent) == 0);
		sk_ASN1_OBJECT_pop_free(purposes, ASN1_OBJECT_free);
		X509_free(cert);
	}
	ASN1_OBJECT_free(agent);
	pki_release(pki);
}

Test(pki, ra_serials_follow_each_other_signing_first)
{
	struct pki *pki = fixture_pki(NULL);
	BIGNUM *sign = BN_bin2bn(pki->sign.serial.data, (int)pki->sign.serial.len, NULL);
	BIGNUM *encrypt =
	    BN_bin2bn(pki->encrypt.serial.data, (int)pki->encrypt.serial.len, NULL);

	BN_add_word(sign, 1);
	cr_expect(BN_cmp(sign, encrypt) == 0);
	cr_expect(eq(sz, pki->sign.serial.len, PKI_SERIAL_SIZE));
	cr_expect(pki->sign.serial.data[0] < 0x80);
	BN_free(sign);
	BN_free(encrypt);
	pki_release(pki);
}

Test(pki, two_cas_have_different_serials)
{
	struct pki *a = fixture_pki(NULL), *b = fixture_pki(NULL);

	cr_expect(memcmp(a->ca.serial.data, b->ca.serial.data, PKI_SERIAL_SIZE) != 0);
	pki_release(a);
	pki_release(b);
}

static void
expect_bytes(struct bytes got, const void *object,
    int (*i2d)(const void *, unsigned char **), const char *what)
{
	struct buf want = BUF_INIT;

	cr_assert(ossl_der(&want, object, i2d));
	cr_expect(got.len == want.len && memcmp(got.data, want.data, want.len) == 0,
	    "%s differs", what);
	buf_clear(&want);
}
#define EXPECT_BYTES(got, object, i2d, what) \
	expect_bytes(got, object, (int (*)(const void *, unsigned char **))(i2d), what)

Test(pki, slices_say_what_openssl_reads)
{
	struct pki *pki = fixture_pki(NULL);
	const struct pki_cert *certs[] = {&pki->ca, &pki->sign, &pki->encrypt};
	const char *names[] = {"ca", "sign", "encrypt"};
	size_t i;

	for (i = 0; i < 3; i++) {
		X509 *cert = fixture_cert(buf_bytes(&certs[i]->der));
		const unsigned char *p = certs[i]->issuer_and_serial.data;
		PKCS7_ISSUER_AND_SERIAL *both = d2i_PKCS7_ISSUER_AND_SERIAL(
		    NULL, &p, (long)certs[i]->issuer_and_serial.len);

		EXPECT_BYTES(
		    certs[i]->name, X509_get_subject_name(cert), i2d_X509_NAME, names[i]);
		EXPECT_BYTES(certs[i]->issuer, X509_get_issuer_name(cert), i2d_X509_NAME,
		    names[i]);
		EXPECT_BYTES(certs[i]->spki, certs[i]->key, i2d_PUBKEY, names[i]);
		cr_assert(ne(ptr, both, NULL));
		cr_expect(X509_NAME_cmp(both->issuer, X509_get_issuer_name(cert)) == 0);
		cr_expect(
		    ASN1_INTEGER_cmp(both->serial, X509_get0_serialNumber(cert)) == 0);
		cr_expect(memcmp(certs[i]->key_id,
		              ASN1_STRING_get0_data(X509_get0_subject_key_id(cert)),
		              PKI_KEY_ID_SIZE) == 0,
		    "%s: key id", names[i]);
		PKCS7_ISSUER_AND_SERIAL_free(both);
		X509_free(cert);
	}
	pki_release(pki);
}

Test(pki, pem_holds_the_ca)
{
	struct pki *pki = fixture_pki(NULL);
	BIO *bio = BIO_new_mem_buf(pki->ca_pem.data, (int)pki->ca_pem.len);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	cr_assert(ne(ptr, cert, NULL));
	EXPECT_BYTES(buf_bytes(&pki->ca.der), cert, i2d_X509, "ca");
	X509_free(cert);
	BIO_free(bio);
	pki_release(pki);
}

Test(pki, host_of_any_length_gives_a_legal_common_name)
{
	char host[254];
	struct pki *pki;
	X509 *cert;
	char *name;

	memset(host, 'h', sizeof(host) - 1);
	host[sizeof(host) - 1] = '\0';
	pki = fixture_pki(host);
	cert = fixture_cert(buf_bytes(&pki->sign.der));
	name = common_name(cert);
	cr_expect(eq(sz, strlen(name), 64));
	fixture_same_text(name + 55, "-MSCEP-RA");
	free(name);
	X509_free(cert);
	pki_release(pki);
}

Test(pki, host_is_localhost_unless_named)
{
	struct pki *pki = fixture_pki(NULL);
	X509 *cert = fixture_cert(buf_bytes(&pki->encrypt.der));
	char *name = common_name(cert);

	fixture_same_text(name, "LOCALHOST-MSCEP-RA");
	free(name);
	X509_free(cert);
	pki_release(pki);
}

Test(pki, lives_until_its_last_reference)
{
	struct pki *pki = fixture_pki(NULL);

	cr_expect(eq(ptr, pki_reference(pki), pki));
	cr_expect(eq(uint, atomic_load(&pki->references), 2));
	pki_release(pki);
	cr_expect(pki->ca.der.len > 0);
	cr_expect(eq(int, fixture_verify(pki, buf_bytes(&pki->sign.der), 0), X509_V_OK));
	pki_release(pki);
	pki_release(NULL);
}

Test(pki, missing_key_is_an_error_and_the_others_are_taken)
{
	struct pki_settings settings = {.now = FIXTURE_NOW};
	struct err err = ERR_INIT;
	struct pki *pki =
	    pki_new(&settings, EVP_EC_gen("P-256"), NULL, EVP_EC_gen("P-256"), &err);

	cr_expect(eq(ptr, pki, NULL));
	cr_expect(eq(int, err.kind, ERR_FAILED));
	cr_expect(ERR_peek_error() == 0);
}

Test(pki, rsa_keys_sign_with_sha256, .timeout = 10)
{
	struct pki_settings settings = {.rsa_bits = 1024, .now = FIXTURE_NOW};
	struct err err = ERR_INIT;
	EVP_PKEY *key = pki_key(1024, NULL, NULL, &err);
	struct pki *pki;
	X509 *cert;

	cr_assert(ne(ptr, key, NULL));
	EVP_PKEY_up_ref(key);
	EVP_PKEY_up_ref(key);
	pki = pki_new(&settings, key, key, key, &err);
	cr_assert(ne(ptr, pki, NULL), "%s", err.text);
	cert = fixture_cert(buf_bytes(&pki->encrypt.der));
	cr_expect(eq(int, X509_get_signature_nid(cert), NID_sha256WithRSAEncryption));
	cr_expect(
	    eq(int, fixture_verify(pki, buf_bytes(&pki->encrypt.der), 0), X509_V_OK));
	X509_free(cert);
	pki_release(pki);
}

Test(pki, serials_are_positive_and_full_length)
{
	unsigned char serial[PKI_SERIAL_SIZE];
	int i;

	for (i = 0; i < 64; i++) {
		cr_assert(pki_serial(serial));
		cr_expect(serial[0] >= 0x40 && serial[0] < 0x80, "octet %02x", serial[0]);
	}
}
