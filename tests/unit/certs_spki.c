#include "certs/csr.h"
#include "support/pki_fixture.h"
#include <criterion/new/assert.h>

/* RSA kinds get 1024 bits. */
static EVP_PKEY *
key_of_kind(const char *kind)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
	EVP_PKEY *key = NULL;

	if (strcmp(kind, "EC") == 0)
		key = EVP_EC_gen("P-256");
	else if (EVP_PKEY_keygen_init(ctx) == 1 &&
	         (strncmp(kind, "RSA", 3) != 0 ||
	             EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, 1024) == 1))
		EVP_PKEY_generate(ctx, &key);
	EVP_PKEY_CTX_free(ctx);
	cr_assert(key != NULL, "case %s", kind);
	return key;
}

Test(spki, every_kind_of_key_is_decoded)
{
	static const struct {
		const char *name;
		unsigned bits; /* by spki_bits */
	} cases[] = {{"RSA", 1024}, {"RSA-PSS", 0}, {"EC", 0}, {"ED25519", 0}};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		EVP_PKEY *key = key_of_kind(cases[i].name), *read;
		struct buf der = BUF_INIT;

		cr_assert(OSSL_DER(&der, key, i2d_PUBKEY));
		read = spki_key(buf_bytes(&der));
		cr_expect(read != NULL && EVP_PKEY_eq(key, read) == 1, "case %s",
		    cases[i].name);
		cr_expect(spki_bits(buf_bytes(&der)) == cases[i].bits, "case %s",
		    cases[i].name);
		cr_expect(ERR_peek_error() == 0, "case %s", cases[i].name);
		EVP_PKEY_free(read);
		EVP_PKEY_free(key);
		buf_clear(&der);
	}
}

Test(spki, spki_that_is_none_gives_no_key)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	struct buf der = BUF_INIT;
	size_t len;

	cr_assert(OSSL_DER(&der, key, i2d_PUBKEY));
	for (len = 0; len < der.len; len++)
		cr_expect(eq(ptr, spki_key((struct bytes){der.data, len}), NULL));
	cr_expect(eq(ptr, spki_key((struct bytes){.data = NULL}), NULL));
	cr_expect(eq(uint, spki_bits((struct bytes){.data = NULL}), 0));
	cr_expect(ERR_peek_error() == 0);
	buf_clear(&der);
	EVP_PKEY_free(key);
}
