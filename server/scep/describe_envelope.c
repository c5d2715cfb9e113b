#include "scep/describe_inner.h"

#include "base/mem.h"
#include "certs/der.h"
#include "certs/ossl.h"
#include "scep/envelope.h"
#include "scep/types.h"
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define RECIPIENTS_TRIED_MAX 8

/* What may lie inside an envelope. */
enum inside {
	INSIDE_OTHER,
	INSIDE_CSR,
	INSIDE_SIGNED,
	INSIDE_ISSUER_SUBJECT,
	INSIDE_ISSUER_SERIAL,
};

static const char *
inside_name(enum inside inside)
{
	switch (inside) {
	case INSIDE_OTHER:
		return "something unknown";
	case INSIDE_CSR:
		return "a CertificationRequest";
	case INSIDE_SIGNED:
		return "a SignedData";
	case INSIDE_ISSUER_SUBJECT:
		return "an IssuerAndSubject";
	case INSIDE_ISSUER_SERIAL:
		return "an IssuerAndSerialNumber";
	}
	return "";
}

/* RFC 8894 3.3. False: nothing says what it should be. */
static bool
inside_wanted(int message_type, enum inside *ret)
{
	switch (message_type) {
	case MESSAGE_CERT_REP:
		*ret = INSIDE_SIGNED;
		return true;
	case MESSAGE_PKCS_REQ:
	case MESSAGE_RENEWAL_REQ:
		*ret = INSIDE_CSR;
		return true;
	case MESSAGE_CERT_POLL:
		*ret = INSIDE_ISSUER_SUBJECT;
		return true;
	case MESSAGE_GET_CERT:
	case MESSAGE_GET_CRL:
		*ret = INSIDE_ISSUER_SERIAL;
		return true;
	}
	return false;
}

static bool
show_issuer_serial(struct fact *parent, const char *label, struct bytes der)
{
	struct asn1_issuer_serial *name =
	    template_read(der, ASN1_ITEM_rptr(asn1_issuer_serial));
	struct fact *fact;

	if (name == NULL)
		return false;
	fact = fact_add(parent, label);
	show_name(fact, "issuer", string_bytes(name->issuer));
	show_integer(fact, "serialNumber", name->serial);
	ASN1_item_free((ASN1_VALUE *)name, ASN1_ITEM_rptr(asn1_issuer_serial));
	return true;
}

/* Both are Names; the template itself would take anything. */
static bool
show_issuer_subject(const struct description *d, struct fact *parent, struct bytes der)
{
	struct issuer_subject *names = template_read(der, ASN1_ITEM_rptr(issuer_subject));
	bool is = names != NULL && names->issuer->type == V_ASN1_SEQUENCE &&
	          names->subject->type == V_ASN1_SEQUENCE;
	struct fact *fact;

	if (is) {
		fact = fact_add(parent, "IssuerAndSubject");
		show_name(fact, "issuer", any_bytes(names->issuer));
		show_name(fact, "subject", any_bytes(names->subject));
		if (d->signer != NULL && !bytes_equal(any_bytes(names->subject),
		                             string_bytes(d->signer->tbs->subject)))
			fact_find(fact, FACT_WARNING, "C-47",
			    "The subject is not the one of the signer's certificate.");
	}
	issuer_subject_free(names);
	return is;
}

static enum inside
show_inside(const struct description *d, struct fact *parent, struct bytes der)
{
	if (describe_csr(d, parent, der))
		return INSIDE_CSR;
	if (describe_signed(d, parent, der))
		return INSIDE_SIGNED;
	if (show_issuer_serial(parent, "IssuerAndSerialNumber", der))
		return INSIDE_ISSUER_SERIAL;
	if (show_issuer_subject(d, parent, der))
		return INSIDE_ISSUER_SUBJECT;
	show_octets(parent, "octets", der);
	return INSIDE_OTHER;
}

static void
describe_inside(const struct description *d, struct fact *parent, struct bytes plain)
{
	struct fact *fact =
	    fact_add_format(parent, "inside", "decrypted, %zu octets", plain.len);
	enum inside wanted = INSIDE_OTHER;
	enum inside found = show_inside(d, fact, plain);

	if (inside_wanted(d->message_type, &wanted) && wanted != found)
		fact_find(fact, FACT_ERROR, rule_of(d, "C-20", "S-17"),
		    "Inside is %s, where the messageType promises %s.",
		    inside_name(found), inside_name(wanted));
	if (d->side == SIDE_CLIENT && d->message_type == MESSAGE_GET_CRL)
		fact_find(fact, FACT_INFORMATION, "S-31",
		    "NDES answers every GetCRL with badRequest.");
	if (found != INSIDE_CSR)
		check_der(d, fact, plain);
}

/* Who can be named as a recipient, RFC 5652 6.2: the tag of the CHOICE. */
static const char *
recipient_kind(const ASN1_TYPE *recipient)
{
	static const char *const kinds[] = {"(unknown)", "KeyAgreeRecipientInfo",
	    "KEKRecipientInfo", "PasswordRecipientInfo", "OtherRecipientInfo"};
	struct bytes der = any_bytes(recipient);
	const unsigned char *p = der.data;
	int tag = 0, class = 0;
	long len;

	if (der.len == 0 ||
	    (ASN1_get_object(&p, &len, &tag, &class, (long)der.len) & 0x80) != 0 ||
	    class != V_ASN1_CONTEXT_SPECIFIC || tag > 4)
		tag = 0;
	ossl_forget();
	return kinds[tag];
}

/* Whether the right recipient is among what was given, so that another can be wrong. */
static bool
is_right_one_given(const struct describe_aids *aids)
{
	bool is = false;

	for (size_t i = 0; i < aids->cert_count && !is; i++) {
		struct asn1_certificate *given =
		    certificate_read(buf_bytes(&aids->certs[i]));

		is = given != NULL &&
		     strcmp(certificate_role(given), "RA encryption") == 0;
		certificate_free(given);
	}
	return is;
}

/* C-25: NDES decrypts with the key of the RA encryption certificate, and no other. */
static void
check_recipient(const struct description *d, struct fact *fact,
    const struct asn1_certificate *named, bool is_only)
{
	enum fact_level level = is_only ? FACT_ERROR : FACT_WARNING;
	char *subject;

	if (d->side != SIDE_CLIENT)
		return;
	if (named == NULL) {
		if (is_right_one_given(d->aids))
			fact_find(fact, level, "C-25",
			    "The message is encrypted to a certificate that is none of those given, an older one perhaps.");
		return;
	}
	if ((key_usage(named) & KU_KEY_ENCIPHERMENT) != 0)
		return;
	subject = name_text(string_bytes(named->tbs->subject));
	fact_find(fact, level, "C-25",
	    "The message is encrypted to %s (%s), whose keyUsage is not for that: the RA encryption certificate is the one.",
	    subject, certificate_role(named));
	free(subject);
}

static void
show_key_trans(const struct description *d, struct fact *fact,
    const struct key_trans *trans, bool is_only)
{
	struct asn1_certificate *named = known_certificate(d, trans->rid);
	char *subject;

	fact_add_format(fact, "version", "%d", (int)trans->version);
	if (any_key_id(trans->rid).len > 0)
		show_octets(fact, "subjectKeyIdentifier", any_key_id(trans->rid));
	else if (!show_issuer_serial(
	             fact, "issuerAndSerialNumber", any_bytes(trans->rid)))
		show_octets(fact, "rid", any_bytes(trans->rid));
	if (named != NULL) {
		subject = name_text(string_bytes(named->tbs->subject));
		fact_add_format(
		    fact, "certificate", "%s (%s)", subject, certificate_role(named));
		free(subject);
	}
	show_algorithm(fact, "keyEncryptionAlgorithm", trans->key_algorithm);
	if (OBJ_obj2nid(trans->key_algorithm->algorithm) != NID_rsaEncryption)
		fact_find(fact, FACT_WARNING, rule_of(d, "C-27", "S-16"),
		    "The key is not wrapped by PKCS#1 v1.5, which is all that Windows and older servers read.");
	fact_add_format(
	    fact, "encryptedKey", "%zu octets", string_bytes(trans->encrypted_key).len);
	check_recipient(d, fact, named, is_only);
	certificate_free(named);
}

static void
show_recipients(const struct description *d, struct fact *parent,
    const STACK_OF(ASN1_TYPE) * recipients)
{
	int count = sk_ASN1_TYPE_num(recipients);
	struct fact *list = fact_add_format(parent, "recipientInfos", "%d", count);

	for (int i = 0; i < count && i < LIST_MAX; i++) {
		const ASN1_TYPE *any = sk_ASN1_TYPE_value(recipients, i);
		struct bytes der = any_bytes(any);
		struct key_trans *trans = NULL;
		struct fact *fact;

		if (any->type == V_ASN1_SEQUENCE && der.len > 0)
			trans = d2i_key_trans(NULL, &der.data, (long)der.len);
		ossl_forget();
		fact = fact_add_format(list, "RecipientInfo", "%s",
		    trans != NULL ? "KeyTransRecipientInfo" : recipient_kind(any));
		if (trans != NULL)
			show_key_trans(d, fact, trans, count == 1);
		else
			fact_find(fact, FACT_ERROR, rule_of(d, "C-25", "S-16"),
			    "This recipient is no RSA key: NDES reads KeyTransRecipientInfo alone.");
		key_trans_free(trans);
	}
	show_rest(list, count);
	if (count != 1)
		fact_find(list, FACT_WARNING, rule_of(d, "C-26", "S-16"),
		    "There are %d recipients, and one is right.", count);
}

/*
 * With each key on each recipient: whose key it is may not be known. A recipient that
 * is named by key identifier is given a name for that, since envelope_open compares.
 */
static bool
open_with(struct enveloped_data *envelope, EVP_PKEY *key, int index, struct buf *ret)
{
	static const unsigned char name[] = {0x30, 5, 0x30, 0, 2, 1, 1};
	struct bytes der =
	    any_bytes(sk_ASN1_TYPE_value(envelope->recipient_infos, index));
	struct pki_cert recipient = {.key = key};
	struct enveloped_data single = *envelope;
	struct key_trans *trans = NULL;
	struct buf encoded = BUF_INIT;
	bool ok = false;

	single.recipient_infos = NULL;
	buf_add(&recipient.issuer_and_serial, name, sizeof(name));
	if (der.len > 0)
		trans = d2i_key_trans(NULL, &der.data, (long)der.len);
	if (trans != NULL) {
		ASN1_TYPE_free(trans->rid);
		trans->rid = any_of(buf_bytes(&recipient.issuer_and_serial));
		ok = trans->rid != NULL && OSSL_DER(&encoded, trans, i2d_key_trans) &&
		     any_push(&single.recipient_infos, buf_bytes(&encoded)) &&
		     envelope_open(&single, &recipient, ret) == MESSAGE_OPENED;
	}
	sk_ASN1_TYPE_pop_free(single.recipient_infos, ASN1_TYPE_free);
	key_trans_free(trans);
	buf_clear(&encoded);
	buf_clear(&recipient.issuer_and_serial);
	ossl_forget();
	return ok;
}

/* A wrong key may give octets too (envelope.h): the right one gives ASN.1. */
static bool
is_asn1(struct bytes plain)
{
	struct buf der = BUF_INIT;
	bool is = der_from_ber(plain, &der);

	buf_clear(&der);
	return is;
}

static bool
open_envelope(
    const struct description *d, struct enveloped_data *envelope, struct buf *ret)
{
	int count = sk_ASN1_TYPE_num(envelope->recipient_infos);

	for (size_t k = 0; k < d->aids->key_count; k++) {
		EVP_PKEY *key = d->aids->keys[k];

		if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA)
			continue;
		for (int i = 0; i < count && i < RECIPIENTS_TRIED_MAX; i++) {
			buf_reset(ret);
			if (open_with(envelope, key, i, ret) && is_asn1(buf_bytes(ret)))
				return true;
		}
	}
	return false;
}

static void
check_cipher(const struct description *d, struct fact *fact, int nid)
{
	if (nid == NID_des_cbc)
		fact_find(fact, FACT_ERROR, rule_of(d, "C-21", "S-07"),
		    "The content is encrypted with single DES, which RFC 8894 forbids.");
}

static void
show_encrypted(const struct description *d, struct fact *parent,
    const struct encrypted_content_info *encrypted)
{
	struct fact *fact = fact_add(parent, "encryptedContentInfo");
	struct fact *type = show_object(fact, "contentType", encrypted->content_type);

	if (OBJ_obj2nid(encrypted->content_type) != NID_pkcs7_data)
		fact_find(type, FACT_ERROR, rule_of(d, "C-20", "S-09"),
		    "The type of the content inside is not data.");
	check_cipher(d,
	    show_algorithm(
	        fact, "contentEncryptionAlgorithm", encrypted->content_algorithm),
	    OBJ_obj2nid(encrypted->content_algorithm->algorithm));
	fact_add_format(fact, "encryptedContent", "%zu octets",
	    string_bytes(encrypted->encrypted_content).len);
}

bool
describe_envelope(const struct description *d, struct fact *parent, struct bytes der)
{
	struct enveloped_data *envelope = envelope_parse(der);
	struct buf plain = BUF_INIT;
	struct fact *fact;

	ossl_forget();
	if (envelope == NULL)
		return false;
	fact = fact_add_format(parent, "EnvelopedData", "%zu octets", der.len);
	fact_add_format(fact, "version", "%d", (int)envelope->version);
	show_recipients(d, fact, envelope->recipient_infos);
	show_encrypted(d, fact, envelope->encrypted);
	if (open_envelope(d, envelope, &plain))
		describe_inside(d, fact, buf_bytes(&plain));
	else
		fact_add_format(fact, "inside", "%s",
		    d->aids->key_count == 0
		        ? "not decrypted: no key was given"
		        : "not decrypted: none of the keys given is the recipient's");
	check_der(d, fact, der);
	OPENSSL_cleanse(plain.data, plain.len);
	buf_clear(&plain);
	enveloped_data_free(envelope);
	ossl_forget();
	return true;
}
