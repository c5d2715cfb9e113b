/*
 * scep_fixture: a CA with small RSA keys (every test of Criterion runs in a process of
 * its own, and large keys take long), and clients that know it.
 */
#ifndef SUPPORT_SCEP_FIXTURE_H
#define SUPPORT_SCEP_FIXTURE_H

#include "certs/issue.h"
#include "certs/ossl.h"
#include "certs/pki.h"
#include "scep/bag.h"
#include "support/scepclient.h"
#include <criterion/criterion.h>
#include <openssl/rsa.h>
#include <time.h>

#define SCEP_FIXTURE_BITS 1024

static inline struct pki *
scep_fixture_pki(void)
{
	struct pki_settings settings = {.host = "ndes", .now = time(NULL)};
	struct err err = ERR_INIT;
	struct pki *pki;

	cr_assert(ossl_load_providers(&err), "%s", err.text);
	pki = pki_new(&settings, EVP_RSA_gen((size_t)SCEP_FIXTURE_BITS),
	    EVP_RSA_gen((size_t)SCEP_FIXTURE_BITS),
	    EVP_RSA_gen((size_t)SCEP_FIXTURE_BITS), &err);
	cr_assert(pki != NULL, "%s", err.text);
	return pki;
}

/* A client of this kind with a small key, which has read GetCACert. */
static inline struct scep_client *
scep_fixture_client(const struct pki *pki, struct scep_identity identity)
{
	struct scep_client *client;
	struct buf bag = BUF_INIT;
	struct err err = ERR_INIT;

	identity.rsa_bits = SCEP_FIXTURE_BITS;
	client = scep_client_new(&identity);
	cr_assert(client != NULL);
	cr_assert(bag_of_pki(pki, &bag, &err), "%s", err.text);
	cr_assert(scep_client_set_ca(client, buf_bytes(&bag)));
	buf_clear(&bag);
	return client;
}

/* Issues a certificate for the client's key, valid around `now`. Yours. */
static inline X509 *
scep_fixture_leaf(const struct pki *pki, struct scep_client *client, time_t now)
{
	struct scep_request request = {.message_type = 19};
	unsigned char serial[16] = {0x10, 1};
	struct buf csr_der = BUF_INIT;
	struct buf leaf_der = BUF_INIT;
	struct err err = ERR_INIT;
	struct csr *csr = NULL;
	const unsigned char *p;
	struct leaf leaf;
	X509 *cert;

	cr_assert(scep_client_csr(client, &request, &csr_der));
	cr_assert(csr_parse(buf_bytes(&csr_der), &csr));
	leaf_from_csr(&leaf, csr, now, serial);
	cr_assert(leaf_issue(&leaf, pki, &leaf_der, &err), "%s", err.text);
	p = leaf_der.data;
	cert = d2i_X509(NULL, &p, (long)leaf_der.len);
	cr_assert(cert != NULL);
	csr_free(csr);
	buf_clear(&csr_der);
	buf_clear(&leaf_der);
	return cert;
}

#endif
