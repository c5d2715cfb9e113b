#include "scep/describe_inner.h"

#include "certs/csr.h"
#include "certs/ossl.h"
#include "scep/attributes.h"
#include "scep/signer.h"
#include "scep/types.h"
#include <stdlib.h>

/* A SignedData while it is described. */
struct signing {
	struct description d;
	struct signed_data *data;
	struct signer_info *info;        /* the first one; NULL: none */
	struct asn1_certificate *signer; /* NULL: not known */
	struct bytes der;                /* the ContentInfo */
};

static struct signed_data *
read_signed_data(struct bytes der)
{
	ASN1_TYPE *content = content_info_unwrap(oid_signed_data, der);
	struct bytes inner = any_bytes(content);
	struct signed_data *data = NULL;

	if (inner.len > 0)
		data = d2i_signed_data(NULL, &inner.data, (long)inner.len);
	ASN1_TYPE_free(content);
	ossl_forget();
	return data;
}

static struct signer_info *
read_signer_info(const struct signed_data *data, int index)
{
	struct bytes der = any_bytes(sk_ASN1_TYPE_value(data->signer_infos, index));
	struct signer_info *info = NULL;

	if (der.len > 0)
		info = d2i_signer_info(NULL, &der.data, (long)der.len);
	ossl_forget();
	return info;
}

static bool
has_attribute(const struct signer_info *info, const char *oid)
{
	ASN1_TYPE *value = attribute_find(info->signed_attrs, oid);
	bool has = value != NULL;

	ASN1_TYPE_free(value);
	ossl_forget();
	return has;
}

/* Whose message it is, as far as the attributes say. */
static void
read_roles(struct signing *s)
{
	struct description *d = &s->d;
	const struct signer_info *info = s->info;

	d->outer = s->data;
	d->nesting++;
	d->side = SIDE_SERVER;
	d->message_type = NOT_PKI_MESSAGE;
	d->status = -1;
	d->signer = NULL;
	if (info == NULL)
		return;
	if (has_attribute(info, OID_MESSAGE_TYPE) ||
	    has_attribute(info, OID_TRANSACTION_ID) ||
	    has_attribute(info, OID_SENDER_NONCE) || has_attribute(info, OID_PKI_STATUS))
		d->message_type = attribute_number(info, OID_MESSAGE_TYPE);
	d->status = attribute_number(info, OID_PKI_STATUS);
	if (d->message_type != NOT_PKI_MESSAGE && d->message_type != MESSAGE_CERT_REP &&
	    !has_attribute(info, OID_PKI_STATUS))
		d->side = SIDE_CLIENT;
	s->signer = known_certificate(d, info->sid);
	d->signer = s->signer;
}

static void
show_digests(const struct description *d, struct fact *parent,
    const STACK_OF(X509_ALGOR) * digests)
{
	int count = sk_X509_ALGOR_num(digests);

	for (int i = 0; i < count && i < LIST_MAX; i++)
		show_algorithm(
		    parent, "digestAlgorithm", sk_X509_ALGOR_value(digests, i));
	show_rest(parent, count);
}

/* RFC 8894 3.3.2: which answers hold something. */
static void
check_answer(const struct description *d, struct fact *fact, const struct bytes *content)
{
	bool is_zero = content != NULL && content->len == 1 && content->data[0] == 0;

	if (d->status == PKI_SUCCESS && (content == NULL || is_zero))
		fact_find(fact, FACT_ERROR, "S-17",
		    "A SUCCESS without a certificate or CRL in it.");
	if (d->status != PKI_FAILURE && d->status != PKI_PENDING)
		return;
	if (is_zero)
		fact_find(fact, FACT_INFORMATION, "S-08",
		    "One zero octet stands for no content: this is NDES's form, RFC 8894 leaves the content out.");
	else if (content != NULL)
		fact_find(fact, FACT_ERROR, d->status == PKI_FAILURE ? "S-18" : "S-19",
		    "A %s holds nothing, and this one has content.",
		    pki_status_name((enum pki_status)d->status));
}

static void
show_content(const struct description *d, struct fact *fact, struct bytes content)
{
	bool is_known =
	    describe_envelope(d, fact, content) ||
	    (d->message_type == NOT_PKI_MESSAGE && describe_signed(d, fact, content));

	if (is_known || (d->side == SIDE_SERVER && d->status != PKI_SUCCESS))
		return;
	if (d->message_type == NOT_PKI_MESSAGE)
		return;
	fact_find(fact, FACT_ERROR, rule_of(d, "C-20", "S-17"),
	    "The content is no EnvelopedData.");
}

static void
show_encap(const struct signing *s, struct fact *parent)
{
	const struct description *d = &s->d;
	const struct encap_content_info *encap = s->data->encap;
	struct fact *fact = fact_add(parent, "encapContentInfo");
	struct fact *type = show_object(fact, "eContentType", encap->content_type);
	struct bytes content = string_bytes(encap->econtent);
	struct fact *inner;

	if (OBJ_obj2nid(encap->content_type) != NID_pkcs7_data &&
	    d->message_type != NOT_PKI_MESSAGE)
		fact_find(type, FACT_ERROR, rule_of(d, "C-20", "S-09"),
		    "The type of a pkiMessage's content is data.");
	if (encap->econtent == NULL) {
		inner = fact_add_format(fact, "eContent", "left out");
		if (d->side == SIDE_CLIENT)
			fact_find(inner, FACT_ERROR, "C-20", "The request is empty.");
		check_answer(d, inner, NULL);
		return;
	}
	inner = fact_add_format(
	    fact, "eContent", "%zu octet%s", content.len, content.len == 1 ? "" : "s");
	fact_set_type(inner, tag_name(V_ASN1_OCTET_STRING));
	if (s->info == NULL)
		fact_find(inner, FACT_WARNING, "S-21",
		    "A bag of certificates has no content, not even an empty one.");
	check_answer(d, inner, &content);
	show_content(d, inner, content);
}

static void
show_certificates(const struct signing *s, struct fact *parent)
{
	const STACK_OF(ASN1_TYPE) *certificates = s->data->certificates;
	int count = certificates == NULL ? 0 : sk_ASN1_TYPE_num(certificates);
	struct fact *fact;

	if (certificates == NULL)
		return;
	fact = fact_add_format(parent, "certificates", "%d", count);
	for (int i = 0; i < count && i < LIST_MAX; i++)
		describe_certificate(&s->d, fact, "Certificate",
		    any_bytes(sk_ASN1_TYPE_value(certificates, i)));
	show_rest(fact, count);
}

static void
show_crls(const struct signing *s, struct fact *parent)
{
	const STACK_OF(ASN1_TYPE) *crls = s->data->crls;
	int count = crls == NULL ? 0 : sk_ASN1_TYPE_num(crls);
	struct fact *fact;

	if (crls == NULL)
		return;
	fact = fact_add_format(parent, "crls", "%d", count);
	for (int i = 0; i < count && i < LIST_MAX; i++) {
		struct bytes der = any_bytes(sk_ASN1_TYPE_value(crls, i));

		if (!describe_crl(fact, "CertificateList", der))
			show_octets(fact, "(not a CRL)", der);
	}
	show_rest(fact, count);
}

static void
show_sid(struct fact *parent, const ASN1_TYPE *sid)
{
	struct asn1_issuer_serial *name =
	    template_read(any_bytes(sid), ASN1_ITEM_rptr(asn1_issuer_serial));
	struct fact *fact = fact_add(parent, "sid");

	if (name != NULL) {
		show_name(fact, "issuer", string_bytes(name->issuer));
		show_integer(fact, "serialNumber", name->serial);
	} else {
		show_octets(fact, "subjectKeyIdentifier", any_key_id(sid));
	}
	ASN1_item_free((ASN1_VALUE *)name, ASN1_ITEM_rptr(asn1_issuer_serial));
}

static void
check_digest(const struct description *d, struct fact *fact, const X509_ALGOR *algorithm)
{
	int nid = OBJ_obj2nid(algorithm->algorithm);

	if (nid == NID_md5)
		fact_find(fact, FACT_ERROR, rule_of(d, "C-21", "S-07"),
		    "The message is signed with MD5, which RFC 8894 forbids.");
	else if (nid == NID_sha1 && d->side == SIDE_CLIENT)
		fact_find(fact, FACT_INFORMATION, "C-24",
		    "The message is signed with SHA-1: right only where the server offers no SHA-256.");
}

/* The signature, by the certificate that the SignerInfo names. */
static void
judge_signature(const struct signing *s, struct fact *fact)
{
	const struct description *d = &s->d;
	const char *rule = rule_of(d, "C-28", "CMS");
	enum message_fate fate = MESSAGE_BAD_SIGNATURE;
	size_t len = string_bytes(s->info->signature).len;
	EVP_PKEY *key;

	fact_set_format(fact, "%zu octets", len);
	if (d->signer == NULL) {
		fact_set_format(fact, "%zu octets, not verified", len);
		fact_find(fact, d->side == SIDE_CLIENT ? FACT_ERROR : FACT_INFORMATION,
		    rule, "The signer's certificate is not in the message.");
		return;
	}
	key = spki_key(string_bytes(d->signer->tbs->spki));
	if (key != NULL)
		fate =
		    signer_verify(s->info, key, string_bytes(s->data->encap->econtent));
	EVP_PKEY_free(key);
	ossl_forget();
	if (fate == MESSAGE_OPENED)
		fact_set_format(fact, "%zu octets, verifies", len);
	else if (fate == MESSAGE_BAD_ALG)
		fact_find(fact, FACT_WARNING, rule,
		    "The digest or the signature is of a kind that is not known here.");
	else
		fact_find(fact, FACT_ERROR, rule,
		    "The signature does not verify with the signer's certificate.");
}

static void
show_signer(const struct signing *s, struct fact *parent)
{
	const struct description *d = &s->d;
	struct fact *fact = fact_add(parent, "SignerInfo");

	fact_add_format(fact, "version", "%d", (int)s->info->version);
	show_sid(fact, s->info->sid);
	check_digest(d,
	    show_algorithm(fact, "digestAlgorithm", s->info->digest_algorithm),
	    s->info->digest_algorithm);
	if (s->info->signed_attrs != NULL)
		describe_attributes(d, fact, s->info);
	else
		fact_find(fact, FACT_ERROR, rule_of(d, "C-13", "S-09"),
		    "There are no signed attributes.");
	show_algorithm(fact, "signatureAlgorithm", s->info->signature_algorithm);
	judge_signature(s, fact_add(fact, "signature"));
	if (d->signer != NULL)
		check_signer(d, fact);
}

/* The first one in full: SCEP messages have exactly one. */
static void
show_signers(const struct signing *s, struct fact *parent)
{
	int count = sk_ASN1_TYPE_num(s->data->signer_infos);
	struct fact *fact = fact_add_format(parent, "signerInfos", "%d", count);

	if (s->info != NULL)
		show_signer(s, fact);
	else if (count > 0)
		fact_find(fact, FACT_ERROR, "CMS", "The SignerInfo is malformed.");
	if (count > 1)
		fact_find(fact, FACT_ERROR, rule_of(&s->d, "C-28", "CMS"),
		    "There are %d signers, and one is right.", count);
}

/* RFC 8894 3.3.2.1, 2.2: what a bag holds, and in which order. */
static void
check_bag(const struct signing *s, struct fact *fact)
{
	const STACK_OF(ASN1_TYPE) *certificates = s->data->certificates;
	int count = certificates == NULL ? 0 : sk_ASN1_TYPE_num(certificates);
	bool is_outermost = s->d.nesting == 1;
	struct asn1_certificate *first = NULL;

	if (count == 1 && is_outermost)
		fact_find(fact, FACT_INFORMATION, "S-02",
		    "A single certificate in a bag: GetCACert would send it bare, as application/x-x509-ca-cert.");
	if (count < 2)
		return;
	first = certificate_read(any_bytes(sk_ASN1_TYPE_value(certificates, 0)));
	if (first != NULL && certificate_role(first)[0] == 'C')
		fact_find(fact, FACT_WARNING, is_outermost ? "S-02" : "S-17",
		    "The CA's certificate comes first, where %s belongs.",
		    is_outermost ? "the RA's" : "the issued one");
	certificate_free(first);
}

static const char *
kind_of(const struct signing *s)
{
	const char *name = NULL;

	if (s->info == NULL)
		return "certs-only";
	if (s->d.message_type > 0)
		name = message_type_name((enum message_type)s->d.message_type);
	if (name != NULL)
		return name;
	return s->d.message_type == NOT_PKI_MESSAGE ? "signed" : "unknown messageType";
}

static void
show_signed(const struct signing *s, struct fact *parent)
{
	const char *status =
	    s->d.status >= 0 ? pki_status_name((enum pki_status)s->d.status) : NULL;
	struct fact *fact = fact_add_format(parent,
	    s->d.message_type == NOT_PKI_MESSAGE ? "SignedData" : "pkiMessage",
	    "%s%s%s, %zu octets", kind_of(s), status == NULL ? "" : " ",
	    status == NULL ? "" : status, s->der.len);

	fact_add_format(fact, "version", "%d", (int)s->data->version);
	show_digests(&s->d, fact, s->data->digest_algorithms);
	show_encap(s, fact);
	show_certificates(s, fact);
	show_crls(s, fact);
	show_signers(s, fact);
	if (s->info == NULL)
		check_bag(s, fact);
	check_der(&s->d, fact, s->der);
}

bool
describe_signed(const struct description *d, struct fact *parent, struct bytes der)
{
	struct signing s = {.d = *d, .der = der};

	if (d->nesting >= NESTING_MAX)
		return false;
	s.data = read_signed_data(der);
	if (s.data == NULL)
		return false;
	s.info = read_signer_info(s.data, 0);
	read_roles(&s);
	show_signed(&s, parent);
	certificate_free(s.signer);
	signer_info_free(s.info);
	signed_data_free(s.data);
	ossl_forget();
	return true;
}
