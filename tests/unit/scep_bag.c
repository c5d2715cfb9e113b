#include "scep/bag.h"

#include "certs/crl.h"
#include "support/pki_fixture.h"
#include <criterion/new/assert.h>
#include <openssl/cms.h>
#include <openssl/pkcs7.h>

static PKCS7 *
read_bag(const struct buf *der)
{
	const unsigned char *p = der->data;
	PKCS7 *bag = d2i_PKCS7(NULL, &p, (long)der->len);

	cr_assert(bag != NULL && p == der->data + der->len, "not PKCS #7");
	cr_assert(eq(int, OBJ_obj2nid(bag->type), NID_pkcs7_signed));
	return bag;
}

static void
expect_cert(PKCS7 *bag, int at, const struct buf *want, const char *name)
{
	struct buf got = BUF_INIT;

	cr_assert(OSSL_DER(&got, sk_X509_value(bag->d.sign->cert, at), i2d_X509));
	cr_expect(got.len == want->len && memcmp(got.data, want->data, got.len) == 0,
	    "%s is not number %d", name, at);
	buf_clear(&got);
}

Test(bag, holds_what_ndes_sends_in_its_order)
{
	struct pki *pki = fixture_pki(NULL);
	struct err err = ERR_INIT;
	struct buf der = BUF_INIT;
	PKCS7 *bag;

	cr_assert(bag_of_pki(pki, &der, &err), "%s", err.text);
	cr_expect(ERR_peek_error() == 0);
	bag = read_bag(&der);
	cr_assert(eq(int, sk_X509_num(bag->d.sign->cert), 3));
	expect_cert(bag, 0, &pki->sign.der, "RA signing");
	expect_cert(bag, 1, &pki->encrypt.der, "RA encryption");
	expect_cert(bag, 2, &pki->ca.der, "CA");
	PKCS7_free(bag);
	buf_clear(&der);
	pki_release(pki);
}

Test(bag, is_certs_only)
{
	struct pki *pki = fixture_pki(NULL);
	struct err err = ERR_INIT;
	struct buf der = BUF_INIT;
	PKCS7 *bag;

	cr_assert(bag_of_pki(pki, &der, &err), "%s", err.text);
	bag = read_bag(&der);
	cr_expect(eq(long, ASN1_INTEGER_get(bag->d.sign->version), 1));
	cr_expect(eq(int, sk_X509_ALGOR_num(bag->d.sign->md_algs), 0));
	cr_expect(eq(int, sk_PKCS7_SIGNER_INFO_num(bag->d.sign->signer_info), 0));
	cr_expect(eq(ptr, bag->d.sign->crl, NULL));
	cr_expect(eq(int, OBJ_obj2nid(bag->d.sign->contents->type), NID_pkcs7_data));
	cr_expect(
	    eq(ptr, bag->d.sign->contents->d.data, NULL), "RFC 8894 3.4: no content");
	PKCS7_free(bag);
	buf_clear(&der);
	pki_release(pki);
}

Test(bag, is_read_by_openssls_cms)
{
	struct pki *pki = fixture_pki(NULL);
	struct err err = ERR_INIT;
	struct buf der = BUF_INIT;
	const unsigned char *p;
	CMS_ContentInfo *cms;
	STACK_OF(X509) * certs;

	cr_assert(bag_of_pki(pki, &der, &err), "%s", err.text);
	p = der.data;
	cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.len);
	cr_assert(ne(ptr, cms, NULL));
	certs = CMS_get1_certs(cms);
	cr_expect(eq(int, sk_X509_num(certs), 3));
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(cms);
	buf_clear(&der);
	pki_release(pki);
}

Test(bag, is_appended)
{
	struct pki *pki = fixture_pki(NULL);
	const struct bytes certs[] = {buf_bytes(&pki->ca.der)};
	struct err err = ERR_INIT;
	struct buf der = BUF_INIT;

	buf_add(&der, "x", 1);
	cr_assert(bag_build(certs, 1, &der, &err), "%s", err.text);
	cr_expect(der.data[0] == 'x' && der.data[1] == 0x30);
	buf_clear(&der);
	pki_release(pki);
}

Test(bag, empty_bag_is_made)
{
	struct err err = ERR_INIT;
	struct buf der = BUF_INIT;
	PKCS7 *bag;

	cr_assert(bag_build(NULL, 0, &der, &err), "%s", err.text);
	bag = read_bag(&der);
	cr_expect(sk_X509_num(bag->d.sign->cert) <= 0);
	PKCS7_free(bag);
	buf_clear(&der);
}

Test(bag, bytes_that_are_no_value_are_an_error)
{
	const struct bytes certs[] = {{(const unsigned char *)"\x30\x05", 2}};
	struct err err = ERR_INIT;
	struct buf der = BUF_INIT;

	cr_expect(eq(int, bag_build(certs, 1, &der, &err), false));
	cr_expect(eq(int, err.kind, ERR_FAILED));
	cr_expect(eq(sz, der.len, 0));
	cr_expect(ERR_peek_error() == 0);
}

Test(bag, of_a_crl_holds_it_alone)
{
	struct pki *pki = fixture_pki(NULL);
	struct err err = ERR_INIT;
	struct buf crl = BUF_INIT;
	struct buf der = BUF_INIT;
	PKCS7 *bag;

	cr_assert(crl_issue(pki, FIXTURE_NOW, &crl, &err), "%s", err.text);
	cr_assert(bag_of_crl(buf_bytes(&crl), &der, &err), "%s", err.text);
	bag = read_bag(&der);
	cr_expect(sk_X509_num(bag->d.sign->cert) <= 0);
	cr_expect(eq(int, sk_X509_CRL_num(bag->d.sign->crl), 1));
	PKCS7_free(bag);
	buf_clear(&crl);
	buf_clear(&der);
	pki_release(pki);
}

/* The content of a SignedData that this certificate has signed; NULL: it has not. */
static BIO *
verified_content(const struct buf *der, struct bytes signer)
{
	const unsigned char *p = der->data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &p, (long)der->len);
	STACK_OF(X509) *signers = sk_X509_new_null();
	BIO *content = BIO_new(BIO_s_mem());
	X509 *cert = fixture_cert(signer);

	sk_X509_push(signers, cert);
	if (cms == NULL ||
	    CMS_verify(cms, signers, NULL, NULL, content,
	        CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY | CMS_NOINTERN) != 1) {
		BIO_free(content);
		content = NULL;
	}
	sk_X509_pop_free(signers, X509_free);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return content;
}

Test(bag, of_the_next_ca_is_signed_by_the_current_one)
{
	struct pki *pki = fixture_pki(NULL);
	struct err err = ERR_INIT;
	struct buf der = BUF_INIT;
	CMS_ContentInfo *inner;
	STACK_OF(X509) * certs;
	BIO *content;
	PKCS7 *outer;

	cr_assert(bag_next_ca(pki, &der, &err), "%s", err.text);
	cr_expect(ERR_peek_error() == 0);
	cr_expect(verified_content(&der, buf_bytes(&pki->sign.der)) == NULL);
	content = verified_content(&der, buf_bytes(&pki->ca.der));
	cr_assert(content != NULL);
	inner = d2i_CMS_bio(content, NULL);
	cr_assert(inner != NULL);
	certs = CMS_get1_certs(inner);
	cr_assert(eq(int, sk_X509_num(certs), 1));
	outer = read_bag(&der);
	cr_assert(eq(int, sk_X509_num(outer->d.sign->cert), 1));
	cr_expect(X509_cmp(sk_X509_value(outer->d.sign->cert, 0),
	              sk_X509_value(certs, 0)) == 0);
	PKCS7_free(outer);
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(inner);
	BIO_free(content);
	buf_clear(&der);
	pki_release(pki);
}
