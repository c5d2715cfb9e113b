#include "support/certreplines_inner.h"

#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

#define SCEP "2.16.840.1.113733.1.9."

struct bytes
string_of(const ASN1_STRING *string)
{
	return (struct bytes){
	    ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string)};
}

bool
same_bytes(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

const char *
encoding_of(struct bytes der)
{
	return der.len > 1 && der.data[1] == 0x80 ? "ber" : "der";
}

/* The n-th INTEGER of the encoding, in the order of the bytes; -1: there is none. */
static long
nth_integer(const unsigned char *p, const unsigned char *end, int *n)
{
	long found = -1;

	while (p < end && found < 0) {
		const unsigned char *start = p;
		const unsigned char *value = start;
		long len;
		int tag, class;
		int form = ASN1_get_object(&p, &len, &tag, &class, end - p);
		ASN1_INTEGER *integer;

		if ((form & 0x80) != 0)
			return -1;
		if (form == V_ASN1_CONSTRUCTED) {
			found = nth_integer(p, p + len, n);
		} else if (class == V_ASN1_UNIVERSAL && tag == V_ASN1_INTEGER &&
		           (*n)-- == 0) {
			integer = d2i_ASN1_INTEGER(NULL, &value, end - start);
			found = ASN1_INTEGER_get(integer);
			ASN1_INTEGER_free(integer);
		}
		p += len;
	}
	return found;
}

/* The first INTEGER is the version of SignedData or EnvelopedData. */
long
version_of(CMS_ContentInfo *cms, int n)
{
	unsigned char *der = NULL;
	int len = i2d_CMS_ContentInfo(cms, &der);
	long version = nth_integer(der, der + len, &n);

	OPENSSL_free(der);
	return version;
}

void
add_algorithm(struct reading *r, const char *what, const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *object;
	int type;

	X509_ALGOR_get0(&object, &type, NULL, algorithm);
	buf_add_format(r->out, "%s: %s %s\n", what, OBJ_nid2sn(OBJ_obj2nid(object)),
	    type == V_ASN1_UNDEF ? "without parameters" : ASN1_tag2str(type));
}

void
add_name(struct reading *r, const char *what, const ASN1_OCTET_STRING *key_id,
    const X509_NAME *issuer, const ASN1_INTEGER *serial)
{
	const char *name = "nobody";
	unsigned char id[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	for (size_t i = 0; i < r->known->count && strcmp(name, "nobody") == 0; i++) {
		X509 *cert = r->known->certs[i].cert;
		bool is;

		X509_pubkey_digest(cert, EVP_sha1(), id, &len);
		is =
		    key_id != NULL
		        ? same_bytes(string_of(key_id), (struct bytes){id, len})
		        : X509_NAME_cmp(issuer, X509_get_issuer_name(cert)) == 0 &&
		              ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(cert)) == 0;
		if (is)
			name = r->known->certs[i].name;
	}
	buf_add_format(r->out, "%s: %s of %s\n", what,
	    key_id != NULL ? "key-id" : "issuer and serial", name);
}

void
add_certs(struct reading *r, const char *what, STACK_OF(X509) * certs)
{
	buf_add_format(r->out, "%s:", what);
	for (int i = 0; i < sk_X509_num(certs); i++) {
		const char *name = "leaf";

		for (size_t j = 0; j < r->known->count; j++)
			if (X509_cmp(r->known->certs[j].cert, sk_X509_value(certs, i)) ==
			    0)
				name = r->known->certs[j].name;
		buf_add_format(r->out, " %s", name);
	}
	buf_add_char(r->out, '\n');
}

static const ASN1_TYPE *
attribute(struct reading *r, const char *oid)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int at = CMS_signed_get_attr_by_OBJ(r->signer, object, -1);
	X509_ATTRIBUTE *found = at >= 0 ? CMS_signed_get_attr(r->signer, at) : NULL;

	ASN1_OBJECT_free(object);
	return found != NULL && X509_ATTRIBUTE_count(found) == 1
	           ? X509_ATTRIBUTE_get0_type(found, 0)
	           : NULL;
}

static void
add_octets(struct reading *r, struct bytes octets)
{
	const struct certrep_known *known = r->known;

	if (octets.len > 0 && octets.len < known->nonce.len &&
	    memcmp(octets.data, known->nonce.data, octets.len) == 0)
		buf_add_format(r->out, " the first %zu of the client's", octets.len);
	else if (same_bytes(octets, known->nonce))
		buf_add_text(r->out, " the client's");
	else if (octets.len > 0 && same_bytes(octets, known->stale))
		buf_add_text(r->out, " the stale one");
	else
		buf_add_format(r->out, " %zu, from %02x", octets.len,
		    octets.len > 0 ? octets.data[0] : 0);
}

static void
add_attribute(struct reading *r, const char *what, const char *oid)
{
	const ASN1_TYPE *value = attribute(r, oid);
	unsigned char *text = NULL;
	char object[64];

	buf_add_format(r->out, "%s:", what);
	if (value == NULL) {
		buf_add_text(r->out, " absent\n");
		return;
	}
	buf_add_format(r->out, " %s", ASN1_tag2str(value->type));
	if (value->type == V_ASN1_INTEGER) {
		buf_add_format(r->out, " %ld", ASN1_INTEGER_get(value->value.integer));
	} else if (value->type == V_ASN1_OCTET_STRING) {
		add_octets(r, string_of(value->value.octet_string));
	} else if (value->type == V_ASN1_OBJECT) {
		OBJ_obj2txt(object, sizeof(object), value->value.object, 0);
		buf_add_format(r->out, " %s", object);
	} else if (ASN1_STRING_to_UTF8(&text, value->value.asn1_string) >= 0) {
		buf_add_format(r->out, " %s", (char *)text);
	}
	OPENSSL_free(text);
	buf_add_char(r->out, '\n');
}

/* What is signed: the attributes as they came, as a SET; and their order. */
static void
read_signed(struct reading *r, struct buf *ret)
{
	struct buf body = BUF_INIT;
	struct buf last = BUF_INIT;
	unsigned char header[16];
	unsigned char *p = header;
	int up = 0, down = 0;
	int count = CMS_signed_get_attr_count(r->signer);

	for (int i = 0; i < count; i++) {
		unsigned char *der = NULL;
		int len = i2d_X509_ATTRIBUTE(CMS_signed_get_attr(r->signer, i), &der);
		size_t least = last.len < (size_t)len ? last.len : (size_t)len;
		int order = i > 0 ? memcmp(last.data, der, least) : 0;

		up += order < 0;
		down += order > 0;
		buf_reset(&last);
		buf_add(&last, der, (size_t)len);
		buf_add(&body, der, (size_t)len);
		OPENSSL_free(der);
	}
	ASN1_put_object(&p, 1, (int)body.len, V_ASN1_SET, V_ASN1_UNIVERSAL);
	buf_add(ret, header, (size_t)(p - header));
	buf_add(ret, body.data, body.len);
	buf_add_format(r->out, "order: %s\n",
	    up == count - 1     ? "sorted"
	    : down == count - 1 ? "reversed"
	                        : "neither");
	buf_clear(&body);
	buf_clear(&last);
}

static bool
holds(struct bytes data, const ASN1_STRING *signature, const EVP_MD *md, bool is_pss,
    EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx;
	bool ok = EVP_DigestVerifyInit(ctx, &key_ctx, md, NULL, key) == 1;

	if (ok && is_pss)
		EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING);
	ok = ok && EVP_DigestVerify(ctx, ASN1_STRING_get0_data(signature),
	               (size_t)ASN1_STRING_length(signature), data.data, data.len) == 1;
	EVP_MD_CTX_free(ctx);
	return ok;
}

static void
add_signature(struct reading *r, const X509_ALGOR *digest, const X509_ALGOR *algorithm)
{
	const EVP_MD *md = EVP_get_digestbyobj(digest->algorithm);
	bool is_pss = OBJ_obj2nid(algorithm->algorithm) == NID_rsassaPss;
	const struct known_cert *by = NULL;
	struct buf data = BUF_INIT;

	read_signed(r, &data);
	for (size_t i = 0; i < r->known->count && by == NULL; i++)
		if (holds(buf_bytes(&data), CMS_SignerInfo_get0_signature(r->signer), md,
		        is_pss, X509_get0_pubkey(r->known->certs[i].cert)))
			by = &r->known->certs[i];
	buf_add_format(r->out, "signed by: %s\n", by != NULL ? by->name : "nobody");
	if (by != NULL)
		CMS_SignerInfo_set1_signer_cert(r->signer, by->cert);
	buf_add_format(r->out, "OpenSSL's verdict: %s\n",
	    by != NULL && CMS_SignerInfo_verify(r->signer) == 1 ? "good" : "bad");
	buf_clear(&data);
}

static void
add_digest(struct reading *r, const EVP_MD *md)
{
	const ASN1_TYPE *stated = attribute(r, "1.2.840.113549.1.9.4");
	ASN1_OCTET_STRING **content = CMS_get0_content(r->cms);
	struct bytes octets = {.data = NULL};
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (*content != NULL)
		octets = string_of(*content);
	EVP_Digest(octets.data, octets.len, digest, &len, md, NULL);
	buf_add_format(r->out, "messageDigest: %s\n",
	    stated != NULL && same_bytes(string_of(stated->value.octet_string),
	                          (struct bytes){digest, len})
	        ? "right"
	        : "wrong");
}

static void
add_signer(struct reading *r)
{
	X509_ALGOR *digest, *algorithm;
	ASN1_OCTET_STRING *key_id = NULL;
	X509_NAME *issuer = NULL;
	ASN1_INTEGER *serial = NULL;

	CMS_SignerInfo_get0_signer_id(r->signer, &key_id, &issuer, &serial);
	add_name(r, "signer", key_id, issuer, serial);
	CMS_SignerInfo_get0_algs(r->signer, NULL, NULL, &digest, &algorithm);
	add_algorithm(r, "digest", digest);
	add_algorithm(r, "signature", algorithm);
	add_digest(r, EVP_get_digestbyobj(digest->algorithm));
	add_attribute(r, "messageType", SCEP "2");
	add_attribute(r, "pkiStatus", SCEP "3");
	add_attribute(r, "failInfo", SCEP "4");
	add_attribute(r, "failInfoText", "1.3.6.1.5.5.7.24.1");
	add_attribute(r, "HRESULT", "1.3.6.1.4.1.311.21.33");
	add_attribute(r, "transactionID", SCEP "7");
	add_attribute(r, "senderNonce", SCEP "5");
	add_attribute(r, "recipientNonce", SCEP "6");
	add_attribute(r, "contentType", "1.2.840.113549.1.9.3");
	add_attribute(r, "signingTime", "1.2.840.113549.1.9.5");
	add_signature(r, digest, algorithm);
}

void
certrep_lines(const struct certrep_known *known, struct bytes der, struct buf *out)
{
	const unsigned char *p = der.data;
	struct reading r = {.known = known,
	    .cms = d2i_CMS_ContentInfo(NULL, &p, (long)der.len),
	    .out = out};
	STACK_OF(X509) * certs;

	if (r.cms == NULL || p != der.data + der.len) {
		buf_add_text(out, "outside: no CMS\n");
		CMS_ContentInfo_free(r.cms);
		return;
	}
	r.signer = sk_CMS_SignerInfo_value(CMS_get0_SignerInfos(r.cms), 0);
	buf_add_format(
	    out, "outside: %s\nversion: %ld\n", encoding_of(der), version_of(r.cms, 0));
	certs = CMS_get1_certs(r.cms);
	if (certs == NULL) /* else their integers come first */
		buf_add_format(out, "signer's version: %ld\n", version_of(r.cms, 1));
	add_certs(&r, "beside", certs);
	sk_X509_pop_free(certs, X509_free);
	add_signer(&r);
	add_content(&r);
	CMS_ContentInfo_free(r.cms);
	ERR_clear_error();
}

static bool
has_line(struct slice lines, struct slice line)
{
	struct buf wanted = BUF_INIT;
	bool has;

	buf_add_char(&wanted, '\n');
	buf_add_slice(&wanted, line);
	has = (lines.len >= line.len && memcmp(lines.text, line.text, line.len) == 0) ||
	      memmem(lines.text, lines.len, wanted.data, wanted.len) != NULL;
	buf_clear(&wanted);
	return has;
}

char *
certrep_lines_changed(struct slice usual, struct slice odd)
{
	struct buf changed = BUF_INIT;

	while (odd.len > 0) {
		const char *end = memchr(odd.text, '\n', odd.len);
		size_t len = (size_t)(end - odd.text) + 1;

		if (!has_line(usual, (struct slice){odd.text, len})) {
			if (changed.len > 0)
				buf_add_text(&changed, "; ");
			buf_add(&changed, odd.text, len - 1);
		}
		odd.text += len;
		odd.len -= len;
	}
	return buf_string(&changed);
}
