#include "certs/aids.h"
#include "certs/crl.h"
#include "certs/rollover.h"
#include "support/variant_fixture.h"

#define DAY_S 86400

Test(variant_words, one_ra_is_one_certificate)
{
	struct pki *base = fixture_pki(NULL);
	struct pki *pki = make(base, "one-ra");

	cr_expect(pki->has_ra);
	cr_expect(same(&pki->sign, &pki->encrypt));
	cr_expect(false == same(&pki->sign, &pki->ca));
	pki_release(pki);
	pki_release(base);
}

Test(variant_words, without_ra_the_ca_does_all)
{
	static const char *const words[] = {"single", "single-no-usage", "ec"};
	struct pki *base = fixture_pki(NULL);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct pki *pki = make(base, words[i]);

		cr_expect(false == pki->has_ra, "%s", words[i]);
		cr_expect(same(&pki->sign, &pki->ca), "%s", words[i]);
		cr_expect(same(&pki->encrypt, &pki->ca), "%s", words[i]);
		pki_release(pki);
	}
	pki_release(base);
}

Test(variant_words, validity_lies_a_day_off)
{
	struct pki *base = fixture_pki(NULL);
	struct pki *over = make(base, "expired-ra");
	struct pki *early = make(base, "not-yet-valid-ra");
	struct pki *ca_over = make(base, "expired-ca");

	cr_expect(eq(long, over->sign.not_after, FIXTURE_NOW - DAY_S));
	cr_expect(eq(long, over->encrypt.not_after, FIXTURE_NOW - DAY_S));
	cr_expect(eq(long, over->sign.not_before,
	    FIXTURE_NOW - DAY_S - (long)PKI_RA_DAYS * DAY_S));
	cr_expect(eq(long, early->sign.not_before, FIXTURE_NOW + DAY_S));
	cr_expect(eq(long, early->encrypt.not_before, FIXTURE_NOW + DAY_S));
	cr_expect(early->sign.not_after > early->sign.not_before);
	cr_expect(eq(long, ca_over->ca.not_after, FIXTURE_NOW - DAY_S));
	cr_expect(ca_over->ca.not_before < ca_over->ca.not_after);
	pki_release(over);
	pki_release(early);
	pki_release(ca_over);
	pki_release(base);
}

Test(variant_words, expired_ca_issues_leaves_that_are_not_over_themselves)
{
	struct pki *base = fixture_pki(NULL);
	struct pki *pki = make(base, "expired-ca");
	time_t end = FIXTURE_NOW + (time_t)PKI_LEAF_DAYS * DAY_S;
	struct buf der = BUF_INIT;
	struct tm tm;
	X509 *leaf;

	issue(pki, &der);
	leaf = fixture_cert(buf_bytes(&der));
	cr_assert(eq(int, ASN1_TIME_to_tm(X509_get0_notAfter(leaf), &tm), 1));
	cr_expect(eq(long, timegm(&tm), end));
	cr_expect(X509_verify(leaf, base->ca.key) == 1);
	X509_free(leaf);
	buf_clear(&der);
	pki_release(pki);
	pki_release(base);
}

Test(variant_words, chain_has_the_usual_ca_as_its_root)
{
	struct pki *base = fixture_pki(NULL);
	struct pki *pki = make(base, "chain");
	struct err err = ERR_INIT;
	struct buf next = BUF_INIT;

	cr_expect(same(&pki->root, &base->ca));
	cr_expect(same_bytes(pki->ca.issuer, base->ca.name));
	cr_expect(same_bytes(pki->sign.issuer, pki->ca.name));
	cr_assert(rollover_issue(pki, &next, &err), "%s", err.text);
	X509 *renewed = fixture_cert(buf_bytes(&next));
	cr_expect(X509_verify(renewed, base->ca.key) == 1,
	    "the root renews the issuing CA as well");
	X509_free(renewed);
	buf_clear(&next);
	pki_release(pki);
	pki_release(base);
}

Test(variant_words, foreign_ra_is_of_the_foreign_ca_that_can_be_served)
{
	struct pki *base = fixture_pki(NULL);
	struct pki *pki = make(base, "foreign-ra");
	struct err err = ERR_INIT;
	const struct pki_cert *foreign = pki_aid(pki, AID_FOREIGN_CA, &err);
	X509 *sign = fixture_cert(buf_bytes(&pki->sign.der));

	cr_assert(foreign != NULL, "%s", err.text);
	cr_expect(same_bytes(pki->sign.issuer, foreign->name));
	cr_expect(false == same_bytes(pki->sign.issuer, pki->ca.name));
	cr_expect(X509_verify(sign, foreign->key) == 1);
	cr_expect(same(foreign, pki_aid(base, AID_FOREIGN_CA, &err)));
	X509_free(sign);
	pki_release(pki);
	pki_release(base);
}

static int
signature_nid(struct bytes der)
{
	X509 *cert = fixture_cert(der);
	int nid = X509_get_signature_nid(cert);

	X509_free(cert);
	return nid;
}

Test(variant_words, sha1_signs_certificates_leaves_and_crls)
{
	struct pki *base = fixture_pki(NULL);
	struct pki *pki = make(base, "sha1");
	struct err err = ERR_INIT;
	struct buf leaf = BUF_INIT, crl = BUF_INIT;
	const unsigned char *p;
	X509_CRL *list;

	issue(pki, &leaf);
	cr_expect(eq(int, signature_nid(buf_bytes(&pki->ca.der)), NID_ecdsa_with_SHA1));
	cr_expect(eq(int, signature_nid(buf_bytes(&pki->sign.der)), NID_ecdsa_with_SHA1));
	cr_expect(
	    eq(int, signature_nid(buf_bytes(&pki->encrypt.der)), NID_ecdsa_with_SHA1));
	cr_expect(eq(int, signature_nid(buf_bytes(&leaf)), NID_ecdsa_with_SHA1));
	cr_assert(crl_issue(pki, FIXTURE_NOW, &crl, &err), "%s", err.text);
	p = crl.data;
	list = d2i_X509_CRL(NULL, &p, (long)crl.len);
	cr_expect(eq(int, X509_CRL_get_signature_nid(list), NID_ecdsa_with_SHA1));
	cr_expect(
	    eq(int, signature_nid(buf_bytes(&base->sign.der)), NID_ecdsa_with_SHA256));
	X509_CRL_free(list);
	buf_clear(&leaf);
	buf_clear(&crl);
	pki_release(pki);
	pki_release(base);
}

static struct pki *
rsa_pki(unsigned bits)
{
	struct err err = ERR_INIT;
	EVP_PKEY *key = pki_key(bits, NULL, NULL, &err);
	struct pki *pki;

	EVP_PKEY_up_ref(key);
	EVP_PKEY_up_ref(key);
	pki = pki_new(&variant_settings, key, key, key, &err);
	cr_assert(pki != NULL, "%s", err.text);
	return pki;
}

Test(variant_words, key_sizes_are_those_of_the_usual_ca_or_weak, .timeout = 10)
{
	struct pki *base = rsa_pki(1536);
	struct pki *weak = make(base, "rsa1024");
	struct pki *renewed = make(base, "renewed-ca");
	struct pki *ec = make(base, "ec");

	cr_expect(EVP_PKEY_is_a(weak->sign.key, "RSA") == 1);
	cr_expect(eq(int, EVP_PKEY_get_bits(weak->sign.key), 1024));
	cr_expect(eq(int, EVP_PKEY_get_bits(weak->encrypt.key), 1024));
	cr_expect(EVP_PKEY_eq(weak->sign.key, weak->encrypt.key) != 1);
	cr_expect(EVP_PKEY_is_a(renewed->ca.key, "RSA") == 1);
	cr_expect(eq(int, EVP_PKEY_get_bits(renewed->ca.key), 1536));
	cr_expect(EVP_PKEY_is_a(ec->ca.key, "EC") == 1);
	cr_expect(eq(int, EVP_PKEY_get_bits(ec->ca.key), 256));
	cr_expect(eq(int, verdict(ec, &ec->ca.der), X509_V_OK));
	pki_release(weak);
	pki_release(renewed);
	pki_release(ec);
	pki_release(base);
}

static bool
always(void *arg)
{
	++*(unsigned *)arg;
	return true;
}

Test(variant_words, new_key_is_given_up_when_told_to_stop, .timeout = 10)
{
	static const char *const words[] = {"renewed-ca", "chain", "rsa1024"};
	struct pki *base = rsa_pki(1024);
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct err err = ERR_INIT;
		unsigned asked = 0;

		cr_expect(variant_make(base, words[i], &variant_settings, always, &asked,
		              &err) == NULL,
		    "%s", words[i]);
		cr_expect(asked > 0 && strstr(err.text, "stopped") != NULL, "%s: %s",
		    words[i], err.text);
	}
	pki_release(base);
}

Test(variant_words, outlives_its_base)
{
	struct pki *base = fixture_pki(NULL);
	struct pki *pki = make(base, "foreign-ra");
	struct buf leaf = BUF_INIT;

	pki_release(base);
	issue(pki, &leaf);
	cr_expect(eq(int, verdict(pki, &leaf), X509_V_OK));
	buf_clear(&leaf);
	pki_release(pki);
}
