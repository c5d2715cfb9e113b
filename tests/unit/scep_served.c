#include "scep/served.h"

#include "certs/aids.h"
#include "certs/variant.h"
#include "scep/bag.h"
#include "support/pki_fixture.h"
#include <criterion/new/assert.h>
#include <openssl/cms.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>

#define ONE "application/x-x509-ca-cert"
#define ALL "application/x-x509-ca-ra-cert"

#define CAPS "AES,POSTPKIOperation,SHA-1"

/* Keys and words, in pairs, ended by NULL. */
static struct served_forms
forms_of(const char *const pairs[])
{
	struct served_forms forms = {.bag = 0};

	for (; *pairs != NULL; pairs += 2)
		cr_assert(served_form_set(&forms, pairs[0], pairs[1]), "%s: %s", pairs[0],
		    pairs[1]);
	return forms;
}
#define FORMS(...) forms_of((const char *const[]){__VA_ARGS__, NULL})

/* Certificates, ended by NULL. */
static size_t
count_of(const char *const words[])
{
	size_t count = 0;

	while (words[count] != NULL)
		count++;
	return count;
}
#define CERTS(...)                                                \
	.certificates = (const char *const[]){__VA_ARGS__, NULL}, \
	.certificate_count = count_of((const char *const[]){__VA_ARGS__, NULL})

static void
serve(const struct pki *pki, const struct served_wish *wish, struct buf *out,
    const char *want_type)
{
	struct err err = ERR_INIT;
	const char *type = NULL;

	cr_assert(served_ca(pki, wish, out, &type, &err), "%s", err.text);
	cr_expect(ERR_peek_error() == 0);
	fixture_same_text(type, want_type);
}

static PKCS7 *
read_bag(const struct buf *der)
{
	const unsigned char *p = der->data;
	PKCS7 *bag = d2i_PKCS7(NULL, &p, (long)der->len);

	cr_assert(bag != NULL && p == der->data + der->len, "not PKCS #7");
	return bag;
}

static void
expect_cert(X509 *cert, const struct pki_cert *want, const char *name)
{
	struct buf got = BUF_INIT;

	cr_assert(OSSL_DER(&got, cert, i2d_X509));
	cr_expect(
	    got.len == want->der.len && memcmp(got.data, want->der.data, got.len) == 0,
	    "not the certificate %s", name);
	buf_clear(&got);
}

static bool
same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}

Test(served, usual_wish_is_what_ndes_sends_byte_for_byte)
{
	struct pki *pki = fixture_pki(NULL);
	struct served_wish wish = {.certificate_count = 0};
	struct buf got = BUF_INIT, want = BUF_INIT;
	struct err err = ERR_INIT;
	struct capabilities caps;

	serve(pki, &wish, &got, ALL);
	cr_assert(bag_of_pki(pki, &want, &err));
	cr_expect(same(&got, &want), "GetCACert");
	buf_reset(&got);
	buf_reset(&want);
	cr_assert(capabilities_parse(slice_of(capabilities_rfc8894), &caps));
	served_caps(&caps, &wish.forms, &got);
	capabilities_body(&caps, &want);
	cr_expect(same(&got, &want), "GetCACaps");
	buf_clear(&got);
	buf_clear(&want);
	pki_release(pki);
}

Test(served, first_word_of_each_key_is_the_usual_and_all_are_known)
{
	static const char *const keys[][6] = {
	    {"bag", "pkcs7", "der", "pem", "empty"},
	    {"crl", "none", "with"},
	    {"encoding", "der", "ber"},
	    {"caps_end", "lf", "crlf", "comma", "blank-lf"},
	    {"caps_last", "none", "end"},
	    {"caps_case", "usual", "lower", "upper"},
	    {"caps_mark", "none", "utf-8"},
	};
	static const struct served_forms usual = {.bag = 0};
	size_t i, j;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		for (j = 1; keys[i][j] != NULL; j++) {
			struct served_forms forms = usual;

			cr_expect(served_form_set(&forms, keys[i][0], keys[i][j]),
			    "%s: %s", keys[i][0], keys[i][j]);
			cr_expect(memcmp(&forms, &usual, sizeof(forms)) != 0 || j == 1,
			    "%s: %s does nothing", keys[i][0], keys[i][j]);
			cr_expect(served_form_set(&forms, keys[i][0], keys[i][1]));
			cr_expect(
			    memcmp(&forms, &usual, sizeof(forms)) == 0, "%s", keys[i][0]);
		}
}

Test(served, other_keys_and_words_are_refused)
{
	static const char *const pairs[][2] = {{"bag", "PKCS7"}, {"bag", ""}, {"", "der"},
	    {"crl", "der"}, {"caps", "lf"}, {"encoding", "ber-inner"},
	    {"certificates", "sign"}};
	struct served_forms forms = FORMS("bag", "pem", "caps_end", "comma");
	const struct served_forms before = forms;
	size_t i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		cr_expect(served_form_set(&forms, pairs[i][0], pairs[i][1]) == false,
		    "%s: %s", pairs[i][0], pairs[i][1]);
	cr_expect(memcmp(&forms, &before, sizeof(forms)) == 0);
	cr_expect(served_certificate_is_known("foreign-ca"));
	cr_expect(served_certificate_is_known("expired-ra") == false);
}

Test(served, certificates_come_in_the_order_wanted)
{
	struct pki *base = fixture_pki(NULL);
	struct pki_settings settings = {.now = FIXTURE_NOW};
	struct err err = ERR_INIT;
	struct pki *pki = variant_make(base, "chain", &settings, NULL, NULL, &err);
	struct served_wish wish = {CERTS("root", "foreign-ca", "ca", "expired-encrypt",
	    "encrypt", "expired-sign", "sign", "ca")};
	const struct pki_cert *const want[] = {&pki->root,
	    pki_aid(pki, AID_FOREIGN_CA, &err), &pki->ca,
	    pki_aid(pki, AID_EXPIRED_ENCRYPT, &err), &pki->encrypt,
	    pki_aid(pki, AID_EXPIRED_SIGN, &err), &pki->sign, &pki->ca};
	struct buf got = BUF_INIT;
	PKCS7 *bag;
	int i;

	serve(pki, &wish, &got, ALL);
	bag = read_bag(&got);
	cr_assert(eq(int, sk_X509_num(bag->d.sign->cert), 8));
	for (i = 0; i < 8; i++)
		expect_cert(
		    sk_X509_value(bag->d.sign->cert, i), want[i], wish.certificates[i]);
	cr_expect(eq(ptr, bag->d.sign->crl, NULL));
	PKCS7_free(bag);
	buf_clear(&got);
	pki_release(pki);
	pki_release(base);
}

Test(served, one_certificate_of_a_pki_with_ra_stays_in_a_bag)
{
	struct pki *pki = fixture_pki(NULL);
	struct served_wish wish = {CERTS("ca")};
	struct buf got = BUF_INIT;
	PKCS7 *bag;

	serve(pki, &wish, &got, ALL);
	bag = read_bag(&got);
	cr_assert(eq(int, sk_X509_num(bag->d.sign->cert), 1));
	expect_cert(sk_X509_value(bag->d.sign->cert, 0), &pki->ca, "ca");
	PKCS7_free(bag);
	buf_clear(&got);
	pki_release(pki);
}

Test(served, certificates_that_cannot_be_had_are_refused)
{
	static const char *const many[SERVED_CERTIFICATES_MAX + 1] = {"ca"};
	struct pki *pki = fixture_pki(NULL);
	const struct served_wish wishes[] = {
	    {CERTS("ca", "root")},
	    {CERTS("ca", "leaf")},
	    {.certificates = many, .certificate_count = SERVED_CERTIFICATES_MAX + 1},
	};
	static const char *const says[] = {"pki: chain", "\"leaf\"", "17"};
	size_t i;

	for (i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		struct buf out = BUF_INIT;
		struct err err = ERR_INIT;
		const char *type = NULL;

		cr_expect(served_ca(pki, &wishes[i], &out, &type, &err) == false,
		    "case %zu", i);
		cr_expect(err.kind == ERR_USAGE && strstr(err.text, says[i]) != NULL,
		    "case %zu: %s", i, err.text);
		cr_expect(out.len == 0 && type == NULL, "case %zu", i);
	}
	pki_release(pki);
}

Test(served, der_and_pem_are_the_first_certificate_alone)
{
	struct pki *pki = fixture_pki(NULL);
	struct served_wish der = {CERTS("ca", "sign"), .forms = FORMS("bag", "der")};
	struct served_wish pem = {.forms = FORMS("bag", "pem")};
	struct buf got = BUF_INIT;
	X509 *cert;
	BIO *bio;

	serve(pki, &der, &got, ONE);
	cr_expect(same(&got, &pki->ca.der));
	buf_reset(&got);
	serve(pki, &pem, &got, ONE);
	bio = BIO_new_mem_buf(got.data, (int)got.len);
	cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	cr_assert(ne(ptr, cert, NULL));
	expect_cert(cert, &pki->sign, "sign");
	X509_free(cert);
	BIO_free(bio);
	buf_clear(&got);
	pki_release(pki);
}

Test(served, empty_bag_has_no_certificate)
{
	struct pki *pki = fixture_pki(NULL);
	struct served_wish wish = {.forms = FORMS("bag", "empty")};
	struct buf got = BUF_INIT;
	PKCS7 *bag;

	serve(pki, &wish, &got, ALL);
	bag = read_bag(&got);
	cr_expect(eq(int, OBJ_obj2nid(bag->type), NID_pkcs7_signed));
	cr_expect(sk_X509_num(bag->d.sign->cert) <= 0);
	PKCS7_free(bag);
	buf_clear(&got);
	pki_release(pki);
}

Test(served, crl_lies_beside_the_certificates)
{
	struct pki *pki = fixture_pki(NULL);
	struct served_wish wish = {
	    .forms = FORMS("crl", "with"), .now = FIXTURE_NOW + 3600};
	time_t update = FIXTURE_NOW + 3600;
	struct buf got = BUF_INIT;
	X509_CRL *crl;
	PKCS7 *bag;

	serve(pki, &wish, &got, ALL);
	bag = read_bag(&got);
	cr_expect(eq(int, sk_X509_num(bag->d.sign->cert), 3));
	cr_assert(eq(int, sk_X509_CRL_num(bag->d.sign->crl), 1));
	crl = sk_X509_CRL_value(bag->d.sign->crl, 0);
	cr_expect(X509_CRL_verify(crl, pki->ca.key) == 1);
	cr_expect(ASN1_TIME_cmp_time_t(X509_CRL_get0_lastUpdate(crl), update) == 0);
	PKCS7_free(bag);
	buf_reset(&got);
	wish.now = 0;
	serve(pki, &wish, &got, ALL);
	bag = read_bag(&got);
	crl = sk_X509_CRL_value(bag->d.sign->crl, 0);
	cr_expect(ASN1_TIME_cmp_time_t(X509_CRL_get0_lastUpdate(crl), FIXTURE_NOW) == 0,
	    "of the day when the pki was made");
	PKCS7_free(bag);
	buf_clear(&got);
	pki_release(pki);
}

/* How often end-of-contents octets stand at the very end. */
static size_t
ends_of(const struct buf *ber)
{
	size_t at = ber->len;

	while (at >= 2 && ber->data[at - 1] == 0 && ber->data[at - 2] == 0)
		at -= 2;
	return (ber->len - at) / 2;
}

Test(served, ber_bag_is_read_by_openssl_and_has_the_same_certificates)
{
	struct pki *pki = fixture_pki(NULL);
	struct served_wish wish = {.forms = FORMS("encoding", "ber")};
	struct buf got = BUF_INIT, der = BUF_INIT, want = BUF_INIT;
	struct err err = ERR_INIT;
	const unsigned char *p;
	CMS_ContentInfo *cms;
	STACK_OF(X509) * certs;
	PKCS7 *bag;

	serve(pki, &wish, &got, ALL);
	cr_expect(memcmp(got.data, "\x30\x80\x06\x09", 4) == 0, "ContentInfo");
	cr_expect(memcmp(got.data + 13, "\xa0\x80\x30\x80", 4) == 0, "SignedData");
	/* after signerInfos, which is empty and stays 31 00: SignedData, [0], ContentInfo
	 */
	cr_expect(eq(sz, ends_of(&got), 3));
	cr_expect(memmem(got.data, got.len, pki->ca.der.data, pki->ca.der.len) != NULL,
	    "certificates stay as they were signed");
	bag = read_bag(&got);
	cr_assert(eq(int, sk_X509_num(bag->d.sign->cert), 3));
	expect_cert(sk_X509_value(bag->d.sign->cert, 0), &pki->sign, "sign");
	expect_cert(sk_X509_value(bag->d.sign->cert, 1), &pki->encrypt, "encrypt");
	expect_cert(sk_X509_value(bag->d.sign->cert, 2), &pki->ca, "ca");
	p = got.data;
	cms = d2i_CMS_ContentInfo(NULL, &p, (long)got.len);
	cr_assert(ne(ptr, cms, NULL));
	certs = CMS_get1_certs(cms);
	cr_expect(eq(int, sk_X509_num(certs), 3));
	cr_assert(OSSL_DER(&der, bag, i2d_PKCS7));
	cr_assert(bag_of_pki(pki, &want, &err));
	cr_expect(same(&der, &want), "DER again is the usual bag");
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(cms);
	PKCS7_free(bag);
	buf_clear(&got);
	buf_clear(&der);
	buf_clear(&want);
	pki_release(pki);
}

Test(served, ber_certificate_alone_still_verifies)
{
	struct pki *pki = fixture_pki(NULL);
	struct served_wish wish = {
	    CERTS("ca"), .forms = FORMS("bag", "der", "encoding", "ber")};
	struct buf got = BUF_INIT;
	X509 *cert;

	serve(pki, &wish, &got, ONE);
	cr_expect(memcmp(got.data, "\x30\x80", 2) == 0);
	cert = fixture_cert(buf_bytes(&got));
	cr_expect(X509_verify(cert, pki->ca.key) == 1);
	X509_free(cert);
	buf_clear(&got);
	pki_release(pki);
}

Test(served, pkis_of_other_shapes_have_their_own_usual_answer)
{
	static const struct {
		const char *word;
		const char *type;
		int certs; /* 0: no bag */
	} rows[] = {
	    {"one-ra", ALL, 2},
	    {"single", ONE, 0},
	    {"single-no-usage", ONE, 0},
	    {"ec", ONE, 0},
	    {"chain", ALL, 4},
	    {"foreign-ra", ALL, 3},
	    {"expired-ca", ALL, 3},
	};
	struct pki_settings settings = {.now = FIXTURE_NOW};
	struct pki *base = fixture_pki(NULL);
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct served_wish wish = {.certificate_count = 0};
		struct buf got = BUF_INIT;
		struct err err = ERR_INIT;
		struct pki *pki =
		    variant_make(base, rows[i].word, &settings, NULL, NULL, &err);

		cr_assert(pki != NULL, "%s: %s", rows[i].word, err.text);
		serve(pki, &wish, &got, rows[i].type);
		if (rows[i].certs == 0) {
			cr_expect(same(&got, &pki->ca.der), "%s", rows[i].word);
		} else {
			PKCS7 *bag = read_bag(&got);

			cr_expect(sk_X509_num(bag->d.sign->cert) == rows[i].certs, "%s",
			    rows[i].word);
			PKCS7_free(bag);
		}
		buf_clear(&got);
		pki_release(pki);
	}
	pki_release(base);
}

Test(served, pki_without_ra_is_a_bag_where_more_than_its_certificate_is_wanted)
{
	struct pki_settings settings = {.now = FIXTURE_NOW};
	struct pki *base = fixture_pki(NULL);
	struct err err = ERR_INIT;
	struct pki *pki = variant_make(base, "single", &settings, NULL, NULL, &err);
	const struct served_wish wishes[] = {
	    {CERTS("ca", "foreign-ca")},
	    {.forms = FORMS("crl", "with")},
	    {.forms = FORMS("bag", "empty")},
	};
	size_t i;

	for (i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		struct buf got = BUF_INIT;

		serve(pki, &wishes[i], &got, ALL);
		PKCS7_free(read_bag(&got));
		buf_clear(&got);
	}
	pki_release(pki);
	pki_release(base);
}

Test(served, caps_come_in_the_form_wanted)
{
	const struct {
		struct served_forms forms;
		const char *want;
	} rows[] = {
	    {FORMS("caps_end", "lf"), "AES\nPOSTPKIOperation\nSHA-1"},
	    {FORMS("caps_end", "crlf"), "AES\r\nPOSTPKIOperation\r\nSHA-1"},
	    {FORMS("caps_end", "comma"), "AES,POSTPKIOperation,SHA-1"},
	    {FORMS("caps_end", "blank-lf"), "AES \nPOSTPKIOperation \nSHA-1 "},
	    {FORMS("caps_last", "end"), "AES\nPOSTPKIOperation\nSHA-1\n"},
	    {FORMS("caps_last", "end", "caps_end", "crlf"),
	        "AES\r\nPOSTPKIOperation\r\nSHA-1\r\n"},
	    {FORMS("caps_last", "end", "caps_end", "blank-lf"),
	        "AES \nPOSTPKIOperation \nSHA-1 \n"},
	    {FORMS("caps_case", "lower"), "aes\npostpkioperation\nsha-1"},
	    {FORMS("caps_case", "upper"), "AES\nPOSTPKIOPERATION\nSHA-1"},
	    {FORMS("caps_mark", "utf-8"), "\xef\xbb\xbf"
	                                  "AES\nPOSTPKIOperation\nSHA-1"},
	};
	struct capabilities caps;
	size_t i;

	cr_assert(capabilities_parse(SLICE(CAPS), &caps));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct buf got = BUF_INIT;

		served_caps(&caps, &rows[i].forms, &got);
		cr_expect(slice_is(buf_slice(&got), rows[i].want), "case %zu: %.*s", i,
		    (int)got.len, got.data);
		buf_clear(&got);
	}
}

Test(served, caps_without_a_line_are_nothing_but_the_mark)
{
	struct served_forms forms = FORMS("caps_last", "end", "caps_mark", "utf-8");
	struct capabilities caps = {.count = 0};
	struct buf got = BUF_INIT;

	served_caps(&caps, &forms, &got);
	cr_expect(slice_is(buf_slice(&got), "\xef\xbb\xbf"));
	buf_clear(&got);
}
