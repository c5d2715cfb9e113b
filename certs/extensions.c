#include "certs/extensions.h"

#include "certs/templates.h"
#include <openssl/x509v3.h>
#include <string.h>

/*
 * The SID that a domain controller maps the certificate to; OpenSSL 3.0 has no NID
 * for it.
 */
#define OID_SID "1.3.6.1.4.1.311.25.2"

static bool
is_sid(const ASN1_OBJECT *oid)
{
	char text[sizeof(OID_SID)];

	return OBJ_obj2txt(text, sizeof(text), oid, 1) == (int)strlen(OID_SID) &&
	       strcmp(text, OID_SID) == 0;
}

static bool
is_copied(X509_EXTENSION *extension)
{
	const ASN1_OBJECT *oid = X509_EXTENSION_get_object(extension);

	switch (OBJ_obj2nid(oid)) {
	case NID_subject_alt_name:
	case NID_ext_key_usage:
	case NID_key_usage:
		return true;
	}
	return is_sid(oid);
}

/* RFC 5280 4.2: no certificate has an extension twice. */
static bool
has_extension(const STACK_OF(X509_EXTENSION) * extensions, const ASN1_OBJECT *oid)
{
	return X509v3_get_ext_by_OBJ(extensions, oid, -1) >= 0;
}

bool
extensions_push(STACK_OF(X509_EXTENSION) * extensions, X509_EXTENSION *extension)
{
	if (extension != NULL && sk_X509_EXTENSION_push(extensions, extension) > 0)
		return true;
	X509_EXTENSION_free(extension);
	return false;
}

/* RFC 5280 4.1.2.6: without a subject, subjectAltName is the name and is critical. */
static bool
copy_extension(STACK_OF(X509_EXTENSION) * to, X509_EXTENSION *extension, bool has_subject)
{
	X509_EXTENSION *copy = X509_EXTENSION_dup(extension);

	if (copy != NULL && !has_subject &&
	    OBJ_obj2nid(X509_EXTENSION_get_object(copy)) == NID_subject_alt_name)
		X509_EXTENSION_set_critical(copy, 1);
	return extensions_push(to, copy);
}

bool
extensions_copy(
    STACK_OF(X509_EXTENSION) * extensions, struct bytes requested, bool has_subject)
{
	STACK_OF(X509_EXTENSION) * from;
	X509_EXTENSION *extension;
	bool ok = true;
	int i;

	if (requested.len == 0)
		return true;
	from = template_read(requested, ASN1_ITEM_rptr(X509_EXTENSIONS));
	if (from == NULL)
		return false;
	for (i = 0; i < sk_X509_EXTENSION_num(from) && ok; i++) {
		extension = sk_X509_EXTENSION_value(from, i);
		if (is_copied(extension) &&
		    !has_extension(extensions, X509_EXTENSION_get_object(extension)))
			ok = copy_extension(extensions, extension, has_subject);
	}
	sk_X509_EXTENSION_pop_free(from, X509_EXTENSION_free);
	return ok;
}

static bool
add_default_key_usage(STACK_OF(X509_EXTENSION) * extensions)
{
	ASN1_BIT_STRING *usage;
	bool ok;

	if (has_extension(extensions, OBJ_nid2obj(NID_key_usage)))
		return true;
	usage = ASN1_BIT_STRING_new();
	ok = usage != NULL &&
	     ASN1_BIT_STRING_set_bit(usage, 0, 1) == 1 && /* digitalSignature */
	     ASN1_BIT_STRING_set_bit(usage, 2, 1) == 1 && /* keyEncipherment */
	     extensions_push(extensions, X509V3_EXT_i2d(NID_key_usage, 1, usage));
	ASN1_BIT_STRING_free(usage);
	return ok;
}

static bool
add_default_purpose(STACK_OF(X509_EXTENSION) * extensions)
{
	EXTENDED_KEY_USAGE *purposes;
	bool ok;

	if (has_extension(extensions, OBJ_nid2obj(NID_ext_key_usage)))
		return true;
	purposes = sk_ASN1_OBJECT_new_null();
	ok = purposes != NULL &&
	     sk_ASN1_OBJECT_push(purposes, OBJ_nid2obj(NID_client_auth)) > 0 &&
	     extensions_push(extensions, X509V3_EXT_i2d(NID_ext_key_usage, 0, purposes));
	sk_ASN1_OBJECT_pop_free(purposes, ASN1_OBJECT_free);
	return ok;
}

bool
extensions_default(STACK_OF(X509_EXTENSION) * extensions)
{
	return add_default_key_usage(extensions) && add_default_purpose(extensions);
}

bool
key_id_of(struct bytes spki, unsigned char ret[PKI_KEY_ID_SIZE])
{
	struct asn1_spki *info = template_read(spki, ASN1_ITEM_rptr(asn1_spki));
	struct bytes key;
	bool ok;

	if (info == NULL)
		return false;
	key = template_bytes(info->key);
	ok = EVP_Digest(key.data, key.len, ret, NULL, EVP_sha1(), NULL) == 1;
	ASN1_item_free((ASN1_VALUE *)info, ASN1_ITEM_rptr(asn1_spki));
	return ok;
}

/* A new OCTET STRING; NULL: could not be made. */
static ASN1_OCTET_STRING *
key_id_string(const unsigned char id[PKI_KEY_ID_SIZE])
{
	ASN1_OCTET_STRING *string = ASN1_OCTET_STRING_new();

	if (string != NULL && ASN1_OCTET_STRING_set(string, id, PKI_KEY_ID_SIZE) == 1)
		return string;
	ASN1_OCTET_STRING_free(string);
	return NULL;
}

static bool
add_subject_key_id(STACK_OF(X509_EXTENSION) * extensions, struct bytes spki)
{
	unsigned char hash[PKI_KEY_ID_SIZE];
	ASN1_OCTET_STRING *id;
	bool ok;

	if (!key_id_of(spki, hash))
		return false;
	id = key_id_string(hash);
	ok = id != NULL && extensions_push(extensions,
	                       X509V3_EXT_i2d(NID_subject_key_identifier, 0, id));
	ASN1_OCTET_STRING_free(id);
	return ok;
}

static bool
add_authority_key_id(
    STACK_OF(X509_EXTENSION) * extensions, const unsigned char issuer[PKI_KEY_ID_SIZE])
{
	AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();
	bool ok = false;

	if (authority == NULL)
		return false;
	authority->keyid = key_id_string(issuer);
	if (authority->keyid != NULL)
		ok = extensions_push(extensions,
		    X509V3_EXT_i2d(NID_authority_key_identifier, 0, authority));
	AUTHORITY_KEYID_free(authority);
	return ok;
}

bool
extensions_key_ids(STACK_OF(X509_EXTENSION) * extensions, struct bytes spki,
    const unsigned char issuer[PKI_KEY_ID_SIZE])
{
	return add_subject_key_id(extensions, spki) &&
	       add_authority_key_id(extensions, issuer);
}
