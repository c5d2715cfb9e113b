/*
 * certrep_inner: the parts of a CertRep, between the files of certrep. Each carries out
 * the forms that it is named for; what a form does not touch is what NDES sends.
 */
#ifndef SCEP_CERTREP_INNER_H
#define SCEP_CERTREP_INNER_H

#include "scep/certrep.h"
#include "scep/cms.h"

/* Appends the signed attributes but contentType and messageDigest. */
bool certrep_attributes(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs);

/*
 * The eContent; `ret` without memory: it is left out. Issues the certificate of a
 * SUCCESS, whatever becomes of it then.
 */
bool certrep_content(
    struct certrep *certrep, const struct pki *pki, struct buf *ret, struct err *err);

/*
 * Appends the certificate that is sent for the honest one, DER: the same, or odd as the
 * form says. Odd ones keep the serial number; the same honest one gives the same odd one.
 */
bool certrep_leaf(enum form_leaf form, struct bytes honest, const struct pki *pki,
    struct buf *out, struct err *err);
/* Issuer and serial number of a certificate, appended; and when it begins. */
bool certrep_leaf_name(struct bytes cert, struct buf *out);
bool certrep_leaf_begin(struct bytes cert, time_t *ret);

/* [0] subjectKeyIdentifier as a sid or rid, appended: that of the key; DER. */
void certrep_key_id(const unsigned char id[PKI_KEY_ID_SIZE], struct buf *out);

#endif
