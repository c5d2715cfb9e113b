#include "scep/message.h"

#include "base/mem.h"
#include "certs/der.h"
#include "certs/ossl.h"
#include "certs/templates.h"
#include "scep/attributes.h"
#include "scep/envelope.h"
#include "scep/signer.h"
#include <stdlib.h>

/* What is needed while a message is opened, and no longer. */
struct opening {
	struct signed_data *signed_data;
	struct signer_info *signer_info;
	struct signer_cert signer;       /* all zero: its certificate is missing */
	struct enveloped_data *envelope; /* NULL: there is none */
};

#define TYPE_DIGITS_MAX 4

static void
opening_clear(struct opening *opening)
{
	enveloped_data_free(opening->envelope);
	signer_cert_clear(&opening->signer);
	signer_info_free(opening->signer_info);
	signed_data_free(opening->signed_data);
}

/*
 * Octets of a value of any string type, each character one octet. PrintableString is
 * what RFC 8894 3.2.1 asks for; clients also send UTF8String, and BMPString exists.
 */
static bool
string_octets(const ASN1_TYPE *value, struct buf *ret)
{
	unsigned char *utf8 = NULL;
	struct bytes octets;
	int len;

	switch (value->type) {
	case V_ASN1_BMPSTRING:
	case V_ASN1_UNIVERSALSTRING:
		len = ASN1_STRING_to_UTF8(&utf8, value->value.asn1_string);
		if (len > 0)
			buf_add(ret, utf8, (size_t)len);
		OPENSSL_free(utf8);
		return len >= 0;
	case V_ASN1_PRINTABLESTRING:
	case V_ASN1_UTF8STRING:
	case V_ASN1_IA5STRING:
	case V_ASN1_T61STRING:
	case V_ASN1_VISIBLESTRING:
	case V_ASN1_NUMERICSTRING:
	case V_ASN1_GENERALSTRING:
	case V_ASN1_OCTET_STRING:
		octets = string_bytes(value->value.asn1_string);
		buf_add(ret, octets.data, octets.len);
		return true;
	}
	return false;
}

/*
 * Text of an attribute, yours. NULL: absent, empty, longer than `max`, or not
 * printable ASCII: such a text cannot be a PrintableString, nor be echoed, shown or
 * logged as it is, so it counts as absent.
 */
static char *
attribute_text(const STACK_OF(ASN1_TYPE) * attrs, const char *oid, size_t max)
{
	ASN1_TYPE *value = attribute_find(attrs, oid);
	struct buf octets = BUF_INIT;
	bool good = value != NULL && string_octets(value, &octets) && octets.len > 0 &&
	            octets.len <= max;
	char *text = NULL;

	for (size_t i = 0; good && i < octets.len; i++)
		good = octets.data[i] >= 0x20 && octets.data[i] <= 0x7e;
	if (good)
		text = buf_string(&octets);
	ASN1_TYPE_free(value);
	buf_clear(&octets);
	return text;
}

static int
type_number(const char *text)
{
	int number = 0;

	if (text == NULL)
		return -1;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9')
			return -1;
		number = number * 10 + (*text - '0');
	}
	return number;
}

static enum message_type
type_of_number(int number)
{
	enum message_type type = number > 0 ? (enum message_type)number : MESSAGE_NONE;

	return message_type_name(type) != NULL ? type : MESSAGE_NONE;
}

static void
read_attributes(struct scep_message *message, const STACK_OF(ASN1_TYPE) * attrs)
{
	char *type = attribute_text(attrs, OID_MESSAGE_TYPE, TYPE_DIGITS_MAX);
	ASN1_TYPE *nonce = attribute_find(attrs, OID_SENDER_NONCE);

	message->type_number = type_number(type);
	message->type = type_of_number(message->type_number);
	message->transaction_id =
	    attribute_text(attrs, OID_TRANSACTION_ID, TRANSACTION_ID_MAX);
	if (nonce != NULL && nonce->type == V_ASN1_OCTET_STRING) {
		struct bytes octets = string_bytes(nonce->value.octet_string);

		if (octets.len <= MESSAGE_NONCE_MAX)
			buf_add(&message->sender_nonce, octets.data, octets.len);
	}
	free(type);
	ASN1_TYPE_free(nonce);
}

/* The SignedData and its first SignerInfo: SCEP messages have exactly one. */
static bool
open_outer(struct opening *opening, struct bytes der)
{
	ASN1_TYPE *content = content_info_unwrap(oid_signed_data, der);
	struct bytes inner = any_bytes(content);
	struct bytes signer = {.data = NULL};

	if (inner.len > 0)
		opening->signed_data =
		    d2i_signed_data(NULL, &inner.data, (long)inner.len);
	ASN1_TYPE_free(content);
	if (opening->signed_data != NULL)
		signer =
		    any_bytes(sk_ASN1_TYPE_value(opening->signed_data->signer_infos, 0));
	if (signer.len > 0)
		opening->signer_info =
		    d2i_signer_info(NULL, &signer.data, (long)signer.len);
	return opening->signer_info != NULL;
}

static void
read_signer(struct opening *opening, struct scep_message *message)
{
	const ASN1_TYPE *sid = opening->signer_info->sid;
	struct signer_cert *signer = &opening->signer;
	struct bytes named = any_bytes(sid);
	bool found = signer_cert_find(opening->signed_data, sid, signer);

	message->digest_nid =
	    OBJ_obj2nid(opening->signer_info->digest_algorithm->algorithm);
	if (sid->type == V_ASN1_SEQUENCE)
		buf_add(&message->signer_issuer_serial, named.data, named.len);
	else if (found)
		signer_cert_name(signer, &message->signer_issuer_serial);
	if (!found)
		return;
	buf_add(&message->signer_spki, signer->spki.data, signer->spki.len);
	buf_add(&message->signer_cert, signer->der.data, signer->der.len);
	message->signer_key = spki_key(signer->spki);
}

static struct bytes
econtent_of(const struct opening *opening)
{
	return string_bytes(opening->signed_data->encap->econtent);
}

static void
read_envelope(struct opening *opening, struct scep_message *message)
{
	opening->envelope = envelope_parse(econtent_of(opening));
	if (opening->envelope == NULL)
		return;
	message->cipher_nid = envelope_cipher_nid(opening->envelope);
	message->recipient_count = envelope_recipient_count(opening->envelope);
}

/* A CSR (RFC 8894 3.3.1, 3.3.2): its key is most often the signer's, decoded already. */
static bool
read_csr(struct scep_message *message)
{
	EVP_PKEY *key = message->signer_key;

	if (!csr_parse(buf_bytes(&message->inner), &message->csr))
		return false;
	if (!bytes_equal(message->csr->spki, buf_bytes(&message->signer_spki)))
		key = NULL;
	message->csr_signature_ok = csr_verify(message->csr, key);
	return true;
}

static bool
is_shaped(const struct scep_message *message, const ASN1_ITEM *item)
{
	void *value = template_read(buf_bytes(&message->inner), item);

	ASN1_item_free(value, item);
	return value != NULL;
}

/* RFC 8894 3.3.4, 3.3.5 */
static bool
read_wanted(struct scep_message *message, const struct pki *pki)
{
	struct asn1_issuer_serial *wanted =
	    template_read(buf_bytes(&message->inner), ASN1_ITEM_rptr(asn1_issuer_serial));

	message->wanted = wanted;
	if (wanted == NULL)
		return false;
	message->wanted_is_ours = bytes_equal(string_bytes(wanted->issuer), pki->ca.name);
	return true;
}

/* RFC 8894 3.3: which content belongs to which messageType. */
static bool
read_content(struct scep_message *message, const struct pki *pki)
{
	switch (message->type) {
	case MESSAGE_PKCS_REQ:
	case MESSAGE_RENEWAL_REQ:
		return read_csr(message);
	case MESSAGE_CERT_POLL:
		return is_shaped(message, ASN1_ITEM_rptr(issuer_subject));
	case MESSAGE_GET_CERT:
	case MESSAGE_GET_CRL:
		return read_wanted(message, pki);
	case MESSAGE_NONE:
	case MESSAGE_CERT_REP:
		return true;
	}
	return true;
}

/*
 * An envelope that is not there names nobody: NOT_ADDRESSED. What does not decrypt to
 * ASN.1 was decrypted with a wrong key.
 */
static enum message_fate
decrypt(struct scep_message *message, const struct enveloped_data *envelope,
    const struct pki *pki)
{
	struct buf plain = BUF_INIT;
	enum message_fate fate = MESSAGE_NOT_ADDRESSED;

	if (envelope != NULL)
		fate = envelope_open(envelope, &pki->encrypt, &plain);
	if (fate == MESSAGE_OPENED && !der_from_ber(buf_bytes(&plain), &message->inner))
		fate = MESSAGE_NOT_DECRYPTED;
	buf_clear(&plain);
	return fate;
}

/* The hurdles in their order; the first one that is not taken is the fate. */
static enum message_fate
take_hurdles(struct opening *opening, struct scep_message *message, const struct pki *pki,
    time_t now)
{
	enum message_fate fate;

	fate = signer_verify(
	    opening->signer_info, message->signer_key, econtent_of(opening));
	if (fate != MESSAGE_OPENED)
		return fate;
	message->signer_is_ours = signer_cert_is_from(&opening->signer, &pki->ca, now);
	fate = decrypt(message, opening->envelope, pki);
	if (fate != MESSAGE_OPENED)
		return fate;
	return read_content(message, pki) ? MESSAGE_OPENED : MESSAGE_BAD_CONTENT;
}

struct scep_message *
message_open(struct bytes der, const struct pki *pki, time_t now)
{
	struct scep_message *message = mem_alloc(sizeof(*message));
	struct opening opening = {.signed_data = NULL};

	message->fate = MESSAGE_NOT_CMS;
	message->type_number = -1;
	if (der.len <= MESSAGE_BYTES_MAX && open_outer(&opening, der)) {
		read_attributes(message, opening.signer_info->signed_attrs);
		read_signer(&opening, message);
		read_envelope(&opening, message);
		message->fate = take_hurdles(&opening, message, pki, now);
	}
	opening_clear(&opening);
	ossl_forget();
	return message;
}

void
message_free(struct scep_message *message)
{
	if (message == NULL)
		return;
	free(message->transaction_id);
	buf_clear(&message->sender_nonce);
	buf_clear(&message->signer_issuer_serial);
	buf_clear(&message->signer_spki);
	buf_clear(&message->signer_cert);
	EVP_PKEY_free(message->signer_key);
	csr_free(message->csr);
	buf_clear(&message->inner);
	ASN1_item_free((ASN1_VALUE *)message->wanted, ASN1_ITEM_rptr(asn1_issuer_serial));
	free(message);
}

bool
message_is_weak(const struct scep_message *message)
{
	return message->cipher_nid == NID_des_cbc || message->digest_nid == NID_md5;
}

bool
message_wanted_serial(const struct scep_message *message, struct bytes *ret)
{
	if (message->type != MESSAGE_GET_CERT || !message->wanted_is_ours ||
	    ASN1_STRING_type(message->wanted->serial) != V_ASN1_INTEGER)
		return false; /* no certificate has a negative one */
	*ret = string_bytes(message->wanted->serial);
	return ret->len > 0;
}
