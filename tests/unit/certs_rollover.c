#include "certs/rollover.h"

#include "support/pki_fixture.h"
#include <criterion/new/assert.h>

Test(rollover, is_the_same_ca_for_a_later_time)
{
	struct pki *pki = fixture_pki(NULL);
	struct err err = ERR_INIT;
	struct buf der = BUF_INIT;
	X509 *current = fixture_cert(buf_bytes(&pki->ca.der));
	X509 *next;

	cr_assert(rollover_issue(pki, &der, &err), "%s", err.text);
	cr_assert(ERR_peek_error() == 0);
	next = fixture_cert(buf_bytes(&der));
	cr_expect(X509_verify(next, pki->ca.key) == 1);
	cr_expect(X509_check_ca(next) > 0);
	cr_expect(X509_NAME_cmp(
	              X509_get_subject_name(next), X509_get_subject_name(current)) == 0);
	cr_expect(EVP_PKEY_eq(X509_get0_pubkey(next), pki->ca.key) == 1);
	cr_expect(ASN1_INTEGER_cmp(X509_get0_serialNumber(next),
	              X509_get0_serialNumber(current)) != 0);
	cr_expect(
	    ASN1_TIME_compare(X509_get0_notBefore(next), X509_get0_notAfter(current)) < 0,
	    "without a gap between the two");
	cr_expect(
	    ASN1_TIME_compare(X509_get0_notAfter(next), X509_get0_notAfter(current)) > 0);
	X509_free(next);
	X509_free(current);
	buf_clear(&der);
	pki_release(pki);
}
