/*
 * A CSR, read, verified and issued. An input is one octet that picks a CSR (below),
 * then edits (der_edit.h), then perhaps another CSR to make them on.
 *
 * The seeds with a CSR of their own are "\0\0" and the output of
 *   openssl req -new -nodes -outform DER -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
 *     -keyout /dev/null -subj /CN=host1 -addext ...
 * with the extensions that a file's name says.
 */
#include "certs/csr.h"

#include "certs/der.h"
#include "certs/extensions.h"
#include "certs/issue.h"
#include "certs/templates.h"
#include "der_edit.h"
#include "fuzz.h"
#include "fuzz_pki.h"
#include <openssl/err.h>
#include <string.h>

static struct {
	struct pki *pki;
	struct scep_client *rsa;
	struct scep_client *ec;
} world; /* made once, never freed */

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	world.pki = fuzz_pki_new();
	world.rsa = fuzz_client_new(world.pki, &(struct scep_identity){.is_ec = false});
	world.ec = fuzz_client_new(world.pki, &(struct scep_identity){.is_ec = true});
	return 0;
}

static void
make_csr(unsigned which, struct buf *ret)
{
	static const int types[] = {
	    0, V_ASN1_BMPSTRING, V_ASN1_UTF8STRING, V_ASN1_OCTET_STRING};
	struct scep_request request = {
	    .challenge = (which & 2) != 0 ? "0123456789ABCDEF" : NULL,
	    .challenge_type = types[which / 8 % 4],
	    .dns_name = (which & 4) != 0 ? "host1.example" : NULL,
	};

	must(scep_client_csr((which & 1) != 0 ? world.ec : world.rsa, &request, ret));
}

/* DER made from DER is the same DER. */
static void
check_der(struct bytes ber)
{
	struct buf once = BUF_INIT;
	struct buf twice = BUF_INIT;

	if (der_from_ber(ber, &once)) {
		must(once.len <= ber.len);
		must(der_from_ber(buf_bytes(&once), &twice));
		must(slice_equal(buf_slice(&once), buf_slice(&twice)));
	} else {
		must(once.len == 0);
	}
	buf_clear(&once);
	buf_clear(&twice);
}

static void
check_verify(const struct csr *csr)
{
	EVP_PKEY *key = spki_key(csr->spki);
	bool holds = csr_verify(csr, key);

	must(key == NULL ? !holds : holds == csr_verify(csr, NULL));
	(void)spki_bits(csr->spki);
	EVP_PKEY_free(key);
}

/* What was parsed can be issued, unless its SPKI is none. */
static void
check_issue(const struct csr *csr)
{
	static const unsigned char serial[16] = {0x40, 1, 2, 3};
	unsigned char key_id[PKI_KEY_ID_SIZE];
	struct buf der = BUF_INIT;
	struct err err = ERR_INIT;
	struct leaf leaf;
	void *cert;

	leaf_from_csr(&leaf, csr, FUZZ_NOW, serial);
	if (leaf_issue(&leaf, world.pki, &der, &err)) {
		cert = template_read(buf_bytes(&der), ASN1_ITEM_rptr(asn1_certificate));
		must(cert != NULL);
		ASN1_item_free(cert, ASN1_ITEM_rptr(asn1_certificate));
	} else {
		must(err.kind == ERR_FAILED && der.len == 0);
		must(!key_id_of(csr->spki, key_id));
	}
	buf_clear(&der);
}

static void
check_csr(struct bytes der)
{
	struct csr *csr = NULL;
	struct csr *again = NULL;

	if (!csr_parse(der, &csr)) {
		must(csr == NULL);
		return;
	}
	must((csr->challenge_type == 0) <= (csr->challenge.len == 0));
	must(csr_parse(buf_bytes(&csr->der), &again) && again->sent == NULL);
	must(slice_equal(buf_slice(&again->der), buf_slice(&csr->der)));
	check_verify(csr);
	check_issue(csr);
	csr_free(again);
	csr_free(csr);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf base = BUF_INIT;
	struct buf der = BUF_INIT;

	if (len < 1)
		return 0;
	make_csr(data[0], &base);
	der_edit_all((struct bytes){data + 1, len - 1}, buf_bytes(&base), &der);
	ERR_clear_error();
	check_der(buf_bytes(&der));
	check_csr(buf_bytes(&der));
	must(ERR_peek_error() == 0);
	buf_clear(&base);
	buf_clear(&der);
	return 0;
}
