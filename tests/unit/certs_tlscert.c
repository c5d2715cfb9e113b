#include "certs/tlscert.h"

#include "support/pki_fixture.h"
#include <criterion/new/assert.h>

static X509 *
issue(struct pki *pki, const char *const names[], size_t count, struct tlscert *cert)
{
	struct err err = ERR_INIT;

	cr_assert(
	    tlscert_issue(cert, pki, names, count, FIXTURE_NOW, &err), "%s", err.text);
	cr_expect(ERR_peek_error() == 0);
	return fixture_cert(buf_bytes(&cert->der));
}

Test(tlscert, serves_each_of_its_names)
{
	static const char *const names[] = {
	    "ndes.example", "localhost", "127.0.0.1", "::1"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert tls;
	X509 *cert = issue(pki, names, 4, &tls);
	char name[64];

	cr_expect(eq(int, X509_check_host(cert, "ndes.example", 0, 0, NULL), 1));
	cr_expect(eq(int, X509_check_host(cert, "localhost", 0, 0, NULL), 1));
	cr_expect(eq(int, X509_check_host(cert, "other.example", 0, 0, NULL), 0));
	cr_expect(eq(int, X509_check_ip_asc(cert, "127.0.0.1", 0), 1));
	cr_expect(eq(int, X509_check_ip_asc(cert, "::1", 0), 1));
	cr_expect(eq(int, X509_check_ip_asc(cert, "10.0.0.1", 0), 0));
	X509_NAME_get_text_by_NID(
	    X509_get_subject_name(cert), NID_commonName, name, sizeof(name));
	fixture_same_text(name, "ndes.example");
	X509_free(cert);
	tlscert_clear(&tls);
	pki_release(pki);
}

Test(tlscert, is_a_server_certificate_of_this_ca)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert tls;
	X509 *cert = issue(pki, names, 1, &tls);

	cr_expect(
	    eq(int, fixture_verify(pki, buf_bytes(&tls.der), X509_PURPOSE_SSL_SERVER),
	        X509_V_OK));
	cr_expect(eq(u32, X509_get_extended_key_usage(cert), XKU_SSL_SERVER));
	cr_expect(eq(u32, X509_get_key_usage(cert), KU_DIGITAL_SIGNATURE));
	X509_free(cert);
	tlscert_clear(&tls);
	pki_release(pki);
}

Test(tlscert, has_its_own_p256_key)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert tls;
	X509 *cert = issue(pki, names, 1, &tls);
	char group[32] = "";

	EVP_PKEY_get_group_name(tls.key, group, sizeof(group), NULL);
	fixture_same_text(group, "prime256v1");
	cr_expect(eq(int, X509_check_private_key(cert, tls.key), 1));
	X509_free(cert);
	tlscert_clear(&tls);
	pki_release(pki);
}

Test(tlscert, name_too_long_for_a_common_name_still_serves)
{
	static const char *const names[] = {
	    "a-very-long-label-of-a-host-name.another-very-long-label.and-one-more.example"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert tls;
	X509 *cert = issue(pki, names, 1, &tls);

	cr_expect(eq(int, X509_check_host(cert, names[0], 0, 0, NULL), 1));
	cr_expect(eq(int, fixture_verify(pki, buf_bytes(&tls.der), 0), X509_V_OK));
	X509_free(cert);
	tlscert_clear(&tls);
	pki_release(pki);
}

Test(tlscert, no_name_is_an_error)
{
	struct pki *pki = fixture_pki(NULL);
	struct err err = ERR_INIT;
	struct tlscert tls;

	cr_expect(eq(int, tlscert_issue(&tls, pki, NULL, 0, FIXTURE_NOW, &err), false));
	cr_expect(eq(int, err.kind, ERR_USAGE));
	cr_expect(ERR_peek_error() == 0);
	pki_release(pki);
}

Test(tlscert, clear_may_be_called_twice)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert tls;

	X509_free(issue(pki, names, 1, &tls));
	tlscert_clear(&tls);
	tlscert_clear(&tls);
	cr_expect(eq(ptr, tls.key, NULL));
	pki_release(pki);
}
