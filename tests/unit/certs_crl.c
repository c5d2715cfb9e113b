#include "certs/crl.h"

#include "support/pki_fixture.h"
#include <criterion/new/assert.h>

static X509_CRL *
issue(const struct pki *pki, time_t now)
{
	struct err err = ERR_INIT;
	struct buf der = BUF_INIT;
	const unsigned char *p;
	X509_CRL *crl;

	cr_assert(crl_issue(pki, now, &der, &err), "%s", err.text);
	cr_assert(ERR_peek_error() == 0);
	p = der.data;
	crl = d2i_X509_CRL(NULL, &p, (long)der.len);
	cr_assert(crl != NULL && p == der.data + der.len);
	buf_clear(&der);
	return crl;
}

static int64_t
number_of(const X509_CRL *crl)
{
	ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	int64_t ret = -1;

	cr_assert(number != NULL && ASN1_INTEGER_get_int64(&ret, number) == 1);
	ASN1_INTEGER_free(number);
	return ret;
}

Test(crl, is_the_cas_own_and_empty)
{
	struct pki *pki = fixture_pki(NULL);
	X509_CRL *crl = issue(pki, FIXTURE_NOW);
	X509 *ca = fixture_cert(buf_bytes(&pki->ca.der));
	AUTHORITY_KEYID *authority;

	cr_expect(X509_CRL_verify(crl, pki->ca.key) == 1);
	cr_expect(
	    X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(ca)) == 0);
	cr_expect(eq(long, X509_CRL_get_version(crl), (long)X509_CRL_VERSION_2));
	cr_expect(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)) <= 0);
	authority = X509_CRL_get_ext_d2i(crl, NID_authority_key_identifier, NULL, NULL);
	cr_assert(authority != NULL);
	cr_expect(
	    ASN1_OCTET_STRING_cmp(authority->keyid, X509_get0_subject_key_id(ca)) == 0);
	AUTHORITY_KEYID_free(authority);
	X509_free(ca);
	X509_CRL_free(crl);
	pki_release(pki);
}

Test(crl, holds_from_its_time_on_and_a_later_one_has_a_greater_number)
{
	struct pki *pki = fixture_pki(NULL);
	X509_CRL *first = issue(pki, FIXTURE_NOW);
	X509_CRL *second = issue(pki, FIXTURE_NOW + 1);
	time_t before = FIXTURE_NOW - 1;
	time_t after = FIXTURE_NOW + CRL_DAYS * 86400 + 1;

	cr_expect(X509_cmp_time(X509_CRL_get0_lastUpdate(first), &before) > 0);
	cr_expect(X509_cmp_time(X509_CRL_get0_nextUpdate(first), &after) < 0);
	cr_expect(number_of(second) > number_of(first));
	X509_CRL_free(first);
	X509_CRL_free(second);
	pki_release(pki);
}
