#include "scep/bag.h"

#include "certs/ossl.h"
#include "scep/cms.h"

#define SIGNED_DATA_VERSION 1 /* RFC 5652 5.1: content of type data, no signer */

bool
bag_build(const struct bytes certs[], size_t count, struct buf *out, struct err *err)
{
	struct signed_data *bag = signed_data_new();
	struct buf der = BUF_INIT;
	bool ok = bag != NULL;
	size_t i;

	if (ok) {
		bag->version = SIGNED_DATA_VERSION;
		ASN1_OBJECT_free(bag->encap->content_type);
		bag->encap->content_type = OBJ_txt2obj(oid_data, 1);
	}
	for (i = 0; i < count && ok; i++)
		ok = any_push(&bag->certificates, certs[i]);
	ok = ok && OSSL_DER(&der, bag, i2d_signed_data) &&
	     content_info_wrap(oid_signed_data, buf_bytes(&der), out);
	if (!ok)
		ossl_err(err, "cannot make a bag of certificates");
	signed_data_free(bag);
	buf_clear(&der);
	ossl_forget();
	return ok;
}

bool
bag_of_pki(const struct pki *pki, struct buf *out, struct err *err)
{
	const struct bytes certs[] = {
	    buf_bytes(&pki->sign.der),
	    buf_bytes(&pki->encrypt.der),
	    buf_bytes(&pki->ca.der),
	};

	return bag_build(certs, sizeof(certs) / sizeof(certs[0]), out, err);
}
