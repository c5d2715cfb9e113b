#include "net/inner.h"
#include "tests/support/pki_fixture.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* One handshake over memory; true: the client trusts the server for `host`. */
static bool
shake_hands(SSL_CTX *server_context, const struct pki *pki, const char *host)
{
	SSL_CTX *client_context = SSL_CTX_new(TLS_client_method());
	X509 *ca = fixture_cert(buf_bytes(&pki->ca.der));
	BIO *a = NULL, *b = NULL;
	bool done = false;

	X509_STORE_add_cert(SSL_CTX_get_cert_store(client_context), ca);
	X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(client_context), FIXTURE_NOW);
	SSL_CTX_set_verify(client_context, SSL_VERIFY_PEER, NULL);
	SSL *client = SSL_new(client_context);
	SSL *server = SSL_new(server_context);
	SSL_set1_host(client, host);
	BIO_new_bio_pair(&a, 0, &b, 0);
	SSL_set_bio(client, a, a);
	SSL_set_bio(server, b, b);
	for (int i = 0; i < 10 && !done; i++) {
		int from_client = SSL_connect(client);
		int from_server = SSL_accept(server);

		done = from_client == 1 && from_server == 1;
	}
	SSL_free(client);
	SSL_free(server);
	SSL_CTX_free(client_context);
	X509_free(ca);
	ERR_clear_error();
	return done;
}

Test(tls, a_client_that_trusts_the_ca_trusts_the_listener, .timeout = 10)
{
	static const char *const names[] = {"localhost", "ndes.example"};
	struct pki *pki = fixture_pki("localhost");
	struct tlscert cert = {.key = NULL};
	struct err err = ERR_INIT;

	cr_assert(tlscert_issue(&cert, pki, names, 2, FIXTURE_NOW, &err), "%s", err.text);
	SSL_CTX *context = tls_context(&cert, buf_bytes(&pki->ca.der), &err);
	cr_assert(context != NULL, "%s", err.text);
	cr_expect(shake_hands(context, pki, "ndes.example"));
	cr_expect(not(shake_hands(context, pki, "other.example")));
	SSL_CTX_free(context);
	tlscert_clear(&cert);
	pki_release(pki);
}

Test(tls, a_key_that_is_not_the_certificate_s_is_refused)
{
	static const char *const names[] = {"localhost"};
	struct pki *pki = fixture_pki("localhost");
	struct tlscert cert = {.key = NULL};
	struct err err = ERR_INIT;

	cr_assert(tlscert_issue(&cert, pki, names, 1, FIXTURE_NOW, &err));
	EVP_PKEY_free(cert.key);
	cert.key = EVP_EC_gen("P-256");
	cr_expect(tls_context(&cert, buf_bytes(&pki->ca.der), &err) == NULL);
	cr_expect(eq(int, err.kind, ERR_FAILED));
	cr_expect(ERR_peek_error() == 0, "the queue is empty");
	tlscert_clear(&cert);
	pki_release(pki);
}
