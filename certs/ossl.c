#include "certs/ossl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <pthread.h>

#define REASON_MAX 256

/* What OpenSSL keeps once a process; reached through provider_state alone. */
struct providers {
	pthread_once_t once;
	OSSL_PROVIDER *standard;
	OSSL_PROVIDER *legacy;
};

static struct providers *
provider_state(void)
{
	static struct providers providers = {.once = PTHREAD_ONCE_INIT};

	return &providers;
}

void
ossl_init(void)
{
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
}

/*
 * The first explicit load switches the automatic default provider off, so both are
 * asked for. They stay loaded until the process ends.
 */
static void
load_once(void)
{
	struct providers *providers = provider_state();

	ossl_init();
	providers->standard = OSSL_PROVIDER_load(NULL, "default");
	providers->legacy = OSSL_PROVIDER_load(NULL, "legacy");
	ossl_forget();
}

bool
ossl_load_providers(struct err *err)
{
	struct providers *providers = provider_state();

	pthread_once(&providers->once, load_once);
	if (providers->standard == NULL)
		return err_set(err, ERR_FAILED,
		    "OpenSSL's default provider cannot be loaded: is libcrypto "
		    "installed completely?");
	return true;
}

bool
ossl_has_legacy(void)
{
	return provider_state()->legacy != NULL;
}

bool
ossl_err(struct err *err, const char *what)
{
	char reason[REASON_MAX];
	unsigned long code = ERR_get_error();

	if (code == 0) {
		err_set(err, ERR_FAILED, "%s: OpenSSL gave no reason", what);
	} else {
		ERR_error_string_n(code, reason, sizeof(reason));
		err_set(err, ERR_FAILED, "%s: %s", what, reason);
	}
	ossl_forget();
	return false;
}

void
ossl_forget(void)
{
	ERR_clear_error();
}

bool
ossl_der(struct buf *out, const void *object, int (*i2d)(const void *, unsigned char **))
{
	unsigned char *der = NULL;
	int len = i2d(object, &der);

	if (len <= 0) {
		ossl_forget();
		return false;
	}
	buf_add(out, der, (size_t)len);
	OPENSSL_free(der);
	return true;
}
