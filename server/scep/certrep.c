#include "scep/certrep.h"

#include "certs/ossl.h"
#include "scep/attributes.h"
#include "scep/bag.h"
#include "scep/envelope.h"
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

static bool
push_digest(STACK_OF(ASN1_TYPE) * *attrs, const EVP_MD *md, struct bytes econtent)
{
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	return EVP_Digest(econtent.data, econtent.len, digest, &len, md, NULL) == 1 &&
	       attribute_push(attrs, OID_MESSAGE_DIGEST, V_ASN1_OCTET_STRING,
	           (struct bytes){digest, len});
}

/* RFC 8894 3.2.1, in the order of a DER SET OF; NDES sends no signingTime. */
static bool
add_attributes(const struct certrep *certrep, const EVP_MD *md, struct bytes econtent,
    STACK_OF(ASN1_TYPE) * *attrs)
{
	if (!push_number(attrs, OID_MESSAGE_TYPE, MESSAGE_CERT_REP) ||
	    !push_number(attrs, OID_PKI_STATUS, (int)certrep->status) ||
	    !push_failure(certrep, attrs) || !push_nonces(certrep, attrs) ||
	    !attribute_push_oid(attrs, OID_CONTENT_TYPE, oid_data) ||
	    !push_digest(attrs, md, econtent) ||
	    (certrep->transaction_id != NULL &&
	        !push_text(attrs, OID_TRANSACTION_ID, certrep->transaction_id)))
		return false;
	attributes_sort(*attrs);
	return true;
}

static bool
sign(const struct signer_info *signer, const EVP_MD *md, EVP_PKEY *key)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct buf data = BUF_INIT;
	struct buf signature = BUF_INIT;
	size_t len = (size_t)EVP_PKEY_get_size(key);
	bool ok = false;

	buf_reserve(&signature, len);
	if (ctx != NULL && attributes_set_of(signer->signed_attrs, &data) &&
	    EVP_DigestSignInit(ctx, NULL, md, NULL, key) == 1 &&
	    EVP_DigestSign(ctx, signature.data, &len, data.data, data.len) == 1)
		ok = ASN1_OCTET_STRING_set(signer->signature, signature.data, (int)len) ==
		     1;
	EVP_MD_CTX_free(ctx);
	buf_clear(&data);
	buf_clear(&signature);
	return ok;
}

/* NDES says plain rsaEncryption; an EC key has only the names with a digest in them. */
static bool
set_signature_algorithm(X509_ALGOR *algorithm, int digest_nid, const EVP_PKEY *key)
{
	int nid = NID_undef;

	if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA)
		return algorithm_set(algorithm, NID_rsaEncryption);
	return OBJ_find_sigid_by_algs(&nid, digest_nid, EVP_PKEY_get_base_id(key)) == 1 &&
	       X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_UNDEF, NULL) == 1;
}

/* SignerInfo v1 in the RA signing certificate's name. */
static bool
add_signer(const struct certrep *certrep, const struct pki *pki, struct bytes econtent,
    struct signed_data *signed_data)
{
	const EVP_MD *md = EVP_get_digestbynid(certrep->digest_nid);
	struct signer_info *signer = signer_info_new();
	struct buf der = BUF_INIT;
	bool ok = false;

	if (signer == NULL || md == NULL)
		goto out;
	signer->version = 1;
	ASN1_TYPE_free(signer->sid);
	signer->sid = any_of(buf_bytes(&pki->sign.issuer_and_serial));
	ok = signer->sid != NULL &&
	     algorithm_set(signer->digest_algorithm, certrep->digest_nid) &&
	     set_signature_algorithm(
	         signer->signature_algorithm, certrep->digest_nid, pki->sign.key) &&
	     add_attributes(certrep, md, econtent, &signer->signed_attrs) &&
	     sign(signer, md, pki->sign.key) && OSSL_DER(&der, signer, i2d_signer_info) &&
	     any_push(&signed_data->signer_infos, buf_bytes(&der));
out:
	signer_info_free(signer);
	buf_clear(&der);
	return ok;
}

static bool
add_digest_algorithm(struct signed_data *signed_data, int nid)
{
	X509_ALGOR *algorithm = X509_ALGOR_new();

	if (algorithm == NULL || !algorithm_set(algorithm, nid) ||
	    sk_X509_ALGOR_push(signed_data->digest_algorithms, algorithm) <= 0) {
		X509_ALGOR_free(algorithm);
		return false;
	}
	return true;
}

static bool
set_econtent(struct encap_content_info *encap, struct bytes econtent)
{
	ASN1_OBJECT_free(encap->content_type);
	encap->content_type = OBJ_nid2obj(NID_pkcs7_data);
	encap->econtent = ASN1_OCTET_STRING_new();
	return encap->econtent != NULL && ASN1_OCTET_STRING_set(encap->econtent,
	                                      econtent.data, (int)econtent.len) == 1;
}

static bool
wrap_and_sign(const struct certrep *certrep, const struct pki *pki, struct bytes econtent,
    struct buf *out)
{
	struct signed_data *signed_data = signed_data_new();
	struct buf der = BUF_INIT;
	bool ok = false;

	if (signed_data == NULL)
		return false;
	signed_data->version = 1;
	ok = add_digest_algorithm(signed_data, certrep->digest_nid) &&
	     set_econtent(signed_data->encap, econtent) &&
	     (certrep->status != PKI_SUCCESS ||
	         any_push(&signed_data->certificates, buf_bytes(&pki->sign.der))) &&
	     add_signer(certrep, pki, econtent, signed_data) &&
	     OSSL_DER(&der, signed_data, i2d_signed_data) &&
	     content_info_wrap(oid_signed_data, buf_bytes(&der), out);
	signed_data_free(signed_data);
	buf_clear(&der);
	return ok;
}

/* The leaf, then the CA, in a bag, in an envelope for the requester. */
static bool
seal_certificate(
    struct certrep *certrep, const struct pki *pki, struct buf *econtent, struct err *err)
{
	struct envelope_recipient recipient = {
	    .issuer_serial = buf_bytes(&certrep->recipient_issuer_serial),
	    .spki = buf_bytes(&certrep->recipient_spki),
	    .key = certrep->recipient_key};
	struct bytes certs[2];
	struct buf bag = BUF_INIT;
	bool ok;

	if (certrep->leaf_der.len == 0 &&
	    !leaf_issue(&certrep->leaf, pki, &certrep->leaf_der, err))
		return false;
	certs[0] = buf_bytes(&certrep->leaf_der);
	certs[1] = buf_bytes(&pki->ca.der);
	ok = bag_build(certs, 2, &bag, err) &&
	     envelope_seal(
	         &recipient, certrep->cipher_nid, buf_bytes(&bag), econtent, err);
	buf_clear(&bag);
	return ok;
}

bool
certrep_seal(
    struct certrep *certrep, const struct pki *pki, struct buf *out, struct err *err)
{
	struct buf econtent = BUF_INIT;
	bool ok = true;

	/* RFC 8894 3.3.2.2 would leave the content out: NDES sends one byte instead. */
	if (certrep->status == PKI_SUCCESS)
		ok = seal_certificate(certrep, pki, &econtent, err);
	else
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
