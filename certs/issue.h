/*
 * issue: the leaf certificate that a request gets, made by template, signed by
 * the CA's key (a private-key operation: call it from a worker).
 */
#ifndef CERTS_ISSUE_H
#define CERTS_ISSUE_H

#include "certs/csr.h"
#include "certs/pki.h"

/*
 * What the certificate shall say. Plain data: a scenario may edit it. Bytes are
 * borrowed from whoever made the specification.
 */
struct leaf {
	struct bytes subject;     /* Name, DER */
	struct bytes spki;        /* SubjectPublicKeyInfo, DER */
	struct bytes extensions;  /* the requested Extensions, DER, or empty */
	unsigned char serial[16]; /* positive; the caller's chance */
	time_t not_before;
	time_t not_after;
};

/* Fills in everything from a CSR; the subjects and SPKI point into it. */
void leaf_from_csr(
    struct leaf *leaf, const struct csr *csr, time_t now, const unsigned char serial[16]);

/*
 * Appends the certificate's DER. Of the requested extensions subjectAltName,
 * extendedKeyUsage, keyUsage and Microsoft's SID extension are copied (as an NDES
 * template with "supply in request" does); keyUsage digitalSignature+keyEncipherment
 * and EKU clientAuth are the default; subjectKeyIdentifier, authorityKeyIdentifier are
 * added. Signed sha256WithRSAEncryption (ecdsa-with-SHA256 by an EC CA), or with the
 * pki's other digest. Never valid beyond the CA itself; a CA that is over before the
 * leaf begins issues as if it went on, so that its own end is the only fault.
 */
bool leaf_issue(
    const struct leaf *leaf, const struct pki *pki, struct buf *out, struct err *err);

#endif
