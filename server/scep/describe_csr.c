#include "scep/describe_inner.h"

#include "certs/csr.h"
#include "certs/ossl.h"
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define RSA_BITS_MIN 2048

/* What the attributes came to. */
struct counted {
	int challenges;
	int extension_requests;
	bool has_san;
	bool is_unsorted;
};

static void
check_challenge(const struct description *d, struct fact *fact, const ASN1_TYPE *value)
{
	bool is_empty = value != NULL && value->type != V_ASN1_NULL &&
	                value->type != V_ASN1_BOOLEAN && value->type != V_ASN1_OBJECT &&
	                string_bytes(value->value.asn1_string).len == 0;

	if (value == NULL || is_empty)
		fact_find(fact, FACT_ERROR, "C-35", "The challengePassword is empty.");
	else if (value->type != V_ASN1_PRINTABLESTRING)
		fact_find(fact, FACT_WARNING, "C-36",
		    "The challengePassword is no PrintableString, and NDES does not find it then.");
	if (d->message_type == 17)
		fact_find(fact, FACT_WARNING, "C-37",
		    "A RenewalReq carries a challengePassword: the old certificate is its proof.");
}

static void
show_requested(struct fact *fact, const ASN1_TYPE *value, struct counted *counted)
{
	X509_EXTENSIONS *extensions = NULL;

	if (value != NULL && value->type == V_ASN1_SEQUENCE)
		extensions = template_read(
		    string_bytes(value->value.sequence), ASN1_ITEM_rptr(X509_EXTENSIONS));
	if (extensions == NULL) {
		fact_find(fact, FACT_ERROR, "C-34",
		    "The requested extensions are not Extensions.");
		return;
	}
	if (X509v3_get_ext_by_NID(extensions, NID_subject_alt_name, -1) >= 0)
		counted->has_san = true;
	show_extensions(fact, "extensions", extensions);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
}

static void
show_attribute(const struct description *d, struct fact *parent,
    X509_ATTRIBUTE *attribute, struct counted *counted)
{
	const ASN1_OBJECT *object = X509_ATTRIBUTE_get0_object(attribute);
	const ASN1_TYPE *value = X509_ATTRIBUTE_get0_type(attribute, 0);
	int nid = OBJ_obj2nid(object);
	char *name = object_name(object);
	char *oid = object_oid(object);
	struct fact *fact = fact_add(parent, name);

	fact_set_oid(fact, oid);
	if (nid == NID_ext_req || nid == NID_ms_ext_req) {
		counted->extension_requests++;
		show_requested(fact, value, counted);
	} else {
		if (value != NULL)
			show_value(fact, value);
		if (nid == NID_pkcs9_challengePassword) {
			counted->challenges++;
			check_challenge(d, fact, value);
		}
	}
	free(name);
	free(oid);
}

/* X.690 11.6: a SET OF stands in ascending order of its elements' encodings. */
static bool
is_sorted(STACK_OF(X509_ATTRIBUTE) * attributes)
{
	struct buf last = BUF_INIT;
	struct buf next = BUF_INIT;
	bool sorted = true;

	for (int i = 0; i < sk_X509_ATTRIBUTE_num(attributes) && sorted; i++) {
		size_t len;
		int order;

		buf_reset(&next);
		if (!OSSL_DER(&next, sk_X509_ATTRIBUTE_value(attributes, i),
		        i2d_X509_ATTRIBUTE))
			break;
		len = last.len < next.len ? last.len : next.len;
		order = len == 0 ? 0 : memcmp(last.data, next.data, len);
		sorted = order < 0 || (order == 0 && last.len <= next.len);
		buf_reset(&last);
		buf_add(&last, next.data, next.len);
	}
	buf_clear(&last);
	buf_clear(&next);
	return sorted;
}

static void
show_attributes(const struct description *d, struct fact *parent,
    const struct asn1_request_info *info, struct counted *counted)
{
	struct fact *fact = fact_add(parent, "attributes");
	int count = sk_X509_ATTRIBUTE_num(info->attributes);

	for (int i = 0; i < count && i < LIST_MAX; i++)
		show_attribute(
		    d, fact, sk_X509_ATTRIBUTE_value(info->attributes, i), counted);
	show_rest(fact, count);
	if (!is_sorted(info->attributes))
		fact_find(fact, FACT_WARNING, "C-41",
		    "The request's attributes are not in the order that DER gives a SET OF.");
}

static void
check_counted(
    const struct description *d, struct fact *fact, const struct counted *counted)
{
	if (counted->challenges > 1)
		fact_find(fact, FACT_ERROR, "C-35", "There are %d challengePasswords.",
		    counted->challenges);
	if (counted->challenges == 0 && d->message_type == 19)
		fact_find(fact, FACT_WARNING, "C-35",
		    "There is no challengePassword: a server that asks for one refuses this.");
	if (counted->extension_requests > 1)
		fact_find(fact, FACT_WARNING, "C-42",
		    "There are %d extension requests, and only the first one is sure to be read.",
		    counted->extension_requests);
}

/* A CN with a dot and no blank or @ is meant as a host's name. */
static bool
is_host_like(struct bytes subject)
{
	X509_NAME *name = template_read(subject, ASN1_ITEM_rptr(X509_NAME));
	char text[256] = "";
	bool is = name != NULL &&
	          X509_NAME_get_text_by_NID(name, NID_commonName, text, sizeof(text)) > 0;

	X509_NAME_free(name);
	ossl_forget();
	return is && strchr(text, '.') != NULL && strpbrk(text, " @") == NULL;
}

static void
check_key(struct fact *fact, struct bytes spki)
{
	unsigned bits = spki_bits(spki);

	if (bits > 0 && bits < RSA_BITS_MIN)
		fact_find(fact, FACT_WARNING, "C-40",
		    "The RSA key to be certified has %u bits, and NDES templates ask for %d.",
		    bits, RSA_BITS_MIN);
	if (bits == 0)
		fact_find(fact, FACT_WARNING, "C-40",
		    "The key to be certified is not RSA: nothing can be encrypted to it when the certificate is to be renewed.");
}

static void
check_against_signer(
    const struct description *d, struct fact *fact, const struct asn1_request_info *info)
{
	const struct asn1_tbs *signer = d->signer->tbs;

	if (!bytes_equal(string_bytes(signer->subject), string_bytes(info->subject)))
		fact_find(fact, FACT_WARNING, "C-30",
		    "The signer's certificate has another subject than the request.");
	if (d->message_type == 19 &&
	    !bytes_equal(string_bytes(signer->spki), string_bytes(info->spki)))
		fact_find(fact, FACT_WARNING, "C-31",
		    "The message is signed with another key than the one to be certified.");
	if (d->message_type == 17 &&
	    bytes_equal(string_bytes(signer->spki), string_bytes(info->spki)))
		fact_find(
		    fact, FACT_WARNING, "C-39", "The renewal keeps the old key pair.");
}

static void
check_proof(struct fact *fact, struct bytes der)
{
	struct csr *csr = NULL;

	if (!csr_parse(der, &csr))
		fact_find(fact, FACT_ERROR, "C-34",
		    "The request is too long, or an extension in it is malformed.");
	else if (!csr_verify(csr, NULL))
		fact_find(fact, FACT_ERROR, "C-34",
		    "The request's own signature does not verify with the key in it.");
	csr_free(csr);
}

static void
check_csr(const struct description *d, struct fact *fact, struct bytes der,
    const struct asn1_request_info *info, const struct counted *counted)
{
	X509_NAME *name =
	    template_read(string_bytes(info->subject), ASN1_ITEM_rptr(X509_NAME));

	if (name == NULL || X509_NAME_entry_count(name) == 0)
		fact_find(fact, FACT_ERROR, "C-34", "The request has no subject.");
	X509_NAME_free(name);
	check_proof(fact, der);
	check_key(fact, string_bytes(info->spki));
	check_counted(d, fact, counted);
	if (!counted->has_san && is_host_like(string_bytes(info->subject)))
		fact_find(fact, FACT_WARNING, "C-42",
		    "The CN looks like a host's name, and there is no subjectAltName.");
	if (d->signer != NULL)
		check_against_signer(d, fact, info);
	check_der(d, fact, der);
}

bool
describe_csr(const struct description *d, struct fact *parent, struct bytes der)
{
	struct asn1_request *request = template_read(der, ASN1_ITEM_rptr(asn1_request));
	struct counted counted = {.challenges = 0};
	const struct asn1_request_info *info;
	struct fact *fact;

	if (request == NULL)
		return false;
	info = request->info;
	fact = fact_add_format(
	    parent, "CertificationRequest", "PKCS#10, %zu octets", der.len);
	fact_add_format(fact, "version", "%ld", ASN1_INTEGER_get(info->version) + 1);
	show_name(fact, "subject", string_bytes(info->subject));
	show_key(fact, string_bytes(info->spki));
	show_attributes(d, fact, info, &counted);
	show_algorithm(fact, "signatureAlgorithm", request->algorithm);
	check_csr(d, fact, der, info, &counted);
	ASN1_item_free((ASN1_VALUE *)request, ASN1_ITEM_rptr(asn1_request));
	ossl_forget();
	return true;
}
