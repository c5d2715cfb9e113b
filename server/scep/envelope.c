#include "scep/envelope.h"

#include "certs/csr.h"
#include "certs/der.h"
#include "certs/ossl.h"
#include <openssl/cms.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

/* RFC 5652 6.1 and 6.2.1: both are of version 2 when the rid is a key identifier. */
#define VERSION_KEY_ID 2

static const int cipher_nids[] = {
    NID_des_cbc, NID_des_ede3_cbc, NID_aes_128_cbc, NID_aes_192_cbc, NID_aes_256_cbc};

EVP_CIPHER *
envelope_cipher(int nid)
{
	for (size_t i = 0; i < sizeof(cipher_nids) / sizeof(cipher_nids[0]); i++) {
		if (cipher_nids[i] == nid)
			return EVP_CIPHER_fetch(NULL, OBJ_nid2sn(nid), NULL);
	}
	return NULL;
}

struct enveloped_data *
envelope_parse(struct bytes content_info)
{
	ASN1_TYPE *content = content_info_unwrap(oid_enveloped_data, content_info);
	struct bytes der = any_bytes(content);
	struct enveloped_data *envelope = NULL;

	if (der.len > 0)
		envelope = d2i_enveloped_data(NULL, &der.data, (long)der.len);
	ASN1_TYPE_free(content);
	return envelope;
}

int
envelope_cipher_nid(const struct enveloped_data *envelope)
{
	return OBJ_obj2nid(envelope->encrypted->content_algorithm->algorithm);
}

unsigned
envelope_recipient_count(const struct enveloped_data *envelope)
{
	return (unsigned)sk_ASN1_TYPE_num(envelope->recipient_infos);
}

/* By subjectKeyIdentifier: rare, so it may cost the decoding of a certificate. */
static bool
has_key_id(const struct pki_cert *cert, struct bytes key_id)
{
	const unsigned char *p = cert->der.data;
	X509 *x509 = d2i_X509(NULL, &p, (long)cert->der.len);
	bool has = x509 != NULL &&
	           bytes_equal(string_bytes(X509_get0_subject_key_id(x509)), key_id);

	X509_free(x509);
	return has;
}

static bool
is_named(const struct pki_cert *cert, const ASN1_TYPE *rid)
{
	struct bytes key_id = any_key_id(rid);
	struct buf der = BUF_INIT;
	bool is;

	if (key_id.len > 0)
		return has_key_id(cert, key_id);
	is = der_from_ber(any_bytes(rid), &der) &&
	     bytes_equal(buf_bytes(&der), buf_bytes(&cert->issuer_and_serial));
	buf_clear(&der);
	return is;
}

/* The KeyTransRecipientInfo that names `cert`, yours; NULL: none does. */
static struct key_trans *
find_recipient(const struct enveloped_data *envelope, const struct pki_cert *cert)
{
	for (int i = 0; i < sk_ASN1_TYPE_num(envelope->recipient_infos); i++) {
		ASN1_TYPE *any = sk_ASN1_TYPE_value(envelope->recipient_infos, i);
		struct bytes der = any_bytes(any);
		struct key_trans *found = NULL;

		if (any->type == V_ASN1_SEQUENCE && der.len > 0)
			found = d2i_key_trans(NULL, &der.data, (long)der.len);
		if (found != NULL && is_named(cert, found->rid))
			return found;
		key_trans_free(found);
	}
	return NULL;
}

static bool
unwrap_key(EVP_PKEY *private_key, struct bytes wrapped, struct buf *ret)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(private_key, NULL);
	size_t len = (size_t)EVP_PKEY_get_size(private_key);
	bool ok = false;

	buf_reserve(ret, len);
	if (ctx != NULL && EVP_PKEY_decrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1 &&
	    EVP_PKEY_decrypt(ctx, ret->data, &len, wrapped.data, wrapped.len) == 1) {
		ret->len = len;
		ok = true;
	}
	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static bool
decrypt(EVP_CIPHER *cipher, struct bytes key, struct bytes iv, struct bytes content,
    struct buf *ret)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int len = 0;
	int last = 0;
	bool ok = false;

	if (key.len != (size_t)EVP_CIPHER_get_key_length(cipher) ||
	    iv.len != (size_t)EVP_CIPHER_get_iv_length(cipher) || content.len > INT32_MAX)
		goto out;
	buf_reserve(ret, content.len + EVP_MAX_BLOCK_LENGTH);
	if (ctx == NULL ||
	    EVP_DecryptInit_ex2(ctx, cipher, key.data, iv.data, NULL) != 1 ||
	    EVP_DecryptUpdate(
	        ctx, ret->data + ret->len, &len, content.data, (int)content.len) != 1 ||
	    EVP_DecryptFinal_ex(ctx, ret->data + ret->len + len, &last) != 1)
		goto out;
	ret->len += (size_t)len + (size_t)last;
	ok = true;
out:
	EVP_CIPHER_CTX_free(ctx);
	return ok;
}

static struct bytes
algorithm_iv(const X509_ALGOR *algorithm)
{
	const ASN1_TYPE *parameter = algorithm->parameter;

	if (parameter == NULL || parameter->type != V_ASN1_OCTET_STRING)
		return (struct bytes){.data = NULL};
	return string_bytes(parameter->value.octet_string);
}

enum message_fate
envelope_open(const struct enveloped_data *envelope, const struct pki_cert *recipient,
    struct buf *ret)
{
	const struct encrypted_content_info *encrypted = envelope->encrypted;
	struct key_trans *trans = find_recipient(envelope, recipient);
	EVP_CIPHER *cipher = NULL;
	struct buf key = BUF_INIT;
	enum message_fate fate = MESSAGE_NOT_ADDRESSED;

	if (trans == NULL)
		goto out;
	fate = MESSAGE_BAD_ALG;
	cipher = envelope_cipher(envelope_cipher_nid(envelope));
	if (cipher == NULL ||
	    OBJ_obj2nid(trans->key_algorithm->algorithm) != NID_rsaEncryption)
		goto out;
	fate = MESSAGE_NOT_DECRYPTED;
	if (unwrap_key(recipient->key, string_bytes(trans->encrypted_key), &key) &&
	    decrypt(cipher, buf_bytes(&key), algorithm_iv(encrypted->content_algorithm),
	        string_bytes(encrypted->encrypted_content), ret))
		fate = MESSAGE_OPENED;
out:
	EVP_CIPHER_free(cipher);
	key_trans_free(trans);
	OPENSSL_cleanse(key.data, key.len);
	buf_clear(&key);
	return fate;
}

/* RFC 4055 4.1: RSAES-OAEP with SHA-1 and MGF1 with SHA-1, which are the defaults. */
static const struct transport {
	int padding;
	int nid;
	int parameter; /* of the algorithm: V_ASN1_SEQUENCE is an empty one */
} transports[] = {
    [FORM_TRANSPORT_RSA] = {RSA_PKCS1_PADDING, NID_rsaEncryption, V_ASN1_NULL},
    [FORM_TRANSPORT_OAEP] = {RSA_PKCS1_OAEP_PADDING, NID_rsaesOaep, V_ASN1_SEQUENCE},
    [FORM_TRANSPORT_NO_NULL] = {RSA_PKCS1_PADDING, NID_rsaEncryption, V_ASN1_UNDEF},
};

static bool
set_key_algorithm(X509_ALGOR *algorithm, const struct transport *transport)
{
	static const unsigned char empty[] = {0x30, 0};
	ASN1_STRING *parameter = NULL;

	if (transport->parameter == V_ASN1_SEQUENCE) {
		parameter = ASN1_STRING_type_new(V_ASN1_SEQUENCE);
		if (parameter == NULL ||
		    ASN1_STRING_set(parameter, empty, sizeof(empty)) != 1) {
			ASN1_STRING_free(parameter);
			return false;
		}
	}
	return X509_ALGOR_set0(algorithm, OBJ_nid2obj(transport->nid),
	           transport->parameter, parameter) == 1;
}

static bool
wrap_key(
    const struct envelope_recipient *recipient, struct bytes key, ASN1_OCTET_STRING *ret)
{
	int padding = transports[recipient->transport].padding;
	EVP_PKEY *decoded = recipient->key == NULL ? spki_key(recipient->spki) : NULL;
	EVP_PKEY *public_key = recipient->key == NULL ? decoded : recipient->key;
	EVP_PKEY_CTX *ctx = NULL;
	struct buf wrapped = BUF_INIT;
	size_t len;
	bool ok = false;

	if (public_key == NULL || (ctx = EVP_PKEY_CTX_new(public_key, NULL)) == NULL)
		goto out;
	len = (size_t)EVP_PKEY_get_size(public_key);
	buf_reserve(&wrapped, len);
	if (EVP_PKEY_encrypt_init(ctx) == 1 &&
	    EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1 &&
	    EVP_PKEY_encrypt(ctx, wrapped.data, &len, key.data, key.len) == 1)
		ok = ASN1_OCTET_STRING_set(ret, wrapped.data, (int)len) == 1;
out:
	EVP_PKEY_CTX_free(ctx);
	EVP_PKEY_free(decoded);
	buf_clear(&wrapped);
	return ok;
}

static bool
set_content_algorithm(X509_ALGOR *algorithm, int nid, struct bytes iv)
{
	ASN1_OCTET_STRING *parameter = ASN1_OCTET_STRING_new();

	if (parameter == NULL ||
	    ASN1_OCTET_STRING_set(parameter, iv.data, (int)iv.len) != 1 ||
	    X509_ALGOR_set0(
	        algorithm, OBJ_nid2obj(nid), V_ASN1_OCTET_STRING, parameter) != 1) {
		ASN1_OCTET_STRING_free(parameter);
		return false;
	}
	return true;
}

/* Encrypts under a new key, which is left in `key` for the caller to wrap. */
static bool
encrypt_content(struct encrypted_content_info *encrypted, int cipher_nid,
    struct bytes content, unsigned char key[EVP_MAX_KEY_LENGTH], size_t *key_len)
{
	EVP_CIPHER *cipher = envelope_cipher(cipher_nid);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	unsigned char iv[EVP_MAX_IV_LENGTH];
	struct bytes iv_bytes = {iv, 0};
	struct buf sealed = BUF_INIT;
	int len = 0;
	int last = 0;
	bool ok = false;

	if (cipher == NULL || ctx == NULL || content.len > INT32_MAX)
		goto out;
	*key_len = (size_t)EVP_CIPHER_get_key_length(cipher);
	iv_bytes.len = (size_t)EVP_CIPHER_get_iv_length(cipher);
	buf_reserve(&sealed, content.len + EVP_MAX_BLOCK_LENGTH);
	/* rand_key knows the parity of DES keys. */
	if (EVP_EncryptInit_ex2(ctx, cipher, NULL, NULL, NULL) != 1 ||
	    EVP_CIPHER_CTX_rand_key(ctx, key) != 1 ||
	    RAND_bytes(iv, (int)iv_bytes.len) != 1 ||
	    EVP_EncryptInit_ex2(ctx, NULL, key, iv, NULL) != 1 ||
	    EVP_EncryptUpdate(ctx, sealed.data, &len, content.data, (int)content.len) !=
	        1 ||
	    EVP_EncryptFinal_ex(ctx, sealed.data + len, &last) != 1)
		goto out;
	encrypted->encrypted_content = ASN1_OCTET_STRING_new();
	ok = encrypted->encrypted_content != NULL &&
	     ASN1_OCTET_STRING_set(
	         encrypted->encrypted_content, sealed.data, len + last) == 1 &&
	     set_content_algorithm(encrypted->content_algorithm, cipher_nid, iv_bytes);
out:
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	buf_clear(&sealed);
	return ok;
}

static bool
add_recipient(struct enveloped_data *envelope, const struct envelope_recipient *recipient,
    struct bytes key)
{
	struct key_trans *trans = key_trans_new();
	struct buf der = BUF_INIT;
	bool ok = false;

	if (trans == NULL)
		return false;
	ASN1_TYPE_free(trans->rid);
	trans->rid = any_of(recipient->rid);
	if (any_key_id(trans->rid).len > 0)
		trans->version = envelope->version = VERSION_KEY_ID;
	ok = trans->rid != NULL &&
	     set_key_algorithm(trans->key_algorithm, &transports[recipient->transport]) &&
	     wrap_key(recipient, key, trans->encrypted_key) &&
	     OSSL_DER(&der, trans, i2d_key_trans) &&
	     any_push(&envelope->recipient_infos, buf_bytes(&der));
	key_trans_free(trans);
	buf_clear(&der);
	return ok;
}

bool
envelope_seal(const struct envelope_recipient *recipient, int cipher_nid,
    struct bytes content, struct buf *out, struct err *err)
{
	struct enveloped_data *envelope = enveloped_data_new();
	unsigned char key[EVP_MAX_KEY_LENGTH];
	struct bytes key_bytes = {key, 0};
	struct buf der = BUF_INIT;
	bool ok = false;

	if (envelope != NULL) {
		ASN1_OBJECT_free(envelope->encrypted->content_type);
		envelope->encrypted->content_type = OBJ_nid2obj(NID_pkcs7_data);
		ok = encrypt_content(
		         envelope->encrypted, cipher_nid, content, key, &key_bytes.len) &&
		     add_recipient(envelope, recipient, key_bytes) &&
		     OSSL_DER(&der, envelope, i2d_enveloped_data) &&
		     content_info_wrap(oid_enveloped_data, buf_bytes(&der), out);
	}
	OPENSSL_cleanse(key, sizeof(key));
	enveloped_data_free(envelope);
	buf_clear(&der);
	return ok ? true
	          : ossl_err(err, "cannot encrypt the answer to the requester's key");
}

/* CMS_* will do: nobody edits this one, and it is rare. */
static bool
add_password(CMS_ContentInfo *cms, struct bytes password)
{
	unsigned char *copy = OPENSSL_memdup(password.data, password.len);

	/* taken by the CMS, but not on failure */
	if (copy != NULL && CMS_add0_recipient_password(cms, -1, NID_undef, NID_undef,
	                        copy, (ossl_ssize_t)password.len, NULL) != NULL)
		return true;
	OPENSSL_clear_free(copy, password.len);
	return false;
}

bool
envelope_seal_password(struct bytes password, int cipher_nid, struct bytes content,
    struct buf *out, struct err *err)
{
	const unsigned flags = CMS_BINARY | CMS_PARTIAL;
	EVP_CIPHER *cipher = envelope_cipher(cipher_nid);
	BIO *in = content.len > INT32_MAX
	              ? NULL
	              : BIO_new_mem_buf(content.data, (int)content.len);
	CMS_ContentInfo *cms = NULL;
	bool ok = false;

	if (cipher != NULL && in != NULL)
		cms = CMS_encrypt(NULL, NULL, cipher, flags);
	ok = cms != NULL && add_password(cms, password) &&
	     CMS_final(cms, in, NULL, CMS_BINARY) == 1 &&
	     OSSL_DER(out, cms, i2d_CMS_ContentInfo);
	if (!ok)
		ossl_err(err, "cannot encrypt the answer under the challengePassword");
	CMS_ContentInfo_free(cms);
	BIO_free(in);
	EVP_CIPHER_free(cipher);
	return ok;
}
