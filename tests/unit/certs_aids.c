#include "certs/aids.h"

#include "support/pki_fixture.h"
#include <criterion/new/assert.h>
#include <pthread.h>

#define DAY_S 86400

static const struct pki_cert *
aid_of(const struct pki *pki, enum aid aid)
{
	struct err err = ERR_INIT;
	const struct pki_cert *cert = pki_aid(pki, aid, &err);

	cr_assert(cert != NULL, "aid %d: %s", aid, err.text);
	cr_expect(ERR_peek_error() == 0);
	return cert;
}

static bool
same_bytes(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* An EC CA whose RA decrypts with a short RSA key, so that strangers are made fast. */
static struct pki *
quick_pki(void)
{
	struct pki_settings settings = {.host = "host", .now = FIXTURE_NOW};
	struct err err = ERR_INIT;
	struct pki *pki = pki_new(&settings, EVP_EC_gen("P-256"), EVP_EC_gen("P-256"),
	    pki_key(1024, NULL, NULL, &err), &err);

	cr_assert(pki != NULL, "%s", err.text);
	return pki;
}

Test(aids, foreign_ca_is_a_ca_of_another_name_and_key)
{
	struct pki *pki = quick_pki();
	const struct pki_cert *foreign = aid_of(pki, AID_FOREIGN_CA);
	X509 *cert = fixture_cert(buf_bytes(&foreign->der));

	cr_expect(eq(int, X509_check_ca(cert), 1));
	cr_expect(X509_self_signed(cert, 1) == 1);
	cr_expect(false == same_bytes(foreign->name, pki->ca.name));
	cr_expect(EVP_PKEY_eq(foreign->key, pki->ca.key) != 1);
	cr_expect(X509_check_private_key(cert, foreign->key) == 1);
	cr_expect(ne(int, fixture_verify(pki, buf_bytes(&foreign->der), 0), X509_V_OK));
	cr_expect(foreign->not_before < FIXTURE_NOW && FIXTURE_NOW < foreign->not_after);
	X509_free(cert);
	pki_release(pki);
}

Test(aids, foreign_ra_has_the_ras_name_and_another_key_and_issuer)
{
	struct pki *pki = quick_pki();
	const struct pki_cert *ra = aid_of(pki, AID_FOREIGN_RA);
	const struct pki_cert *foreign = aid_of(pki, AID_FOREIGN_CA);
	X509 *cert = fixture_cert(buf_bytes(&ra->der));

	cr_expect(same_bytes(ra->name, pki->sign.name));
	cr_expect(same_bytes(ra->issuer, foreign->name));
	cr_expect(X509_verify(cert, foreign->key) == 1);
	cr_expect(X509_check_private_key(cert, ra->key) == 1);
	cr_expect(EVP_PKEY_eq(ra->key, pki->sign.key) != 1);
	cr_expect(eq(u32, X509_get_key_usage(cert), KU_DIGITAL_SIGNATURE));
	cr_expect(eq(int, fixture_verify(pki, buf_bytes(&ra->der), 0),
	    X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY));
	cr_expect(ra->not_before < FIXTURE_NOW && FIXTURE_NOW < ra->not_after);
	X509_free(cert);
	pki_release(pki);
}

Test(aids, expired_certificates_differ_in_time_and_serial_alone)
{
	struct pki *pki = quick_pki();
	const struct pki_cert *usual[] = {&pki->sign, &pki->encrypt};
	size_t i;

	for (i = 0; i < 2; i++) {
		const struct pki_cert *over =
		    aid_of(pki, i == 0 ? AID_EXPIRED_SIGN : AID_EXPIRED_ENCRYPT);
		X509 *a = fixture_cert(buf_bytes(&over->der));
		X509 *b = fixture_cert(buf_bytes(&usual[i]->der));

		cr_expect(same_bytes(over->name, usual[i]->name), "case %zu", i);
		cr_expect(same_bytes(over->issuer, usual[i]->issuer), "case %zu", i);
		cr_expect(same_bytes(over->spki, usual[i]->spki), "case %zu", i);
		cr_expect(EVP_PKEY_eq(over->key, usual[i]->key) == 1, "case %zu", i);
		cr_expect(
		    false == same_bytes(over->serial, usual[i]->serial), "case %zu", i);
		cr_expect(X509_get_key_usage(a) == X509_get_key_usage(b), "case %zu", i);
		cr_expect(X509_get_ext_count(a) == X509_get_ext_count(b), "case %zu", i);
		cr_expect(over->not_after == FIXTURE_NOW - DAY_S, "case %zu", i);
		cr_expect(over->not_before < over->not_after, "case %zu", i);
		cr_expect(X509_verify(a, pki->ca.key) == 1, "case %zu", i);
		cr_expect(fixture_verify(pki, buf_bytes(&over->der), 0) ==
		              X509_V_ERR_CERT_HAS_EXPIRED,
		    "case %zu", i);
		X509_free(a);
		X509_free(b);
	}
	pki_release(pki);
}

Test(aids, stranger_has_an_rsa_key_that_is_nobodys, .timeout = 10)
{
	struct pki *pki = quick_pki();
	const struct pki_cert *stranger = aid_of(pki, AID_STRANGER);
	X509 *cert = fixture_cert(buf_bytes(&stranger->der));

	cr_expect(EVP_PKEY_is_a(stranger->key, "RSA") == 1);
	cr_expect(EVP_PKEY_eq(stranger->key, pki->encrypt.key) != 1);
	cr_expect(X509_check_private_key(cert, stranger->key) == 1);
	cr_expect(eq(int,
	    fixture_verify(pki, buf_bytes(&stranger->der), X509_PURPOSE_SSL_CLIENT),
	    X509_V_OK));
	cr_expect(eq(int, X509_check_ca(cert), 0));
	X509_free(cert);
	pki_release(pki);
}

Test(aids, stranger_is_rsa_even_where_no_other_key_is, .timeout = 20)
{
	struct pki *pki = fixture_pki(NULL);

	cr_expect(
	    eq(int, EVP_PKEY_get_bits(aid_of(pki, AID_STRANGER)->key), AID_BITS_MAX));
	pki_release(pki);
}

Test(aids, are_made_once, .timeout = 10)
{
	struct pki *pki = quick_pki();
	int aid;

	for (aid = 0; aid < AID_COUNT; aid++)
		cr_expect(aid_of(pki, (enum aid)aid) == aid_of(pki, (enum aid)aid),
		    "aid %d", aid);
	pki_release(pki);
}

Test(aids, of_two_pkis_are_not_shared)
{
	struct pki *a = quick_pki(), *b = quick_pki();

	cr_expect(EVP_PKEY_eq(aid_of(a, AID_FOREIGN_CA)->key,
	              aid_of(b, AID_FOREIGN_CA)->key) != 1);
	pki_release(a);
	pki_release(b);
}

struct asker {
	pthread_t thread;
	struct pki *pki;
	bool backwards;
	const struct pki_cert *got[AID_COUNT];
};

/* Without Criterion's assertions, which belong to the main thread. */
static void *
ask_all(void *arg)
{
	struct asker *asker = arg;
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < AID_COUNT; i++) {
		size_t aid = asker->backwards ? AID_COUNT - 1 - i : i;

		asker->got[aid] = pki_aid(asker->pki, (enum aid)aid, &err);
	}
	return NULL;
}

Test(aids, two_threads_get_the_same, .timeout = 10)
{
	struct pki *pki = quick_pki();
	struct asker askers[2] = {{.pki = pki}, {.pki = pki, .backwards = true}};
	size_t i;

	for (i = 0; i < 2; i++)
		cr_assert(
		    pthread_create(&askers[i].thread, NULL, ask_all, &askers[i]) == 0);
	for (i = 0; i < 2; i++)
		pthread_join(askers[i].thread, NULL);
	for (i = 0; i < AID_COUNT; i++) {
		cr_expect(askers[0].got[i] != NULL, "aid %zu", i);
		cr_expect(askers[0].got[i] == askers[1].got[i], "aid %zu", i);
	}
	pki_release(pki);
}
