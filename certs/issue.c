#include "certs/issue.h"

#include "certs/extensions.h"
#include "certs/ossl.h"
#include "certs/templates.h"
#include <string.h>

#define DAY_S          86400
#define VERSION_3      2 /* its number on the wire */
#define EMPTY_NAME_LEN 2 /* 30 00 */

void
leaf_from_csr(
    struct leaf *leaf, const struct csr *csr, time_t now, const unsigned char serial[16])
{
	leaf->subject = csr->subject;
	leaf->spki = csr->spki;
	leaf->extensions = csr->extensions;
	memcpy(leaf->serial, serial, sizeof(leaf->serial));
	/* positive, and 16 octets in its shortest form: DER allows no other */
	leaf->serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40);
	leaf->not_before = now - PKI_BACKDATE_S;
	leaf->not_after = now + (time_t)PKI_LEAF_DAYS * DAY_S;
}

static bool
fill_extensions(struct asn1_tbs *tbs, const struct leaf *leaf, const struct pki *pki)
{
	bool has_subject = leaf->subject.len > EMPTY_NAME_LEN;

	tbs->extensions = sk_X509_EXTENSION_new_null();
	return tbs->extensions != NULL &&
	       extensions_copy(tbs->extensions, leaf->extensions, has_subject) &&
	       extensions_default(tbs->extensions) &&
	       extensions_key_ids(tbs->extensions, leaf->spki, pki->ca.key_id);
}

/*
 * Like an AD CS, a CA never issues beyond its own end. One that is over already does
 * not shorten the leaf, which would end before it begins.
 */
static time_t
end_of(const struct leaf *leaf, const struct pki *pki)
{
	time_t ca_end = pki->ca.not_after;

	return leaf->not_before < ca_end && ca_end < leaf->not_after ? ca_end
	                                                             : leaf->not_after;
}

static bool
fill_tbs(struct asn1_tbs *tbs, const struct leaf *leaf, const struct pki *pki)
{
	tbs->version = ASN1_INTEGER_new();
	template_set_sequence(&tbs->issuer, pki->ca.name);
	template_set_sequence(&tbs->subject, leaf->subject);
	template_set_sequence(&tbs->spki, leaf->spki);
	return tbs->version != NULL && ASN1_INTEGER_set(tbs->version, VERSION_3) == 1 &&
	       ASN1_STRING_set(tbs->serial, leaf->serial, sizeof(leaf->serial)) == 1 &&
	       ASN1_TIME_adj(tbs->validity->notBefore, leaf->not_before, 0, 0) != NULL &&
	       ASN1_TIME_adj(tbs->validity->notAfter, end_of(leaf, pki), 0, 0) != NULL &&
	       fill_extensions(tbs, leaf, pki);
}

bool
leaf_issue(
    const struct leaf *leaf, const struct pki *pki, struct buf *out, struct err *err)
{
	struct asn1_certificate *cert = template_new(ASN1_ITEM_rptr(asn1_certificate));
	struct asn1_tbs *tbs = cert->tbs;
	bool ok =
	    fill_tbs(tbs, leaf, pki) &&
	    ASN1_item_sign(ASN1_ITEM_rptr(asn1_tbs), tbs->signature, cert->algorithm,
	        cert->signature, tbs, pki->ca.key, pki->digest) > 0 &&
	    template_write(cert, ASN1_ITEM_rptr(asn1_certificate), out);

	if (!ok)
		ossl_err(err, "cannot issue the certificate");
	ASN1_item_free((ASN1_VALUE *)cert, ASN1_ITEM_rptr(asn1_certificate));
	ossl_forget();
	return ok;
}
