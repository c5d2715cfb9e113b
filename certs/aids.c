#include "certs/aids.h"

#include "base/mem.h"
#include "certs/cert.h"
#include "certs/issue.h"
#include "certs/ossl.h"
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <stdlib.h>

#define DAY_S           86400
#define FOREIGN_CA_NAME "mockndes foreign CA - DO NOT TRUST"
#define STRANGER_NAME   "mockndes stranger"

struct aids {
	pthread_mutex_t lock; /* what is made never changes again */
	struct pki_cert made[AID_COUNT];
	bool is_made[AID_COUNT];
};

static const struct pki_cert *get(const struct pki *pki, enum aid aid, struct err *err);

static bool
remake(struct cert_remake *plan, const struct pki *pki, struct pki_cert *ret,
    struct err *err)
{
	plan->digest = pki->digest;
	if (!pki_serial(plan->serial))
		return err_set(err, ERR_FAILED, "no random bytes for a serial number");
	return cert_remake(plan, ret, err);
}

static bool
make_foreign_ca(const struct pki *pki, struct pki_cert *ret, struct err *err)
{
	struct cert_remake plan = {
	    .from = &pki->ca,
	    .common_name = FOREIGN_CA_NAME,
	    .key = cert_key_like(pki->ca.key, AID_BITS_MAX, NULL, NULL, err),
	    .not_before = pki->setup_at - PKI_CA_AGE_S,
	    .not_after = pki->setup_at + (time_t)PKI_CA_DAYS * DAY_S,
	};
	bool ok = plan.key != NULL && remake(&plan, pki, ret, err);

	EVP_PKEY_free(plan.key);
	return ok;
}

static bool
make_foreign_ra(const struct pki *pki, struct pki_cert *ret, struct err *err)
{
	struct cert_remake plan = {
	    .from = &pki->sign,
	    .issuer = get(pki, AID_FOREIGN_CA, err),
	    .not_before = pki->setup_at - PKI_BACKDATE_S,
	    .not_after = pki->setup_at + (time_t)PKI_RA_DAYS * DAY_S,
	};
	bool ok;

	if (plan.issuer == NULL)
		return false;
	plan.key = cert_key_like(pki->sign.key, AID_BITS_MAX, NULL, NULL, err);
	ok = plan.key != NULL && remake(&plan, pki, ret, err);
	EVP_PKEY_free(plan.key);
	return ok;
}

static bool
make_expired(const struct pki *pki, const struct pki_cert *from, struct pki_cert *ret,
    struct err *err)
{
	time_t end = pki->setup_at - DAY_S;
	struct cert_remake plan = {
	    .from = from,
	    .issuer = &pki->ca,
	    .not_before = end - (time_t)PKI_RA_DAYS * DAY_S,
	    .not_after = end,
	};

	return remake(&plan, pki, ret, err);
}

static bool
write_stranger_name(struct buf *out)
{
	X509_NAME *name = X509_NAME_new();
	bool ok = name != NULL &&
	          X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_PRINTABLESTRING,
	              (const unsigned char *)STRANGER_NAME, -1, -1, 0) == 1 &&
	          OSSL_DER(out, name, i2d_X509_NAME);

	X509_NAME_free(name);
	return ok;
}

/* RSA whatever the CA has: a CertRep can be encrypted to it. */
static EVP_PKEY *
make_stranger_key(const struct pki *pki, struct err *err)
{
	if (EVP_PKEY_is_a(pki->encrypt.key, "RSA") == 1)
		return cert_key_like(pki->encrypt.key, AID_BITS_MAX, NULL, NULL, err);
	return pki_key(AID_BITS_MAX, NULL, NULL, err);
}

static bool
make_stranger(const struct pki *pki, struct pki_cert *ret, struct err *err)
{
	EVP_PKEY *key = make_stranger_key(pki, err);
	struct leaf leaf = {.not_before = pki->setup_at - PKI_BACKDATE_S,
	    .not_after = pki->setup_at + (time_t)PKI_CA_DAYS * DAY_S};
	struct buf subject = BUF_INIT, spki = BUF_INIT, der = BUF_INIT;
	bool ok = false;

	if (key == NULL)
		return false;
	if (!write_stranger_name(&subject) || !OSSL_DER(&spki, key, i2d_PUBKEY) ||
	    !pki_serial(leaf.serial)) {
		ossl_err(err, "cannot make a certificate of a stranger");
		goto out;
	}
	leaf.subject = buf_bytes(&subject);
	leaf.spki = buf_bytes(&spki);
	if (leaf_issue(&leaf, pki, &der, err)) {
		ok = cert_fill(ret, key, buf_bytes(&der)) ||
		     ossl_err(err, "cannot read the certificate of a stranger");
		key = NULL;
	}
out:
	EVP_PKEY_free(key);
	buf_clear(&subject);
	buf_clear(&spki);
	buf_clear(&der);
	return ok;
}

static bool
make(const struct pki *pki, enum aid aid, struct pki_cert *ret, struct err *err)
{
	switch (aid) {
	case AID_FOREIGN_CA:
		return make_foreign_ca(pki, ret, err);
	case AID_FOREIGN_RA:
		return make_foreign_ra(pki, ret, err);
	case AID_EXPIRED_SIGN:
		return make_expired(pki, &pki->sign, ret, err);
	case AID_EXPIRED_ENCRYPT:
		return make_expired(pki, &pki->encrypt, ret, err);
	case AID_STRANGER:
		return make_stranger(pki, ret, err);
	}
	return false;
}

/* With the lock held: one aid may need another. */
static const struct pki_cert *
get(const struct pki *pki, enum aid aid, struct err *err)
{
	struct aids *aids = pki->aids;

	if (!aids->is_made[aid])
		aids->is_made[aid] = make(pki, aid, &aids->made[aid], err);
	return aids->is_made[aid] ? &aids->made[aid] : NULL;
}

const struct pki_cert *
pki_aid(const struct pki *pki, enum aid aid, struct err *err)
{
	const struct pki_cert *cert;

	pthread_mutex_lock(&pki->aids->lock);
	cert = get(pki, aid, err);
	pthread_mutex_unlock(&pki->aids->lock);
	ossl_forget();
	return cert;
}

struct aids *
aids_new(void)
{
	struct aids *aids = mem_alloc(sizeof(*aids));

	pthread_mutex_init(&aids->lock, NULL);
	return aids;
}

bool
aids_put(struct aids *aids, enum aid aid, const struct pki_cert *cert)
{
	aids->is_made[aid] = cert_copy(&aids->made[aid], cert);
	return aids->is_made[aid];
}

void
aids_free(struct aids *aids)
{
	size_t i;

	for (i = 0; i < AID_COUNT; i++)
		cert_clear(&aids->made[i]);
	pthread_mutex_destroy(&aids->lock);
	free(aids);
}
