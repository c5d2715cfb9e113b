#include "scep/cms.h"

#include "certs/ossl.h"
#include <string.h>

/* clang-format off */
ASN1_SEQUENCE(content_info) = {
	ASN1_SIMPLE(struct content_info, content_type, ASN1_OBJECT),
	ASN1_EXP_OPT(struct content_info, content, ASN1_ANY, 0),
} ASN1_SEQUENCE_END_name(struct content_info, content_info)

ASN1_SEQUENCE(issuer_subject) = {
	ASN1_SIMPLE(struct issuer_subject, issuer, ASN1_ANY),
	ASN1_SIMPLE(struct issuer_subject, subject, ASN1_ANY),
} ASN1_SEQUENCE_END_name(struct issuer_subject, issuer_subject)

ASN1_SEQUENCE(encap_content_info) = {
	ASN1_SIMPLE(struct encap_content_info, content_type, ASN1_OBJECT),
	ASN1_EXP_OPT(struct encap_content_info, econtent, ASN1_OCTET_STRING, 0),
} ASN1_SEQUENCE_END_name(struct encap_content_info, encap_content_info)

/* SEQUENCE OF under an implicit tag reads what SET OF reads, and never sorts. */
ASN1_SEQUENCE(signed_data) = {
	ASN1_EMBED(struct signed_data, version, INT32),
	ASN1_SET_OF(struct signed_data, digest_algorithms, X509_ALGOR),
	ASN1_SIMPLE(struct signed_data, encap, encap_content_info),
	ASN1_IMP_SEQUENCE_OF_OPT(struct signed_data, certificates, ASN1_ANY, 0),
	ASN1_IMP_SEQUENCE_OF_OPT(struct signed_data, crls, ASN1_ANY, 1),
	ASN1_SET_OF(struct signed_data, signer_infos, ASN1_ANY),
} ASN1_SEQUENCE_END_name(struct signed_data, signed_data)

ASN1_SEQUENCE(signer_info) = {
	ASN1_EMBED(struct signer_info, version, INT32),
	ASN1_SIMPLE(struct signer_info, sid, ASN1_ANY),
	ASN1_SIMPLE(struct signer_info, digest_algorithm, X509_ALGOR),
	ASN1_IMP_SEQUENCE_OF_OPT(struct signer_info, signed_attrs, ASN1_ANY, 0),
	ASN1_SIMPLE(struct signer_info, signature_algorithm, X509_ALGOR),
	ASN1_SIMPLE(struct signer_info, signature, ASN1_OCTET_STRING),
	ASN1_IMP_SEQUENCE_OF_OPT(struct signer_info, unsigned_attrs, ASN1_ANY, 1),
} ASN1_SEQUENCE_END_name(struct signer_info, signer_info)

ASN1_SEQUENCE(key_trans) = {
	ASN1_EMBED(struct key_trans, version, INT32),
	ASN1_SIMPLE(struct key_trans, rid, ASN1_ANY),
	ASN1_SIMPLE(struct key_trans, key_algorithm, X509_ALGOR),
	ASN1_SIMPLE(struct key_trans, encrypted_key, ASN1_OCTET_STRING),
} ASN1_SEQUENCE_END_name(struct key_trans, key_trans)

ASN1_SEQUENCE(encrypted_content_info) = {
	ASN1_SIMPLE(struct encrypted_content_info, content_type, ASN1_OBJECT),
	ASN1_SIMPLE(struct encrypted_content_info, content_algorithm, X509_ALGOR),
	ASN1_IMP_OPT(struct encrypted_content_info, encrypted_content, ASN1_OCTET_STRING, 0),
} ASN1_SEQUENCE_END_name(struct encrypted_content_info, encrypted_content_info)

ASN1_SEQUENCE(enveloped_data) = {
	ASN1_EMBED(struct enveloped_data, version, INT32),
	ASN1_IMP_SEQUENCE_OF_OPT(struct enveloped_data, originator_info, ASN1_ANY, 0),
	ASN1_SET_OF(struct enveloped_data, recipient_infos, ASN1_ANY),
	ASN1_SIMPLE(struct enveloped_data, encrypted, encrypted_content_info),
	ASN1_IMP_SEQUENCE_OF_OPT(struct enveloped_data, unprotected_attrs, ASN1_ANY, 1),
} ASN1_SEQUENCE_END_name(struct enveloped_data, enveloped_data)

IMPLEMENT_ASN1_FUNCTIONS_name(struct content_info, content_info)
IMPLEMENT_ASN1_FUNCTIONS_name(struct issuer_subject, issuer_subject)
IMPLEMENT_ASN1_FUNCTIONS_name(struct encap_content_info, encap_content_info)
IMPLEMENT_ASN1_FUNCTIONS_name(struct signed_data, signed_data)
IMPLEMENT_ASN1_FUNCTIONS_name(struct signer_info, signer_info)
IMPLEMENT_ASN1_FUNCTIONS_name(struct key_trans, key_trans)
IMPLEMENT_ASN1_FUNCTIONS_name(struct encrypted_content_info, encrypted_content_info)
IMPLEMENT_ASN1_FUNCTIONS_name(struct enveloped_data, enveloped_data)

const char oid_data[] = "1.2.840.113549.1.7.1";
const char oid_signed_data[] = "1.2.840.113549.1.7.2";
const char oid_enveloped_data[] = "1.2.840.113549.1.7.3";
/* clang-format on */

ASN1_TYPE *
any_of(struct bytes der)
{
	const unsigned char *p = der.data;
	ASN1_TYPE *any;

	if (der.data == NULL || der.len > INT32_MAX)
		return NULL;
	any = d2i_ASN1_TYPE(NULL, &p, (long)der.len);
	if (any != NULL && p != der.data + der.len) {
		ASN1_TYPE_free(any);
		any = NULL;
	}
	return any;
}

struct bytes
string_bytes(const ASN1_STRING *string)
{
	if (string == NULL || ASN1_STRING_length(string) <= 0)
		return (struct bytes){.data = NULL};
	return (struct bytes){
	    ASN1_STRING_get0_data(string), (size_t)ASN1_STRING_length(string)};
}

struct bytes
any_bytes(const ASN1_TYPE *any)
{
	if (any == NULL)
		return (struct bytes){.data = NULL};
	switch (any->type) {
	case V_ASN1_SEQUENCE:
	case V_ASN1_SET:
	case V_ASN1_OTHER:
		return string_bytes(any->value.asn1_string);
	}
	return (struct bytes){.data = NULL};
}

struct bytes
any_key_id(const ASN1_TYPE *any)
{
	struct bytes der = any_bytes(any);
	const unsigned char *p = der.data;
	int tag, class;
	long len;

	if (der.len == 0 || ASN1_get_object(&p, &len, &tag, &class, (long)der.len) != 0 ||
	    class != V_ASN1_CONTEXT_SPECIFIC || tag != 0)
		return (struct bytes){.data = NULL};
	return (struct bytes){p, (size_t)len};
}

bool
bytes_equal(struct bytes a, struct bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* Takes any; NULL is a failure passed on. */
static bool
push(STACK_OF(ASN1_TYPE) * *list, ASN1_TYPE *any)
{
	if (any != NULL && *list == NULL)
		*list = sk_ASN1_TYPE_new_null();
	if (any == NULL || *list == NULL || sk_ASN1_TYPE_push(*list, any) <= 0) {
		ASN1_TYPE_free(any);
		return false;
	}
	return true;
}

bool
any_push(STACK_OF(ASN1_TYPE) * *list, struct bytes der)
{
	return push(list, any_of(der));
}

bool
algorithm_set(X509_ALGOR *algorithm, int nid)
{
	return X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_NULL, NULL) == 1;
}

bool
content_info_wrap(const char *oid, struct bytes content, struct buf *out)
{
	struct content_info *info = content_info_new();
	bool ok = false;

	if (info == NULL)
		return false;
	ASN1_OBJECT_free(info->content_type);
	info->content_type = OBJ_txt2obj(oid, 1);
	info->content = any_of(content);
	if (info->content_type != NULL && info->content != NULL)
		ok = OSSL_DER(out, info, i2d_content_info);
	content_info_free(info);
	return ok;
}

static bool
object_is(const ASN1_OBJECT *object, const char *oid)
{
	ASN1_OBJECT *wanted = OBJ_txt2obj(oid, 1);
	bool is = wanted != NULL && OBJ_cmp(object, wanted) == 0;

	ASN1_OBJECT_free(wanted);
	return is;
}

ASN1_TYPE *
content_info_unwrap(const char *oid, struct bytes der)
{
	const unsigned char *p = der.data;
	struct content_info *info = NULL;
	ASN1_TYPE *content = NULL;

	if (der.data != NULL && der.len <= INT32_MAX)
		info = d2i_content_info(NULL, &p, (long)der.len);
	if (info != NULL && object_is(info->content_type, oid)) {
		content = info->content;
		info->content = NULL;
	}
	content_info_free(info);
	return content;
}

/* Takes attribute; NULL is a failure passed on. */
static bool
push_attribute(STACK_OF(ASN1_TYPE) * *attrs, X509_ATTRIBUTE *attribute)
{
	struct buf der = BUF_INIT;
	bool ok = attribute != NULL && OSSL_DER(&der, attribute, i2d_X509_ATTRIBUTE) &&
	          any_push(attrs, buf_bytes(&der));

	X509_ATTRIBUTE_free(attribute);
	buf_clear(&der);
	return ok;
}

bool
attribute_push(
    STACK_OF(ASN1_TYPE) * *attrs, const char *oid, int tag, struct bytes content)
{
	if (content.len > INT32_MAX)
		return false;
	return push_attribute(
	    attrs, X509_ATTRIBUTE_create_by_txt(NULL, oid, tag,
	               content.data != NULL ? content.data : (const unsigned char *)"",
	               (int)content.len));
}

bool
attribute_push_oid(STACK_OF(ASN1_TYPE) * *attrs, const char *oid, const char *value)
{
	ASN1_OBJECT *object = OBJ_txt2obj(value, 1);
	X509_ATTRIBUTE *attribute = NULL;

	/* A length of -1 makes OpenSSL take the data as the value's own type. */
	if (object != NULL)
		attribute = X509_ATTRIBUTE_create_by_txt(
		    NULL, oid, V_ASN1_OBJECT, (const unsigned char *)object, -1);
	ASN1_OBJECT_free(object);
	return push_attribute(attrs, attribute);
}

/* First value of the Attribute encoded in `der`, when its type is `oid`. */
static ASN1_TYPE *
attribute_value(struct bytes der, const ASN1_OBJECT *oid)
{
	const unsigned char *p = der.data;
	X509_ATTRIBUTE *attribute = NULL;
	ASN1_TYPE *value = NULL;
	ASN1_TYPE *first;

	if (der.len > 0)
		attribute = d2i_X509_ATTRIBUTE(NULL, &p, (long)der.len);
	if (attribute != NULL &&
	    OBJ_cmp(X509_ATTRIBUTE_get0_object(attribute), oid) == 0) {
		first = X509_ATTRIBUTE_get0_type(attribute, 0);
		/* get0_type hands out the attribute's own value: a copy outlives it. */
		value = first != NULL ? ASN1_TYPE_new() : NULL;
		if (value != NULL &&
		    ASN1_TYPE_set1(value, first->type, first->value.ptr) != 1) {
			ASN1_TYPE_free(value);
			value = NULL;
		}
	}
	X509_ATTRIBUTE_free(attribute);
	return value;
}

ASN1_TYPE *
attribute_find(const STACK_OF(ASN1_TYPE) * attrs, const char *oid)
{
	ASN1_OBJECT *object = OBJ_txt2obj(oid, 1);
	ASN1_TYPE *value = NULL;

	for (int i = 0; object != NULL && value == NULL && i < sk_ASN1_TYPE_num(attrs);
	     i++)
		value = attribute_value(any_bytes(sk_ASN1_TYPE_value(attrs, i)), object);
	ASN1_OBJECT_free(object);
	return value;
}

static int
compare_encodings(const ASN1_TYPE *const *a, const ASN1_TYPE *const *b)
{
	struct bytes x = any_bytes(*a);
	struct bytes y = any_bytes(*b);
	size_t len = x.len < y.len ? x.len : y.len;
	int order = len > 0 ? memcmp(x.data, y.data, len) : 0;

	if (order != 0)
		return order;
	return (x.len > y.len) - (x.len < y.len);
}

void
attributes_sort(STACK_OF(ASN1_TYPE) * attrs)
{
	sk_ASN1_TYPE_set_cmp_func(attrs, compare_encodings);
	sk_ASN1_TYPE_sort(attrs);
}

bool
attributes_set_of(const STACK_OF(ASN1_TYPE) * attrs, struct buf *out)
{
	unsigned char header[16];
	unsigned char *p = header;
	size_t len = 0;

	for (int i = 0; i < sk_ASN1_TYPE_num(attrs); i++)
		len += any_bytes(sk_ASN1_TYPE_value(attrs, i)).len;
	if (len > INT32_MAX)
		return false;
	ASN1_put_object(&p, 1, (int)len, V_ASN1_SET, V_ASN1_UNIVERSAL);
	buf_add(out, header, (size_t)(p - header));
	for (int i = 0; i < sk_ASN1_TYPE_num(attrs); i++) {
		struct bytes der = any_bytes(sk_ASN1_TYPE_value(attrs, i));

		buf_add(out, der.data, der.len);
	}
	return true;
}
