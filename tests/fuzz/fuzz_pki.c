#include "fuzz_pki.h"

#include "certs/issue.h"
#include "certs/ossl.h"
#include "fuzz.h"
#include "scep/bag.h"
#include <openssl/rsa.h>

#define KEY_BITS ((size_t)1024)

struct pki *
fuzz_pki_new(void)
{
	struct pki_settings settings = {.host = "ndes", .now = FUZZ_NOW};
	struct err err = ERR_INIT;
	struct pki *pki;

	ossl_init();
	must(ossl_load_providers(&err));
	pki = pki_new(&settings, EVP_RSA_gen(KEY_BITS), EVP_RSA_gen(KEY_BITS),
	    EVP_RSA_gen(KEY_BITS), &err);
	must(pki != NULL);
	return pki;
}

struct scep_client *
fuzz_client_new(const struct pki *pki, const struct scep_identity *identity)
{
	struct scep_identity small = *identity;
	struct buf bag = BUF_INIT;
	struct err err = ERR_INIT;
	struct scep_client *client;

	small.rsa_bits = KEY_BITS;
	client = scep_client_new(&small);
	must(client != NULL && bag_of_pki(pki, &bag, &err));
	must(scep_client_set_ca(client, buf_bytes(&bag)));
	buf_clear(&bag);
	ossl_forget();
	return client;
}

void
fuzz_client_enrol(struct scep_client *client, const struct pki *pki)
{
	const unsigned char serial[16] = {0x10, 1};
	struct scep_request request = {.message_type = 19};
	struct buf csr_der = BUF_INIT;
	struct buf leaf_der = BUF_INIT;
	struct err err = ERR_INIT;
	struct csr *csr = NULL;
	const unsigned char *p;
	struct leaf leaf;
	X509 *cert;

	must(scep_client_csr(client, &request, &csr_der));
	must(csr_parse(buf_bytes(&csr_der), &csr));
	leaf_from_csr(&leaf, csr, FUZZ_NOW, serial);
	must(leaf_issue(&leaf, pki, &leaf_der, &err));
	p = leaf_der.data;
	cert = d2i_X509(NULL, &p, (long)leaf_der.len);
	must(cert != NULL);
	scep_client_adopt(client, cert);
	csr_free(csr);
	buf_clear(&csr_der);
	buf_clear(&leaf_der);
	ossl_forget();
}
