/*
 * pki_fixture: keys, a CA and requests for tests, made by OpenSSL's own API, and
 * OpenSSL's own verdict on a certificate. EC keys, since every test of Criterion runs
 * in a process of its own and RSA keys take long.
 */
#ifndef SUPPORT_PKI_FIXTURE_H
#define SUPPORT_PKI_FIXTURE_H

#include "certs/ossl.h"
#include "certs/pki.h"
#include <criterion/criterion.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <string.h>

#define FIXTURE_NOW 1700000000 /* 2023-11-14 22:13:20 UTC */

static inline struct pki *
fixture_pki(const char *host)
{
	struct pki_settings settings = {.host = host, .now = FIXTURE_NOW};
	struct err err = ERR_INIT;
	struct pki *pki = pki_new(&settings, EVP_EC_gen("P-256"), EVP_EC_gen("P-256"),
	    EVP_EC_gen("P-256"), &err);

	cr_assert(pki != NULL, "%s", err.text);
	return pki;
}

static inline X509 *
fixture_cert(struct bytes der)
{
	const unsigned char *p = der.data;
	X509 *cert = d2i_X509(NULL, &p, (long)der.len);

	cr_assert(cert != NULL && p == der.data + der.len);
	return cert;
}

/* Criterion's own eq(str, ..) takes no literals under -Wwrite-strings. */
static inline void
fixture_same_text(const char *got, const char *want)
{
	cr_expect(strcmp(got, want) == 0, "\"%s\" instead of \"%s\"", got, want);
}

/* X509_V_OK or why OpenSSL's strictest verification refuses it; purpose 0: any. */
static inline int
fixture_verify(const struct pki *pki, struct bytes der, int purpose)
{
	X509_STORE *store = X509_STORE_new();
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509 *ca = fixture_cert(buf_bytes(&pki->ca.der));
	X509 *cert = fixture_cert(der);
	int verdict;

	X509_STORE_add_cert(store, ca);
	X509_STORE_CTX_init(ctx, store, cert, NULL);
	X509_STORE_CTX_set_time(ctx, X509_V_FLAG_USE_CHECK_TIME, FIXTURE_NOW);
	X509_STORE_CTX_set_flags(
	    ctx, X509_V_FLAG_X509_STRICT | X509_V_FLAG_CHECK_SS_SIGNATURE);
	if (purpose != 0)
		X509_STORE_CTX_set_purpose(ctx, purpose);
	X509_verify_cert(ctx);
	verdict = X509_STORE_CTX_get_error(ctx);
	X509_STORE_CTX_free(ctx);
	X509_STORE_free(store);
	X509_free(cert);
	X509_free(ca);
	ERR_clear_error();
	return verdict;
}

/* What a request shall hold; NULL: left out. */
struct fixture_request {
	const char *common_name;
	const char *challenge;
	int challenge_type;                    /* 0: V_ASN1_PRINTABLESTRING */
	STACK_OF(X509_EXTENSION) * extensions; /* taken */
	int extensions_nid;                    /* 0: NID_ext_req */
	bool friendly_name;
};

static inline void
fixture_csr(const struct fixture_request *what, EVP_PKEY *key, struct buf *out)
{
	X509_REQ *request = X509_REQ_new();
	X509_NAME *name = X509_REQ_get_subject_name(request);

	if (what->common_name != NULL)
		X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
		    (const unsigned char *)what->common_name, -1, -1, 0);
	X509_REQ_set_pubkey(request, key);
	if (what->friendly_name)
		X509_REQ_add1_attr_by_NID(request, NID_friendlyName, MBSTRING_ASC,
		    (const unsigned char *)"a friend", -1);
	if (what->challenge != NULL)
		X509_REQ_add1_attr_by_NID(request, NID_pkcs9_challengePassword,
		    what->challenge_type == 0 ? V_ASN1_PRINTABLESTRING
		                              : what->challenge_type,
		    (const unsigned char *)what->challenge, (int)strlen(what->challenge));
	if (what->extensions != NULL)
		X509_REQ_add_extensions_nid(request, what->extensions,
		    what->extensions_nid == 0 ? NID_ext_req : what->extensions_nid);
	cr_assert(X509_REQ_sign(request, key, EVP_sha256()) > 0);
	cr_assert(OSSL_DER(out, request, i2d_X509_REQ));
	sk_X509_EXTENSION_pop_free(what->extensions, X509_EXTENSION_free);
	X509_REQ_free(request);
	ERR_clear_error();
}

/* Appends an extension in the words of OpenSSL's configuration; makes the list. */
static inline void
fixture_extension(STACK_OF(X509_EXTENSION) * *list, const char *name, const char *value)
{
	X509_EXTENSION *extension = X509V3_EXT_conf(NULL, NULL, name, value);

	cr_assert(extension != NULL, "%s", name);
	X509v3_add_ext(list, extension, -1);
	X509_EXTENSION_free(extension);
}

#endif
