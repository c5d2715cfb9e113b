#include "scep/certrep.h"

#include "support/meeting.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <string.h>

static void
print_primitive(const unsigned char *p, long len, int tag, struct buf *out)
{
	const unsigned char *number = p;
	ASN1_INTEGER *integer;
	char oid[64];
	ASN1_OBJECT *object;
	struct buf whole = BUF_INIT;
	unsigned char head[16];
	unsigned char *h = head;

	ASN1_put_object(&h, 0, (int)len, tag, V_ASN1_UNIVERSAL);
	buf_add(&whole, head, (size_t)(h - head));
	buf_add(&whole, p, (size_t)len);
	number = whole.data;
	switch (tag) {
	case V_ASN1_OBJECT:
		object = d2i_ASN1_OBJECT(NULL, &number, (long)whole.len);
		OBJ_obj2txt(oid, sizeof(oid), object, 1);
		buf_add_text(out, oid);
		ASN1_OBJECT_free(object);
		break;
	case V_ASN1_INTEGER:
		integer = d2i_ASN1_INTEGER(NULL, &number, (long)whole.len);
		buf_add_format(out, "%ld", ASN1_INTEGER_get(integer));
		ASN1_INTEGER_free(integer);
		break;
	case V_ASN1_NULL:
		buf_add_text(out, "NULL");
		break;
	case V_ASN1_PRINTABLESTRING:
		buf_add_format(out, "\"%.*s\"", (int)len, (const char *)p);
		break;
	case V_ASN1_OCTET_STRING:
		buf_add_format(out, "octets(%ld)", len);
		if (len == 1)
			buf_add_format(out, "=%02x", p[0]);
		break;
	default:
		buf_add_format(out, "tag%d(%ld)", tag, len);
		break;
	}
	buf_clear(&whole);
}

/* The structure in words, one element after another; `name` stands for its encoding. */
static void
print_der(struct bytes der, const struct buf *name, struct buf *out)
{
	const unsigned char *p = der.data;
	const unsigned char *end = der.data + der.len;

	while (p < end) {
		const unsigned char *start = p;
		int tag, class;
		long len;
		int form = ASN1_get_object(&p, &len, &tag, &class, end - p);

		cr_assert(form == 0 || form == V_ASN1_CONSTRUCTED, "not DER");
		if (out->len > 0 && out->data[out->len - 1] != '{')
			buf_add_char(out, ' ');
		if ((size_t)(p - start + len) == name->len &&
		    memcmp(start, name->data, name->len) == 0) {
			buf_add_text(out, "RA-SIGN");
		} else if (form == V_ASN1_CONSTRUCTED) {
			if (class == V_ASN1_CONTEXT_SPECIFIC)
				buf_add_format(out, "[%d]", tag);
			else if (tag == V_ASN1_SET)
				buf_add_text(out, "set");
			buf_add_char(out, '{');
			print_der((struct bytes){p, (size_t)len}, name, out);
			buf_add_char(out, '}');
		} else {
			print_primitive(p, len, tag, out);
		}
		p += len;
	}
}

#define SCEP(n)    "2.16.840.1.113733.1.9." #n
#define ATTR(o, v) "{" o " set{" v "}}"

Test(certrep, failure_is_what_ndes_sends, .timeout = 10)
{
	static const struct scep_request request = {.message_type = 22,
	    .digest_nid = NID_sha1,
	    .transaction_id = "0123456789ABCDEF0123456789ABCDEF"};
	static const char expected[] =
	    "{1.2.840.113549.1.7.2 [0]{{1 set{{1.3.14.3.2.26 NULL}} "
	    "{1.2.840.113549.1.7.1 [0]{octets(1)=00}} "
	    "set{{1 RA-SIGN {1.3.14.3.2.26 NULL} [0]{"
	    /* clang-format off */
	    ATTR(SCEP(2), "\"3\"") " "
	    ATTR(SCEP(3), "\"2\"") " "
	    ATTR(SCEP(4), "\"2\"") " "
	    ATTR("1.2.840.113549.1.9.3", "1.2.840.113549.1.7.1") " "
	    ATTR("1.3.6.1.4.1.311.21.33", "\"-2147024809\"") " "
	    ATTR(SCEP(5), "octets(16)") " "
	    ATTR(SCEP(6), "octets(16)") " "
	    ATTR("1.2.840.113549.1.9.4", "octets(20)") " "
	    ATTR(SCEP(7), "\"0123456789ABCDEF0123456789ABCDEF\"")
	    /* clang-format on */
	    "} {1.2.840.113549.1.1.1 NULL} octets(128)}}}}}";
	struct meeting meeting = meet(&request);
	struct certrep certrep = honest(&meeting, PKI_FAILURE);
	struct buf words = BUF_INIT;
	struct buf der;

	certrep.fail_info = FAIL_BAD_REQUEST;
	certrep.has_hresult = true;
	certrep.hresult = HRESULT_E_INVALIDARG;
	der = seal(&certrep, meeting.pki);
	print_der(buf_bytes(&der), &meeting.pki->sign.issuer_and_serial, &words);
	buf_add_char(&words, '\0');
	cr_expect(strcmp((char *)words.data, expected) == 0, "got  %s\nwant %s",
	    (char *)words.data, expected);
	buf_clear(&words);
	buf_clear(&der);
	certrep_clear(&certrep);
	part(&meeting);
}

Test(certrep, digest_of_the_zero_byte_is_known, .timeout = 10)
{
	static const struct scep_request request = {.digest_nid = NID_sha1};
	/* SHA-1 of one octet 00, as in a captured answer of an NDES */
	static const unsigned char digest[] = {0x5b, 0xa9, 0x3c, 0x9d, 0xb0, 0xcf, 0xf9,
	    0x3f, 0x52, 0xb5, 0x21, 0xd7, 0x42, 0x0e, 0x43, 0xf6, 0xed, 0xa2, 0x78, 0x4f};
	struct meeting meeting = meet(&request);
	struct certrep certrep = honest(&meeting, PKI_FAILURE);
	struct buf der = seal(&certrep, meeting.pki);

	cr_expect(memmem(der.data, der.len, digest, sizeof(digest)) != NULL);
	buf_clear(&der);
	certrep_clear(&certrep);
	part(&meeting);
}

Test(certrep, failure_and_pending_are_read_by_a_client, .timeout = 20)
{
	static const struct {
		const char *name;
		enum pki_status status;
		enum fail_info fail_info;
		int digest_nid;
		const char *hresult;
	} rows[] = {
	    {"badAlg", PKI_FAILURE, FAIL_BAD_ALG, NID_sha256, ""},
	    {"badRequest", PKI_FAILURE, FAIL_BAD_REQUEST, NID_sha512, "-2147024809"},
	    {"badCertId", PKI_FAILURE, FAIL_BAD_CERT_ID, NID_sha1, ""},
	    {"pending", PKI_PENDING, FAIL_BAD_ALG, NID_sha256, ""},
	};
	static const struct scep_request request = {.challenge = "x"};
	struct meeting meeting = meet(&request);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct certrep certrep = honest(&meeting, rows[i].status);
		bool failed = rows[i].status == PKI_FAILURE;
		struct scep_reply reply;
		struct buf der;

		certrep.fail_info = rows[i].fail_info;
		certrep.has_hresult = rows[i].hresult[0] != '\0';
		certrep.hresult = HRESULT_E_INVALIDARG;
		certrep.digest_nid = rows[i].digest_nid;
		der = seal(&certrep, meeting.pki);
		cr_expect(scep_client_read_reply(meeting.client, buf_bytes(&der), &reply),
		    "case %s", rows[i].name);
		cr_expect(reply.signature_ok, "case %s", rows[i].name);
		cr_expect(eq(int, reply.message_type, 3), "case %s", rows[i].name);
		cr_expect(
		    eq(int, reply.status, (int)rows[i].status), "case %s", rows[i].name);
		cr_expect(eq(int, reply.fail_info, failed ? (int)rows[i].fail_info : -1),
		    "case %s", rows[i].name);
		cr_expect(
		    strcmp(reply.hresult, rows[i].hresult) == 0, "case %s", rows[i].name);
		cr_expect(reply.transaction_ok && reply.recipient_nonce_ok, "case %s",
		    rows[i].name);
		cr_expect(reply.has_sender_nonce && !reply.has_signing_time, "case %s",
		    rows[i].name);
		cr_expect(eq(int, reply.digest_nid, rows[i].digest_nid), "case %s",
		    rows[i].name);
		cr_expect(eq(int, reply.outer_certs, 0), "case %s", rows[i].name);
		cr_expect(reply.content_is_zero_byte && !reply.has_trailing_bytes,
		    "case %s", rows[i].name);
		scep_reply_clear(&reply);
		buf_clear(&der);
		certrep_clear(&certrep);
	}
	part(&meeting);
}

Test(certrep, success_gives_the_client_its_certificate, .timeout = 20)
{
	static const struct {
		const char *name;
		int cipher_nid;
		int digest_nid;
	} rows[] = {
	    {"AES-128, SHA-256", NID_aes_128_cbc, NID_sha256},
	    {"AES-256, SHA-512", NID_aes_256_cbc, NID_sha512},
	    {"3DES, SHA-1", NID_des_ede3_cbc, NID_sha1},
	    {"DES, SHA-1", NID_des_cbc, NID_sha1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct scep_request request = {.cipher_nid = rows[i].cipher_nid,
		    .digest_nid = rows[i].digest_nid,
		    .dns_name = "host1.example"};
		struct meeting meeting = meet(&request);
		struct certrep certrep = honest(&meeting, PKI_SUCCESS);
		struct buf der = seal(&certrep, meeting.pki);
		struct scep_reply reply;

		cr_expect(scep_client_read_reply(meeting.client, buf_bytes(&der), &reply),
		    "case %s", rows[i].name);
		cr_expect(eq(int, reply.status, PKI_SUCCESS), "case %s", rows[i].name);
		cr_expect(eq(int, reply.fail_info, -1), "case %s", rows[i].name);
		cr_expect(
		    reply.signature_ok && reply.transaction_ok, "case %s", rows[i].name);
		cr_expect(eq(int, reply.cipher_nid, rows[i].cipher_nid), "case %s",
		    rows[i].name);
		cr_expect(eq(int, reply.digest_nid, rows[i].digest_nid), "case %s",
		    rows[i].name);
		cr_expect(eq(int, reply.outer_certs, 1), "case %s", rows[i].name);
		cr_expect(eq(int, reply.bag_certs, 2), "case %s", rows[i].name);
		cr_expect(reply.leaf_has_our_key && reply.leaf_from_ca, "case %s",
		    rows[i].name);
		scep_reply_clear(&reply);
		buf_clear(&der);
		certrep_clear(&certrep);
		part(&meeting);
	}
}

/* RFC 5652 6.1 wants version 0 here, and clients want rsaEncryption with its NULL. */
Test(certrep, envelope_is_the_plain_kind, .timeout = 10)
{
	static const struct scep_request request = {.cipher_nid = NID_des_ede3_cbc};
	struct meeting meeting = meet(&request);
	struct certrep certrep = honest(&meeting, PKI_SUCCESS);
	struct buf der = seal(&certrep, meeting.pki);
	const unsigned char *p = der.data;
	PKCS7 *outer = d2i_PKCS7(NULL, &p, (long)der.len);
	ASN1_OCTET_STRING *content = outer->d.sign->contents->d.data;
	PKCS7 *inner;
	PKCS7_RECIP_INFO *recipient;
	X509_ALGOR *algorithm;

	p = ASN1_STRING_get0_data(content);
	inner = d2i_PKCS7(NULL, &p, ASN1_STRING_length(content));
	cr_assert(inner != NULL && PKCS7_type_is_enveloped(inner));
	cr_expect(eq(long, ASN1_INTEGER_get(inner->d.enveloped->version), 0L));
	cr_assert(eq(int, sk_PKCS7_RECIP_INFO_num(inner->d.enveloped->recipientinfo), 1));
	recipient = sk_PKCS7_RECIP_INFO_value(inner->d.enveloped->recipientinfo, 0);
	algorithm = recipient->key_enc_algor;
	cr_expect(eq(long, ASN1_INTEGER_get(recipient->version), 0L));
	cr_expect(eq(int, OBJ_obj2nid(algorithm->algorithm), NID_rsaEncryption));
	cr_expect(
	    algorithm->parameter != NULL && algorithm->parameter->type == V_ASN1_NULL);
	cr_expect(ASN1_INTEGER_cmp(recipient->issuer_and_serial->serial,
	              X509_get0_serialNumber(meeting.client->cert)) == 0);
	PKCS7_free(inner);
	PKCS7_free(outer);
	buf_clear(&der);
	certrep_clear(&certrep);
	part(&meeting);
}

Test(certrep, an_issued_certificate_is_sent_again, .timeout = 10)
{
	static const struct scep_request request = {.challenge = "x"};
	struct meeting meeting = meet(&request);
	struct certrep certrep = honest(&meeting, PKI_SUCCESS);
	struct buf first = seal(&certrep, meeting.pki);
	struct buf leaf = BUF_INIT;
	struct scep_reply reply;
	unsigned char *again = NULL;
	struct buf second;
	int len;

	cr_assert(certrep.leaf_der.len > 0);
	buf_add(&leaf, certrep.leaf_der.data, certrep.leaf_der.len);
	/* The specification no longer counts. */
	certrep.leaf = (struct leaf){.not_before = 0};
	second = seal(&certrep, meeting.pki);
	cr_expect(scep_client_read_reply(meeting.client, buf_bytes(&second), &reply));
	cr_assert(reply.leaf != NULL);
	len = i2d_X509(reply.leaf, &again);
	cr_expect(len > 0 && (size_t)len == leaf.len &&
	          memcmp(again, leaf.data, leaf.len) == 0);
	OPENSSL_free(again);
	scep_reply_clear(&reply);
	buf_clear(&leaf);
	buf_clear(&first);
	buf_clear(&second);
	certrep_clear(&certrep);
	part(&meeting);
}

Test(certrep, what_the_client_left_out_is_left_out, .timeout = 10)
{
	static const struct scep_request request = {
	    .no_nonce = true, .transaction_id = ""};
	static const unsigned char recipient_nonce[] = {
	    0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x45, 0x01, 0x09, 0x06};
	struct meeting meeting = meet(&request);
	struct certrep certrep = honest(&meeting, PKI_FAILURE);
	struct buf der = seal(&certrep, meeting.pki);
	struct scep_reply reply;

	cr_expect(scep_client_read_reply(meeting.client, buf_bytes(&der), &reply));
	cr_expect(reply.signature_ok);
	cr_expect(reply.transaction_id[0] == '\0');
	cr_expect(
	    memmem(der.data, der.len, recipient_nonce, sizeof(recipient_nonce)) == NULL);
	scep_reply_clear(&reply);
	buf_clear(&der);
	certrep_clear(&certrep);
	part(&meeting);
}

Test(certrep, answers_in_the_clients_algorithms_where_it_can)
{
	static const struct {
		int asked;
		int given;
	} ciphers[] = {
	    {NID_aes_128_cbc, NID_aes_128_cbc},
	    {NID_aes_256_cbc, NID_aes_256_cbc},
	    {NID_des_ede3_cbc, NID_des_ede3_cbc},
	    {NID_undef, NID_des_ede3_cbc},
	    {NID_camellia_128_cbc, NID_des_ede3_cbc},
	};
	static const struct {
		int asked;
		int given;
	} digests[] = {
	    {NID_md5, NID_sha1},
	    {NID_sha1, NID_sha1},
	    {NID_sha256, NID_sha256},
	    {NID_sha384, NID_sha384},
	    {NID_sha512, NID_sha512},
	    {NID_undef, NID_sha1},
	};
	struct err err = ERR_INIT;

	cr_assert(ossl_load_providers(&err));
	for (size_t i = 0; i < sizeof(ciphers) / sizeof(ciphers[0]); i++)
		cr_expect(
		    eq(int, certrep_reply_cipher(ciphers[i].asked), ciphers[i].given),
		    "cipher %d", ciphers[i].asked);
	cr_expect(eq(int, certrep_reply_cipher(NID_des_cbc),
	    ossl_has_legacy() ? NID_des_cbc : NID_des_ede3_cbc));
	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		cr_expect(
		    eq(int, certrep_reply_digest(digests[i].asked), digests[i].given),
		    "digest %d", digests[i].asked);
}

Test(certrep, only_rsa_keys_can_be_enveloped_to, .timeout = 10)
{
	static const struct scep_request request = {.challenge = "x"};
	struct meeting meeting = meet(&request);
	struct certrep certrep = honest(&meeting, PKI_SUCCESS);
	EVP_PKEY *ec = EVP_EC_gen("P-256");
	struct buf spki = BUF_INIT;
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	cr_assert(OSSL_DER(&spki, ec, i2d_PUBKEY));
	cr_expect(certrep_can_envelop(buf_bytes(&certrep.recipient_spki)));
	cr_expect(not(certrep_can_envelop(buf_bytes(&spki))));
	cr_expect(not(certrep_can_envelop((struct bytes){.data = NULL})));
	buf_clear(&certrep.recipient_spki);
	certrep.recipient_spki = buf_move(&spki);
	cr_expect(not(certrep_seal(&certrep, meeting.pki, &out, &err)));
	cr_expect(eq(int, (int)err.kind, ERR_FAILED));
	cr_expect(eq(sz, out.len, (size_t)0));
	EVP_PKEY_free(ec);
	certrep_clear(&certrep);
	part(&meeting);
}
