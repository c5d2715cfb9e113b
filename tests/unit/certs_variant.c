#include "support/variant_fixture.h"

#define OVER     X509_V_ERR_CERT_HAS_EXPIRED
#define EARLY    X509_V_ERR_CERT_NOT_YET_VALID
#define ORPHAN   X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
#define UNKNOWN  X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT
#define DISTRUST X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN

/* What a client that trusts the anchor says of each; 0 is OK. */
static const struct {
	const char *word;
	int ra, ca, leaf;
} verdicts[] = {
    {"one-ra", 0, 0, 0},
    {"single", 0, 0, 0},
    {"single-no-usage", 0, 0, 0},
    {"ec", 0, 0, 0},
    {"expired-ra", OVER, 0, 0},
    {"not-yet-valid-ra", EARLY, 0, 0},
    {"expired-ca", OVER, OVER, OVER},
    {"renewed-ca", DISTRUST, UNKNOWN, DISTRUST},
    {"chain", 0, 0, 0},
    {"foreign-ra", ORPHAN, 0, 0},
    {"no-usage-ra", 0, 0, 0},
    {"any-usage-ra", 0, 0, 0},
    {"swapped-ra", 0, 0, 0},
    {"sha1", 0, 0, 0},
    {"rsa1024", 0, 0, 0},
};
#define VARIANTS (sizeof(verdicts) / sizeof(verdicts[0]))

Test(variant, openssl_says_of_each_what_its_word_promises, .timeout = 10)
{
	struct pki *base = fixture_pki("host");
	size_t i;

	for (i = 0; i < VARIANTS; i++) {
		struct pki *pki = make(base, verdicts[i].word);
		struct buf leaf = BUF_INIT;
		const char *word = verdicts[i].word;

		issue(pki, &leaf);
		cr_expect(verdict(pki, &pki->sign.der) == verdicts[i].ra, "%s: sign %d",
		    word, verdict(pki, &pki->sign.der));
		cr_expect(verdict(pki, &pki->encrypt.der) == verdicts[i].ra,
		    "%s: encrypt %d", word, verdict(pki, &pki->encrypt.der));
		cr_expect(verdict(pki, &pki->ca.der) == verdicts[i].ca, "%s: ca %d", word,
		    verdict(pki, &pki->ca.der));
		cr_expect(verdict(pki, &leaf) == verdicts[i].leaf, "%s: leaf %d", word,
		    verdict(pki, &leaf));
		buf_clear(&leaf);
		pki_release(pki);
	}
	pki_release(base);
}

Test(variant, every_word_is_known_and_no_other)
{
	static const char *const wrong[] = {"", "usual", "Single", "one-ra ", "two-ra"};
	struct pki *base = fixture_pki(NULL);
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < VARIANTS; i++)
		cr_expect(variant_is_known(verdicts[i].word), "%s", verdicts[i].word);
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect(false == variant_is_known(wrong[i]), "\"%s\"", wrong[i]);
	cr_expect(
	    variant_make(base, "two-ra", &variant_settings, NULL, NULL, &err) == NULL);
	cr_expect(eq(int, err.kind, ERR_USAGE));
	cr_expect(strstr(err.text, "two-ra") != NULL, "%s", err.text);
	pki_release(base);
}

/* Which certificates and keys are those of the usual CA. */
static const struct {
	const char *word;
	bool ca, sign, encrypt;             /* the certificate, byte for byte */
	bool ca_key, sign_key, encrypt_key; /* the key */
	bool anchor;
} shared[] = {
    {"one-ra", true, false, false, true, true, false, true},
    {"single", false, false, false, true, false, false, false},
    {"single-no-usage", false, false, false, true, false, false, false},
    {"ec", false, false, false, false, false, false, false},
    {"expired-ra", true, false, false, true, true, true, true},
    {"not-yet-valid-ra", true, false, false, true, true, true, true},
    {"expired-ca", false, true, true, true, true, true, false},
    {"renewed-ca", false, false, false, false, true, true, true},
    {"chain", false, false, false, false, true, true, true},
    {"foreign-ra", true, false, false, true, true, true, true},
    {"no-usage-ra", true, false, false, true, true, true, true},
    {"any-usage-ra", true, false, false, true, true, true, true},
    {"swapped-ra", true, false, false, true, true, true, true},
    {"sha1", false, false, false, true, true, true, false},
    {"rsa1024", true, false, false, true, false, false, true},
};

Test(variant, what_the_word_does_not_touch_is_that_of_the_usual_ca, .timeout = 10)
{
	struct pki *base = fixture_pki("host");
	size_t i;

	for (i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		struct pki *pki = make(base, shared[i].word);
		const char *word = shared[i].word;

		cr_expect(same(&pki->ca, &base->ca) == shared[i].ca, "%s: ca", word);
		cr_expect(
		    same(&pki->sign, &base->sign) == shared[i].sign, "%s: sign", word);
		cr_expect(same(&pki->encrypt, &base->encrypt) == shared[i].encrypt,
		    "%s: encrypt", word);
		cr_expect(
		    shared[i].ca_key == (EVP_PKEY_eq(pki->ca.key, base->ca.key) == 1),
		    "%s: key of ca", word);
		cr_expect(shared[i].sign_key ==
		              (EVP_PKEY_eq(pki->sign.key, base->sign.key) == 1),
		    "%s: key of sign", word);
		cr_expect(shared[i].encrypt_key ==
		              (EVP_PKEY_eq(pki->encrypt.key, base->encrypt.key) == 1),
		    "%s: key of encrypt", word);
		cr_expect(same_bytes(buf_bytes(&pki->ca_pem), buf_bytes(&base->ca_pem)) ==
		              shared[i].anchor,
		    "%s: anchor", word);
		pki_release(pki);
	}
	pki_release(base);
}

static void
expect_fits(const struct pki_cert *cert, const char *word, const char *which)
{
	X509 *x509 = fixture_cert(buf_bytes(&cert->der));
	unsigned char hash[PKI_KEY_ID_SIZE];

	cr_expect(
	    X509_check_private_key(x509, cert->key) == 1, "%s: key of %s", word, which);
	X509_pubkey_digest(x509, EVP_sha1(), hash, NULL);
	cr_expect(memcmp(ASN1_STRING_get0_data(X509_get0_subject_key_id(x509)), hash,
	              sizeof(hash)) == 0,
	    "%s: key identifier of %s", word, which);
	cr_expect(memcmp(cert->key_id, hash, sizeof(hash)) == 0, "%s: %s", word, which);
	cr_expect(cert->serial.len == PKI_SERIAL_SIZE, "%s: serial of %s", word, which);
	X509_free(x509);
}

Test(variant, keys_fit_their_certificates_and_names_stay, .timeout = 10)
{
	struct pki *base = fixture_pki("host");
	size_t i;

	for (i = 0; i < VARIANTS; i++) {
		const char *word = verdicts[i].word;
		struct pki *pki = make(base, word);
		bool is_chain = strcmp(word, "chain") == 0;

		expect_fits(&pki->ca, word, "ca");
		expect_fits(&pki->sign, word, "sign");
		expect_fits(&pki->encrypt, word, "encrypt");
		cr_expect(pki->has_root == is_chain, "%s", word);
		cr_expect(
		    same_bytes(pki->ca.name, base->ca.name) != is_chain, "%s", word);
		if (pki->has_ra)
			cr_expect(same_bytes(pki->sign.name, base->sign.name) &&
			              same_bytes(pki->encrypt.name, base->encrypt.name),
			    "%s", word);
		pki_release(pki);
	}
	pki_release(base);
}

#define NO_USAGE UINT32_MAX /* what X509_get_key_usage says without the extension */
#define SIGN     KU_DIGITAL_SIGNATURE
#define ENCRYPT  KU_KEY_ENCIPHERMENT
#define CA       (KU_KEY_CERT_SIGN | KU_CRL_SIGN)

static uint32_t
usage_of(const struct pki_cert *cert)
{
	X509 *x509 = fixture_cert(buf_bytes(&cert->der));
	uint32_t usage = X509_get_key_usage(x509);

	X509_free(x509);
	return usage;
}

Test(variant, usages_are_those_of_the_word, .timeout = 10)
{
	static const struct {
		const char *word;
		uint32_t sign, encrypt, ca;
	} rows[] = {
	    {"one-ra", SIGN | ENCRYPT, SIGN | ENCRYPT, CA | SIGN},
	    {"single", CA | SIGN | ENCRYPT, CA | SIGN | ENCRYPT, CA | SIGN | ENCRYPT},
	    {"single-no-usage", CA, CA, CA},
	    {"ec", CA | SIGN, CA | SIGN, CA | SIGN},
	    {"expired-ra", SIGN, ENCRYPT, CA | SIGN},
	    {"not-yet-valid-ra", SIGN, ENCRYPT, CA | SIGN},
	    {"expired-ca", SIGN, ENCRYPT, CA | SIGN},
	    {"renewed-ca", SIGN, ENCRYPT, CA | SIGN},
	    {"chain", SIGN, ENCRYPT, CA | SIGN},
	    {"foreign-ra", SIGN, ENCRYPT, CA | SIGN},
	    {"no-usage-ra", NO_USAGE, NO_USAGE, CA | SIGN},
	    {"any-usage-ra", SIGN | ENCRYPT, SIGN | ENCRYPT, CA | SIGN},
	    {"swapped-ra", ENCRYPT, SIGN, CA | SIGN},
	    {"sha1", SIGN, ENCRYPT, CA | SIGN},
	    {"rsa1024", SIGN, ENCRYPT, CA | SIGN},
	};
	struct pki *base = fixture_pki("host");
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pki *pki = make(base, rows[i].word);
		X509 *ca = fixture_cert(buf_bytes(&pki->ca.der));

		cr_expect(usage_of(&pki->sign) == rows[i].sign, "%s: sign", rows[i].word);
		cr_expect(usage_of(&pki->encrypt) == rows[i].encrypt, "%s: encrypt",
		    rows[i].word);
		cr_expect(usage_of(&pki->ca) == rows[i].ca, "%s: ca", rows[i].word);
		cr_expect(X509_check_ca(ca) == 1, "%s", rows[i].word);
		X509_free(ca);
		pki_release(pki);
	}
	pki_release(base);
}

/* Object identifiers of the extensions in their order, but for one. */
static void
list_extensions(const struct pki_cert *cert, int without, struct buf *out)
{
	X509 *x509 = fixture_cert(buf_bytes(&cert->der));
	int i;

	for (i = 0; i < X509_get_ext_count(x509); i++) {
		const ASN1_OBJECT *oid = X509_EXTENSION_get_object(X509_get_ext(x509, i));
		char text[80];

		OBJ_obj2txt(text, sizeof(text), oid, 1);
		if (without == 0 || OBJ_obj2nid(oid) != without)
			buf_add_format(out, "%s ", text);
	}
	X509_free(x509);
}

Test(variant, ra_certificates_keep_their_extensions_in_order, .timeout = 10)
{
	struct pki *base = fixture_pki("host");
	size_t i;

	for (i = 0; i < VARIANTS; i++) {
		struct pki *pki = make(base, verdicts[i].word);
		bool without = strcmp(verdicts[i].word, "no-usage-ra") == 0;
		struct buf got = BUF_INIT, want = BUF_INIT;

		list_extensions(pki->has_ra ? &pki->sign : &base->sign, 0, &got);
		list_extensions(&base->sign, without ? NID_key_usage : 0, &want);
		cr_expect(same_bytes(buf_bytes(&got), buf_bytes(&want)), "%s: %.*s",
		    verdicts[i].word, (int)got.len, got.data);
		buf_clear(&got);
		buf_clear(&want);
		pki_release(pki);
	}
	pki_release(base);
}
