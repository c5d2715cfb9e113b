/*
 * certreplines_inner: between the files of certreplines.
 */
#ifndef SUPPORT_CERTREPLINES_INNER_H
#define SUPPORT_CERTREPLINES_INNER_H

#include "support/certreplines.h"
#include <openssl/cms.h>

struct reading {
	const struct certrep_known *known;
	CMS_ContentInfo *cms;
	CMS_SignerInfo *signer;
	struct buf *out;
};

struct bytes string_of(const ASN1_STRING *string);
bool same_bytes(struct bytes a, struct bytes b);
const char *encoding_of(struct bytes der);    /* by its first length: "der" or "ber" */
long version_of(CMS_ContentInfo *cms, int n); /* the n-th INTEGER in it */

void add_algorithm(struct reading *r, const char *what, const X509_ALGOR *algorithm);
/* Issuer and serial number, or a key identifier: whose? */
void add_name(struct reading *r, const char *what, const ASN1_OCTET_STRING *key_id,
    const X509_NAME *issuer, const ASN1_INTEGER *serial);
void add_certs(struct reading *r, const char *what, STACK_OF(X509) * certs);

/* What is in the CertRep: the lines of certrepinside.c. */
void add_content(struct reading *r);

#endif
