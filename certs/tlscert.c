#include "certs/tlscert.h"

#include "certs/cert.h"
#include "certs/extensions.h"
#include "certs/issue.h"
#include "certs/ossl.h"
#include "certs/templates.h"
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY_S           86400
#define COMMON_NAME_MAX 64 /* ub-common-name, RFC 5280 appendix A */
#define WEAK_BITS       1024
#define OTHER_NAME      "elsewhere.invalid" /* RFC 2606: there is no such host */
#define ISSUING_CA_NAME "mockndes test TLS CA - DO NOT TRUST"
#define UNKNOWN_CA_NAME "mockndes unknown test CA - DO NOT TRUST"
#define USAGE_EC        "critical,digitalSignature"
#define USAGE_RSA       "critical,digitalSignature,keyEncipherment"

enum life { LIFE_USUAL, LIFE_OVER, LIFE_TO_COME };
enum issuer { ISSUER_CA, ISSUER_SELF, ISSUER_UNKNOWN, ISSUER_BELOW };
enum chain { CHAIN_TOP, CHAIN_NONE, CHAIN_REVERSED }; /* TOP: the root above it */
enum digest { DIGEST_USUAL, DIGEST_SHA1 };

/* What differs; zero is as usual. */
struct recipe {
	const char *word;
	const char *only_name; /* it serves this host alone */
	enum life life;
	enum issuer issuer;
	enum chain chain;
	enum digest digest;
	bool is_weak;
};

static const struct recipe usual_recipe = {.word = "usual"};

static const struct recipe recipes[] = {
    {.word = "expired", .life = LIFE_OVER},
    {.word = "not-yet-valid", .life = LIFE_TO_COME},
    {.word = "wrong-name", .only_name = OTHER_NAME},
    {.word = "self-signed", .issuer = ISSUER_SELF, .chain = CHAIN_NONE},
    {.word = "unknown-issuer", .issuer = ISSUER_UNKNOWN},
    {.word = "incomplete-chain", .issuer = ISSUER_BELOW, .chain = CHAIN_NONE},
    {.word = "reversed-chain", .issuer = ISSUER_BELOW, .chain = CHAIN_REVERSED},
    {.word = "sha1", .digest = DIGEST_SHA1},
    {.word = "weak-key", .is_weak = true},
};

/* A certificate in the making. */
struct draft {
	const struct recipe *recipe;
	const struct pki *pki;
	GENERAL_NAMES *names;
	struct buf subject;
	struct buf spki;
	struct buf extensions;
	struct leaf leaf;
	struct pki_cert
	    above; /* the issuer, where it is not the CA; empty if not needed */
	struct tlscert cert;
};

static const struct recipe *
find(const char *word)
{
	for (size_t i = 0; i < sizeof(recipes) / sizeof(recipes[0]); i++)
		if (strcmp(recipes[i].word, word) == 0)
			return &recipes[i];
	return NULL;
}

bool
tlscert_is_variant(const char *word)
{
	return find(word) != NULL;
}

/* A name that is too long for a CN gives an empty subject. */
static bool
write_subject(struct buf *out, const char *name)
{
	X509_NAME *subject = X509_NAME_new();
	bool ok = subject != NULL;

	if (ok && strlen(name) <= COMMON_NAME_MAX)
		ok = X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
		         (const unsigned char *)name, -1, -1, 0) == 1;
	ok = ok && OSSL_DER(out, subject, i2d_X509_NAME);
	X509_NAME_free(subject);
	return ok;
}

static GENERAL_NAME *
general_name(const char *name)
{
	GENERAL_NAME *general = GENERAL_NAME_new();
	ASN1_OCTET_STRING *address = a2i_IPADDRESS(name);
	ASN1_IA5STRING *dns;

	if (general != NULL && address != NULL) {
		GENERAL_NAME_set0_value(general, GEN_IPADD, address);
		return general;
	}
	ASN1_OCTET_STRING_free(address);
	dns = ASN1_IA5STRING_new();
	if (general != NULL && dns != NULL && ASN1_STRING_set(dns, name, -1) == 1) {
		GENERAL_NAME_set0_value(general, GEN_DNS, dns);
		return general;
	}
	ASN1_IA5STRING_free(dns);
	GENERAL_NAME_free(general);
	return NULL;
}

static bool
add_name(struct draft *draft, const char *text)
{
	GENERAL_NAME *name = general_name(text);

	if (draft->names == NULL)
		draft->names = sk_GENERAL_NAME_new_null();
	if (name != NULL && draft->names != NULL &&
	    sk_GENERAL_NAME_push(draft->names, name) > 0)
		return true;
	GENERAL_NAME_free(name);
	return false;
}

static bool
name_as(struct draft *draft, const char *const names[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!add_name(draft, names[i]))
			return false;
	return write_subject(&draft->subject, names[0]);
}

static bool
name_like(struct draft *draft, const X509 *usual, const char *further)
{
	draft->names = X509_get_ext_d2i(usual, NID_subject_alt_name, NULL, NULL);
	return draft->names != NULL && (further == NULL || add_name(draft, further)) &&
	       OSSL_DER(&draft->subject, X509_get_subject_name(usual), i2d_X509_NAME);
}

/* RFC 5280 4.2.1.3: an EC key signs the handshake and encrypts nothing. */
static bool
write_extensions(struct draft *draft)
{
	STACK_OF(X509_EXTENSION) *extensions = sk_X509_EXTENSION_new_null();
	const char *usage = draft->recipe->is_weak ? USAGE_RSA : USAGE_EC;
	bool ok = extensions != NULL &&
	          extensions_push(extensions,
	              X509V3_EXT_i2d(NID_subject_alt_name, 0, draft->names)) &&
	          extensions_push(extensions,
	              X509V3_EXT_conf_nid(NULL, NULL, NID_ext_key_usage, "serverAuth")) &&
	          extensions_push(extensions,
	              X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, usage)) &&
	          template_write(
	              extensions, ASN1_ITEM_rptr(X509_EXTENSIONS), &draft->extensions);

	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	return ok;
}

static void
set_life(struct draft *draft, time_t now)
{
	const time_t span = (time_t)TLSCERT_DAYS * DAY_S;
	struct leaf *leaf = &draft->leaf;

	switch (draft->recipe->life) {
	case LIFE_USUAL:
		leaf->not_before = now - PKI_BACKDATE_S;
		leaf->not_after = now + span;
		return;
	case LIFE_OVER:
		leaf->not_after = now - DAY_S;
		leaf->not_before = leaf->not_after - span;
		return;
	case LIFE_TO_COME:
		leaf->not_before = now + DAY_S;
		leaf->not_after = leaf->not_before + span;
		return;
	}
}

/* All but the issuer. */
static bool
prepare(struct draft *draft, time_t now, struct err *err)
{
	bool is_weak = draft->recipe->is_weak;
	struct leaf *leaf = &draft->leaf;

	draft->cert.key = is_weak ? EVP_RSA_gen(WEAK_BITS) : EVP_EC_gen("P-256");
	if (draft->cert.key == NULL ||
	    !OSSL_DER(&draft->spki, draft->cert.key, i2d_PUBKEY) ||
	    !write_extensions(draft) || !pki_serial(leaf->serial))
		return ossl_err(err, "cannot prepare a TLS certificate");
	set_life(draft, now);
	leaf->subject = buf_bytes(&draft->subject);
	leaf->spki = buf_bytes(&draft->spki);
	leaf->extensions = buf_bytes(&draft->extensions);
	return true;
}

/* Another CA with an EC key, above the certificate; `issuer` NULL: a root. */
static bool
make_ca(
    struct draft *draft, const char *name, const struct pki_cert *issuer, struct err *err)
{
	struct cert_remake plan = {
	    .from = &draft->pki->ca,
	    .issuer = issuer,
	    .key = EVP_EC_gen("P-256"),
	    .common_name = name,
	    .digest = EVP_sha256(),
	};
	bool ok = plan.key != NULL && pki_serial(plan.serial)
	              ? cert_remake(&plan, &draft->above, err)
	              : ossl_err(err, "cannot make a CA for a TLS certificate");

	EVP_PKEY_free(plan.key);
	return ok;
}

/* leaf_issue looks at the CA and the digest alone; what stands in `ret` is borrowed. */
static bool
choose_issuer(struct draft *draft, struct pki *ret, struct err *err)
{
	const struct pki *pki = draft->pki;

	switch (draft->recipe->issuer) {
	case ISSUER_CA:
		ret->ca = pki->ca;
		return true;
	case ISSUER_SELF:
		ret->ca.key = draft->cert.key;
		ret->ca.name = draft->leaf.subject;
		ret->ca.not_after = draft->leaf.not_after;
		return key_id_of(draft->leaf.spki, ret->ca.key_id) ||
		       ossl_err(err, "cannot name the key of a TLS certificate");
	case ISSUER_UNKNOWN:
		if (!make_ca(draft, UNKNOWN_CA_NAME, NULL, err))
			return false;
		break;
	case ISSUER_BELOW:
		if (!make_ca(draft, ISSUING_CA_NAME, &pki->ca, err))
			return false;
		break;
	}
	ret->ca = draft->above;
	return true;
}

static void
add_to_chain(struct tlscert *cert, const struct pki_cert *further)
{
	struct buf *der = &cert->chain[cert->chain_count++];

	buf_add(der, further->der.data, further->der.len);
}

static void
add_chain(struct draft *draft)
{
	bool is_ours = draft->recipe->issuer == ISSUER_CA;

	switch (draft->recipe->chain) {
	case CHAIN_TOP:
		add_to_chain(&draft->cert, is_ours ? &draft->pki->ca : &draft->above);
		return;
	case CHAIN_NONE:
		return;
	case CHAIN_REVERSED:
		add_to_chain(&draft->cert, &draft->pki->ca);
		add_to_chain(&draft->cert, &draft->above);
		return;
	}
}

/* Names are there. Takes what the draft holds, also on failure. */
static bool
finish(struct draft *draft, struct tlscert *ret, time_t now, struct err *err)
{
	bool is_sha1 = draft->recipe->digest == DIGEST_SHA1;
	struct pki issuer = {.digest = is_sha1 ? EVP_sha1() : draft->pki->digest};
	bool ok = prepare(draft, now, err) && choose_issuer(draft, &issuer, err) &&
	          leaf_issue(&draft->leaf, &issuer, &draft->cert.der, err);

	if (ok)
		add_chain(draft);
	if (ok)
		*ret = draft->cert;
	else
		tlscert_clear(&draft->cert);
	return ok;
}

static void
draft_clear(struct draft *draft)
{
	sk_GENERAL_NAME_pop_free(draft->names, GENERAL_NAME_free);
	buf_clear(&draft->subject);
	buf_clear(&draft->spki);
	buf_clear(&draft->extensions);
	cert_clear(&draft->above);
	ossl_forget();
}

bool
tlscert_issue(struct tlscert *ret, struct pki *pki, const char *const names[],
    size_t count, time_t now, struct err *err)
{
	struct draft draft = {.recipe = &usual_recipe, .pki = pki};
	bool ok;

	if (count == 0)
		return err_set(
		    err, ERR_USAGE, "a TLS certificate needs at least one name");
	ok = name_as(&draft, names, count)
	         ? finish(&draft, ret, now, err)
	         : ossl_err(err, "cannot write the names of a TLS certificate");
	draft_clear(&draft);
	return ok;
}

bool
tlscert_variant(struct tlscert *ret, const char *word, const char *name,
    const struct pki *pki, const X509 *usual, time_t now, struct err *err)
{
	struct draft draft = {
	    .recipe = word != NULL ? find(word) : &usual_recipe, .pki = pki};
	bool is_named, ok;

	if (draft.recipe == NULL)
		return err_set(
		    err, ERR_USAGE, "%s is no fault of a TLS certificate", word);
	is_named = draft.recipe->only_name != NULL
	               ? name_as(&draft, &draft.recipe->only_name, 1)
	               : name_like(&draft, usual, name);
	ok = is_named ? finish(&draft, ret, now, err)
	              : ossl_err(err, "cannot write the names of a TLS certificate");
	draft_clear(&draft);
	return ok;
}

void
tlscert_clear(struct tlscert *cert)
{
	EVP_PKEY_free(cert->key);
	cert->key = NULL;
	buf_clear(&cert->der);
	for (size_t i = 0; i < cert->chain_count; i++)
		buf_clear(&cert->chain[i]);
	cert->chain_count = 0;
}
