#include "scep/signature.h"

#include <openssl/rsa.h>

#define OCTET_BITS 8

/* RFC 4055 3.1: what is the default, SHA-1 and 20, is left out. */
#define PSS_SALT_DEFAULT 20

/* EMSA-PSS (RFC 8017 9.1.1) needs two octets besides digest and salt. */
static int
pss_salt(const EVP_PKEY *key, const EVP_MD *md)
{
	int digest = EVP_MD_get_size(md);
	int room =
	    (EVP_PKEY_get_bits(key) - 1 + OCTET_BITS - 1) / OCTET_BITS - digest - 2;

	return room < digest ? room : digest;
}

static X509_ALGOR *
algorithm_new(int nid)
{
	X509_ALGOR *algorithm = X509_ALGOR_new();

	if (algorithm != NULL && !algorithm_set(algorithm, nid)) {
		X509_ALGOR_free(algorithm);
		algorithm = NULL;
	}
	return algorithm;
}

/* MGF1 with that digest */
static X509_ALGOR *
mask_new(int digest_nid)
{
	X509_ALGOR *digest = algorithm_new(digest_nid);
	X509_ALGOR *mask = X509_ALGOR_new();
	ASN1_STRING *packed = NULL;

	if (digest == NULL || mask == NULL ||
	    ASN1_item_pack(digest, ASN1_ITEM_rptr(X509_ALGOR), &packed) == NULL ||
	    X509_ALGOR_set0(mask, OBJ_nid2obj(NID_mgf1), V_ASN1_SEQUENCE, packed) != 1) {
		ASN1_STRING_free(packed);
		X509_ALGOR_free(mask);
		mask = NULL;
	}
	X509_ALGOR_free(digest);
	return mask;
}

static bool
fill_pss(RSA_PSS_PARAMS *params, int digest_nid, int salt)
{
	if (digest_nid != NID_sha1) {
		params->hashAlgorithm = algorithm_new(digest_nid);
		params->maskGenAlgorithm = mask_new(digest_nid);
		if (params->hashAlgorithm == NULL || params->maskGenAlgorithm == NULL)
			return false;
	}
	if (salt == PSS_SALT_DEFAULT)
		return true;
	params->saltLength = ASN1_INTEGER_new();
	return params->saltLength != NULL &&
	       ASN1_INTEGER_set(params->saltLength, salt) == 1;
}

static bool
name_pss(X509_ALGOR *algorithm, int digest_nid, int salt)
{
	RSA_PSS_PARAMS *params = RSA_PSS_PARAMS_new();
	ASN1_STRING *packed = NULL;
	bool ok =
	    params != NULL && fill_pss(params, digest_nid, salt) &&
	    ASN1_item_pack(params, ASN1_ITEM_rptr(RSA_PSS_PARAMS), &packed) != NULL &&
	    X509_ALGOR_set0(
	        algorithm, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE, packed) == 1;

	if (!ok)
		ASN1_STRING_free(packed);
	RSA_PSS_PARAMS_free(params);
	return ok;
}

/* The names with a digest in them; an EC key has no others, and no parameters. */
static bool
name_with_digest(X509_ALGOR *algorithm, int digest_nid, int key_nid)
{
	int parameter = key_nid == EVP_PKEY_RSA ? V_ASN1_NULL : V_ASN1_UNDEF;
	int nid = NID_undef;

	return OBJ_find_sigid_by_algs(&nid, digest_nid, key_nid) == 1 &&
	       X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), parameter, NULL) == 1;
}

/* NDES says plain rsaEncryption. */
static bool
name_algorithm(
    X509_ALGOR *algorithm, const EVP_PKEY *key, int digest_nid, enum form_algorithm form)
{
	const EVP_MD *md = EVP_get_digestbynid(digest_nid);
	int key_nid = EVP_PKEY_get_base_id(key);

	if (key_nid == EVP_PKEY_RSA && form == FORM_ALGORITHM_PSS)
		return name_pss(algorithm, digest_nid, pss_salt(key, md));
	if (key_nid == EVP_PKEY_RSA && form == FORM_ALGORITHM_RSA)
		return algorithm_set(algorithm, NID_rsaEncryption);
	return name_with_digest(algorithm, digest_nid, key_nid);
}

static bool
set_padding(
    EVP_PKEY_CTX *ctx, const EVP_PKEY *key, const EVP_MD *md, enum form_algorithm form)
{
	if (form != FORM_ALGORITHM_PSS || EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, pss_salt(key, md)) == 1;
}

bool
signature_make(EVP_PKEY *key, int digest_nid, enum form_algorithm form, struct bytes data,
    X509_ALGOR *algorithm, ASN1_OCTET_STRING *signature)
{
	const EVP_MD *md = EVP_get_digestbynid(digest_nid);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx = NULL;
	size_t len = (size_t)EVP_PKEY_get_size(key);
	struct buf made = BUF_INIT;
	bool ok;

	buf_reserve(&made, len);
	ok = md != NULL && ctx != NULL &&
	     name_algorithm(algorithm, key, digest_nid, form) &&
	     EVP_DigestSignInit(ctx, &key_ctx, md, NULL, key) == 1 &&
	     set_padding(key_ctx, key, md, form) &&
	     EVP_DigestSign(ctx, made.data, &len, data.data, data.len) == 1 &&
	     ASN1_OCTET_STRING_set(signature, made.data, (int)len) == 1;
	EVP_MD_CTX_free(ctx);
	buf_clear(&made);
	return ok;
}
