#include "scep/signing.h"

#include "certs/ossl.h"
#include "scep/attributes.h"
#include "scep/signature.h"

/* RFC 5652 5.1 and 5.3: both are of version 3 when the sid is a key identifier. */
#define VERSION_ISSUER_SERIAL 1
#define VERSION_KEY_ID        3

#define FLIPPED 0xff

static const struct certrep_forms honest = {.status = 0};

static const struct certrep_forms *
forms_of(const struct signing *signing)
{
	return signing->forms != NULL ? signing->forms : &honest;
}

static bool
push_digest(const struct signing *signing, const EVP_MD *md, STACK_OF(ASN1_TYPE) * *attrs)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (EVP_Digest(signing->econtent.data, signing->econtent.len, digest, &len, md,
	        NULL) != 1)
		return false;
	if (forms_of(signing)->message_digest == FORM_DIGEST_WRONG)
		digest[len - 1] ^= FLIPPED;
	return attribute_push(
	    attrs, OID_MESSAGE_DIGEST, V_ASN1_OCTET_STRING, (struct bytes){digest, len});
}

static void
reverse(STACK_OF(ASN1_TYPE) * attrs)
{
	int count = sk_ASN1_TYPE_num(attrs);

	for (int i = 0; i < count / 2; i++) {
		ASN1_TYPE *first = sk_ASN1_TYPE_value(attrs, i);

		sk_ASN1_TYPE_set(attrs, i, sk_ASN1_TYPE_value(attrs, count - 1 - i));
		sk_ASN1_TYPE_set(attrs, count - 1 - i, first);
	}
}

/* RFC 5652 5.3: both have to be there as soon as there are signed attributes. */
static bool
complete_attributes(
    const struct signing *signing, const EVP_MD *md, STACK_OF(ASN1_TYPE) * *attrs)
{
	const struct certrep_forms *forms = forms_of(signing);

	if ((forms->content_type == FORM_CONTENT_TYPE_USUAL &&
	        !attribute_push_oid(attrs, OID_CONTENT_TYPE, oid_data)) ||
	    !push_digest(signing, md, attrs))
		return false;
	attributes_sort(*attrs);
	if (forms->attribute_order == FORM_ORDER_REVERSED)
		reverse(*attrs);
	return true;
}

static bool
corrupt(ASN1_OCTET_STRING *signature)
{
	struct buf bytes = BUF_INIT;
	bool ok;

	buf_add(&bytes, ASN1_STRING_get0_data(signature),
	    (size_t)ASN1_STRING_length(signature));
	bytes.data[bytes.len - 1] ^= FLIPPED;
	ok = ASN1_OCTET_STRING_set(signature, bytes.data, (int)bytes.len) == 1;
	buf_clear(&bytes);
	return ok;
}

static bool
sign(const struct signing *signing, struct signer_info *info)
{
	const struct certrep_forms *forms = forms_of(signing);
	struct buf data = BUF_INIT;
	bool ok = attributes_set_of(info->signed_attrs, &data) &&
	          signature_make(signing->signer->key, signing->digest_nid,
	              (enum form_algorithm)forms->signature_algorithm, buf_bytes(&data),
	              info->signature_algorithm, info->signature) &&
	          (forms->signature == FORM_SIGNATURE_GOOD || corrupt(info->signature));

	buf_clear(&data);
	return ok;
}

static void
name_signer(const struct signing *signing, struct signer_info *info)
{
	ASN1_TYPE_free(info->sid);
	info->sid = any_of(signing->sid.data != NULL
	                       ? signing->sid
	                       : buf_bytes(&signing->signer->issuer_and_serial));
	info->version =
	    any_key_id(info->sid).len > 0 ? VERSION_KEY_ID : VERSION_ISSUER_SERIAL;
}

/* Takes attrs. */
static bool
add_signer(const struct signing *signing, STACK_OF(ASN1_TYPE) * attrs,
    struct signed_data *signed_data)
{
	const EVP_MD *md = EVP_get_digestbynid(signing->digest_nid);
	struct signer_info *info = signer_info_new();
	struct buf der = BUF_INIT;
	bool ok = false;

	if (info == NULL) {
		sk_ASN1_TYPE_pop_free(attrs, ASN1_TYPE_free);
		return false;
	}
	info->signed_attrs = attrs;
	name_signer(signing, info);
	signed_data->version = info->version;
	ok = info->sid != NULL && md != NULL &&
	     algorithm_set(info->digest_algorithm, signing->digest_nid) &&
	     complete_attributes(signing, md, &info->signed_attrs) &&
	     sign(signing, info) && OSSL_DER(&der, info, i2d_signer_info) &&
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

static bool
add_certificates(const struct signing *signing, struct signed_data *signed_data)
{
	if (signing->certificate.data != NULL &&
	    !any_push(&signed_data->certificates, signing->certificate))
		return false;
	for (size_t i = 0; i < signing->further_count; i++)
		if (!any_push(&signed_data->certificates, signing->further[i]))
			return false;
	return true;
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
	ok = add_signer(signing, attrs, signed_data) &&
	     add_digest_algorithm(signed_data, signing->digest_nid) &&
	     set_econtent(signed_data->encap, signing->econtent) &&
	     add_certificates(signing, signed_data) &&
	     OSSL_DER(&der, signed_data, i2d_signed_data) &&
	     content_info_wrap(oid_signed_data, buf_bytes(&der), out);
	signed_data_free(signed_data);
	buf_clear(&der);
	return ok;
}
