#include "certs/csr.h"

#include "certs/templates.h"
#include "support/pki_fixture.h"
#include <criterion/new/assert.h>

/* As asn1_request_info, but the attributes stay in the order they are given. */
/* clang-format off */
ASN1_SEQUENCE(unsorted_info) = {
	ASN1_SIMPLE(struct asn1_request_info, version, ASN1_INTEGER),
	ASN1_SIMPLE(struct asn1_request_info, subject, ASN1_SEQUENCE),
	ASN1_SIMPLE(struct asn1_request_info, spki, ASN1_SEQUENCE),
	ASN1_IMP_SEQUENCE_OF_OPT(struct asn1_request_info, attributes, X509_ATTRIBUTE, 0),
} static_ASN1_SEQUENCE_END_name(struct asn1_request_info, unsorted_info)

ASN1_SEQUENCE(unsorted_request) = {
	ASN1_SIMPLE(struct asn1_request, info, unsorted_info),
	ASN1_SIMPLE(struct asn1_request, algorithm, X509_ALGOR),
	ASN1_SIMPLE(struct asn1_request, signature, ASN1_BIT_STRING),
} static_ASN1_SEQUENCE_END_name(struct asn1_request, unsorted_request)
/* clang-format on */

static struct csr *
parse(const struct buf *der)
{
	struct csr *csr = NULL;

	cr_assert(csr_parse(buf_bytes(der), &csr), "refused");
	cr_expect(ERR_peek_error() == 0, "error queue");
	return csr;
}

static void
expect_same(struct bytes got, const void *want, size_t len, const char *what)
{
	cr_expect(got.len == len && (len == 0 || memcmp(got.data, want, len) == 0),
	    "%s: %zu bytes instead of %zu", what, got.len, len);
}

/* CN=host, a challenge, a subjectAltName. */
static void
usual_csr(EVP_PKEY *key, struct buf *out)
{
	struct fixture_request what = {
	    .common_name = "host", .challenge = "s3cret", .friendly_name = true};

	fixture_extension(&what.extensions, "subjectAltName", "DNS:host.example");
	fixture_csr(&what, key, out);
}

/* What the template says of this CSR, its attributes turned round, signed anew. */
static void
turned_csr(const struct buf *der, EVP_PKEY *key, struct buf *out)
{
	struct asn1_request *request =
	    template_read(buf_bytes(der), ASN1_ITEM_rptr(unsorted_request));
	STACK_OF(X509_ATTRIBUTE) * attributes;
	int i, count;

	cr_assert(ne(ptr, request, NULL));
	attributes = request->info->attributes;
	count = sk_X509_ATTRIBUTE_num(attributes);
	for (i = 0; i < count; i++)
		sk_X509_ATTRIBUTE_unshift(
		    attributes, sk_X509_ATTRIBUTE_delete(attributes, i));
	cr_assert(ASN1_item_sign(ASN1_ITEM_rptr(unsorted_info), request->algorithm, NULL,
	              request->signature, request->info, key, EVP_sha256()) > 0);
	cr_assert(template_write(request, ASN1_ITEM_rptr(unsorted_request), out));
	ASN1_item_free((ASN1_VALUE *)request, ASN1_ITEM_rptr(unsorted_request));
}

Test(csr, usual_request_is_read)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct buf der = BUF_INIT, spki = BUF_INIT;
	struct csr *csr;
	X509_NAME *name;
	const unsigned char *p;

	usual_csr(key, &der);
	csr = parse(&der);
	cr_assert(OSSL_DER(&spki, key, i2d_PUBKEY));
	expect_same(csr->spki, spki.data, spki.len, "spki");
	expect_same(csr->challenge, "s3cret", 6, "challenge");
	cr_expect(eq(int, csr->challenge_type, V_ASN1_PRINTABLESTRING));
	expect_same(buf_bytes(&csr->der), der.data, der.len, "der");
	cr_expect(ne(ptr,
	    memmem(csr->extensions.data, csr->extensions.len, "host.example", 12), NULL));
	p = csr->subject.data;
	name = d2i_X509_NAME(NULL, &p, (long)csr->subject.len);
	cr_assert(ne(ptr, name, NULL));
	cr_expect(eq(int, X509_NAME_entry_count(name), 1));
	cr_expect(csr_verify(csr, NULL));
	cr_expect(csr_verify(csr, key));
	X509_NAME_free(name);
	csr_free(csr);
	buf_clear(&spki);
	buf_clear(&der);
	EVP_PKEY_free(key);
}

Test(csr, request_without_attributes_is_read)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct fixture_request what = {.common_name = NULL};
	struct buf der = BUF_INIT;
	struct csr *csr;

	fixture_csr(&what, key, &der);
	csr = parse(&der);
	cr_expect(eq(sz, csr->challenge.len, 0));
	cr_expect(eq(int, csr->challenge_type, 0));
	cr_expect(eq(sz, csr->extensions.len, 0));
	cr_expect(csr_verify(csr, NULL));
	csr_free(csr);
	buf_clear(&der);
	EVP_PKEY_free(key);
}

Test(csr, challenge_keeps_its_type_and_its_octets)
{
	static const struct {
		const char *name;
		int type;
		const char *text;
	} cases[] = {
	    {"PrintableString", V_ASN1_PRINTABLESTRING, "ABCDEF0123456789"},
	    {"UTF8String", V_ASN1_UTF8STRING, "p\xc3\xa4ss"},
	    {"T61String", V_ASN1_T61STRING, "p\xe4ss"},
	    {"IA5String", V_ASN1_IA5STRING, "p@ss"},
	    {"BMPString", V_ASN1_BMPSTRING, "pass"},
	};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture_request what = {.common_name = "host",
		    .challenge = cases[i].text,
		    .challenge_type = cases[i].type};
		struct buf der = BUF_INIT;
		struct csr *csr;

		fixture_csr(&what, key, &der);
		csr = parse(&der);
		cr_expect(eq(int, csr->challenge_type, cases[i].type), "case %s",
		    cases[i].name);
		expect_same(
		    csr->challenge, cases[i].text, strlen(cases[i].text), cases[i].name);
		csr_free(csr);
		buf_clear(&der);
	}
	EVP_PKEY_free(key);
}

Test(csr, challenge_that_is_no_string_is_present_but_empty)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509_REQ *request = X509_REQ_new();
	struct buf der = BUF_INIT;
	struct csr *csr;

	X509_REQ_set_pubkey(request, key);
	X509_REQ_add1_attr_by_NID(request, NID_pkcs9_challengePassword, V_ASN1_SEQUENCE,
	    (const unsigned char *)"\x30\x00", 2);
	X509_REQ_sign(request, key, EVP_sha256());
	cr_assert(OSSL_DER(&der, request, i2d_X509_REQ));
	csr = parse(&der);
	cr_expect(eq(int, csr->challenge_type, V_ASN1_SEQUENCE));
	cr_expect(eq(sz, csr->challenge.len, 0));
	csr_free(csr);
	buf_clear(&der);
	X509_REQ_free(request);
	EVP_PKEY_free(key);
}

Test(csr, attributes_may_come_in_any_order)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct buf der = BUF_INIT, turned = BUF_INIT;
	struct csr *csr;

	usual_csr(key, &der);
	turned_csr(&der, key, &turned);
	cr_expect(
	    memcmp(der.data, turned.data, 200) != 0, "the fixture did not turn them");
	csr = parse(&turned);
	expect_same(csr->challenge, "s3cret", 6, "challenge");
	cr_expect(csr->extensions.len > 0);
	cr_expect(csr_verify(csr, NULL), "signature over the order as sent");
	csr_free(csr);
	buf_clear(&der);
	buf_clear(&turned);
	EVP_PKEY_free(key);
}

Test(csr, microsofts_attribute_is_an_extension_request_too)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct fixture_request what = {
	    .common_name = "host", .extensions_nid = NID_ms_ext_req};
	struct buf der = BUF_INIT;
	struct csr *csr;

	fixture_extension(&what.extensions, "extendedKeyUsage", "clientAuth");
	fixture_csr(&what, key, &der);
	csr = parse(&der);
	cr_expect(csr->extensions.len > 0);
	csr_free(csr);
	buf_clear(&der);
	EVP_PKEY_free(key);
}

/* Puts `der` under a header of indefinite length in place of its own. */
static void
add_indefinite(struct buf *out, struct bytes der)
{
	const unsigned char *p = der.data;
	long len;
	int tag, class;

	ASN1_get_object(&p, &len, &tag, &class, (long)der.len);
	buf_add(out, der.data, 1);
	buf_add(out, "\x80", 1);
	buf_add(out, p, (size_t)len);
	buf_add(out, "\0\0", 2);
}

/* Both SEQUENCEs around the signed fields in BER; the signature is over the DER. */
static void
ber_csr(const struct buf *der, struct buf *out)
{
	const unsigned char *p = der->data, *info;
	struct buf content = BUF_INIT;
	long len, info_len;
	int tag, class;
	const unsigned char *end;

	ASN1_get_object(&p, &len, &tag, &class, (long)der->len);
	end = p + len;
	info = p;
	ASN1_get_object(&p, &info_len, &tag, &class, len);
	p += info_len;
	add_indefinite(&content, (struct bytes){info, (size_t)(p - info)});
	buf_add(out, "\x30\x80", 2);
	buf_add(out, content.data, content.len);
	buf_add(out, p, (size_t)(end - p));
	buf_add(out, "\0\0", 2);
	buf_clear(&content);
}

Test(csr, ber_becomes_der_and_its_signature_holds)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct buf der = BUF_INIT, ber = BUF_INIT;
	struct csr *csr;

	usual_csr(key, &der);
	ber_csr(&der, &ber);
	csr = parse(&ber);
	expect_same(buf_bytes(&csr->der), der.data, der.len, "der");
	expect_same(csr->challenge, "s3cret", 6, "challenge");
	cr_expect(csr_verify(csr, NULL));
	csr_free(csr);
	buf_clear(&der);
	buf_clear(&ber);
	EVP_PKEY_free(key);
}

Test(csr, signature_over_ber_as_sent_holds_as_well)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct buf der = BUF_INIT, ber = BUF_INIT, again = BUF_INIT;
	struct asn1_request *request;
	struct csr *csr;

	usual_csr(key, &der);
	ber_csr(&der, &ber);
	request = template_read(buf_bytes(&ber), ASN1_ITEM_rptr(asn1_request));
	cr_assert(ne(ptr, request, NULL));
	cr_assert(ASN1_item_sign(ASN1_ITEM_rptr(asn1_request_info), request->algorithm,
	              NULL, request->signature, request->info, key, EVP_sha256()) > 0);
	cr_assert(template_write(request, ASN1_ITEM_rptr(asn1_request), &again));
	csr = parse(&again);
	cr_expect(csr->sent != NULL);
	cr_expect(csr_verify(csr, NULL));
	csr_free(csr);
	ASN1_item_free((ASN1_VALUE *)request, ASN1_ITEM_rptr(asn1_request));
	buf_clear(&der);
	buf_clear(&ber);
	buf_clear(&again);
	EVP_PKEY_free(key);
}

Test(csr, altered_request_does_not_verify)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
	struct buf der = BUF_INIT;
	unsigned char *at;
	struct csr *csr;

	usual_csr(key, &der);
	csr = parse(&der);
	cr_expect(csr_verify(csr, other) == false, "a foreign key");
	cr_expect(ERR_peek_error() == 0);
	csr_free(csr);
	at = memmem(der.data, der.len, "s3cret", 6);
	cr_assert(ne(ptr, at, NULL));
	*at = 'S';
	csr = parse(&der);
	cr_expect(csr_verify(csr, NULL) == false, "an altered challenge");
	cr_expect(ERR_peek_error() == 0);
	csr_free(csr);
	buf_clear(&der);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

Test(csr, every_truncated_request_is_refused)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct csr *csr = NULL;
	struct buf der = BUF_INIT;
	size_t len;

	usual_csr(key, &der);
	for (len = 0; len < der.len; len++) {
		unsigned char *exact = malloc(len + 1);

		memcpy(exact, der.data, len);
		cr_expect(csr_parse((struct bytes){exact, len}, &csr) == false,
		    "%zu bytes", len);
		free(exact);
	}
	buf_add(&der, "\0", 1);
	cr_expect(csr_parse(buf_bytes(&der), &csr) == false, "a byte too many");
	cr_expect(eq(ptr, csr, NULL));
	cr_expect(ERR_peek_error() == 0);
	buf_clear(&der);
	EVP_PKEY_free(key);
}

/* Every byte changed in four ways; the verdict does not matter, only that there is one.
 */
static void
change_every_byte(EVP_PKEY *key)
{
	static const unsigned char masks[] = {0x01, 0x20, 0x80, 0xff};
	struct buf der = BUF_INIT;
	size_t i, m;

	usual_csr(key, &der);
	for (i = 0; i < der.len; i++) {
		for (m = 0; m < sizeof(masks); m++) {
			struct csr *csr = NULL;

			der.data[i] ^= masks[m];
			if (csr_parse(buf_bytes(&der), &csr))
				csr_verify(csr, NULL);
			cr_expect(ERR_peek_error() == 0, "byte %zu", i);
			csr_free(csr);
			der.data[i] ^= masks[m];
		}
	}
	buf_clear(&der);
}

Test(csr, changed_bytes_do_no_harm, .timeout = 60)
{
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	EVP_PKEY *rsa = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);

	change_every_byte(ec);
	change_every_byte(rsa);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(rsa);
}

Test(csr, longer_than_the_cap_is_refused)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	char *challenge = calloc(1, CSR_BYTES_MAX + 1);
	struct fixture_request what = {.common_name = "host", .challenge = challenge};
	struct buf der = BUF_INIT;
	struct csr *csr = NULL;

	memset(challenge, 'x', CSR_BYTES_MAX / 2);
	fixture_csr(&what, key, &der);
	csr = parse(&der);
	csr_free(csr);
	buf_reset(&der);
	memset(challenge, 'x', CSR_BYTES_MAX);
	fixture_csr(&what, key, &der);
	cr_expect(csr_parse(buf_bytes(&der), &csr) == false);
	free(challenge);
	buf_clear(&der);
	EVP_PKEY_free(key);
}

Test(csr, malformed_requested_extensions_are_refused)
{
	static const struct {
		const char *name;
		int type;
		const char *value;
		int len;
	} cases[] = {
	    {"not a SEQUENCE", V_ASN1_OCTET_STRING, "x", 1},
	    {"SEQUENCE of an INTEGER", V_ASN1_SEQUENCE, "\x30\x03\x02\x01\x00", 5},
	    {"subjectAltName of an INTEGER", V_ASN1_SEQUENCE,
	        "\x30\x0c\x30\x0a\x06\x03\x55\x1d\x11\x04\x03\x02\x01\x00", 14},
	    {"keyUsage of a NULL", V_ASN1_SEQUENCE,
	        "\x30\x0b\x30\x09\x06\x03\x55\x1d\x0f\x04\x02\x05\x00", 13},
	    {"keyUsage and a byte more", V_ASN1_SEQUENCE,
	        "\x30\x0e\x30\x0c\x06\x03\x55\x1d\x0f\x04\x05\x03\x02\x07\x80\x00", 16},
	    {"extendedKeyUsage cut off", V_ASN1_SEQUENCE,
	        "\x30\x0b\x30\x09\x06\x03\x55\x1d\x25\x04\x02\x30\x05", 13},
	};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		X509_REQ *request = X509_REQ_new();
		struct buf der = BUF_INIT;
		struct csr *csr = NULL;

		X509_REQ_set_pubkey(request, key);
		X509_REQ_add1_attr_by_NID(request, NID_ext_req, cases[i].type,
		    (const unsigned char *)cases[i].value, cases[i].len);
		X509_REQ_sign(request, key, EVP_sha256());
		cr_assert(OSSL_DER(&der, request, i2d_X509_REQ));
		cr_expect(
		    csr_parse(buf_bytes(&der), &csr) == false, "case %s", cases[i].name);
		cr_expect(ERR_peek_error() == 0, "case %s", cases[i].name);
		buf_clear(&der);
		X509_REQ_free(request);
	}
	EVP_PKEY_free(key);
}

Test(csr, free_takes_null)
{
	csr_free(NULL);
}

Test(csr, rsa_request_verifies)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	struct buf der = BUF_INIT;
	struct csr *csr;

	usual_csr(key, &der);
	csr = parse(&der);
	cr_expect(csr_verify(csr, NULL));
	cr_expect(eq(uint, spki_bits(csr->spki), 1024));
	csr_free(csr);
	buf_clear(&der);
	EVP_PKEY_free(key);
}
