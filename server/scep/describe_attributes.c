#include "scep/describe_inner.h"

#include "base/mem.h"
#include "certs/ossl.h"
#include "scep/attributes.h"
#include "scep/types.h"
#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 9

/* Who must send an attribute. */
enum need { NEED_NONE, NEED_REPLY, NEED_ALL };

/* RFC 8894 3.2.1, RFC 5652 11, and what NDES adds */
static const struct known {
	const char *oid;
	const char *name;
	int tag; /* 0: more than one is right */
	enum need need;
} known_attributes[] = {
    {OID_CONTENT_TYPE, "contentType", V_ASN1_OBJECT, NEED_NONE},
    {OID_MESSAGE_DIGEST, "messageDigest", V_ASN1_OCTET_STRING, NEED_NONE},
    {OID_SIGNING_TIME, "signingTime", 0, NEED_NONE},
    {OID_MESSAGE_TYPE, "messageType", V_ASN1_PRINTABLESTRING, NEED_ALL},
    {OID_PKI_STATUS, "pkiStatus", V_ASN1_PRINTABLESTRING, NEED_REPLY},
    {OID_FAIL_INFO, "failInfo", V_ASN1_PRINTABLESTRING, NEED_NONE},
    {OID_FAIL_INFO_TEXT, "failInfoText", V_ASN1_UTF8STRING, NEED_NONE},
    {OID_SENDER_NONCE, "senderNonce", V_ASN1_OCTET_STRING, NEED_ALL},
    {OID_RECIPIENT_NONCE, "recipientNonce", V_ASN1_OCTET_STRING, NEED_REPLY},
    {OID_TRANSACTION_ID, "transactionID", V_ASN1_PRINTABLESTRING, NEED_ALL},
    {OID_HRESULT, "HRESULT", V_ASN1_PRINTABLESTRING, NEED_NONE},
};
#define KNOWN_COUNT (sizeof(known_attributes) / sizeof(known_attributes[0]))

/* Octets of a string of one octet a character; empty for all else. */
static struct bytes
text_bytes(const ASN1_TYPE *value)
{
	switch (value == NULL ? V_ASN1_NULL : value->type) {
	case V_ASN1_PRINTABLESTRING:
	case V_ASN1_UTF8STRING:
	case V_ASN1_IA5STRING:
	case V_ASN1_T61STRING:
	case V_ASN1_VISIBLESTRING:
	case V_ASN1_NUMERICSTRING:
	case V_ASN1_OCTET_STRING:
		return string_bytes(value->value.asn1_string);
	}
	return (struct bytes){.data = NULL};
}

static int
number_of(const ASN1_TYPE *value)
{
	struct bytes text = text_bytes(value);
	int number = 0;

	if (text.len == 0 || text.len > DIGITS_MAX)
		return -1;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < '0' || text.data[i] > '9')
			return -1;
		number = number * 10 + (text.data[i] - '0');
	}
	return number;
}

int
attribute_number(const struct signer_info *signer, const char *oid)
{
	ASN1_TYPE *value = attribute_find(signer->signed_attrs, oid);
	int number = number_of(value);

	ASN1_TYPE_free(value);
	return number;
}

/* "19 (PKCSReq)" */
static void
name_number(struct fact *fact, int number, const char *name)
{
	if (name != NULL)
		fact_set_format(fact, "%d (%s)", number, name);
}

static void
judge_type(const struct description *d, struct fact *fact, int number)
{
	const char *name =
	    number > 0 ? message_type_name((enum message_type)number) : NULL;

	name_number(fact, number, name);
	if (name == NULL)
		fact_find(fact, FACT_ERROR, rule_of(d, "C-19", "S-12"),
		    "No message has this type: there are 3, 17, 19, 20, 21 and 22.");
}

static void
judge_status(struct fact *fact, int number)
{
	const char *name = number >= 0 ? pki_status_name((enum pki_status)number) : NULL;

	name_number(fact, number, name);
	if (name == NULL)
		fact_find(fact, FACT_ERROR, "S-13",
		    "There is no such pkiStatus: 0, 2 and 3 are all there are.");
}

static void
judge_fail_info(const struct description *d, struct fact *fact, int number)
{
	const char *name = number >= 0 ? fail_info_name((enum fail_info)number) : NULL;

	name_number(fact, number, name);
	if (name == NULL)
		fact_find(fact, FACT_ERROR, "S-14",
		    "There is no such failInfo: it is one of 0 to 4.");
	if (d->status != PKI_FAILURE)
		fact_find(
		    fact, FACT_WARNING, "S-10", "A failInfo belongs to a FAILURE alone.");
}

static void
judge_nonce(const struct description *d, struct fact *fact, const ASN1_TYPE *value)
{
	size_t len = value->type == V_ASN1_OCTET_STRING
	                 ? string_bytes(value->value.octet_string).len
	                 : NONCE_SIZE;

	if (len != NONCE_SIZE)
		fact_find(fact, FACT_ERROR, rule_of(d, "C-15", "S-11"),
		    "This nonce has %zu octets, not %d.", len, NONCE_SIZE);
}

/* A signed decimal, what NDES failed with, and perhaps a text behind it. */
static void
judge_hresult(struct fact *fact, const ASN1_TYPE *value)
{
	struct bytes text = text_bytes(value);
	char *copy = mem_text((const char *)text.data, text.len);
	char *end = NULL;
	long number = strtol(copy, &end, 10);

	if (text.len > 0 && (*end == '\0' || *end == ' ') && number >= INT32_MIN &&
	    number <= INT32_MAX)
		fact_set_format(fact, "%ld (0x%08x)%s", number,
		    (unsigned)(uint32_t)(int32_t)number, end);
	fact_find(fact, FACT_INFORMATION, "S-11",
	    "RFC 8894 does not know this attribute: NDES tells with it what went wrong.");
	free(copy);
}

static void
judge_tag(const struct description *d, struct fact *fact, const struct known *known,
    const ASN1_TYPE *value)
{
	bool is_id = strcmp(known->oid, OID_TRANSACTION_ID) == 0;

	if (known->tag == 0 || value->type == known->tag)
		return;
	fact_find(fact, FACT_ERROR, rule_of(d, is_id ? "C-17" : "C-14", "S-11"),
	    "This is of type %s, where %s belongs.",
	    tag_name(value->type) != NULL ? tag_name(value->type) : "another",
	    tag_name(known->tag));
}

static void
judge_value(const struct description *d, struct fact *fact, const struct known *known,
    const ASN1_TYPE *value)
{
	const char *oid = known->oid;

	judge_tag(d, fact, known, value);
	if (strcmp(oid, OID_MESSAGE_TYPE) == 0)
		judge_type(d, fact, number_of(value));
	else if (strcmp(oid, OID_PKI_STATUS) == 0)
		judge_status(fact, number_of(value));
	else if (strcmp(oid, OID_FAIL_INFO) == 0)
		judge_fail_info(d, fact, number_of(value));
	else if (strcmp(oid, OID_SENDER_NONCE) == 0 ||
	         strcmp(oid, OID_RECIPIENT_NONCE) == 0)
		judge_nonce(d, fact, value);
	else if (strcmp(oid, OID_HRESULT) == 0)
		judge_hresult(fact, value);
}

static const struct known *
known_of(const char *oid)
{
	for (size_t i = 0; i < KNOWN_COUNT; i++)
		if (strcmp(known_attributes[i].oid, oid) == 0)
			return &known_attributes[i];
	return NULL;
}

static void
show_attribute(
    const struct description *d, struct fact *parent, X509_ATTRIBUTE *attribute)
{
	const ASN1_OBJECT *object = X509_ATTRIBUTE_get0_object(attribute);
	const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);
	char *oid = object_oid(object);
	char *name = object_name(object);
	const struct known *known = known_of(oid);
	struct fact *fact = fact_add(parent, known != NULL ? known->name : name);
	int count = X509_ATTRIBUTE_count(attribute);

	fact_set_oid(fact, oid);
	if (value != NULL)
		show_value(fact, value);
	if (count != 1)
		fact_find(fact, FACT_ERROR, rule_of(d, "C-14", "S-11"),
		    "This attribute has %d values, and one is right.", count);
	if (known != NULL && value != NULL)
		judge_value(d, fact, known, value);
	if (known == NULL && d->side == SIDE_CLIENT)
		fact_find(fact, FACT_INFORMATION, "C-44",
		    "SCEP has no use for this signed attribute.");
	free(oid);
	free(name);
}

/* How many attributes have this OID. */
static int
count_of(const STACK_OF(ASN1_TYPE) * attrs, const char *oid)
{
	ASN1_OBJECT *wanted = OBJ_txt2obj(oid, 1);
	int count = 0;

	for (int i = 0; wanted != NULL && i < sk_ASN1_TYPE_num(attrs); i++) {
		struct bytes der = any_bytes(sk_ASN1_TYPE_value(attrs, i));
		X509_ATTRIBUTE *attribute =
		    der.len == 0 ? NULL
		                 : d2i_X509_ATTRIBUTE(NULL, &der.data, (long)der.len);

		count += attribute != NULL &&
		         OBJ_cmp(X509_ATTRIBUTE_get0_object(attribute), wanted) == 0;
		X509_ATTRIBUTE_free(attribute);
	}
	ASN1_OBJECT_free(wanted);
	ossl_forget();
	return count;
}

/* RFC 8894 3.2.1: what must be there, and once. */
static void
check_presence(
    const struct description *d, struct fact *fact, const STACK_OF(ASN1_TYPE) * attrs)
{
	for (size_t i = 0; i < KNOWN_COUNT; i++) {
		const struct known *known = &known_attributes[i];
		int count = count_of(attrs, known->oid);
		bool is_needed = known->need == NEED_ALL ||
		                 (known->need == NEED_REPLY && d->side == SIDE_SERVER);

		if (count == 0 && is_needed)
			fact_find(fact, FACT_ERROR, rule_of(d, "C-13", "S-10"),
			    "There is no %s.", known->name);
		if (count > 1)
			fact_find(fact, FACT_ERROR, rule_of(d, "C-14", "S-11"),
			    "There are %d attributes %s.", count, known->name);
	}
	if (d->status == PKI_FAILURE && count_of(attrs, OID_FAIL_INFO) == 0)
		fact_find(fact, FACT_ERROR, "S-18", "A FAILURE without a failInfo.");
	if (d->side == SIDE_CLIENT && count_of(attrs, OID_SIGNING_TIME) == 0)
		fact_find(fact, FACT_INFORMATION, "C-43", "There is no signingTime.");
}

static void
check_order(
    const struct description *d, struct fact *fact, const STACK_OF(ASN1_TYPE) * attrs)
{
	STACK_OF(ASN1_TYPE) *sorted = sk_ASN1_TYPE_dup(attrs);
	bool is_same = sorted != NULL;

	if (sorted != NULL)
		attributes_sort(sorted);
	for (int i = 0; is_same && i < sk_ASN1_TYPE_num(attrs); i++)
		is_same = bytes_equal(any_bytes(sk_ASN1_TYPE_value(attrs, i)),
		    any_bytes(sk_ASN1_TYPE_value(sorted, i)));
	sk_ASN1_TYPE_free(sorted);
	if (!is_same)
		fact_find(fact, FACT_WARNING, rule_of(d, "C-41", "DER"),
		    "The signed attributes are not in the order that DER gives a SET OF.");
}

void
describe_attributes(
    const struct description *d, struct fact *parent, const struct signer_info *signer)
{
	const STACK_OF(ASN1_TYPE) *attrs = signer->signed_attrs;
	struct fact *fact = fact_add(parent, "signedAttrs");
	int count = sk_ASN1_TYPE_num(attrs);

	for (int i = 0; i < count && i < LIST_MAX; i++) {
		struct bytes der = any_bytes(sk_ASN1_TYPE_value(attrs, i));
		X509_ATTRIBUTE *attribute = NULL;
		const unsigned char *p = der.data;

		if (der.len > 0)
			attribute = d2i_X509_ATTRIBUTE(NULL, &p, (long)der.len);
		if (attribute != NULL)
			show_attribute(d, fact, attribute);
		else
			fact_find(show_octets(fact, "attribute", der), FACT_ERROR,
			    rule_of(d, "C-14", "S-11"), "This is not an Attribute.");
		X509_ATTRIBUTE_free(attribute);
	}
	show_rest(fact, count);
	ossl_forget();
	check_order(d, fact, attrs);
	if (d->message_type != NOT_PKI_MESSAGE)
		check_presence(d, fact, attrs);
}
