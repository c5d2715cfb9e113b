#include "scep/certrep_inner.h"

#include "certs/aids.h"
#include "certs/ossl.h"
#include "certs/templates.h"
#include <string.h>
#include <time.h>

#define DAY_S 86400

/* What the odd certificate shall say, and who issues it. */
struct plan {
	struct leaf leaf;
	const struct pki *pki;
	struct pki foreign; /* as much of a pki as issuing needs; borrows all */
};

static struct asn1_certificate *
read_cert(struct bytes cert)
{
	return template_read(cert, ASN1_ITEM_rptr(asn1_certificate));
}

static void
free_cert(struct asn1_certificate *cert)
{
	ASN1_item_free((ASN1_VALUE *)cert, ASN1_ITEM_rptr(asn1_certificate));
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

bool
certrep_leaf_name(struct bytes cert, struct buf *out)
{
	struct asn1_certificate *asn1 = read_cert(cert);
	struct asn1_issuer_serial name;
	bool ok = false;

	if (asn1 != NULL) {
		name = (struct asn1_issuer_serial){asn1->tbs->issuer, asn1->tbs->serial};
		ok = template_write(&name, ASN1_ITEM_rptr(asn1_issuer_serial), out);
	}
	free_cert(asn1);
	return ok;
}

bool
certrep_leaf_begin(struct bytes cert, time_t *ret)
{
	struct asn1_certificate *asn1 = read_cert(cert);
	bool ok = asn1 != NULL && seconds_of(asn1->tbs->validity->notBefore, ret);

	free_cert(asn1);
	return ok;
}

static bool
wrong_key(struct plan *plan, const struct pki *pki, struct err *err)
{
	const struct pki_cert *stranger = pki_aid(pki, AID_STRANGER, err);

	if (stranger != NULL)
		plan->leaf.spki = stranger->spki;
	return stranger != NULL;
}

static bool
wrong_subject(struct plan *plan, const struct pki *pki, struct err *err)
{
	const struct pki_cert *stranger = pki_aid(pki, AID_STRANGER, err);

	if (stranger != NULL)
		plan->leaf.subject = stranger->name;
	return stranger != NULL;
}

/* Over before the honest one began, and after: so at any time when that one is good. */
static bool
expired(struct plan *plan, const struct pki *pki, struct err *err)
{
	time_t duration = plan->leaf.not_after - plan->leaf.not_before;

	plan->leaf.not_after = plan->leaf.not_before - DAY_S;
	plan->leaf.not_before = plan->leaf.not_after - duration;
	return true;
}

static bool
not_yet_valid(struct plan *plan, const struct pki *pki, struct err *err)
{
	time_t duration = plan->leaf.not_after - plan->leaf.not_before;

	plan->leaf.not_before = plan->leaf.not_after + DAY_S;
	plan->leaf.not_after = plan->leaf.not_before + duration;
	return true;
}

static bool
foreign(struct plan *plan, const struct pki *pki, struct err *err)
{
	const struct pki_cert *ca = pki_aid(pki, AID_FOREIGN_CA, err);

	if (ca == NULL)
		return false;
	plan->foreign = (struct pki){.ca = *ca, .digest = pki->digest};
	plan->pki = &plan->foreign;
	return true;
}

/* NULL: the honest one is sent, if any. */
typedef bool change_function(struct plan *plan, const struct pki *pki, struct err *err);
static change_function *const changes[] = {
    [FORM_LEAF_USUAL] = NULL,
    [FORM_LEAF_MISSING] = NULL,
    [FORM_LEAF_WRONG_KEY] = wrong_key,
    [FORM_LEAF_WRONG_SUBJECT] = wrong_subject,
    [FORM_LEAF_EXPIRED] = expired,
    [FORM_LEAF_NOT_YET_VALID] = not_yet_valid,
    [FORM_LEAF_FOREIGN] = foreign,
    [FORM_LEAF_BARE] = NULL,
};

/* Leaves have serial numbers of one length (leaf_issue); any other becomes this. */
static void
take_serial(struct leaf *leaf, struct bytes serial)
{
	leaf->serial[0] = 0x40;
	if (serial.len == sizeof(leaf->serial))
		memcpy(leaf->serial, serial.data, serial.len);
}

/* What the honest one says; points into it and into `extensions`. */
static bool
read_leaf(const struct asn1_tbs *tbs, struct leaf *ret, struct buf *extensions)
{
	if (tbs->extensions != NULL &&
	    !OSSL_DER(extensions, tbs->extensions, i2d_X509_EXTENSIONS))
		return false;
	*ret = (struct leaf){.subject = template_bytes(tbs->subject),
	    .spki = template_bytes(tbs->spki),
	    .extensions = buf_bytes(extensions)};
	take_serial(ret, template_bytes(tbs->serial));
	return seconds_of(tbs->validity->notBefore, &ret->not_before) &&
	       seconds_of(tbs->validity->notAfter, &ret->not_after);
}

static bool
issue_odd(change_function *change, const struct asn1_certificate *honest,
    const struct pki *pki, struct buf *out, struct err *err)
{
	struct plan plan = {.pki = pki};
	struct buf extensions = BUF_INIT;
	bool ok =
	    read_leaf(honest->tbs, &plan.leaf, &extensions)
	        ? change(&plan, pki, err) && leaf_issue(&plan.leaf, plan.pki, out, err)
	        : ossl_err(err, "cannot read the certificate that was issued");

	buf_clear(&extensions);
	return ok;
}

bool
certrep_leaf(enum form_leaf form, struct bytes honest, const struct pki *pki,
    struct buf *out, struct err *err)
{
	struct asn1_certificate *asn1;
	bool ok;

	if (changes[form] == NULL) {
		buf_add(out, honest.data, honest.len);
		return true;
	}
	asn1 = read_cert(honest);
	ok = asn1 != NULL ? issue_odd(changes[form], asn1, pki, out, err)
	                  : err_set(err, ERR_FAILED, "the stored certificate is none");
	free_cert(asn1);
	return ok;
}
