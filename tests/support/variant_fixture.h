/*
 * variant_fixture: another CA by its word, what it issues, and what OpenSSL says of it.
 */
#ifndef SUPPORT_VARIANT_FIXTURE_H
#define SUPPORT_VARIANT_FIXTURE_H

#include "certs/issue.h"
#include "certs/variant.h"
#include "support/pki_fixture.h"
#include <criterion/new/assert.h>
#include <openssl/pem.h>

static const struct pki_settings variant_settings = {.now = FIXTURE_NOW};

static inline struct pki *
make(struct pki *base, const char *word)
{
	struct err err = ERR_INIT;
	struct pki *pki = variant_make(base, word, &variant_settings, NULL, NULL, &err);

	cr_assert(pki != NULL, "%s: %s", word, err.text);
	cr_expect(ERR_peek_error() == 0, "%s", word);
	return pki;
}

static inline bool
same(const struct pki_cert *a, const struct pki_cert *b)
{
	return a->der.len == b->der.len &&
	       memcmp(a->der.data, b->der.data, b->der.len) == 0;
}

static inline bool
same_bytes(struct bytes a, struct bytes b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

static inline X509 *
anchor_of(const struct pki *pki)
{
	BIO *bio = BIO_new_mem_buf(pki->ca_pem.data, (int)pki->ca_pem.len);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);

	cr_assert(cert != NULL);
	BIO_free(bio);
	return cert;
}

/* OpenSSL's strictest verdict, with the anchor trusted and the CA given along. */
static inline int
verdict(const struct pki *pki, const struct buf *der)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	STACK_OF(X509) *along = sk_X509_new_null();
	X509 *anchor = anchor_of(pki);
	X509 *cert = fixture_cert(buf_bytes(der));
	int ret;

	sk_X509_push(along, fixture_cert(buf_bytes(&pki->ca.der)));
	X509_STORE_add_cert(store, anchor);
	X509_STORE_CTX_init(ctx, store, cert, along);
	X509_STORE_CTX_set_time(ctx, X509_V_FLAG_USE_CHECK_TIME, FIXTURE_NOW);
	X509_STORE_CTX_set_flags(
	    ctx, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
	X509_verify_cert(ctx);
	ret = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	sk_X509_pop_free(along, X509_free);
	X509_free(anchor);
	X509_free(cert);
	ERR_clear_error();
	return ret;
}

static inline void
issue(const struct pki *pki, struct buf *out)
{
	static const unsigned char serial[16] = {0x4a, 1, 2, 3};
	struct fixture_request what = {.common_name = "host"};
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct buf request = BUF_INIT;
	struct err err = ERR_INIT;
	struct leaf leaf;
	struct csr *csr;

	fixture_csr(&what, key, &request);
	cr_assert(csr_parse(buf_bytes(&request), &csr));
	leaf_from_csr(&leaf, csr, FIXTURE_NOW, serial);
	cr_assert(leaf_issue(&leaf, pki, out, &err), "%s", err.text);
	csr_free(csr);
	buf_clear(&request);
	EVP_PKEY_free(key);
}

#endif
