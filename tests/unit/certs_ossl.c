#include "certs/ossl.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/provider.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <string.h>

Test(ossl, first_reason_is_told_and_the_queue_emptied)
{
	struct err err = ERR_INIT;

	ossl_init();
	ERR_raise_data(ERR_LIB_USER, ERR_R_MALLOC_FAILURE, "first");
	ERR_raise_data(ERR_LIB_USER, ERR_R_INTERNAL_ERROR, "second");
	cr_expect(ossl_err(&err, "cannot test") == false);
	cr_expect(eq(int, err.kind, ERR_FAILED));
	cr_expect(strncmp(err.text, "cannot test: ", 13) == 0, "%s", err.text);
	cr_expect(ne(ptr, strstr(err.text, "malloc failure"), NULL), "%s", err.text);
	cr_expect(ERR_peek_error() == 0);
}

Test(ossl, empty_queue_is_told_as_such)
{
	struct err err = ERR_INIT;

	cr_expect(ossl_err(&err, "cannot test") == false);
	cr_expect(ne(ptr, strstr(err.text, "gave no reason"), NULL), "%s", err.text);
}

Test(ossl, forget_empties_the_queue)
{
	ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
	ossl_forget();
	cr_expect(ERR_peek_error() == 0);
}

static void *
load(void *arg)
{
	struct err err = ERR_INIT;

	*(bool *)arg = ossl_load_providers(&err) && ERR_peek_error() == 0;
	return NULL;
}

Test(ossl, providers_load_from_many_threads_at_once, .timeout = 10)
{
	pthread_t threads[4];
	bool loaded[4] = {false};
	size_t i;

	ossl_init();
	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, load, &loaded[i]);
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		cr_expect(loaded[i], "thread %zu", i);
	}
}

Test(ossl, both_providers_work_side_by_side)
{
	struct err err = ERR_INIT;
	EVP_CIPHER *aes, *des;
	OSSL_PROVIDER *installed;

	cr_assert(ossl_load_providers(&err), "%s", err.text);
	aes = EVP_CIPHER_fetch(NULL, "AES-128-CBC", NULL);
	des = EVP_CIPHER_fetch(NULL, "DES-CBC", NULL);
	installed = OSSL_PROVIDER_load(NULL, "legacy");
	cr_expect(ne(ptr, aes, NULL));
	cr_expect(
	    ossl_has_legacy() == (installed != NULL), "found where it is installed");
	cr_expect(ossl_has_legacy() == (des != NULL), "single DES comes with it");
	OSSL_PROVIDER_unload(installed);
	EVP_CIPHER_free(aes);
	EVP_CIPHER_free(des);
}

Test(ossl, der_is_appended)
{
	struct buf out = BUF_INIT;
	X509_NAME *name = X509_NAME_new();

	buf_add(&out, "x", 1);
	cr_expect(OSSL_DER(&out, name, i2d_X509_NAME));
	cr_expect(out.len == 3 && memcmp(out.data, "x\x30\x00", 3) == 0);
	X509_NAME_free(name);
	buf_clear(&out);
}

Test(ossl, what_cannot_be_encoded_is_refused_and_forgotten)
{
	struct buf out = BUF_INIT;
	X509 *empty = X509_new();

	cr_expect(OSSL_DER(&out, empty, i2d_X509) == false);
	cr_expect(eq(sz, out.len, 0));
	cr_expect(ERR_peek_error() == 0);
	X509_free(empty);
	buf_clear(&out);
}
