#include "certs/issue.h"

#include "support/pki_fixture.h"
#include <criterion/new/assert.h>

static const unsigned char serial[16] = {
    0x4a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* A request by a key of its own and what was issued for it. */
struct issued {
	struct pki *pki;
	struct csr *csr;
	struct leaf leaf;
	struct buf der;
	X509 *cert;
};

/* Takes the extensions of `what`. */
static struct issued
issue_from(struct pki *pki, const struct fixture_request *what, time_t now)
{
	struct issued issued = {.pki = pki};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct buf request = BUF_INIT;
	struct err err = ERR_INIT;

	fixture_csr(what, key, &request);
	cr_assert(csr_parse(buf_bytes(&request), &issued.csr));
	leaf_from_csr(&issued.leaf, issued.csr, now, serial);
	cr_assert(leaf_issue(&issued.leaf, pki, &issued.der, &err), "%s", err.text);
	cr_expect(ERR_peek_error() == 0);
	issued.cert = fixture_cert(buf_bytes(&issued.der));
	buf_clear(&request);
	EVP_PKEY_free(key);
	return issued;
}

static struct issued
issue(const struct fixture_request *what)
{
	return issue_from(fixture_pki(NULL), what, FIXTURE_NOW);
}

static void
issued_clear(struct issued *issued)
{
	X509_free(issued->cert);
	buf_clear(&issued->der);
	csr_free(issued->csr);
	pki_release(issued->pki);
}

static int
critical(X509 *cert, int nid)
{
	int at = X509_get_ext_by_NID(cert, nid, -1);

	return at < 0 ? -1 : X509_EXTENSION_get_critical(X509_get_ext(cert, at));
}

static int
find_oid(X509 *cert, const char *text)
{
	ASN1_OBJECT *oid = OBJ_txt2obj(text, 1);
	int at = X509_get_ext_by_OBJ(cert, oid, -1);

	ASN1_OBJECT_free(oid);
	return at;
}

Test(issue, leaf_passes_strict_verification)
{
	struct fixture_request what = {.common_name = "host"};
	struct issued issued;

	fixture_extension(&what.extensions, "subjectAltName", "DNS:host.example");
	issued = issue(&what);
	cr_expect(eq(int,
	    fixture_verify(issued.pki, buf_bytes(&issued.der), X509_PURPOSE_SSL_CLIENT),
	    X509_V_OK));
	cr_expect(eq(long, X509_get_version(issued.cert), X509_VERSION_3));
	issued_clear(&issued);
}

Test(issue, altered_leaf_does_not_verify)
{
	struct fixture_request what = {.common_name = "host"};
	struct issued issued = issue(&what);
	unsigned char *at = memmem(issued.der.data, issued.der.len, "host", 4);

	cr_assert(ne(ptr, at, NULL));
	*at = 'm';
	cr_expect(eq(int, fixture_verify(issued.pki, buf_bytes(&issued.der), 0),
	    X509_V_ERR_CERT_SIGNATURE_FAILURE));
	issued_clear(&issued);
}

Test(issue, subject_key_and_serial_are_those_asked_for)
{
	struct fixture_request what = {.common_name = "host"};
	struct issued issued = issue(&what);
	struct buf subject = BUF_INIT, spki = BUF_INIT;
	const ASN1_INTEGER *number = X509_get0_serialNumber(issued.cert);

	cr_assert(OSSL_DER(&subject, X509_get_subject_name(issued.cert), i2d_X509_NAME));
	cr_assert(OSSL_DER(&spki, X509_get_X509_PUBKEY(issued.cert), i2d_X509_PUBKEY));
	cr_expect(subject.len == issued.csr->subject.len &&
	          memcmp(subject.data, issued.csr->subject.data, subject.len) == 0);
	cr_expect(spki.len == issued.csr->spki.len &&
	          memcmp(spki.data, issued.csr->spki.data, spki.len) == 0);
	cr_expect(eq(int, ASN1_STRING_length(number), 16));
	cr_expect(memcmp(ASN1_STRING_get0_data(number), serial, 16) == 0);
	buf_clear(&subject);
	buf_clear(&spki);
	issued_clear(&issued);
}

/* DER wants an INTEGER in its shortest form: a random 00 at its head would make the
 * whole certificate unreadable for OpenSSL. */
Test(issue, every_serial_is_positive_and_keeps_its_length)
{
	static const unsigned char heads[][2] = {
	    {0x00, 0x00}, {0x00, 0x24}, {0x00, 0xff}, {0x7f, 0}, {0x80, 0}, {0xff, 0xff}};
	struct pki *pki = fixture_pki("host");
	struct fixture_request what = {.common_name = "host"};
	struct issued issued = issue_from(pki, &what, FIXTURE_NOW);

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		unsigned char given[16] = {heads[i][0], heads[i][1]};
		struct buf der = BUF_INIT;
		struct err err = ERR_INIT;

		leaf_from_csr(&issued.leaf, issued.csr, FIXTURE_NOW, given);
		cr_assert(leaf_issue(&issued.leaf, pki, &der, &err), "case %zu", i);
		X509 *cert = fixture_cert(buf_bytes(&der));
		const ASN1_INTEGER *number = X509_get0_serialNumber(cert);
		cr_expect(ASN1_STRING_length(number) == 16, "case %zu", i);
		cr_expect(ASN1_STRING_type(number) == V_ASN1_INTEGER, "case %zu", i);
		X509_free(cert);
		buf_clear(&der);
	}
	issued_clear(&issued);
}

Test(issue, validity_is_a_week_from_ten_minutes_ago)
{
	struct fixture_request what = {.common_name = "host"};
	struct issued issued = issue(&what);
	struct tm tm;

	cr_expect(eq(int, ASN1_TIME_to_tm(X509_get0_notBefore(issued.cert), &tm), 1));
	cr_expect(eq(long, timegm(&tm), FIXTURE_NOW - 600));
	cr_expect(eq(int, ASN1_TIME_to_tm(X509_get0_notAfter(issued.cert), &tm), 1));
	cr_expect(eq(long, timegm(&tm), FIXTURE_NOW + 7 * 86400));
	issued_clear(&issued);
}

Test(issue, leaf_ends_no_later_than_its_ca)
{
	struct fixture_request what = {.common_name = "host"};
	struct pki *pki = fixture_pki(NULL);
	time_t end = pki->ca.not_after;
	struct issued issued = issue_from(pki, &what, end - 86400);
	struct tm tm;

	cr_expect(eq(int, ASN1_TIME_to_tm(X509_get0_notAfter(issued.cert), &tm), 1));
	cr_expect(eq(long, timegm(&tm), end));
	issued_clear(&issued);
}

Test(issue, requested_extensions_are_copied)
{
	struct fixture_request what = {.common_name = "host"};
	struct issued issued;

	fixture_extension(
	    &what.extensions, "subjectAltName", "DNS:host.example,IP:10.0.0.1");
	fixture_extension(&what.extensions, "extendedKeyUsage", "serverAuth,clientAuth");
	fixture_extension(&what.extensions, "keyUsage", "digitalSignature");
	fixture_extension(&what.extensions, "1.3.6.1.4.1.311.25.2", "DER:3000");
	issued = issue(&what);
	cr_expect(eq(int, X509_check_host(issued.cert, "host.example", 0, 0, NULL), 1));
	cr_expect(eq(int, X509_check_ip_asc(issued.cert, "10.0.0.1", 0), 1));
	cr_expect(eq(u32, X509_get_extended_key_usage(issued.cert),
	    XKU_SSL_SERVER | XKU_SSL_CLIENT));
	cr_expect(eq(u32, X509_get_key_usage(issued.cert), KU_DIGITAL_SIGNATURE));
	cr_expect(eq(int, critical(issued.cert, NID_key_usage), 0), "as requested");
	cr_expect(find_oid(issued.cert, "1.3.6.1.4.1.311.25.2") >= 0, "SID");
	cr_expect(eq(int, critical(issued.cert, NID_subject_alt_name), 0));
	cr_expect(eq(int,
	    fixture_verify(issued.pki, buf_bytes(&issued.der), X509_PURPOSE_SSL_SERVER),
	    X509_V_OK));
	issued_clear(&issued);
}

Test(issue, other_requested_extensions_are_ignored)
{
	struct fixture_request what = {.common_name = "host"};
	struct issued issued;

	fixture_extension(&what.extensions, "basicConstraints", "critical,CA:TRUE");
	fixture_extension(&what.extensions, "1.3.6.1.4.1.311.20.2", "DER:1e00");
	fixture_extension(&what.extensions, "1.2.3.4", "critical,DER:0500");
	issued = issue(&what);
	cr_expect(
	    eq(int, X509_get_ext_by_NID(issued.cert, NID_basic_constraints, -1), -1));
	cr_expect(eq(int, find_oid(issued.cert, "1.3.6.1.4.1.311.20.2"), -1));
	cr_expect(eq(int, find_oid(issued.cert, "1.2.3.4"), -1));
	cr_expect(eq(int, X509_check_ca(issued.cert), 0));
	issued_clear(&issued);
}

Test(issue, usage_defaults_to_what_an_ndes_template_says)
{
	struct fixture_request what = {.common_name = "host"};
	struct issued issued = issue(&what);

	cr_expect(eq(u32, X509_get_key_usage(issued.cert),
	    KU_DIGITAL_SIGNATURE | KU_KEY_ENCIPHERMENT));
	cr_expect(eq(int, critical(issued.cert, NID_key_usage), 1));
	cr_expect(eq(u32, X509_get_extended_key_usage(issued.cert), XKU_SSL_CLIENT));
	issued_clear(&issued);
}

Test(issue, key_identifiers_point_to_key_and_ca)
{
	struct fixture_request what = {.common_name = "host"};
	struct issued issued = issue(&what);
	X509 *ca = fixture_cert(buf_bytes(&issued.pki->ca.der));
	const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(issued.cert);
	const ASN1_OCTET_STRING *issuer = X509_get0_authority_key_id(issued.cert);
	unsigned char hash[20];

	cr_assert(own != NULL);
	cr_assert(issuer != NULL);
	X509_pubkey_digest(issued.cert, EVP_sha1(), hash, NULL);
	cr_expect(memcmp(ASN1_STRING_get0_data(own), hash, 20) == 0);
	cr_expect(ASN1_OCTET_STRING_cmp(issuer, X509_get0_subject_key_id(ca)) == 0);
	X509_free(ca);
	issued_clear(&issued);
}

Test(issue, without_a_subject_the_alternative_name_is_critical)
{
	struct fixture_request what = {.common_name = NULL};
	struct issued issued;

	fixture_extension(&what.extensions, "subjectAltName", "DNS:host.example");
	issued = issue(&what);
	cr_expect(eq(int, critical(issued.cert, NID_subject_alt_name), 1));
	cr_expect(
	    eq(int, fixture_verify(issued.pki, buf_bytes(&issued.der), 0), X509_V_OK));
	issued_clear(&issued);
}

Test(issue, extension_asked_for_twice_is_issued_once)
{
	struct fixture_request what = {.common_name = "host"};
	struct issued issued;
	int at;

	fixture_extension(&what.extensions, "subjectAltName", "DNS:first.example");
	fixture_extension(&what.extensions, "subjectAltName", "DNS:second.example");
	issued = issue(&what);
	at = X509_get_ext_by_NID(issued.cert, NID_subject_alt_name, -1);
	cr_expect(at >= 0);
	cr_expect(
	    eq(int, X509_get_ext_by_NID(issued.cert, NID_subject_alt_name, at), -1));
	cr_expect(eq(int, X509_check_host(issued.cert, "first.example", 0, 0, NULL), 1));
	issued_clear(&issued);
}

Test(issue, rsa_ca_signs_sha256_with_rsa, .timeout = 10)
{
	struct fixture_request what = {.common_name = "host"};
	struct pki_settings settings = {.now = FIXTURE_NOW};
	struct err err = ERR_INIT;
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	struct pki *pki =
	    pki_new(&settings, key, EVP_EC_gen("P-256"), EVP_EC_gen("P-256"), &err);
	struct issued issued = issue_from(pki, &what, FIXTURE_NOW);
	const X509_ALGOR *algorithm;
	int parameter;

	X509_get0_signature(NULL, &algorithm, issued.cert);
	X509_ALGOR_get0(NULL, &parameter, NULL, algorithm);
	cr_expect(
	    eq(int, X509_get_signature_nid(issued.cert), NID_sha256WithRSAEncryption));
	cr_expect(eq(int, parameter, V_ASN1_NULL), "RFC 4055 5: NULL parameters");
	cr_expect(eq(int, fixture_verify(pki, buf_bytes(&issued.der), 0), X509_V_OK));
	issued_clear(&issued);
}

Test(issue, what_cannot_be_issued_is_an_error_and_leaves_no_bytes)
{
	struct fixture_request what = {.common_name = "host"};
	struct issued issued = issue(&what);
	struct err err = ERR_INIT;
	struct buf out = BUF_INIT;

	issued.leaf.extensions = (struct bytes){(const unsigned char *)"\x30\x01", 2};
	cr_expect(eq(int, leaf_issue(&issued.leaf, issued.pki, &out, &err), false));
	cr_expect(eq(int, err.kind, ERR_FAILED));
	cr_expect(eq(sz, out.len, 0));
	cr_expect(ERR_peek_error() == 0);
	issued_clear(&issued);
}
