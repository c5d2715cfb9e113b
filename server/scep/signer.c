#include "scep/signer.h"

#include "certs/templates.h"
#include "scep/attributes.h"
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

static bool
has_key_id(const struct asn1_tbs *tbs, struct bytes key_id)
{
	ASN1_OCTET_STRING *own;
	bool has;

	own = X509V3_get_d2i(tbs->extensions, NID_subject_key_identifier, NULL, NULL);
	has = own != NULL && bytes_equal(string_bytes(own), key_id);
	ASN1_OCTET_STRING_free(own);
	return has;
}

static bool
is_named(const struct asn1_tbs *tbs, const ASN1_TYPE *sid)
{
	struct bytes key_id = any_key_id(sid);
	struct asn1_issuer_serial *name;
	bool is;

	if (key_id.len > 0)
		return has_key_id(tbs, key_id);
	name = template_read(any_bytes(sid), ASN1_ITEM_rptr(asn1_issuer_serial));
	is = name != NULL && ASN1_INTEGER_cmp(name->serial, tbs->serial) == 0 &&
	     bytes_equal(string_bytes(name->issuer), string_bytes(tbs->issuer));
	ASN1_item_free((ASN1_VALUE *)name, ASN1_ITEM_rptr(asn1_issuer_serial));
	return is;
}

static void
certificate_free(struct asn1_certificate *certificate)
{
	ASN1_item_free((ASN1_VALUE *)certificate, ASN1_ITEM_rptr(asn1_certificate));
}

bool
signer_cert_find(
    const struct signed_data *signed_data, const ASN1_TYPE *sid, struct signer_cert *ret)
{
	for (int i = 0; i < sk_ASN1_TYPE_num(signed_data->certificates); i++) {
		struct bytes der =
		    any_bytes(sk_ASN1_TYPE_value(signed_data->certificates, i));
		struct asn1_certificate *certificate;

		/* An attribute certificate or another [n] of the CHOICE is not one. */
		certificate = template_read(der, ASN1_ITEM_rptr(asn1_certificate));
		if (certificate != NULL && is_named(certificate->tbs, sid)) {
			ret->der = der;
			ret->issuer = string_bytes(certificate->tbs->issuer);
			ret->spki = string_bytes(certificate->tbs->spki);
			ret->certificate = certificate;
			return true;
		}
		certificate_free(certificate);
	}
	return false;
}

void
signer_cert_clear(struct signer_cert *cert)
{
	certificate_free(cert->certificate);
	*cert = (struct signer_cert){.certificate = NULL};
}

bool
signer_cert_name(const struct signer_cert *cert, struct buf *out)
{
	/* Borrows both parts for the time of the encoding. */
	struct asn1_issuer_serial name = {
	    cert->certificate->tbs->issuer, cert->certificate->tbs->serial};

	return template_write(&name, ASN1_ITEM_rptr(asn1_issuer_serial), out);
}

/* The digest of a signature algorithm such as sha256WithRSAEncryption; NULL: none. */
static const EVP_MD *
digest_of_signature(const X509_ALGOR *algorithm)
{
	int digest = NID_undef;

	if (OBJ_find_sigid_algs(OBJ_obj2nid(algorithm->algorithm), &digest, NULL) != 1)
		return NULL;
	return EVP_get_digestbynid(digest);
}

static bool
digest_verify(EVP_PKEY *key, const EVP_MD *md, bool is_pss, struct bytes signature,
    struct bytes data)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY_CTX *key_ctx = NULL;
	bool ok = false;

	if (ctx == NULL || EVP_DigestVerifyInit(ctx, &key_ctx, md, NULL, key) != 1)
		goto out;
	if (is_pss &&
	    (EVP_PKEY_CTX_set_rsa_padding(key_ctx, RSA_PKCS1_PSS_PADDING) != 1 ||
	        EVP_PKEY_CTX_set_rsa_pss_saltlen(key_ctx, RSA_PSS_SALTLEN_AUTO) != 1))
		goto out;
	ok = EVP_DigestVerify(ctx, signature.data, signature.len, data.data, data.len) ==
	     1;
out:
	EVP_MD_CTX_free(ctx);
	return ok;
}

bool
signer_cert_is_from(const struct signer_cert *cert, const struct pki_cert *ca, time_t now)
{
	const struct asn1_tbs *tbs = cert->certificate->tbs;
	const EVP_MD *md = digest_of_signature(cert->certificate->algorithm);

	/* X509_cmp_time gives 0 for a time it cannot read. */
	if (!bytes_equal(cert->issuer, ca->name) || md == NULL ||
	    X509_cmp_time(tbs->validity->notBefore, &now) >= 0 ||
	    X509_cmp_time(tbs->validity->notAfter, &now) <= 0)
		return false;
	return digest_verify(ca->key, md, false,
	    string_bytes(cert->certificate->signature),
	    (struct bytes){tbs->enc.enc, (size_t)tbs->enc.len});
}

static const EVP_MD *
message_digest(const X509_ALGOR *algorithm)
{
	static const int known[] = {
	    NID_md5, NID_sha1, NID_sha256, NID_sha384, NID_sha512};
	int nid = OBJ_obj2nid(algorithm->algorithm);

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (known[i] == nid)
			return EVP_get_digestbynid(nid);
	}
	return NULL;
}

static bool
digest_holds(const struct signer_info *signer, const EVP_MD *md, struct bytes econtent)
{
	ASN1_TYPE *stated = attribute_find(signer->signed_attrs, OID_MESSAGE_DIGEST);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;
	bool holds;

	holds = stated != NULL && stated->type == V_ASN1_OCTET_STRING &&
	        EVP_Digest(econtent.data, econtent.len, digest, &len, md, NULL) == 1 &&
	        bytes_equal(string_bytes(stated->value.octet_string),
	            (struct bytes){digest, len});
	ASN1_TYPE_free(stated);
	return holds;
}

/* The attributes in the order they have; with `sorted`, in that of a DER SET OF. */
static bool
attributes_hold(
    const struct signer_info *signer, EVP_PKEY *key, const EVP_MD *md, bool sorted)
{
	int algorithm = OBJ_obj2nid(signer->signature_algorithm->algorithm);
	STACK_OF(ASN1_TYPE) *order = sk_ASN1_TYPE_dup(signer->signed_attrs);
	struct buf signed_bytes = BUF_INIT;
	bool holds = false;

	if (order != NULL && sorted)
		attributes_sort(order);
	if (order != NULL && attributes_set_of(order, &signed_bytes))
		holds = digest_verify(key, md, algorithm == NID_rsassaPss,
		    string_bytes(signer->signature), buf_bytes(&signed_bytes));
	sk_ASN1_TYPE_free(order);
	buf_clear(&signed_bytes);
	return holds;
}

/* rsaEncryption, shaXWithRSAEncryption, RSASSA-PSS; ecdsa-with-SHAx, id-ecPublicKey */
static bool
is_known_signature(const X509_ALGOR *algorithm)
{
	int nid = OBJ_obj2nid(algorithm->algorithm);
	int key_nid = NID_undef;

	if (OBJ_find_sigid_algs(nid, NULL, &key_nid) != 1)
		key_nid = nid;
	return key_nid == NID_rsaEncryption || key_nid == NID_rsassaPss ||
	       key_nid == NID_X9_62_id_ecPublicKey;
}

enum message_fate
signer_verify(const struct signer_info *signer, EVP_PKEY *key, struct bytes econtent)
{
	const EVP_MD *md = message_digest(signer->digest_algorithm);

	if (md == NULL || !is_known_signature(signer->signature_algorithm))
		return MESSAGE_BAD_ALG;
	if (key == NULL || signer->signed_attrs == NULL ||
	    !digest_holds(signer, md, econtent))
		return MESSAGE_BAD_SIGNATURE;
	/* Some clients sign the attributes in the order they send, not in DER's. */
	if (attributes_hold(signer, key, md, false) ||
	    attributes_hold(signer, key, md, true))
		return MESSAGE_OPENED;
	return MESSAGE_BAD_SIGNATURE;
}
