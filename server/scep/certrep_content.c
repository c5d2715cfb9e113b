#include "scep/certrep_inner.h"

#include "certs/aids.h"
#include "certs/crl.h"
#include "certs/der.h"
#include "certs/extensions.h"
#include "certs/ossl.h"
#include "scep/bag.h"
#include "scep/ber.h"
#include "scep/envelope.h"

#define GARBAGE_SIZE 64
#define GARBAGE_STEP 37 /* from one octet to the next */

/* Of a bag, from outside: ContentInfo, [0], SignedData, its members. */
#define BER_LEVELS_BAG 4

#define MEMBERS_MAX 4

enum member { MEMBER_NONE, MEMBER_LEAF, MEMBER_CA, MEMBER_SIGN, MEMBER_ENCRYPT };

static const enum member bags[][MEMBERS_MAX] = {
    [FORM_BAG_LEAF_CA] = {MEMBER_LEAF, MEMBER_CA},
    [FORM_BAG_LEAF] = {MEMBER_LEAF},
    [FORM_BAG_CA_LEAF] = {MEMBER_CA, MEMBER_LEAF},
    [FORM_BAG_WITH_CRL] = {MEMBER_LEAF, MEMBER_CA},
    [FORM_BAG_WITH_RA] = {MEMBER_LEAF, MEMBER_CA, MEMBER_SIGN, MEMBER_ENCRYPT},
};

/* What goes into the envelope. */
struct payload {
	const struct certrep *certrep;
	const struct pki *pki;
	struct buf leaf;  /* as it is sent; empty: a CRL is */
	struct buf plain; /* the bag, or what is there instead */
};

static struct bytes
member_bytes(const struct payload *payload, enum member member)
{
	switch (member) {
	case MEMBER_LEAF:
		return buf_bytes(&payload->leaf);
	case MEMBER_CA:
		return buf_bytes(&payload->pki->ca.der);
	case MEMBER_SIGN:
		return buf_bytes(&payload->pki->sign.der);
	case MEMBER_ENCRYPT:
		return buf_bytes(&payload->pki->encrypt.der);
	case MEMBER_NONE:
		break;
	}
	return (struct bytes){.data = NULL};
}

/* Each once: a pki may have one RA certificate, or none. */
static size_t
choose_members(const struct payload *payload, struct bytes ret[MEMBERS_MAX])
{
	const struct certrep_forms *forms = &payload->certrep->forms;
	size_t count = 0;

	if (forms->leaf == FORM_LEAF_MISSING)
		return 0;
	for (size_t i = 0; i < MEMBERS_MAX; i++) {
		struct bytes cert = member_bytes(payload, bags[forms->bag][i]);
		bool is_there = cert.data == NULL;

		for (size_t j = 0; j < count; j++)
			is_there |= bytes_equal(ret[j], cert);
		if (!is_there)
			ret[count++] = cert;
	}
	return count;
}

/* As new as the certificate, so that the same one is sent again with the same CRL. */
static bool
write_crl(const struct payload *payload, struct buf *out, struct err *err)
{
	time_t at = payload->pki->setup_at;

	if (payload->certrep->forms.bag != FORM_BAG_WITH_CRL)
		return true;
	(void)certrep_leaf_begin(buf_bytes(&payload->certrep->leaf_der), &at);
	return crl_issue(payload->pki, at, out, err);
}

/* RFC 8894 3.3.2.1: the certificate, and others along with it. */
static bool
write_bag(const struct payload *payload, struct buf *out, struct err *err)
{
	struct bytes certs[MEMBERS_MAX];
	size_t count = choose_members(payload, certs);
	struct buf crl = BUF_INIT;
	bool ok = write_crl(payload, &crl, err) &&
	          bag_build_with_crl(certs, count, buf_bytes(&crl), out, err);

	buf_clear(&crl);
	return ok;
}

/* RFC 8894 3.3.4: the CRL alone. */
static bool
write_crl_bag(const struct payload *payload, struct buf *out, struct err *err)
{
	struct buf crl = BUF_INIT;
	bool ok = crl_issue(payload->pki, payload->certrep->crl_update, &crl, err) &&
	          bag_of_crl(buf_bytes(&crl), out, err);

	buf_clear(&crl);
	return ok;
}

static bool
write_plain(struct payload *payload, struct err *err)
{
	const struct certrep *certrep = payload->certrep;
	struct buf bag = BUF_INIT;
	bool ok;

	if (certrep->forms.leaf == FORM_LEAF_BARE && !certrep->has_crl) {
		buf_add(&payload->plain, payload->leaf.data, payload->leaf.len);
		return true;
	}
	ok = certrep->has_crl ? write_crl_bag(payload, &bag, err)
	                      : write_bag(payload, &bag, err);
	if (ok && certrep->forms.encoding == FORM_ENCODING_BER_INNER)
		ok = der_to_ber(buf_bytes(&bag), BER_LEVELS_BAG, &payload->plain) ||
		     err_set(err, ERR_FAILED, "cannot write the bag in BER");
	else
		buf_add(&payload->plain, bag.data, bag.len);
	buf_clear(&bag);
	return ok;
}

/* How the envelope names whose key it is for. */
static bool
write_rid(const struct payload *payload, struct buf *out)
{
	const struct certrep *certrep = payload->certrep;
	const struct buf *name = &certrep->recipient_issuer_serial;
	unsigned form = certrep->forms.recipient;
	unsigned char id[PKI_KEY_ID_SIZE];

	if (form == FORM_RECIPIENT_KEY_ID) {
		if (!key_id_of(buf_bytes(&certrep->recipient_spki), id))
			return false;
		certrep_key_id(id, out);
		return true;
	}
	if (form == FORM_RECIPIENT_NEW_CERTIFICATE && payload->leaf.len > 0)
		return certrep_leaf_name(buf_bytes(&payload->leaf), out);
	buf_add(out, name->data, name->len);
	return true;
}

static bool
envelop_for_other(
    const struct payload *payload, int cipher_nid, struct buf *out, struct err *err)
{
	const struct pki_cert *stranger = pki_aid(payload->pki, AID_STRANGER, err);
	struct envelope_recipient recipient = {
	    .transport = (enum form_transport)payload->certrep->forms.key_transport};

	if (stranger == NULL)
		return false;
	recipient.rid = buf_bytes(&stranger->issuer_and_serial);
	recipient.spki = stranger->spki;
	recipient.key = stranger->key;
	return envelope_seal(
	    &recipient, cipher_nid, buf_bytes(&payload->plain), out, err);
}

static bool
envelop_for_requester(
    const struct payload *payload, int cipher_nid, struct buf *out, struct err *err)
{
	const struct certrep *certrep = payload->certrep;
	struct envelope_recipient recipient = {
	    .spki = buf_bytes(&certrep->recipient_spki),
	    .key = certrep->recipient_key,
	    .transport = (enum form_transport)certrep->forms.key_transport};
	struct buf rid = BUF_INIT;
	bool ok = write_rid(payload, &rid) ||
	          ossl_err(err, "cannot name the recipient of the answer");

	recipient.rid = buf_bytes(&rid);
	ok = ok &&
	     envelope_seal(&recipient, cipher_nid, buf_bytes(&payload->plain), out, err);
	buf_clear(&rid);
	return ok;
}

static bool
envelop(const struct payload *payload, struct buf *out, struct err *err)
{
	const struct certrep *certrep = payload->certrep;
	int cipher_nid = certrep_form_cipher(&certrep->forms, certrep->cipher_nid);

	if (certrep->forms.recipient == FORM_RECIPIENT_OTHER)
		return envelop_for_other(payload, cipher_nid, out, err);
	if (certrep->recipient_password.len > 0)
		return envelope_seal_password(buf_bytes(&certrep->recipient_password),
		    cipher_nid, buf_bytes(&payload->plain), out, err);
	return envelop_for_requester(payload, cipher_nid, out, err);
}

static bool
write_envelope(const struct payload *payload, struct buf *out, struct err *err)
{
	struct buf der = BUF_INIT;
	bool ok = envelop(payload, &der, err);

	if (ok && payload->certrep->forms.encoding == FORM_ENCODING_BER)
		ok = ber_content_info(buf_bytes(&der), out) ||
		     err_set(err, ERR_FAILED, "cannot write the envelope in BER");
	else
		buf_add(out, der.data, der.len);
	buf_clear(&der);
	return ok;
}

/* What was asked for, in a bag, in an envelope for the requester. */
static bool
write_payload(const struct certrep *certrep, const struct pki *pki, struct buf *out,
    struct err *err)
{
	struct payload payload = {.certrep = certrep, .pki = pki};
	bool ok = (certrep->has_crl ||
	              certrep_leaf((enum form_leaf)certrep->forms.leaf,
	                  buf_bytes(&certrep->leaf_der), pki, &payload.leaf, err)) &&
	          write_plain(&payload, err) && write_envelope(&payload, out, err);

	buf_clear(&payload.leaf);
	buf_clear(&payload.plain);
	return ok;
}

/* No tag of CMS begins with a zero, and nothing behind it is told by chance. */
static void
write_garbage(struct buf *out)
{
	for (unsigned i = 0; i < GARBAGE_SIZE; i++)
		buf_add_char(out, (char)(i * GARBAGE_STEP));
}

/* Never the usual one: that depends on the status. */
static enum form_content
kind_of(const struct certrep *certrep)
{
	enum form_content form = (enum form_content)certrep->forms.content;
	bool has_payload =
	    certrep->has_crl || certrep->csr != NULL || certrep->leaf_der.len > 0;

	if (form != FORM_CONTENT_USUAL && (form != FORM_CONTENT_PAYLOAD || has_payload))
		return form;
	if (certrep->status == PKI_SUCCESS)
		return FORM_CONTENT_PAYLOAD;
	/* RFC 8894 3.3.2.2 leaves the content out: NDES sends one byte instead. */
	return certrep->is_rfc8894 ? FORM_CONTENT_ABSENT : FORM_CONTENT_ZERO_BYTE;
}

/* The honest one, once. */
static bool
issue(struct certrep *certrep, const struct pki *pki, struct err *err)
{
	return certrep->has_crl || certrep->leaf_der.len > 0 ||
	       leaf_issue(&certrep->leaf, pki, &certrep->leaf_der, err);
}

bool
certrep_content(
    struct certrep *certrep, const struct pki *pki, struct buf *ret, struct err *err)
{
	enum form_content kind = kind_of(certrep);

	if ((certrep->status == PKI_SUCCESS || kind == FORM_CONTENT_PAYLOAD) &&
	    !issue(certrep, pki, err))
		return false;
	switch (kind) {
	case FORM_CONTENT_PAYLOAD:
		return write_payload(certrep, pki, ret, err);
	case FORM_CONTENT_EMPTY:
		buf_reserve(ret, 1); /* there, and of no octet */
		break;
	case FORM_CONTENT_ZERO_BYTE:
		buf_add_char(ret, '\0');
		break;
	case FORM_CONTENT_GARBAGE:
		write_garbage(ret);
		break;
	case FORM_CONTENT_USUAL:
	case FORM_CONTENT_ABSENT:
		break;
	}
	return true;
}
