#include "support/scepclient.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#define OID_SCEP    "2.16.840.1.113733.1.9."
#define OID_HRESULT "1.3.6.1.4.1.311.21.33"

/* The one value of a signed attribute; NULL: absent or not exactly one. Borrowed. */
static const ASN1_TYPE *
attribute(CMS_SignerInfo *signer, const char *oid)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	int at = CMS_signed_get_attr_by_OBJ(signer, object, -1);
	X509_ATTRIBUTE *found = at >= 0 ? CMS_signed_get_attr(signer, at) : NULL;

	ASN1_OBJECT_free(object);
	if (found == NULL || X509_ATTRIBUTE_count(found) != 1)
		return NULL;
	return X509_ATTRIBUTE_get0_type(found, 0);
}

static void
read_text(CMS_SignerInfo *signer, const char *oid, char ret[SCEP_CLIENT_TEXT])
{
	const ASN1_TYPE *value = attribute(signer, oid);
	int len;

	ret[0] = '\0';
	if (value == NULL || value->type != V_ASN1_PRINTABLESTRING)
		return;
	len = ASN1_STRING_length(value->value.printablestring);
	if (len >= SCEP_CLIENT_TEXT)
		return;
	memcpy(ret, ASN1_STRING_get0_data(value->value.printablestring), (size_t)len);
	ret[len] = '\0';
}

static int
read_number(CMS_SignerInfo *signer, const char *oid)
{
	char text[SCEP_CLIENT_TEXT];
	char *end = NULL;
	long number;

	read_text(signer, oid, text);
	number = strtol(text, &end, 10);
	return text[0] != '\0' && *end == '\0' ? (int)number : -1;
}

/* As a lenient client reads it: the type does not matter. */
static int
read_any_number(CMS_SignerInfo *signer, const char *oid)
{
	const ASN1_TYPE *value = attribute(signer, oid);
	unsigned char *text = NULL;
	char *end = NULL;
	long number = -1;

	if (value == NULL)
		return -1;
	if (value->type == V_ASN1_INTEGER)
		return (int)ASN1_INTEGER_get(value->value.integer);
	if (value->type == V_ASN1_PRINTABLESTRING || value->type == V_ASN1_UTF8STRING ||
	    value->type == V_ASN1_IA5STRING || value->type == V_ASN1_BMPSTRING) {
		if (ASN1_STRING_to_UTF8(&text, value->value.asn1_string) > 0) {
			number = strtol((const char *)text, &end, 10);
			if (*end != '\0')
				number = -1;
		}
		OPENSSL_free(text);
	}
	return (int)number;
}

static bool
nonce_is(CMS_SignerInfo *signer, const char *oid, const unsigned char *expected)
{
	const ASN1_TYPE *value = attribute(signer, oid);

	if (value == NULL || value->type != V_ASN1_OCTET_STRING ||
	    ASN1_STRING_length(value->value.octet_string) != SCEP_CLIENT_NONCE)
		return false;
	return expected == NULL ||
	       memcmp(ASN1_STRING_get0_data(value->value.octet_string), expected,
	           SCEP_CLIENT_NONCE) == 0;
}

static void
read_attributes(
    const struct scep_client *client, CMS_SignerInfo *signer, struct scep_reply *ret)
{
	X509_ALGOR *digest = NULL;

	ret->message_type = read_number(signer, OID_SCEP "2");
	ret->status = read_number(signer, OID_SCEP "3");
	ret->fail_info = read_number(signer, OID_SCEP "4");
	ret->any_status = read_any_number(signer, OID_SCEP "3");
	ret->any_fail_info = read_any_number(signer, OID_SCEP "4");
	read_text(signer, OID_HRESULT, ret->hresult);
	read_text(signer, OID_SCEP "7", ret->transaction_id);
	ret->transaction_ok = client->transaction_id != NULL &&
	                      strcmp(client->transaction_id, ret->transaction_id) == 0;
	ret->has_sender_nonce = nonce_is(signer, OID_SCEP "5", NULL);
	ret->recipient_nonce_ok = nonce_is(signer, OID_SCEP "6", client->sender_nonce);
	ret->has_signing_time =
	    CMS_signed_get_attr_by_NID(signer, NID_pkcs9_signingTime, -1) >= 0;
	CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, NULL);
	ret->digest_nid = OBJ_obj2nid(digest->algorithm);
}

/* Absent content (RFC 8894's FAILURE) is verified as detached, with no bytes. */
static bool
verify(const struct scep_client *client, CMS_ContentInfo *cms)
{
	ASN1_OCTET_STRING **content = CMS_get0_content(cms);
	STACK_OF(X509) *signers = sk_X509_new_null();
	BIO *nothing = NULL;
	bool ok = false;

	if (content != NULL && *content == NULL)
		nothing = BIO_new_mem_buf("", 0);
	if (signers != NULL && client->ra_sign != NULL &&
	    sk_X509_push(signers, client->ra_sign) > 0)
		ok = CMS_verify(cms, signers, NULL, nothing, NULL,
		         CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY | CMS_NOINTERN) == 1;
	BIO_free(nothing);
	sk_X509_free(signers);
	return ok;
}

static int
cipher_of(CMS_ContentInfo *envelope)
{
	/* CMS_* has no reader for the content cipher: the PKCS#7 of the same bytes has.
	 */
	unsigned char *der = NULL;
	int len = i2d_CMS_ContentInfo(envelope, &der);
	const unsigned char *p = der;
	PKCS7 *pkcs7 = len > 0 ? d2i_PKCS7(NULL, &p, len) : NULL;
	int nid = NID_undef;

	if (pkcs7 != NULL && PKCS7_type_is_enveloped(pkcs7))
		nid = OBJ_obj2nid(pkcs7->d.enveloped->enc_data->algorithm->algorithm);
	PKCS7_free(pkcs7);
	OPENSSL_free(der);
	return nid;
}

static void
choose_leaf(
    const struct scep_client *client, STACK_OF(X509) * certs, struct scep_reply *ret)
{
	ret->bag_certs = sk_X509_num(certs) > 0 ? sk_X509_num(certs) : 0;
	for (int i = 0; i < ret->bag_certs && !ret->leaf_has_our_key; i++) {
		X509 *cert = sk_X509_value(certs, i);
		bool ours = EVP_PKEY_eq(X509_get0_pubkey(cert), client->key) == 1;

		if (ret->leaf != NULL && !ours)
			continue;
		X509_free(ret->leaf);
		X509_up_ref(cert);
		ret->leaf = cert;
		ret->leaf_has_our_key = ours;
	}
	if (ret->leaf != NULL && client->ca != NULL)
		ret->leaf_from_ca =
		    X509_verify(ret->leaf, X509_get0_pubkey(client->ca)) == 1;
}

static void
read_bag(const struct scep_client *client, BIO *plain, struct scep_reply *ret)
{
	CMS_ContentInfo *bag = d2i_CMS_bio(plain, NULL);
	STACK_OF(X509) *certs = bag != NULL ? CMS_get1_certs(bag) : NULL;

	if (bag != NULL)
		choose_leaf(client, certs, ret);
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(bag);
}

static void
read_content(
    const struct scep_client *client, CMS_ContentInfo *cms, struct scep_reply *ret)
{
	ASN1_OCTET_STRING **content = CMS_get0_content(cms);
	CMS_ContentInfo *envelope = NULL;
	const unsigned char *p;
	BIO *plain = NULL;

	if (content == NULL || *content == NULL)
		return;
	p = ASN1_STRING_get0_data(*content);
	ret->content_size = ASN1_STRING_length(*content);
	ret->content_is_zero_byte = ret->content_size == 1 && p[0] == 0;
	envelope = d2i_CMS_ContentInfo(NULL, &p, ret->content_size);
	plain = BIO_new(BIO_s_mem());
	if (envelope != NULL && plain != NULL) {
		ret->cipher_nid = cipher_of(envelope);
		if (CMS_decrypt(envelope, client->key, client->cert, NULL, plain,
		        CMS_BINARY) == 1)
			read_bag(client, plain, ret);
	}
	BIO_free(plain);
	CMS_ContentInfo_free(envelope);
}

bool
scep_client_read_reply(
    const struct scep_client *client, struct bytes body, struct scep_reply *ret)
{
	const unsigned char *p = body.data;
	CMS_ContentInfo *cms;
	STACK_OF(CMS_SignerInfo) *signers = NULL;
	STACK_OF(X509) * certs;

	*ret = (struct scep_reply){.message_type = -1,
	    .status = -1,
	    .fail_info = -1,
	    .any_status = -1,
	    .any_fail_info = -1,
	    .content_size = -1,
	    .bag_certs = -1};
	cms = d2i_CMS_ContentInfo(NULL, &p, (long)body.len);
	if (cms != NULL && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed)
		signers = CMS_get0_SignerInfos(cms);
	ret->is_cms = sk_CMS_SignerInfo_num(signers) == 1;
	if (ret->is_cms) {
		ret->has_trailing_bytes = p != body.data + body.len;
		certs = CMS_get1_certs(cms);
		ret->outer_certs = sk_X509_num(certs) > 0 ? sk_X509_num(certs) : 0;
		sk_X509_pop_free(certs, X509_free);
		read_attributes(client, sk_CMS_SignerInfo_value(signers, 0), ret);
		ret->signature_ok = verify(client, cms);
		read_content(client, cms, ret);
	}
	CMS_ContentInfo_free(cms);
	/* What is wrong with a reply is in ret: nothing is left for the caller. */
	ERR_clear_error();
	return ret->is_cms;
}

void
scep_reply_clear(struct scep_reply *reply)
{
	X509_free(reply->leaf);
	reply->leaf = NULL;
}
