#include "scep/describe_inner.h"

#include "base/mem.h"
#include "certs/csr.h"
#include "certs/der.h"
#include "certs/ossl.h"
#include <limits.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define OCTETS_SHOWN 64
#define OID_TEXT_MAX 256

#define OPENSSL_PREFIX "X509v3 " /* of the names of extensions */

/* Multi-byte and control characters are fact's business. */
#define NAME_FLAGS                                                                  \
	((ASN1_STRFLGS_RFC2253 & ~(ASN1_STRFLGS_ESC_MSB | ASN1_STRFLGS_ESC_CTRL)) | \
	    XN_FLAG_SEP_CPLUS_SPC | XN_FLAG_FN_SN)

const char *
tag_name(int tag)
{
	static const struct {
		int tag;
		const char *name;
	} names[] = {
	    {V_ASN1_BOOLEAN, "BOOLEAN"},
	    {V_ASN1_INTEGER, "INTEGER"},
	    {V_ASN1_BIT_STRING, "BIT STRING"},
	    {V_ASN1_OCTET_STRING, "OCTET STRING"},
	    {V_ASN1_NULL, "NULL"},
	    {V_ASN1_OBJECT, "OBJECT IDENTIFIER"},
	    {V_ASN1_ENUMERATED, "ENUMERATED"},
	    {V_ASN1_UTF8STRING, "UTF8String"},
	    {V_ASN1_SEQUENCE, "SEQUENCE"},
	    {V_ASN1_SET, "SET"},
	    {V_ASN1_NUMERICSTRING, "NumericString"},
	    {V_ASN1_PRINTABLESTRING, "PrintableString"},
	    {V_ASN1_T61STRING, "TeletexString"},
	    {V_ASN1_IA5STRING, "IA5String"},
	    {V_ASN1_UTCTIME, "UTCTime"},
	    {V_ASN1_GENERALIZEDTIME, "GeneralizedTime"},
	    {V_ASN1_VISIBLESTRING, "VisibleString"},
	    {V_ASN1_GENERALSTRING, "GeneralString"},
	    {V_ASN1_UNIVERSALSTRING, "UniversalString"},
	    {V_ASN1_BMPSTRING, "BMPString"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].tag == tag)
			return names[i].name;
	return NULL;
}

char *
object_oid(const ASN1_OBJECT *object)
{
	char text[OID_TEXT_MAX] = "";

	if (object == NULL || OBJ_obj2txt(text, sizeof(text), object, 1) <= 0)
		return mem_string("0.0");
	return mem_string(text);
}

/* Microsoft's, which OpenSSL has no names for. */
static const char *
microsoft_name(const char *oid)
{
	static const char *const names[][2] = {
	    {"1.3.6.1.4.1.311.20.2", "Certificate Template Name"},
	    {"1.3.6.1.4.1.311.20.2.1", "Certificate Request Agent"},
	    {"1.3.6.1.4.1.311.21.7", "Certificate Template Information"},
	    {"1.3.6.1.4.1.311.21.10", "Application Policies"},
	    {"1.3.6.1.4.1.311.25.2", "Security Identifier"},
	    {"1.3.6.1.4.1.311.13.2.3", "OS Version"},
	    {"1.3.6.1.4.1.311.21.20", "Request Client Info"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i][0], oid) == 0)
			return names[i][1];
	return NULL;
}

static char *
oid_name(const ASN1_OBJECT *object)
{
	char *oid = object_oid(object);
	const char *name = microsoft_name(oid);

	if (name == NULL)
		return oid;
	free(oid);
	return mem_string(name);
}

char *
object_name(const ASN1_OBJECT *object)
{
	int nid = object == NULL ? NID_undef : OBJ_obj2nid(object);
	const char *name = OBJ_nid2ln(nid);

	if (nid == NID_undef || name == NULL)
		return oid_name(object);
	return mem_string(strncmp(name, OPENSSL_PREFIX, strlen(OPENSSL_PREFIX)) == 0
	                      ? name + strlen(OPENSSL_PREFIX)
	                      : name);
}

struct fact *
show_object(struct fact *parent, const char *label, const ASN1_OBJECT *object)
{
	char *name = object_name(object);
	char *oid = object_oid(object);
	struct fact *fact = fact_add_format(parent, label, "%s", name);

	fact_set_oid(fact, oid);
	free(name);
	free(oid);
	return fact;
}

struct fact *
show_algorithm(struct fact *parent, const char *label, const X509_ALGOR *algorithm)
{
	struct fact *fact = show_object(parent, label, algorithm->algorithm);
	const ASN1_TYPE *parameter = algorithm->parameter;

	if (parameter != NULL && parameter->type == V_ASN1_OCTET_STRING)
		fact_set_type(
		    show_octets(fact, "IV", string_bytes(parameter->value.octet_string)),
		    tag_name(V_ASN1_OCTET_STRING));
	return fact;
}

/* What a memory BIO holds; frees it. Yours. */
static char *
bio_text(BIO *bio)
{
	char *text = NULL;
	long len = BIO_get_mem_data(bio, &text);
	char *copy = mem_text(len > 0 ? text : "", len > 0 ? (size_t)len : 0);

	BIO_free(bio);
	return copy;
}

char *
name_text(struct bytes der)
{
	X509_NAME *name = template_read(der, ASN1_ITEM_rptr(X509_NAME));
	BIO *bio = BIO_new(BIO_s_mem());

	if (bio == NULL)
		abort();
	if (name == NULL)
		BIO_puts(bio, "(not a Name)");
	else if (X509_NAME_entry_count(name) == 0)
		BIO_puts(bio, "(empty)");
	else
		X509_NAME_print_ex(bio, name, 0, NAME_FLAGS);
	X509_NAME_free(name);
	ossl_forget();
	return bio_text(bio);
}

struct fact *
show_name(struct fact *parent, const char *label, struct bytes der)
{
	char *text = name_text(der);
	struct fact *fact = fact_add_format(parent, label, "%s", text);

	fact_set_type(fact, "Name");
	free(text);
	return fact;
}

static void
set_octets(struct fact *fact, const char *sign, struct bytes octets)
{
	struct buf hex = BUF_INIT;

	buf_add_text(&hex, sign);
	for (size_t i = 0; i < octets.len && i < OCTETS_SHOWN; i++)
		buf_add_format(&hex, "%02x", octets.data[i]);
	if (octets.len > OCTETS_SHOWN)
		buf_add_format(&hex, ".. (%zu octets)", octets.len);
	if (octets.len == 0)
		buf_add_text(&hex, "(empty)");
	fact_set_value(fact, buf_slice(&hex));
	buf_clear(&hex);
}

struct fact *
show_octets(struct fact *parent, const char *label, struct bytes octets)
{
	struct fact *fact = fact_add(parent, label);

	set_octets(fact, "", octets);
	return fact;
}

struct fact *
show_integer(struct fact *parent, const char *label, const ASN1_INTEGER *integer)
{
	struct fact *fact = fact_add(parent, label);

	set_octets(fact, ASN1_STRING_type(integer) == V_ASN1_NEG_INTEGER ? "-" : "",
	    string_bytes(integer));
	fact_set_type(fact, tag_name(V_ASN1_INTEGER));
	return fact;
}

static void
set_time(struct fact *fact, const ASN1_TIME *time)
{
	struct tm tm;

	fact_set_type(fact, tag_name(ASN1_STRING_type(time)));
	if (ASN1_TIME_to_tm(time, &tm) == 1)
		fact_set_format(fact, "%04d-%02d-%02d %02d:%02d:%02d UTC",
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
		    tm.tm_sec);
	else
		fact_set_format(fact, "(not a time)");
	ossl_forget();
}

struct fact *
show_time(struct fact *parent, const char *label, const ASN1_TIME *time)
{
	struct fact *fact = fact_add(parent, label);

	set_time(fact, time);
	return fact;
}

static void
set_string(struct fact *fact, const ASN1_STRING *string)
{
	struct bytes octets = string_bytes(string);
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, string);

	if (len >= 0)
		fact_set_value(fact, (struct slice){(char *)utf8, (size_t)len});
	else
		set_octets(fact, "", octets);
	OPENSSL_free(utf8);
	ossl_forget();
}

void
show_value(struct fact *fact, const ASN1_TYPE *value)
{
	char *text;

	fact_set_type(fact, tag_name(value->type));
	switch (value->type) {
	case V_ASN1_OBJECT:
		text = object_name(value->value.object);
		fact_set_format(fact, "%s", text);
		free(text);
		break;
	case V_ASN1_NULL:
		break;
	case V_ASN1_BOOLEAN:
		fact_set_format(fact, "%s", value->value.boolean != 0 ? "TRUE" : "FALSE");
		break;
	case V_ASN1_UTCTIME:
	case V_ASN1_GENERALIZEDTIME:
		set_time(fact, value->value.asn1_string);
		break;
	case V_ASN1_UTF8STRING:
	case V_ASN1_NUMERICSTRING:
	case V_ASN1_PRINTABLESTRING:
	case V_ASN1_T61STRING:
	case V_ASN1_IA5STRING:
	case V_ASN1_VISIBLESTRING:
	case V_ASN1_UNIVERSALSTRING:
	case V_ASN1_BMPSTRING:
		set_string(fact, value->value.asn1_string);
		break;
	default:
		set_octets(fact, "", string_bytes(value->value.asn1_string));
	}
}

struct fact *
show_key(struct fact *parent, struct bytes spki)
{
	struct asn1_spki *info = template_read(spki, ASN1_ITEM_rptr(asn1_spki));
	struct fact *fact;
	EVP_PKEY *key;

	if (info == NULL)
		return fact_add_format(
		    parent, "subjectPublicKeyInfo", "(not a SubjectPublicKeyInfo)");
	fact = show_object(parent, "subjectPublicKeyInfo", info->algorithm->algorithm);
	key = spki_key(spki);
	if (key != NULL)
		fact_set_format(fact, "%s, %d bits",
		    OBJ_nid2ln(OBJ_obj2nid(info->algorithm->algorithm)),
		    EVP_PKEY_get_bits(key));
	EVP_PKEY_free(key);
	ASN1_item_free((ASN1_VALUE *)info, ASN1_ITEM_rptr(asn1_spki));
	ossl_forget();
	return fact;
}

/* OpenSSL prints an extension in lines; here it is one. */
static char *
extension_text(X509_EXTENSION *extension)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *lines;
	struct buf line = BUF_INIT;

	if (bio == NULL)
		abort();
	if (X509V3_EXT_print(bio, extension, X509V3_EXT_DEFAULT, 0) != 1) {
		BIO_free(bio);
		return NULL;
	}
	lines = bio_text(bio);
	for (char *rest = lines, *part; (part = strsep(&rest, "\n")) != NULL;) {
		struct slice trimmed = slice_trim(slice_of(part));

		if (trimmed.len > 0 && line.len > 0)
			buf_add_text(&line, "; ");
		buf_add_slice(&line, trimmed);
	}
	free(lines);
	return buf_string(&line);
}

/* What OpenSSL cannot print: a lone ASN.1 value, or octets. */
static void
show_unknown(struct fact *fact, struct bytes octets)
{
	ASN1_TYPE *value = any_of(octets);

	if (value != NULL)
		show_value(fact, value);
	else
		set_octets(fact, "", octets);
	ASN1_TYPE_free(value);
}

static void
show_extension(struct fact *parent, X509_EXTENSION *extension)
{
	const ASN1_OBJECT *object = X509_EXTENSION_get_object(extension);
	char *name = object_name(object);
	char *oid = object_oid(object);
	char *text = extension_text(extension);
	struct fact *fact = fact_add(parent, name);

	if (text != NULL)
		fact_set_value(fact, slice_of(text));
	else
		show_unknown(fact, string_bytes(X509_EXTENSION_get_data(extension)));
	fact_set_oid(fact, oid);
	if (X509_EXTENSION_get_critical(extension))
		fact_set_type(fact, "critical");
	free(name);
	free(oid);
	free(text);
	ossl_forget();
}

void
show_rest(struct fact *parent, int count)
{
	if (count > LIST_MAX)
		fact_add_format(
		    parent, "more", "%d that are not shown", count - LIST_MAX);
}

struct fact *
show_extensions(
    struct fact *parent, const char *label, const STACK_OF(X509_EXTENSION) * extensions)
{
	struct fact *fact = fact_add(parent, label);
	int count = sk_X509_EXTENSION_num(extensions);

	for (int i = 0; i < count && i < LIST_MAX; i++)
		show_extension(fact, sk_X509_EXTENSION_value(extensions, i));
	show_rest(fact, count);
	return fact;
}

const char *
rule_of(const struct description *d, const char *client, const char *server)
{
	return d->side == SIDE_CLIENT ? client : server;
}

void
check_der(const struct description *d, struct fact *fact, struct bytes sent)
{
	struct buf der = BUF_INIT;

	if (!der_from_ber(sent, &der))
		fact_find(fact, FACT_WARNING, rule_of(d, "C-41", "DER"),
		    "An element is malformed or nested too deep, or octets are left over behind the end.");
	else if (!bytes_equal(sent, buf_bytes(&der)))
		fact_find(fact, FACT_WARNING, rule_of(d, "C-41", "DER"),
		    "This is BER: it has indefinite or overlong lengths, or strings in pieces.");
	buf_clear(&der);
}
