#include "scep/certrep.h"

#include "certs/crl.h"
#include "certs/ossl.h"
#include "scep/attributes.h"
#include "scep/bag.h"
#include "scep/envelope.h"
#include "scep/signing.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 16 /* a signed 32-bit number in decimal */

static bool
push_text(STACK_OF(ASN1_TYPE) * *attrs, const char *oid, const char *text)
{
	struct bytes octets = {(const unsigned char *)text, strlen(text)};

	return attribute_push(attrs, oid, V_ASN1_PRINTABLESTRING, octets);
}

static bool
push_number(STACK_OF(ASN1_TYPE) * *attrs, const char *oid, int number)
{
	char text[NUMBER_SIZE];

	snprintf(text, sizeof(text), "%d", number);
	return push_text(attrs, oid, text);
}

/* failInfo, and the HRESULT that NDES adds, as a signed number. */
static bool
push_failure(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	if (certrep->status != PKI_FAILURE)
		return true;
	return push_number(attrs, OID_FAIL_INFO, (int)certrep->fail_info) &&
	       (!certrep->has_hresult ||
	           push_number(attrs, OID_HRESULT, (int)certrep->hresult));
}

static bool
push_nonces(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	struct bytes sender = {certrep->sender_nonce, NONCE_SIZE};

	return attribute_push(attrs, OID_SENDER_NONCE, V_ASN1_OCTET_STRING, sender) &&
	       (certrep->recipient_nonce.len == 0 ||
	           attribute_push(attrs, OID_RECIPIENT_NONCE, V_ASN1_OCTET_STRING,
	               buf_bytes(&certrep->recipient_nonce)));
}

/* RFC 8894 3.2.1; NDES sends no signingTime. */
static bool
add_attributes(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	return push_number(attrs, OID_MESSAGE_TYPE, MESSAGE_CERT_REP) &&
	       push_number(attrs, OID_PKI_STATUS, (int)certrep->status) &&
	       push_failure(certrep, attrs) && push_nonces(certrep, attrs) &&
	       (certrep->transaction_id == NULL ||
	           push_text(attrs, OID_TRANSACTION_ID, certrep->transaction_id));
}

/* In the RA signing certificate's name, which goes along with a SUCCESS. */
static bool
wrap_and_sign(const struct certrep *certrep, const struct pki *pki, struct bytes econtent,
    struct buf *out)
{
	STACK_OF(ASN1_TYPE) *attrs = NULL;
	struct signing signing = {.signer = &pki->sign,
	    .digest_nid = certrep->digest_nid,
	    .econtent = econtent};

	if (certrep->status == PKI_SUCCESS)
		signing.certificate = buf_bytes(&pki->sign.der);
	if (!add_attributes(certrep, &attrs)) {
		sk_ASN1_TYPE_pop_free(attrs, ASN1_TYPE_free);
		return false;
	}
	return signing_write(&signing, attrs, out);
}

/* The leaf, then the CA. */
static bool
fill_bag(struct certrep *certrep, const struct pki *pki, struct buf *bag, struct err *err)
{
	struct bytes certs[2];

	if (certrep->leaf_der.len == 0 &&
	    !leaf_issue(&certrep->leaf, pki, &certrep->leaf_der, err))
		return false;
	certs[0] = buf_bytes(&certrep->leaf_der);
	certs[1] = buf_bytes(&pki->ca.der);
	return bag_build(certs, 2, bag, err);
}

/* RFC 8894 3.3.4: the CRL alone. */
static bool
fill_bag_with_crl(const struct certrep *certrep, const struct pki *pki, struct buf *bag,
    struct err *err)
{
	struct buf crl = BUF_INIT;
	bool ok = crl_issue(pki, certrep->crl_update, &crl, err) &&
	          bag_of_crl(buf_bytes(&crl), bag, err);

	buf_clear(&crl);
	return ok;
}

static bool
envelop(
    const struct certrep *certrep, struct bytes content, struct buf *out, struct err *err)
{
	struct envelope_recipient recipient = {
	    .issuer_serial = buf_bytes(&certrep->recipient_issuer_serial),
	    .spki = buf_bytes(&certrep->recipient_spki),
	    .key = certrep->recipient_key};

	if (certrep->recipient_password.len > 0)
		return envelope_seal_password(buf_bytes(&certrep->recipient_password),
		    certrep->cipher_nid, content, out, err);
	return envelope_seal(&recipient, certrep->cipher_nid, content, out, err);
}

/* What was asked for, in a bag, in an envelope for the requester. */
static bool
seal_content(
    struct certrep *certrep, const struct pki *pki, struct buf *econtent, struct err *err)
{
	struct buf bag = BUF_INIT;
	bool ok = certrep->has_crl ? fill_bag_with_crl(certrep, pki, &bag, err)
	                           : fill_bag(certrep, pki, &bag, err);

	ok = ok && envelop(certrep, buf_bytes(&bag), econtent, err);
	buf_clear(&bag);
	return ok;
}

bool
certrep_seal(
    struct certrep *certrep, const struct pki *pki, struct buf *out, struct err *err)
{
	struct buf econtent = BUF_INIT;
	bool ok = true;

	/* RFC 8894 3.3.2.2 leaves the content out: NDES sends one byte instead. */
	if (certrep->status == PKI_SUCCESS)
		ok = seal_content(certrep, pki, &econtent, err);
	else if (!certrep->is_rfc8894)
		buf_add_char(&econtent, '\0');
	if (ok && !wrap_and_sign(certrep, pki, buf_bytes(&econtent), out))
		ok = ossl_err(err, "cannot sign the CertRep");
	buf_clear(&econtent);
	ossl_forget();
	return ok;
}

void
certrep_clear(struct certrep *certrep)
{
	free(certrep->transaction_id);
	buf_clear(&certrep->recipient_nonce);
	buf_clear(&certrep->recipient_issuer_serial);
	buf_clear(&certrep->recipient_spki);
	EVP_PKEY_free(certrep->recipient_key);
	buf_clear(&certrep->recipient_password);
	csr_free(certrep->csr);
	buf_clear(&certrep->leaf_der);
	*certrep = (struct certrep)CERTREP_INIT;
}

int
certrep_reply_cipher(int client_cipher_nid)
{
	EVP_CIPHER *cipher = envelope_cipher(client_cipher_nid);
	int nid = cipher != NULL ? client_cipher_nid : NID_des_ede3_cbc;

	EVP_CIPHER_free(cipher);
	ossl_forget();
	return nid;
}

int
certrep_reply_digest(int client_digest_nid)
{
	switch (client_digest_nid) {
	case NID_sha256:
	case NID_sha384:
	case NID_sha512:
		return client_digest_nid;
	}
	return NID_sha1;
}

bool
certrep_can_envelop(struct bytes spki)
{
	return spki_bits(spki) > 0;
}
