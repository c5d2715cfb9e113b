#include "certs/crl.h"

#include "certs/ossl.h"
#include <openssl/x509v3.h>

#define VERSION_2 1 /* its number on the wire */

static bool
set_issuer(X509_CRL *crl, const struct pki_cert *ca)
{
	const unsigned char *p = ca->name.data;
	X509_NAME *name = d2i_X509_NAME(NULL, &p, (long)ca->name.len);
	bool ok = name != NULL && X509_CRL_set_issuer_name(crl, name) == 1;

	X509_NAME_free(name);
	return ok;
}

static bool
set_times(X509_CRL *crl, time_t this_update)
{
	ASN1_TIME *from = ASN1_TIME_adj(NULL, this_update, 0, 0);
	ASN1_TIME *to = ASN1_TIME_adj(NULL, this_update, CRL_DAYS, 0);
	bool ok = from != NULL && to != NULL &&
	          X509_CRL_set1_lastUpdate(crl, from) == 1 &&
	          X509_CRL_set1_nextUpdate(crl, to) == 1;

	ASN1_TIME_free(from);
	ASN1_TIME_free(to);
	return ok;
}

/* RFC 5280 5.2.3 */
static bool
add_number(X509_CRL *crl, time_t this_update)
{
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	bool ok = number != NULL && ASN1_INTEGER_set_int64(number, this_update) == 1 &&
	          X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1;

	ASN1_INTEGER_free(number);
	return ok;
}

/* RFC 5280 5.2.1 */
static bool
add_authority(X509_CRL *crl, const struct pki_cert *ca)
{
	AUTHORITY_KEYID *authority = AUTHORITY_KEYID_new();
	bool ok = false;

	if (authority == NULL)
		return false;
	authority->keyid = ASN1_OCTET_STRING_new();
	ok = authority->keyid != NULL &&
	     ASN1_OCTET_STRING_set(authority->keyid, ca->key_id, PKI_KEY_ID_SIZE) == 1 &&
	     X509_CRL_add1_ext_i2d(crl, NID_authority_key_identifier, authority, 0, 0) ==
	         1;
	AUTHORITY_KEYID_free(authority);
	return ok;
}

bool
crl_issue(const struct pki *pki, time_t this_update, struct buf *out, struct err *err)
{
	X509_CRL *crl = X509_CRL_new();
	bool ok = crl != NULL && X509_CRL_set_version(crl, VERSION_2) == 1 &&
	          set_issuer(crl, &pki->ca) && set_times(crl, this_update) &&
	          add_authority(crl, &pki->ca) && add_number(crl, this_update) &&
	          X509_CRL_sign(crl, pki->ca.key, pki->digest) > 0 &&
	          OSSL_DER(out, crl, i2d_X509_CRL);

	if (!ok)
		ossl_err(err, "cannot make the CRL");
	X509_CRL_free(crl);
	ossl_forget();
	return ok;
}
