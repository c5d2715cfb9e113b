#include "scep/bag.h"

#include "certs/ossl.h"
#include "certs/rollover.h"
#include "scep/signing.h"

#define SIGNED_DATA_VERSION 1 /* RFC 5652 5.1: content of type data, no signer */

struct content {
	const struct bytes *certs;
	size_t cert_count;
	struct bytes crl; /* data NULL: none */
};

static bool
build(const struct content *content, struct buf *out)
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
	for (i = 0; i < content->cert_count && ok; i++)
		ok = any_push(&bag->certificates, content->certs[i]);
	if (content->crl.data != NULL)
		ok = ok && any_push(&bag->crls, content->crl);
	ok = ok && OSSL_DER(&der, bag, i2d_signed_data) &&
	     content_info_wrap(oid_signed_data, buf_bytes(&der), out);
	signed_data_free(bag);
	buf_clear(&der);
	return ok;
}

bool
bag_build_with_crl(const struct bytes certs[], size_t count, struct bytes crl,
    struct buf *out, struct err *err)
{
	struct content content = {.certs = certs, .cert_count = count, .crl = crl};
	bool ok = build(&content, out);

	if (!ok)
		ossl_err(err, crl.data != NULL ? "cannot make a bag with a CRL"
		                               : "cannot make a bag of certificates");
	ossl_forget();
	return ok;
}

bool
bag_build(const struct bytes certs[], size_t count, struct buf *out, struct err *err)
{
	return bag_build_with_crl(certs, count, (struct bytes){.data = NULL}, out, err);
}

bool
bag_of_crl(struct bytes crl, struct buf *out, struct err *err)
{
	return bag_build_with_crl(NULL, 0, crl, out, err);
}

size_t
bag_certs(const struct pki *pki, struct bytes ret[BAG_PKI_MAX])
{
	struct bytes sign = buf_bytes(&pki->sign.der);
	struct bytes encrypt = buf_bytes(&pki->encrypt.der);
	size_t count = 0;

	if (pki->has_ra) {
		ret[count++] = sign;
		if (!bytes_equal(sign, encrypt))
			ret[count++] = encrypt;
	}
	ret[count++] = buf_bytes(&pki->ca.der);
	if (pki->has_root)
		ret[count++] = buf_bytes(&pki->root.der);
	return count;
}

bool
bag_of_pki(const struct pki *pki, struct buf *out, struct err *err)
{
	struct bytes certs[BAG_PKI_MAX];

	return bag_build(certs, bag_certs(pki, certs), out, err);
}

bool
bag_next_ca(const struct pki *pki, struct buf *out, struct err *err)
{
	struct buf next = BUF_INIT;
	struct buf bag = BUF_INIT;
	struct signing signing = {.signer = &pki->ca, .digest_nid = NID_sha256};
	struct bytes cert;
	bool ok = false;

	if (!rollover_issue(pki, &next, err))
		return false;
	cert = buf_bytes(&next);
	if (bag_build(&cert, 1, &bag, err)) {
		signing.econtent = buf_bytes(&bag);
		signing.certificate = cert;
		ok = signing_write(&signing, NULL, out) ||
		     ossl_err(err, "cannot sign the next CA certificate");
	}
	buf_clear(&next);
	buf_clear(&bag);
	ossl_forget();
	return ok;
}
