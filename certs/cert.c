#include "certs/cert.h"

#include "certs/extensions.h"
#include "certs/ossl.h"
#include "certs/templates.h"
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

/* IssuerAndSerialNumber, RFC 5652 10.2.4 */
static bool
write_issuer_and_serial(struct pki_cert *cert)
{
	struct asn1_issuer_serial value = {
	    .issuer = cert->asn1->tbs->issuer, .serial = cert->asn1->tbs->serial};

	return template_write(
	    &value, ASN1_ITEM_rptr(asn1_issuer_serial), &cert->issuer_and_serial);
}

static bool
seconds_of(const ASN1_TIME *time, time_t *ret)
{
	struct tm broken_down;

	if (time == NULL || ASN1_TIME_to_tm(time, &broken_down) != 1)
		return false;
	*ret = timegm(&broken_down);
	return true;
}

/* All but the key, from `der`, which is there already. */
static bool
describe(struct pki_cert *cert)
{
	struct asn1_tbs *tbs;

	cert->asn1 =
	    template_read(buf_bytes(&cert->der), ASN1_ITEM_rptr(asn1_certificate));
	if (cert->asn1 == NULL)
		return false;
	tbs = cert->asn1->tbs;
	cert->name = template_bytes(tbs->subject);
	cert->issuer = template_bytes(tbs->issuer);
	cert->serial = template_bytes(tbs->serial);
	cert->spki = template_bytes(tbs->spki);
	return seconds_of(tbs->validity->notBefore, &cert->not_before) &&
	       seconds_of(tbs->validity->notAfter, &cert->not_after) &&
	       write_issuer_and_serial(cert) && key_id_of(cert->spki, cert->key_id);
}

bool
cert_fill(struct pki_cert *ret, EVP_PKEY *key, struct bytes der)
{
	*ret = (struct pki_cert){.key = key};
	buf_add(&ret->der, der.data, der.len);
	if (key != NULL && describe(ret))
		return true;
	cert_clear(ret);
	return false;
}

bool
cert_copy(struct pki_cert *ret, const struct pki_cert *from)
{
	if (EVP_PKEY_up_ref(from->key) != 1)
		return false;
	return cert_fill(ret, from->key, buf_bytes(&from->der));
}

void
cert_clear(struct pki_cert *cert)
{
	EVP_PKEY_free(cert->key);
	ASN1_item_free((ASN1_VALUE *)cert->asn1, ASN1_ITEM_rptr(asn1_certificate));
	buf_clear(&cert->der);
	buf_clear(&cert->issuer_and_serial);
	*cert = (struct pki_cert){.key = NULL};
}

bool
cert_write_pem(struct bytes der, struct buf *out)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;
	bool ok = bio != NULL &&
	          PEM_write_bio(bio, PEM_STRING_X509, "", der.data, (long)der.len) > 0;

	if (ok) {
		len = BIO_get_mem_data(bio, &text);
		buf_add(out, text, (size_t)len);
	}
	BIO_free(bio);
	return ok;
}

static X509 *
read_x509(const struct pki_cert *cert)
{
	const unsigned char *p = cert->der.data;

	return d2i_X509(NULL, &p, (long)cert->der.len);
}

static bool
set_common_name(X509 *cert, const char *text)
{
	X509_NAME *name = X509_NAME_dup(X509_get_subject_name(cert));
	int at = name == NULL ? -1 : X509_NAME_get_index_by_NID(name, NID_commonName, -1);
	bool ok;

	if (at >= 0)
		X509_NAME_ENTRY_free(X509_NAME_delete_entry(name, at));
	ok = name != NULL &&
	     X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_PRINTABLESTRING,
	         (const unsigned char *)text, -1, at, 0) == 1 &&
	     X509_set_subject_name(cert, name) == 1;
	X509_NAME_free(name);
	return ok;
}

/* In its old place, or as the last one; the value "" leaves it out. */
static bool
set_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	int at = X509_get_ext_by_NID(cert, nid, -1);
	X509V3_CTX ctx;
	X509_EXTENSION *extension;
	bool ok;

	if (at >= 0)
		X509_EXTENSION_free(X509_delete_ext(cert, at));
	if (*value == '\0')
		return true;
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	ok = extension != NULL && X509_add_ext(cert, extension, at) == 1;
	X509_EXTENSION_free(extension);
	return ok;
}

static bool
set_times(X509 *cert, const struct cert_remake *remake)
{
	bool ok = true;

	if (remake->not_before != 0)
		ok = ASN1_TIME_adj(X509_getm_notBefore(cert), remake->not_before, 0, 0) !=
		     NULL;
	if (remake->not_after != 0)
		ok = ok && ASN1_TIME_adj(
		               X509_getm_notAfter(cert), remake->not_after, 0, 0) != NULL;
	return ok;
}

static bool
set_serial(X509 *cert, const unsigned char serial[PKI_SERIAL_SIZE])
{
	BIGNUM *number = BN_bin2bn(serial, PKI_SERIAL_SIZE, NULL);
	bool ok = number != NULL &&
	          BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;

	BN_free(number);
	return ok;
}

/* Subject and key first: the identifiers and a self-signed issuer are taken of them. */
static bool
edit(X509 *cert, X509 *issuer, const struct cert_remake *remake)
{
	bool ok = set_serial(cert, remake->serial) && set_times(cert, remake);

	if (remake->common_name != NULL)
		ok = ok && set_common_name(cert, remake->common_name);
	if (remake->key != NULL)
		ok = ok && X509_set_pubkey(cert, remake->key) == 1 &&
		     set_extension(cert, issuer, NID_subject_key_identifier, "hash");
	ok = ok && X509_set_issuer_name(cert, X509_get_subject_name(issuer)) == 1 &&
	     set_extension(cert, issuer, NID_authority_key_identifier,
	         issuer == cert ? "" : "keyid:always");
	if (remake->key_usage != NULL)
		ok = ok && set_extension(cert, issuer, NID_key_usage, remake->key_usage);
	return ok;
}

bool
cert_remake(const struct cert_remake *remake, struct pki_cert *ret, struct err *err)
{
	EVP_PKEY *key = remake->key != NULL ? remake->key : remake->from->key;
	EVP_PKEY *signer = remake->issuer != NULL ? remake->issuer->key : key;
	X509 *cert = read_x509(remake->from);
	X509 *issuer = remake->issuer != NULL ? read_x509(remake->issuer) : cert;
	struct buf der = BUF_INIT;
	bool ok = cert != NULL && issuer != NULL && edit(cert, issuer, remake) &&
	          X509_sign(cert, signer, remake->digest) > 0 &&
	          OSSL_DER(&der, cert, i2d_X509) && EVP_PKEY_up_ref(key) == 1 &&
	          cert_fill(ret, key, buf_bytes(&der));

	if (!ok) {
		*ret = (struct pki_cert){.key = NULL};
		ossl_err(err, "cannot make a certificate of the test CA anew");
	}
	if (issuer != cert)
		X509_free(issuer);
	X509_free(cert);
	buf_clear(&der);
	ossl_forget();
	return ok;
}

EVP_PKEY *
cert_key_like(EVP_PKEY *model, unsigned bits_max, bool (*is_stopping)(void *), void *arg,
    struct err *err)
{
	unsigned bits = (unsigned)EVP_PKEY_get_bits(model);
	EVP_PKEY *key;

	if (EVP_PKEY_is_a(model, "RSA") == 1)
		return pki_key(bits < bits_max ? bits : bits_max, is_stopping, arg, err);
	key = EVP_EC_gen("P-256");
	if (key == NULL)
		ossl_err(err, "cannot generate an EC key");
	ossl_forget();
	return key;
}
