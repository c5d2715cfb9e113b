#include "scep/signing.h"

#include "certs/ossl.h"
#include "scep/attributes.h"

static bool
push_digest(STACK_OF(ASN1_TYPE) * *attrs, const EVP_MD *md, struct bytes econtent)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	return EVP_Digest(econtent.data, econtent.len, digest, &len, md, NULL) == 1 &&
	       attribute_push(attrs, OID_MESSAGE_DIGEST, V_ASN1_OCTET_STRING,
	           (struct bytes){digest, len});
}

/* RFC 5652 5.3: both have to be there as soon as there are signed attributes. */
static bool
complete_attributes(
    const struct signing *signing, const EVP_MD *md, STACK_OF(ASN1_TYPE) * *attrs)
{
	if (!attribute_push_oid(attrs, OID_CONTENT_TYPE, oid_data) ||
	    !push_digest(attrs, md, signing->econtent))
		return false;
	attributes_sort(*attrs);
	return true;
}

static bool
sign(const struct signer_info *info, const EVP_MD *md, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct buf data = BUF_INIT;
	struct buf signature = BUF_INIT;
	size_t len = (size_t)EVP_PKEY_get_size(key);
	bool ok = false;

	buf_reserve(&signature, len);
	if (ctx != NULL && attributes_set_of(info->signed_attrs, &data) &&
	    EVP_DigestSignInit(ctx, NULL, md, NULL, key) == 1 &&
	    EVP_DigestSign(ctx, signature.data, &len, data.data, data.len) == 1)
		ok =
		    ASN1_OCTET_STRING_set(info->signature, signature.data, (int)len) == 1;
	EVP_MD_CTX_free(ctx);
	buf_clear(&data);
	buf_clear(&signature);
	return ok;
}

/* NDES says plain rsaEncryption; an EC key has only the names with a digest in them. */
static bool
set_signature_algorithm(X509_ALGOR *algorithm, int digest_nid, const EVP_PKEY *key)
{
	int nid = NID_undef;

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return algorithm_set(algorithm, NID_rsaEncryption);
	return OBJ_find_sigid_by_algs(&nid, digest_nid, EVP_PKEY_get_base_id(key)) == 1 &&
	       X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_UNDEF, NULL) == 1;
}

/* Takes attrs. */
static bool
add_signer(const struct signing *signing, STACK_OF(ASN1_TYPE) * attrs,
    struct signed_data *signed_data)
{
	const EVP_MD *md = EVP_get_digestbynid(signing->digest_nid);
	EVP_PKEY *key = signing->signer->key;
	struct signer_info *info = signer_info_new();
	struct buf der = BUF_INIT;
	bool ok = false;

	if (info == NULL) {
		sk_ASN1_TYPE_pop_free(attrs, ASN1_TYPE_free);
		return false;
	}
	info->version = 1;
	info->signed_attrs = attrs;
	ASN1_TYPE_free(info->sid);
	info->sid = any_of(buf_bytes(&signing->signer->issuer_and_serial));
	ok = info->sid != NULL && md != NULL &&
	     algorithm_set(info->digest_algorithm, signing->digest_nid) &&
	     set_signature_algorithm(
	         info->signature_algorithm, signing->digest_nid, key) &&
	     complete_attributes(signing, md, &info->signed_attrs) &&
	     sign(info, md, key) && OSSL_DER(&der, info, i2d_signer_info) &&
	     any_push(&signed_data->signer_infos, buf_bytes(&der));
	signer_info_free(info);
	buf_clear(&der);
	return ok;
}

static bool
add_digest_algorithm(struct signed_data *signed_data, int nid)
{
	X509_ALGOR *algorithm = X509_ALGOR_new();

	if (algorithm == NULL || !algorithm_set(algorithm, nid) ||
	    sk_X509_ALGOR_push(signed_data->digest_algorithms, algorithm) <= 0) {
		X509_ALGOR_free(algorithm);
		return false;
	}
	return true;
}

static bool
set_econtent(struct encap_content_info *encap, struct bytes econtent)
{
	ASN1_OBJECT_free(encap->content_type);
	encap->content_type = OBJ_nid2obj(NID_pkcs7_data);
	if (econtent.data == NULL)
		return true;
	encap->econtent = ASN1_OCTET_STRING_new();
	return encap->econtent != NULL && ASN1_OCTET_STRING_set(encap->econtent,
	                                      econtent.data, (int)econtent.len) == 1;
}

bool
signing_write(const struct signing *signing, STACK_OF(ASN1_TYPE) * attrs, struct buf *out)
{
	struct signed_data *signed_data = signed_data_new();
	struct buf der = BUF_INIT;
	bool ok = false;

	if (signed_data == NULL) {
		sk_ASN1_TYPE_pop_free(attrs, ASN1_TYPE_free);
		return false;
	}
	signed_data->version = 1;
	ok = add_signer(signing, attrs, signed_data) &&
	     add_digest_algorithm(signed_data, signing->digest_nid) &&
	     set_econtent(signed_data->encap, signing->econtent) &&
	     (signing->certificate.data == NULL ||
	         any_push(&signed_data->certificates, signing->certificate)) &&
	     OSSL_DER(&der, signed_data, i2d_signed_data) &&
	     content_info_wrap(oid_signed_data, buf_bytes(&der), out);
	signed_data_free(signed_data);
	buf_clear(&der);
	return ok;
}
