#include "certs/templates.h"

#include "certs/ossl.h"
#include <limits.h>
#include <openssl/err.h>
#include <stddef.h>
#include <stdlib.h>

/* clang-format off */
ASN1_SEQUENCE(asn1_spki) = {
	ASN1_SIMPLE(struct asn1_spki, algorithm, X509_ALGOR),
	ASN1_SIMPLE(struct asn1_spki, key, ASN1_BIT_STRING),
} ASN1_SEQUENCE_END_name(struct asn1_spki, asn1_spki)

ASN1_SEQUENCE(asn1_rsa) = {
	ASN1_SIMPLE(struct asn1_rsa, n, BIGNUM),
	ASN1_SIMPLE(struct asn1_rsa, e, BIGNUM),
} ASN1_SEQUENCE_END_name(struct asn1_rsa, asn1_rsa)

/*
 * ASN1_SEQUENCE_enc wants a typedef; this is what it expands to. The attributes are
 * OPTIONAL because some clients leave the empty [0] out.
 */
static const ASN1_AUX asn1_request_info_aux = {
	NULL, ASN1_AFLG_ENCODING, 0, 0, NULL, offsetof(struct asn1_request_info, enc), NULL,
};
ASN1_SEQUENCE(asn1_request_info) = {
	ASN1_SIMPLE(struct asn1_request_info, version, ASN1_INTEGER),
	ASN1_SIMPLE(struct asn1_request_info, subject, ASN1_SEQUENCE),
	ASN1_SIMPLE(struct asn1_request_info, spki, ASN1_SEQUENCE),
	ASN1_IMP_SET_OF_OPT(struct asn1_request_info, attributes, X509_ATTRIBUTE, 0),
} ASN1_SEQUENCE_END_enc(struct asn1_request_info, asn1_request_info)

ASN1_SEQUENCE(asn1_request) = {
	ASN1_SIMPLE(struct asn1_request, info, asn1_request_info),
	ASN1_SIMPLE(struct asn1_request, algorithm, X509_ALGOR),
	ASN1_SIMPLE(struct asn1_request, signature, ASN1_BIT_STRING),
} ASN1_SEQUENCE_END_name(struct asn1_request, asn1_request)

static const ASN1_AUX asn1_tbs_aux = {
	NULL, ASN1_AFLG_ENCODING, 0, 0, NULL, offsetof(struct asn1_tbs, enc), NULL,
};
ASN1_SEQUENCE(asn1_tbs) = {
	ASN1_EXP_OPT(struct asn1_tbs, version, ASN1_INTEGER, 0),
	ASN1_SIMPLE(struct asn1_tbs, serial, ASN1_INTEGER),
	ASN1_SIMPLE(struct asn1_tbs, signature, X509_ALGOR),
	ASN1_SIMPLE(struct asn1_tbs, issuer, ASN1_SEQUENCE),
	ASN1_SIMPLE(struct asn1_tbs, validity, X509_VAL),
	ASN1_SIMPLE(struct asn1_tbs, subject, ASN1_SEQUENCE),
	ASN1_SIMPLE(struct asn1_tbs, spki, ASN1_SEQUENCE),
	ASN1_IMP_OPT(struct asn1_tbs, issuer_unique_id, ASN1_BIT_STRING, 1),
	ASN1_IMP_OPT(struct asn1_tbs, subject_unique_id, ASN1_BIT_STRING, 2),
	ASN1_EXP_SEQUENCE_OF_OPT(struct asn1_tbs, extensions, X509_EXTENSION, 3),
} ASN1_SEQUENCE_END_enc(struct asn1_tbs, asn1_tbs)

ASN1_SEQUENCE(asn1_certificate) = {
	ASN1_SIMPLE(struct asn1_certificate, tbs, asn1_tbs),
	ASN1_SIMPLE(struct asn1_certificate, algorithm, X509_ALGOR),
	ASN1_SIMPLE(struct asn1_certificate, signature, ASN1_BIT_STRING),
} ASN1_SEQUENCE_END_name(struct asn1_certificate, asn1_certificate)

ASN1_SEQUENCE(asn1_issuer_serial) = {
	ASN1_SIMPLE(struct asn1_issuer_serial, issuer, ASN1_SEQUENCE),
	ASN1_SIMPLE(struct asn1_issuer_serial, serial, ASN1_INTEGER),
} ASN1_SEQUENCE_END_name(struct asn1_issuer_serial, asn1_issuer_serial)
/* clang-format on */

void *
template_read(struct bytes der, const ASN1_ITEM *item)
{
	const unsigned char *p = der.data;
	ASN1_VALUE *value = NULL;

	if (der.len == 0 || der.len > LONG_MAX)
		return NULL;
	value = ASN1_item_d2i(NULL, &p, (long)der.len, item);
	if (value != NULL && p != der.data + der.len) {
		ASN1_item_free(value, item);
		value = NULL;
	}
	ossl_forget();
	return value;
}

void *
template_new(const ASN1_ITEM *item)
{
	ASN1_VALUE *value = ASN1_item_new(item);

	if (value == NULL)
		abort();
	return value;
}

bool
template_write(const void *value, const ASN1_ITEM *item, struct buf *out)
{
	unsigned char *der = NULL;
	int len = ASN1_item_i2d((const ASN1_VALUE *)value, &der, item);

	if (len <= 0) {
		ossl_forget();
		return false;
	}
	buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	return true;
}

struct bytes
template_bytes(const ASN1_STRING *string)
{
	return (struct bytes){
	    ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string)};
}

void
template_set_sequence(ASN1_STRING **field, struct bytes der)
{
	ASN1_STRING *string = ASN1_STRING_type_new(V_ASN1_SEQUENCE);

	if (string == NULL || der.len > INT_MAX ||
	    ASN1_STRING_set(string, der.data, (int)der.len) != 1)
		abort();
	ASN1_STRING_free(*field);
	*field = string;
}
