#include "scep/certrep.h"

#include "certs/aids.h"
#include "certs/extensions.h"
#include "certs/ossl.h"
#include "scep/ber.h"
#include "scep/certrep_inner.h"
#include "scep/envelope.h"
#include "scep/signing.h"
#include <stdlib.h>

#define KEY_ID_TAG 0x80 /* [0] IMPLICIT OCTET STRING, RFC 5652 10.2.4 */

#define BESIDE_MAX 4 /* signer, sign, encrypt, CA */

/* Who signs, how it is named, and what lies beside the signature. */
struct signer {
	const struct pki_cert *cert;
	struct buf sid; /* empty: issuer and serial number of the certificate */
	struct bytes beside[BESIDE_MAX];
	size_t beside_count;
};

void
certrep_key_id(const unsigned char id[PKI_KEY_ID_SIZE], struct buf *out)
{
	buf_add_char(out, (char)KEY_ID_TAG);
	buf_add_char(out, PKI_KEY_ID_SIZE);
	buf_add(out, id, PKI_KEY_ID_SIZE);
}

/* Borrowed from the pki; NULL and err. */
static const struct pki_cert *
signer_cert(const struct certrep *certrep, const struct pki *pki, struct err *err)
{
	switch ((enum form_signer)certrep->forms.signer) {
	case FORM_SIGNER_RA:
	case FORM_SIGNER_SELF: /* only the name is another */
		break;
	case FORM_SIGNER_CA:
		return &pki->ca;
	case FORM_SIGNER_EXPIRED_RA:
		return pki_aid(pki, AID_EXPIRED_SIGN, err);
	case FORM_SIGNER_FOREIGN:
		return pki_aid(pki, AID_FOREIGN_RA, err);
	}
	return &pki->sign;
}

static bool
name_signer(const struct certrep *certrep, struct signer *signer)
{
	const struct buf *requester = &certrep->recipient_issuer_serial;
	bool is_self = certrep->forms.signer == FORM_SIGNER_SELF;
	unsigned char id[PKI_KEY_ID_SIZE];
	struct bytes spki =
	    is_self ? buf_bytes(&certrep->recipient_spki) : signer->cert->spki;

	if (certrep->forms.signer_id == FORM_ID_KEY_ID) {
		if (!key_id_of(spki, id))
			return false;
		certrep_key_id(id, &signer->sid);
	} else if (is_self) {
		buf_add(&signer->sid, requester->data, requester->len);
	}
	return true;
}

/* Each once. */
static void
put_beside(struct signer *signer, const struct pki_cert *cert)
{
	struct bytes der = buf_bytes(&cert->der);

	for (size_t i = 0; i < signer->beside_count; i++)
		if (bytes_equal(signer->beside[i], der))
			return;
	signer->beside[signer->beside_count++] = der;
}

/* The signer's own goes along with a SUCCESS. */
static void
choose_beside(const struct certrep *certrep, const struct pki *pki, struct signer *signer)
{
	enum form_certificates form = (enum form_certificates)certrep->forms.certificates;
	bool has_all =
	    form == FORM_CERTIFICATES_ALL || form == FORM_CERTIFICATES_CA_FIRST;

	if (form == FORM_CERTIFICATES_NONE ||
	    (form == FORM_CERTIFICATES_USUAL && certrep->status != PKI_SUCCESS))
		return;
	if (form == FORM_CERTIFICATES_CA_FIRST)
		put_beside(signer, &pki->ca);
	put_beside(signer, signer->cert);
	if (!has_all)
		return;
	put_beside(signer, &pki->sign);
	put_beside(signer, &pki->encrypt);
	put_beside(signer, &pki->ca);
}

static bool
sign(const struct certrep *certrep, const struct signer *signer, struct bytes econtent,
    struct buf *out)
{
	STACK_OF(ASN1_TYPE) *attrs = NULL;
	struct signing signing = {.signer = signer->cert,
	    .sid = buf_bytes(&signer->sid),
	    .digest_nid = certrep_form_digest(&certrep->forms, certrep->digest_nid),
	    .econtent = econtent,
	    .forms = &certrep->forms};

	if (signer->beside_count > 0) {
		signing.certificate = signer->beside[0];
		signing.further = signer->beside + 1;
		signing.further_count = signer->beside_count - 1;
	}
	if (!certrep_attributes(certrep, &attrs)) {
		sk_ASN1_TYPE_pop_free(attrs, ASN1_TYPE_free);
		return false;
	}
	return signing_write(&signing, attrs, out);
}

/* In the RA signing certificate's name. */
static bool
wrap_and_sign(const struct certrep *certrep, const struct pki *pki, struct bytes econtent,
    struct buf *out, struct err *err)
{
	struct signer signer = {.cert = signer_cert(certrep, pki, err)};
	bool ok;

	if (signer.cert == NULL)
		return false;
	choose_beside(certrep, pki, &signer);
	ok = (name_signer(certrep, &signer) && sign(certrep, &signer, econtent, out)) ||
	     ossl_err(err, "cannot sign the CertRep");
	buf_clear(&signer.sid);
	return ok;
}

static bool
encode(const struct certrep *certrep, struct bytes der, struct buf *out, struct err *err)
{
	if (certrep->forms.encoding == FORM_ENCODING_BER)
		return ber_content_info(der, out) ||
		       err_set(err, ERR_FAILED, "cannot write the CertRep in BER");
	buf_add(out, der.data, der.len);
	return true;
}

bool
certrep_seal(
    struct certrep *certrep, const struct pki *pki, struct buf *out, struct err *err)
{
	struct buf econtent = BUF_INIT;
	struct buf der = BUF_INIT;
	bool ok = certrep_content(certrep, pki, &econtent, err) &&
	          wrap_and_sign(certrep, pki, buf_bytes(&econtent), &der, err) &&
	          encode(certrep, buf_bytes(&der), out, err);

	buf_clear(&econtent);
	buf_clear(&der);
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
	free(certrep->hresult_text);
	free(certrep->fail_info_text);
	buf_clear(&certrep->stale_nonce);
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
