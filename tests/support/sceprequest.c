#include "support/scepclient.h"

#include "base/mem.h"
#include <openssl/cms.h>
#include <openssl/pkcs7.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define OID_SCEP          "2.16.840.1.113733.1.9."
#define TYPE_PKCS_REQ     19
#define TYPE_RENEWAL_REQ  17
#define TYPE_CERT_POLL    20
#define DEFAULT_CHALLENGE V_ASN1_PRINTABLESTRING

static int
or_else(int value, int otherwise)
{
	return value != 0 ? value : otherwise;
}

/* Takes der of len bytes from one of OpenSSL's i2d functions. */
static bool
add_der(struct buf *ret, unsigned char *der, int len)
{
	if (len > 0)
		buf_add(ret, der, (size_t)len);
	OPENSSL_free(der);
	return len > 0;
}

static bool
add_bio(struct buf *ret, BIO *bio)
{
	char *data = NULL;
	long len = BIO_get_mem_data(bio, &data);

	if (len > 0)
		buf_add(ret, data, (size_t)len);
	return len > 0;
}

static bool
add_dns_name(X509_REQ *req, const char *dns_name)
{
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	char *value = mem_format("DNS:%s", dns_name);
	X509_EXTENSION *name;
	bool ok;

	name = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, value);
	ok = extensions != NULL && name != NULL &&
	     sk_X509_EXTENSION_push(extensions, name) > 0 &&
	     X509_REQ_add_extensions(req, extensions) == 1;
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	free(value);
	return ok;
}

/* A BMPString has two octets a character (X.690 8.23.8); all others take the bytes. */
static bool
add_challenge(X509_REQ *req, const struct scep_request *request)
{
	int type = or_else(request->challenge_type, DEFAULT_CHALLENGE);
	struct buf text = BUF_INIT;
	bool ok;

	for (const char *c = request->challenge; *c != '\0'; c++) {
		if (type == V_ASN1_BMPSTRING)
			buf_add_char(&text, '\0');
		buf_add_char(&text, *c);
	}
	ok = X509_REQ_add1_attr_by_NID(
	         req, NID_pkcs9_challengePassword, type, text.data, (int)text.len) == 1;
	buf_clear(&text);
	return ok;
}

bool
scep_client_csr(
    struct scep_client *client, const struct scep_request *request, struct buf *ret)
{
	X509_REQ *req = X509_REQ_new();
	unsigned char *der = NULL;
	int len;
	bool ok = false;

	if (req != NULL && X509_REQ_set_version(req, 0) == 1 &&
	    X509_REQ_set_subject_name(req, client->subject) == 1 &&
	    X509_REQ_set_pubkey(req, client->key) == 1 &&
	    (request->challenge == NULL || add_challenge(req, request)) &&
	    (request->dns_name == NULL || add_dns_name(req, request->dns_name)) &&
	    X509_REQ_sign(req, client->key, EVP_sha256()) > 0) {
		len = i2d_X509_REQ(req, &der);
		ok = add_der(ret, der, len);
	}
	X509_REQ_free(req);
	return ok;
}

/* IssuerAndSubject, RFC 8894 3.3.3 */
static bool
issuer_and_subject(const struct scep_client *client, struct buf *ret)
{
	struct buf names = BUF_INIT;
	unsigned char header[16];
	unsigned char *p = header;
	unsigned char *issuer = NULL;
	unsigned char *subject = NULL;
	int issuer_len = i2d_X509_NAME(X509_get_subject_name(client->ca), &issuer);
	int subject_len = i2d_X509_NAME(client->subject, &subject);
	bool ok =
	    add_der(&names, issuer, issuer_len) && add_der(&names, subject, subject_len);

	ASN1_put_object(&p, 1, (int)names.len, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL);
	buf_add(ret, header, (size_t)(p - header));
	buf_add(ret, names.data, names.len);
	buf_clear(&names);
	return ok;
}

/* Of the client's own certificate, as if the CA had issued it. */
static bool
issuer_and_serial(const struct scep_client *client, struct buf *ret)
{
	PKCS7_ISSUER_AND_SERIAL *name = PKCS7_ISSUER_AND_SERIAL_new();
	unsigned char *der = NULL;
	int len;
	bool ok = false;

	if (name == NULL)
		return false;
	ASN1_INTEGER_free(name->serial);
	name->serial = ASN1_INTEGER_dup(X509_get0_serialNumber(client->cert));
	if (name->serial != NULL &&
	    X509_NAME_set(&name->issuer, X509_get_subject_name(client->ca)) == 1) {
		len = i2d_PKCS7_ISSUER_AND_SERIAL(name, &der);
		ok = add_der(ret, der, len);
	}
	PKCS7_ISSUER_AND_SERIAL_free(name);
	return ok;
}

static bool
inner_content(
    struct scep_client *client, const struct scep_request *request, struct buf *ret)
{
	if (request->inner.data != NULL) {
		buf_add(ret, request->inner.data, request->inner.len);
		return true;
	}
	switch (or_else(request->message_type, TYPE_PKCS_REQ)) {
	case TYPE_PKCS_REQ:
	case TYPE_RENEWAL_REQ:
	case -1:
		return scep_client_csr(client, request, ret);
	case TYPE_CERT_POLL:
		return issuer_and_subject(client, ret);
	}
	return issuer_and_serial(client, ret);
}

/* A certificate with a name of its own, from a key that is forgotten at once. */
static X509 *
stranger(void)
{
	struct scep_identity identity = {.rsa_bits = 1024, .common_name = "stranger"};
	struct scep_client *other = scep_client_new(&identity);
	X509 *cert = NULL;

	if (other != NULL && X509_up_ref(other->cert) == 1)
		cert = other->cert;
	scep_client_free(other);
	return cert;
}

static STACK_OF(X509) *
    recipients_of(const struct scep_client *client, enum scep_recipients who)
{
	STACK_OF(X509) *certs = NULL;
	X509 *cert = NULL;

	switch (who) {
	case SCEP_TO_ALL:
		return X509_chain_up_ref(client->bag);
	case SCEP_TO_RA:
		cert = client->ra_encrypt;
		X509_up_ref(cert);
		break;
	case SCEP_TO_RA_SIGN:
		cert = client->ra_sign;
		X509_up_ref(cert);
		break;
	case SCEP_TO_STRANGER:
		cert = stranger();
		break;
	}
	certs = sk_X509_new_null();
	if (cert == NULL || certs == NULL || sk_X509_push(certs, cert) <= 0)
		X509_free(cert);
	return certs;
}

/* DER, or with CMS_STREAM in flags indefinite-length BER in chunks. */
static bool
write_cms(CMS_ContentInfo *cms, BIO *content, unsigned flags, struct buf *ret)
{
	BIO *out = BIO_new(BIO_s_mem());
	bool ok = out != NULL && i2d_CMS_bio_stream(out, cms, content, (int)flags) == 1 &&
	          add_bio(ret, out);

	BIO_free(out);
	return ok;
}

static bool
envelop(struct scep_client *client, const struct scep_request *request,
    const struct buf *inner, struct buf *ret)
{
	unsigned flags = CMS_BINARY | CMS_PARTIAL |
	                 (request->has_recipient_key_id ? CMS_USE_KEYID : 0u);
	const EVP_CIPHER *cipher =
	    EVP_get_cipherbynid(or_else(request->cipher_nid, NID_aes_128_cbc));
	STACK_OF(X509) *certs = recipients_of(client, request->recipients);
	BIO *content = BIO_new_mem_buf(inner->data, (int)inner->len);
	CMS_ContentInfo *cms = NULL;
	bool ok = false;

	if (cipher != NULL && content != NULL && sk_X509_num(certs) > 0)
		cms = CMS_encrypt(certs, NULL, cipher, flags);
	if (cms == NULL)
		goto out;
	if (request->is_ber)
		ok = write_cms(cms, content, CMS_BINARY | CMS_STREAM, ret);
	else
		ok = CMS_final(cms, content, NULL, CMS_BINARY) == 1 &&
		     write_cms(cms, NULL, 0, ret);
out:
	CMS_ContentInfo_free(cms);
	BIO_free(content);
	sk_X509_pop_free(certs, X509_free);
	return ok;
}

static bool
add_text(CMS_SignerInfo *signer, const struct scep_request *request, const char *oid,
    const char *text)
{
	return CMS_signed_add1_attr_by_txt(signer, oid,
	           or_else(request->text_type, V_ASN1_PRINTABLESTRING), text,
	           (int)strlen(text)) == 1;
}

/* RFC 8894 3.2.1 */
static bool
add_attributes(struct scep_client *client, const struct scep_request *request,
    CMS_SignerInfo *signer)
{
	int type = or_else(request->message_type, TYPE_PKCS_REQ);
	char *number = mem_format("%d", type);
	bool ok = type < 0 || add_text(signer, request, OID_SCEP "2", number);

	free(number);
	if (ok && !request->no_nonce)
		ok =
		    CMS_signed_add1_attr_by_txt(signer, OID_SCEP "5", V_ASN1_OCTET_STRING,
		        client->sender_nonce, SCEP_CLIENT_NONCE) == 1;
	if (ok && client->transaction_id != NULL)
		ok = add_text(signer, request, OID_SCEP "7", client->transaction_id);
	return ok;
}

static bool
sign(struct scep_client *client, const struct scep_request *request,
    const struct buf *content_bytes, struct buf *ret)
{
	unsigned flags = CMS_BINARY | CMS_PARTIAL | CMS_NOSMIMECAP |
	                 (request->has_signer_key_id ? CMS_USE_KEYID : 0u) |
	                 (request->no_certificates ? CMS_NOCERTS : 0u) |
	                 (request->is_ber ? CMS_STREAM : 0u);
	const EVP_MD *md = EVP_get_digestbynid(or_else(request->digest_nid, NID_sha256));
	BIO *content = BIO_new_mem_buf(content_bytes->data, (int)content_bytes->len);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, content, flags);
	CMS_SignerInfo *signer = NULL;
	bool ok = false;

	if (cms != NULL && md != NULL)
		signer = CMS_add1_signer(cms, client->cert, client->key, md, flags);
	if (signer == NULL || !add_attributes(client, request, signer))
		goto out;
	if (request->is_ber)
		ok = write_cms(cms, content, CMS_BINARY | CMS_STREAM, ret);
	else
		ok = CMS_final(cms, content, NULL, CMS_BINARY) == 1 &&
		     write_cms(cms, NULL, 0, ret);
out:
	CMS_ContentInfo_free(cms);
	BIO_free(content);
	return ok;
}

/* The draft's old advice, which most clients follow: a hash of the public key. */
static char *
key_hash(EVP_PKEY *key)
{
	unsigned char *spki = NULL;
	int len = i2d_PUBKEY(key, &spki);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned digest_len = 0;
	struct buf text = BUF_INIT;

	if (len > 0 &&
	    EVP_Digest(spki, (size_t)len, digest, &digest_len, EVP_sha1(), NULL) == 1) {
		for (unsigned i = 0; i < digest_len; i++)
			buf_add_format(&text, "%02X", digest[i]);
	}
	OPENSSL_free(spki);
	return buf_string(&text);
}

static bool
prepare(struct scep_client *client, const struct scep_request *request)
{
	free(client->transaction_id);
	client->transaction_id = NULL;
	if (request->transaction_id == NULL)
		client->transaction_id = key_hash(client->key);
	else if (request->transaction_id[0] != '\0')
		client->transaction_id = mem_string(request->transaction_id);
	return RAND_bytes(client->sender_nonce, SCEP_CLIENT_NONCE) == 1;
}

bool
scep_client_request(
    struct scep_client *client, const struct scep_request *request, struct buf *ret)
{
	struct buf inner = BUF_INIT;
	struct buf content = BUF_INIT;
	bool ok = prepare(client, request) && inner_content(client, request, &inner);

	if (ok && request->no_envelope)
		content = buf_move(&inner);
	else if (ok)
		ok = envelop(client, request, &inner, &content);
	if (ok)
		ok = sign(client, request, &content, ret);
	buf_clear(&inner);
	buf_clear(&content);
	return ok;
}
