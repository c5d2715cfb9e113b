#include "certs/rollover.h"

#include "certs/ossl.h"
#include <openssl/x509.h>

static bool
set_serial(X509 *cert)
{
	unsigned char octets[PKI_SERIAL_SIZE];

	return pki_serial(octets) &&
	       ASN1_STRING_set(X509_get_serialNumber(cert), octets, sizeof(octets)) == 1;
}

static bool
set_validity(X509 *cert, time_t current_end)
{
	return ASN1_TIME_adj(X509_getm_notBefore(cert), current_end,
	           -ROLLOVER_OVERLAP_DAYS, 0) != NULL &&
	       ASN1_TIME_adj(X509_getm_notAfter(cert), current_end, PKI_CA_DAYS, 0) !=
	           NULL;
}

bool
rollover_issue(const struct pki *pki, struct buf *out, struct err *err)
{
	const unsigned char *p = pki->ca.der.data;
	EVP_PKEY *issuer = pki->has_root ? pki->root.key : pki->ca.key;
	X509 *cert = d2i_X509(NULL, &p, (long)pki->ca.der.len);
	bool ok =
	    cert != NULL && set_serial(cert) && set_validity(cert, pki->ca.not_after) &&
	    X509_sign(cert, issuer, pki->digest) > 0 && OSSL_DER(out, cert, i2d_X509);

	if (!ok)
		ossl_err(err, "cannot renew the CA's certificate");
	X509_free(cert);
	ossl_forget();
	return ok;
}
