#include "certs/variant.h"

#include "certs/aids.h"
#include "certs/cert.h"
#include "certs/ossl.h"
#include <limits.h>
#include <openssl/ec.h>
#include <string.h>

#define DAY_S           86400
#define ISSUING_CA_NAME "mockndes test issuing CA - DO NOT TRUST"
#define WEAK_BITS       1024

#define USAGE_SIGN    "critical,digitalSignature"
#define USAGE_ENCRYPT "critical,keyEncipherment"
#define USAGE_BOTH    "critical,digitalSignature,keyEncipherment"
#define USAGE_NONE    ""
#define USAGE_CA_ONLY "critical,keyCertSign,cRLSign"
#define USAGE_CA_ALL  "critical,keyCertSign,cRLSign,digitalSignature,keyEncipherment"

enum key { KEY_SAME, KEY_NEW, KEY_EC, KEY_WEAK };
enum life { LIFE_USUAL, LIFE_OVER, LIFE_TO_COME };
enum ra { RA_TWO, RA_ONE, RA_NONE };
enum above { ABOVE_NOTHING, ABOVE_ROOT }; /* what stands above the CA */
enum anchor { ANCHOR_OWN, ANCHOR_USUAL };
enum issuer { ISSUER_CA, ISSUER_FOREIGN }; /* of the RA certificates */
enum digest { DIGEST_USUAL, DIGEST_SHA1 };

/* What differs; zero is as usual. */
struct recipe {
	const char *word;
	const char *ca_name;  /* NULL: as it was */
	const char *ca_usage; /* NULL: as it was */
	const char *sign_usage;
	const char *encrypt_usage;
	enum key ca_key;
	enum key ra_key;
	enum life ca_life;
	enum life ra_life;
	enum ra ra;
	enum above above;
	enum anchor anchor;
	enum issuer ra_issuer;
	enum digest digest;
};

static const struct recipe recipes[] = {
    {.word = "one-ra", .ra = RA_ONE, .sign_usage = USAGE_BOTH},
    {.word = "single", .ra = RA_NONE, .ca_usage = USAGE_CA_ALL},
    {.word = "single-no-usage", .ra = RA_NONE, .ca_usage = USAGE_CA_ONLY},
    {.word = "ec", .ra = RA_NONE, .ca_key = KEY_EC},
    {.word = "expired-ra", .ra_life = LIFE_OVER},
    {.word = "not-yet-valid-ra", .ra_life = LIFE_TO_COME},
    {.word = "expired-ca", .ca_life = LIFE_OVER},
    {.word = "renewed-ca", .ca_key = KEY_NEW, .anchor = ANCHOR_USUAL},
    {.word = "chain",
        .ca_key = KEY_NEW,
        .ca_name = ISSUING_CA_NAME,
        .above = ABOVE_ROOT,
        .anchor = ANCHOR_USUAL},
    {.word = "foreign-ra", .ra_issuer = ISSUER_FOREIGN},
    {.word = "no-usage-ra", .sign_usage = USAGE_NONE, .encrypt_usage = USAGE_NONE},
    {.word = "any-usage-ra", .sign_usage = USAGE_BOTH, .encrypt_usage = USAGE_BOTH},
    {.word = "swapped-ra", .sign_usage = USAGE_ENCRYPT, .encrypt_usage = USAGE_SIGN},
    {.word = "sha1", .digest = DIGEST_SHA1},
    {.word = "rsa1024", .ra_key = KEY_WEAK},
};

struct making {
	const struct recipe *recipe;
	const struct pki *base;
	struct pki *pki; /* filled bit by bit */
	unsigned char serial[PKI_SERIAL_SIZE];
	bool (*is_stopping)(void *);
	void *arg;
};

static const struct recipe *
find(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++)
		if (strcmp(recipes[i].word, word) == 0)
			return &recipes[i];
	return NULL;
}

bool
variant_is_known(const char *word)
{
	return find(word) != NULL;
}

/* Yours; NULL and err. */
static EVP_PKEY *
make_key(const struct making *making, enum key kind, const struct pki_cert *of,
    struct err *err)
{
	EVP_PKEY *key = NULL;

	switch (kind) {
	case KEY_SAME:
		key = EVP_PKEY_up_ref(of->key) == 1 ? of->key : NULL;
		break;
	case KEY_NEW:
		return cert_key_like(
		    of->key, UINT_MAX, making->is_stopping, making->arg, err);
	case KEY_WEAK:
		return pki_key(WEAK_BITS, making->is_stopping, making->arg, err);
	case KEY_EC:
		key = EVP_EC_gen("P-256");
		break;
	}
	if (key == NULL)
		ossl_err(err, "cannot make a key for the test CA");
	return key;
}

static void
set_life(struct cert_remake *plan, enum life life, int days, time_t now)
{
	switch (life) {
	case LIFE_USUAL:
		break;
	case LIFE_OVER:
		plan->not_after = now - DAY_S;
		plan->not_before = plan->not_after - (time_t)days * DAY_S;
		break;
	case LIFE_TO_COME:
		plan->not_before = now + DAY_S;
		plan->not_after = plan->not_before + (time_t)days * DAY_S;
		break;
	}
}

/* As NDES numbers them: the CA 1, RA signing 2, RA encryption 3. */
static void
set_serial(struct cert_remake *plan, const struct making *making, enum pki_which which)
{
	memcpy(plan->serial, making->serial, sizeof(plan->serial));
	plan->serial[sizeof(plan->serial) - 1] = (unsigned char)(which + 1);
}

static bool
copy(struct pki_cert *ret, const struct pki_cert *from, struct err *err)
{
	return cert_copy(ret, from) ||
	       ossl_err(err, "cannot share a certificate of the test CA");
}

static bool
is_ca_as_usual(const struct recipe *recipe)
{
	return recipe->ca_usage == NULL && recipe->ca_key == KEY_SAME &&
	       recipe->ca_life == LIFE_USUAL && recipe->digest == DIGEST_USUAL;
}

static bool
make_ca(struct making *making, struct err *err)
{
	const struct recipe *recipe = making->recipe;
	struct pki *pki = making->pki;
	struct cert_remake plan = {
	    .from = &making->base->ca,
	    .common_name = recipe->ca_name,
	    .key_usage = recipe->ca_usage,
	    .digest = pki->digest,
	};
	bool ok;

	if (recipe->above == ABOVE_ROOT) {
		if (!copy(&pki->root, &making->base->ca, err))
			return false;
		pki->has_root = true;
		plan.issuer = &pki->root;
	}
	if (is_ca_as_usual(recipe))
		return copy(&pki->ca, &making->base->ca, err);
	set_life(&plan, recipe->ca_life, PKI_CA_DAYS, pki->setup_at);
	set_serial(&plan, making, PKI_CA);
	plan.key = make_key(making, recipe->ca_key, plan.from, err);
	ok = plan.key != NULL && cert_remake(&plan, &pki->ca, err);
	EVP_PKEY_free(plan.key);
	return ok;
}

/* Whoever issues: a CA of the same name and key keeps the certificates valid. */
static bool
is_ra_as_usual(const struct recipe *recipe, const char *usage)
{
	return usage == NULL && recipe->ca_key == KEY_SAME &&
	       recipe->ra_key == KEY_SAME && recipe->ra_life == LIFE_USUAL &&
	       recipe->ra_issuer == ISSUER_CA && recipe->digest == DIGEST_USUAL;
}

static bool
make_ra(struct making *making, enum pki_which which, const struct pki_cert *issuer,
    struct pki_cert *ret, struct err *err)
{
	const struct recipe *recipe = making->recipe;
	const struct pki *base = making->base;
	struct cert_remake plan = {
	    .from = which == PKI_SIGN ? &base->sign : &base->encrypt,
	    .issuer = issuer,
	    .key_usage = which == PKI_SIGN ? recipe->sign_usage : recipe->encrypt_usage,
	    .digest = making->pki->digest,
	};
	bool ok;

	if (is_ra_as_usual(recipe, plan.key_usage))
		return copy(ret, plan.from, err);
	set_life(&plan, recipe->ra_life, PKI_RA_DAYS, making->pki->setup_at);
	set_serial(&plan, making, which);
	plan.key = make_key(making, recipe->ra_key, plan.from, err);
	ok = plan.key != NULL && cert_remake(&plan, ret, err);
	EVP_PKEY_free(plan.key);
	return ok;
}

static bool
make_ras(struct making *making, const struct pki_cert *issuer, struct err *err)
{
	struct pki *pki = making->pki;

	switch (making->recipe->ra) {
	case RA_TWO:
		return make_ra(making, PKI_SIGN, issuer, &pki->sign, err) &&
		       make_ra(making, PKI_ENCRYPT, issuer, &pki->encrypt, err);
	case RA_ONE:
		return make_ra(making, PKI_SIGN, issuer, &pki->sign, err) &&
		       copy(&pki->encrypt, &pki->sign, err);
	case RA_NONE:
		pki->has_ra = false;
		return copy(&pki->sign, &pki->ca, err) &&
		       copy(&pki->encrypt, &pki->ca, err);
	}
	return false;
}

/* The foreign CA is an aid of the base, and the same of the variant. */
static const struct pki_cert *
ra_issuer(struct making *making, struct err *err)
{
	const struct pki_cert *foreign;

	if (making->recipe->ra_issuer == ISSUER_CA)
		return &making->pki->ca;
	foreign = pki_aid(making->base, AID_FOREIGN_CA, err);
	if (foreign != NULL && !aids_put(making->pki->aids, AID_FOREIGN_CA, foreign)) {
		ossl_err(err, "cannot share the foreign CA");
		return NULL;
	}
	return foreign;
}

static bool
write_anchor(struct making *making, struct err *err)
{
	const struct pki_cert *anchor =
	    making->recipe->anchor == ANCHOR_USUAL ? &making->base->ca : &making->pki->ca;

	return cert_write_pem(buf_bytes(&anchor->der), &making->pki->ca_pem) ||
	       ossl_err(err, "cannot write the test CA's certificate as PEM");
}

static bool
fill(struct making *making, struct err *err)
{
	const struct pki_cert *issuer;

	if (!pki_serial(making->serial))
		return err_set(err, ERR_FAILED, "no random bytes for serial numbers");
	if (!make_ca(making, err))
		return false;
	issuer = ra_issuer(making, err);
	return issuer != NULL && make_ras(making, issuer, err) &&
	       write_anchor(making, err);
}

struct pki *
variant_make(struct pki *base, const char *word, const struct pki_settings *settings,
    bool (*is_stopping)(void *), void *arg, struct err *err)
{
	struct making making = {
	    .recipe = find(word), .base = base, .is_stopping = is_stopping, .arg = arg};

	if (making.recipe == NULL) {
		err_set(err, ERR_USAGE,
		    "no such pki: \"%s\" (docs/scenario-format.md lists them)", word);
		return NULL;
	}
	making.pki = pki_blank();
	making.pki->setup_at = settings->now;
	if (making.recipe->digest == DIGEST_SHA1)
		making.pki->digest = EVP_sha1();
	if (!fill(&making, err)) {
		pki_release(making.pki);
		making.pki = NULL;
	}
	ossl_forget();
	return making.pki;
}
