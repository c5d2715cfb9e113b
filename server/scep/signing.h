/*
 * signing: a SignedData with one signer (RFC 5652 section 5), made and signed: a
 * private-key operation. The signer is named by issuer and serial number unless a sid
 * says otherwise; the content is of type data.
 */
#ifndef SCEP_SIGNING_H
#define SCEP_SIGNING_H

#include "certs/pki.h"
#include "scep/cms.h"
#include "scep/forms.h"

struct signing {
	const struct pki_cert *signer;
	/* SignerIdentifier, DER; data NULL: the signer's issuer and serial number. A key
	   identifier makes version 3 of SignerInfo and SignedData (RFC 5652 5.1, 5.3). */
	struct bytes sid;
	int digest_nid;
	struct bytes
	    econtent; /* data NULL: left out, and the digest is that of nothing */
	struct bytes certificate;    /* DER, put beside the signature; data NULL: none */
	const struct bytes *further; /* behind that certificate */
	size_t further_count;
	/* content_type, attribute_order, message_digest, signature_algorithm, signature;
	   NULL: the honest ones */
	const struct certrep_forms *forms;
};

/*
 * Appends a ContentInfo. Takes `attrs` (NULL: none); contentType and messageDigest are
 * added, then all are sorted as DER wants it. False: OpenSSL would not, and its error
 * queue says why.
 */
bool signing_write(
    const struct signing *signing, STACK_OF(ASN1_TYPE) * attrs, struct buf *out);

#endif
