#include "certs/csr.h"

#include "base/mem.h"
#include "certs/der.h"
#include "certs/ossl.h"
#include "certs/templates.h"
#include <openssl/core_names.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* The first value of an attribute; NULL: its SET is empty. */
static const ASN1_TYPE *
attribute_value(X509_ATTRIBUTE *attribute)
{
	return X509_ATTRIBUTE_get0_type(attribute, 0);
}

/*
 * PKCS #9 wants a DirectoryString; any other string is handed on as well, since which
 * types are taken is the server's decision.
 */
static void
read_challenge(struct csr *csr, X509_ATTRIBUTE *attribute)
{
	const ASN1_TYPE *value = attribute_value(attribute);

	if (value == NULL || csr->challenge_type != 0)
		return;
	csr->challenge_type = ASN1_TYPE_get(value);
	switch (csr->challenge_type) {
	case V_ASN1_UTF8STRING:
	case V_ASN1_PRINTABLESTRING:
	case V_ASN1_T61STRING:
	case V_ASN1_IA5STRING:
	case V_ASN1_VISIBLESTRING:
	case V_ASN1_NUMERICSTRING:
	case V_ASN1_UNIVERSALSTRING:
	case V_ASN1_BMPSTRING:
	case V_ASN1_OCTET_STRING:
		csr->challenge = template_bytes(value->value.asn1_string);
		break;
	}
}

/* What leaf_issue copies must be readable; the rest is nobody's business. */
static bool
is_sound_extension(X509_EXTENSION *extension)
{
	const X509V3_EXT_METHOD *method;
	const ASN1_OCTET_STRING *data = X509_EXTENSION_get_data(extension);
	int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
	void *value;

	if (nid != NID_subject_alt_name && nid != NID_ext_key_usage &&
	    nid != NID_key_usage)
		return true;
	method = X509V3_EXT_get_nid(nid);
	if (method == NULL || method->it == NULL)
		return true;
	value = template_read(template_bytes(data), ASN1_ITEM_ptr(method->it));
	ASN1_item_free(value, ASN1_ITEM_ptr(method->it));
	return value != NULL;
}

static bool
read_extensions(struct csr *csr, X509_ATTRIBUTE *attribute)
{
	const ASN1_TYPE *value = attribute_value(attribute);
	X509_EXTENSIONS *extensions;
	bool ok = true;
	int i;

	if (csr->extensions.len > 0)
		return true;
	if (value == NULL || ASN1_TYPE_get(value) != V_ASN1_SEQUENCE)
		return false;
	csr->extensions = template_bytes(value->value.sequence);
	extensions = template_read(csr->extensions, ASN1_ITEM_rptr(X509_EXTENSIONS));
	if (extensions == NULL)
		return false;
	for (i = 0; i < sk_X509_EXTENSION_num(extensions) && ok; i++)
		ok = is_sound_extension(sk_X509_EXTENSION_value(extensions, i));
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	return ok;
}

/* Microsoft's clients used an OID of their own for the same Extensions. */
static bool
read_attributes(struct csr *csr, STACK_OF(X509_ATTRIBUTE) * attributes)
{
	int i, nid;

	for (i = 0; i < sk_X509_ATTRIBUTE_num(attributes); i++) {
		X509_ATTRIBUTE *attribute = sk_X509_ATTRIBUTE_value(attributes, i);

		nid = OBJ_obj2nid(X509_ATTRIBUTE_get0_object(attribute));
		if (nid == NID_pkcs9_challengePassword)
			read_challenge(csr, attribute);
		else if ((nid == NID_ext_req || nid == NID_ms_ext_req) &&
		         !read_extensions(csr, attribute))
			return false;
	}
	return true;
}

bool
csr_parse(struct bytes der, struct csr **ret)
{
	struct csr *csr = NULL;
	struct bytes clean;
	bool ok = false;

	if (der.len == 0 || der.len > CSR_BYTES_MAX)
		return false;
	csr = mem_alloc(sizeof(*csr));
	if (!der_from_ber(der, &csr->der))
		goto out;
	clean = buf_bytes(&csr->der);
	csr->asn1 = template_read(clean, ASN1_ITEM_rptr(asn1_request));
	if (csr->asn1 == NULL)
		goto out;
	if (der.len != clean.len || memcmp(der.data, clean.data, der.len) != 0)
		csr->sent = template_read(der, ASN1_ITEM_rptr(asn1_request));
	csr->subject = template_bytes(csr->asn1->info->subject);
	csr->spki = template_bytes(csr->asn1->info->spki);
	if (!read_attributes(csr, csr->asn1->info->attributes))
		goto out;
	*ret = csr;
	csr = NULL;
	ok = true;
out:
	csr_free(csr);
	ossl_forget();
	return ok;
}

void
csr_free(struct csr *csr)
{
	if (csr == NULL)
		return;
	ASN1_item_free((ASN1_VALUE *)csr->asn1, ASN1_ITEM_rptr(asn1_request));
	ASN1_item_free((ASN1_VALUE *)csr->sent, ASN1_ITEM_rptr(asn1_request));
	buf_clear(&csr->der);
	free(csr);
}

static bool
request_verify(const struct asn1_request *request, EVP_PKEY *key)
{
	return ASN1_item_verify(ASN1_ITEM_rptr(asn1_request_info), request->algorithm,
	           request->signature, request->info, key) == 1;
}

bool
csr_verify(const struct csr *csr, EVP_PKEY *key)
{
	EVP_PKEY *own = NULL;
	bool ok = false;

	if (key == NULL)
		key = own = spki_key(csr->spki);
	if (key != NULL)
		ok = request_verify(csr->asn1, key) ||
		     (csr->sent != NULL && request_verify(csr->sent, key));
	EVP_PKEY_free(own);
	ossl_forget();
	return ok;
}

/* The modulus and exponent of an RSA key; NULL: another kind of key, or none. */
static struct asn1_rsa *
spki_rsa(struct bytes spki)
{
	struct asn1_spki *info = template_read(spki, ASN1_ITEM_rptr(asn1_spki));
	struct asn1_rsa *rsa = NULL;
	const ASN1_OBJECT *algorithm = NULL;

	if (info == NULL)
		return NULL;
	X509_ALGOR_get0(&algorithm, NULL, NULL, info->algorithm);
	if (OBJ_obj2nid(algorithm) == NID_rsaEncryption)
		rsa = template_read(template_bytes(info->key), ASN1_ITEM_rptr(asn1_rsa));
	ASN1_item_free((ASN1_VALUE *)info, ASN1_ITEM_rptr(asn1_spki));
	return rsa;
}

static void
rsa_free(struct asn1_rsa *rsa)
{
	ASN1_item_free((ASN1_VALUE *)rsa, ASN1_ITEM_rptr(asn1_rsa));
}

static EVP_PKEY *
rsa_key(const struct asn1_rsa *rsa)
{
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	OSSL_PARAM *params = NULL;
	EVP_PKEY *key = NULL;

	if (build == NULL || ctx == NULL ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, rsa->n) != 1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, rsa->e) != 1)
		goto out;
	params = OSSL_PARAM_BLD_to_param(build);
	if (params == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
	    EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
out:
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

EVP_PKEY *
spki_key(struct bytes spki)
{
	struct asn1_rsa *rsa = spki_rsa(spki);
	const unsigned char *p = spki.data;
	EVP_PKEY *key = NULL;

	if (rsa != NULL)
		key = rsa_key(rsa);
	else if (spki.len > 0 && spki.len <= CSR_BYTES_MAX)
		key = d2i_PUBKEY(NULL, &p, (long)spki.len);
	rsa_free(rsa);
	ossl_forget();
	return key;
}

unsigned
spki_bits(struct bytes spki)
{
	struct asn1_rsa *rsa = spki_rsa(spki);
	unsigned bits = rsa == NULL ? 0 : (unsigned)BN_num_bits(rsa->n);

	rsa_free(rsa);
	return bits;
}
