#include "certs/tlscert.h"

#include "support/pki_fixture.h"
#include <criterion/new/assert.h>

static X509 *
issue(struct pki *pki, const char *const names[], size_t count, struct tlscert *cert)
{
	struct err err = ERR_INIT;

	cr_assert(
	    tlscert_issue(cert, pki, names, count, FIXTURE_NOW, &err), "%s", err.text);
	cr_expect(ERR_peek_error() == 0);
	return fixture_cert(buf_bytes(&cert->der));
}

Test(tlscert, serves_each_of_its_names)
{
	static const char *const names[] = {
	    "ndes.example", "localhost", "127.0.0.1", "::1"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert tls;
	X509 *cert = issue(pki, names, 4, &tls);
	char name[64];

	cr_expect(eq(int, X509_check_host(cert, "ndes.example", 0, 0, NULL), 1));
	cr_expect(eq(int, X509_check_host(cert, "localhost", 0, 0, NULL), 1));
	cr_expect(eq(int, X509_check_host(cert, "other.example", 0, 0, NULL), 0));
	cr_expect(eq(int, X509_check_ip_asc(cert, "127.0.0.1", 0), 1));
	cr_expect(eq(int, X509_check_ip_asc(cert, "::1", 0), 1));
	cr_expect(eq(int, X509_check_ip_asc(cert, "10.0.0.1", 0), 0));
	X509_NAME_get_text_by_NID(
	    X509_get_subject_name(cert), NID_commonName, name, sizeof(name));
	fixture_same_text(name, "ndes.example");
	X509_free(cert);
	tlscert_clear(&tls);
	pki_release(pki);
}

Test(tlscert, is_a_server_certificate_of_this_ca)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert tls;
	X509 *cert = issue(pki, names, 1, &tls);

	cr_expect(
	    eq(int, fixture_verify(pki, buf_bytes(&tls.der), X509_PURPOSE_SSL_SERVER),
	        X509_V_OK));
	cr_expect(eq(u32, X509_get_extended_key_usage(cert), XKU_SSL_SERVER));
	cr_expect(eq(u32, X509_get_key_usage(cert), KU_DIGITAL_SIGNATURE));
	X509_free(cert);
	tlscert_clear(&tls);
	pki_release(pki);
}

Test(tlscert, has_its_own_p256_key)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert tls;
	X509 *cert = issue(pki, names, 1, &tls);
	char group[32] = "";

	EVP_PKEY_get_group_name(tls.key, group, sizeof(group), NULL);
	fixture_same_text(group, "prime256v1");
	cr_expect(eq(int, X509_check_private_key(cert, tls.key), 1));
	X509_free(cert);
	tlscert_clear(&tls);
	pki_release(pki);
}

Test(tlscert, name_too_long_for_a_common_name_still_serves)
{
	static const char *const names[] = {
	    "a-very-long-label-of-a-host-name.another-very-long-label.and-one-more.example"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert tls;
	X509 *cert = issue(pki, names, 1, &tls);

	cr_expect(eq(int, X509_check_host(cert, names[0], 0, 0, NULL), 1));
	cr_expect(eq(int, fixture_verify(pki, buf_bytes(&tls.der), 0), X509_V_OK));
	X509_free(cert);
	tlscert_clear(&tls);
	pki_release(pki);
}

Test(tlscert, no_name_is_an_error)
{
	struct pki *pki = fixture_pki(NULL);
	struct err err = ERR_INIT;
	struct tlscert tls;

	cr_expect(eq(int, tlscert_issue(&tls, pki, NULL, 0, FIXTURE_NOW, &err), false));
	cr_expect(eq(int, err.kind, ERR_USAGE));
	cr_expect(ERR_peek_error() == 0);
	pki_release(pki);
}

Test(tlscert, clear_may_be_called_twice)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert tls;

	X509_free(issue(pki, names, 1, &tls));
	tlscert_clear(&tls);
	tlscert_clear(&tls);
	cr_expect(eq(ptr, tls.key, NULL));
	pki_release(pki);
}

static const struct {
	const char *word;
	size_t chain_count;
	int verdict; /* with the run's CA alone, and all that goes with the certificate */
	int digest;
	int bits;
} variants[] = {
    {"expired", 1, X509_V_ERR_CERT_HAS_EXPIRED, NID_sha256, 256},
    {"not-yet-valid", 1, X509_V_ERR_CERT_NOT_YET_VALID, NID_sha256, 256},
    {"wrong-name", 1, X509_V_OK, NID_sha256, 256},
    {"self-signed", 0, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, NID_sha256, 256},
    {"unknown-issuer", 1, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, NID_sha256, 256},
    {"incomplete-chain", 0, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, NID_sha256,
        256},
    {"reversed-chain", 2, X509_V_OK, NID_sha256, 256},
    {"sha1", 1, X509_V_OK, NID_sha1, 256},
    {"weak-key", 1, X509_V_OK, NID_sha256, 1024},
    {NULL, 1, X509_V_OK, NID_sha256, 256},
};

static int
verify_with_chain(const struct pki *pki, const struct tlscert *tls, X509 *cert)
{
	STACK_OF(X509) *chain = sk_X509_new_null();
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *ca = fixture_cert(buf_bytes(&pki->ca.der));
	int verdict;

	for (size_t i = 0; i < tls->chain_count; i++)
		sk_X509_push(chain, fixture_cert(buf_bytes(&tls->chain[i])));
	X509_STORE_add_cert(store, ca);
	X509_STORE_CTX_init(ctx, store, cert, chain);
	X509_STORE_CTX_set_time(ctx, X509_V_FLAG_USE_CHECK_TIME, FIXTURE_NOW);
	X509_STORE_CTX_set_flags(
	    ctx, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
	X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
	X509_verify_cert(ctx);
	verdict = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(ca);
	sk_X509_pop_free(chain, X509_free);
	ERR_clear_error();
	return verdict;
}

Test(tlscert, each_variant_differs_in_the_one_thing_it_says, .timeout = 10)
{
	static const char *const names[] = {"ndes.example", "127.0.0.1"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert usual, tls;
	X509 *like = issue(pki, names, 2, &usual);
	struct err err = ERR_INIT;

	for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
		const char *word = variants[i].word;
		bool is_other = word != NULL && strcmp(word, "wrong-name") == 0;
		int digest = NID_undef;

		cr_assert(tlscert_variant(&tls, word, "further.example", pki, like,
		              FIXTURE_NOW, &err),
		    "%s: %s", word, err.text);
		cr_expect(ERR_peek_error() == 0, "%s", word);
		X509 *cert = fixture_cert(buf_bytes(&tls.der));
		int verdict = verify_with_chain(pki, &tls, cert);
		cr_expect(verdict == variants[i].verdict, "%s: %s", word,
		    X509_verify_cert_error_string(verdict));
		cr_expect(eq(sz, tls.chain_count, variants[i].chain_count));
		X509_get_signature_info(cert, &digest, NULL, NULL, NULL);
		cr_expect(digest == variants[i].digest, "%s: %d", word, digest);
		cr_expect(EVP_PKEY_get_bits(tls.key) == variants[i].bits, "%s", word);
		cr_expect(X509_check_private_key(cert, tls.key) == 1, "%s", word);
		cr_expect(X509_check_host(cert, "ndes.example", 0, 0, NULL) == !is_other,
		    "%s", word);
		cr_expect(
		    X509_check_host(cert, "further.example", 0, 0, NULL) == !is_other,
		    "%s", word);
		cr_expect(
		    X509_check_ip_asc(cert, "127.0.0.1", 0) == !is_other, "%s", word);
		X509_free(cert);
		tlscert_clear(&tls);
	}
	X509_free(like);
	tlscert_clear(&usual);
	pki_release(pki);
}

Test(tlscert, a_reversed_chain_has_the_root_before_the_issuer, .timeout = 10)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki = fixture_pki(NULL);
	struct tlscert usual, tls;
	X509 *like = issue(pki, names, 1, &usual);
	struct err err = ERR_INIT;

	cr_assert(
	    tlscert_variant(&tls, "reversed-chain", NULL, pki, like, FIXTURE_NOW, &err));
	X509 *cert = fixture_cert(buf_bytes(&tls.der));
	X509 *root = fixture_cert(buf_bytes(&tls.chain[0]));
	X509 *issuer = fixture_cert(buf_bytes(&tls.chain[1]));
	cr_expect(eq(int, X509_check_issued(issuer, cert), X509_V_OK));
	cr_expect(eq(int, X509_check_issued(root, issuer), X509_V_OK));
	cr_expect(ne(int, X509_check_issued(root, cert), X509_V_OK));
	X509_free(cert);
	X509_free(root);
	X509_free(issuer);
	X509_free(like);
	tlscert_clear(&tls);
	tlscert_clear(&usual);
	pki_release(pki);
}

Test(tlscert, words_of_other_faults_are_none_of_a_certificate)
{
	struct pki *pki = fixture_pki(NULL);
	struct err err = ERR_INIT;
	struct tlscert tls;

	cr_expect(tlscert_is_variant("sha1"));
	cr_expect(not(tlscert_is_variant("old-protocol")));
	cr_expect(
	    not(tlscert_variant(&tls, "alert", NULL, pki, NULL, FIXTURE_NOW, &err)));
	cr_expect(eq(int, err.kind, ERR_USAGE));
	pki_release(pki);
}
