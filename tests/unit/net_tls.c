#include "net/inner.h"
#include "tests/support/pki_fixture.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

struct offer {
	struct pki *pki;
	struct tlscert cert;
	struct net net;
	struct tls *tls;
};

static void
offer_open(struct offer *offer)
{
	static const char *const names[] = {"localhost", "ndes.example"};
	struct err err = ERR_INIT;

	memset(offer, 0, sizeof(*offer));
	offer->pki = fixture_pki("localhost");
	cr_assert(tlscert_issue(&offer->cert, offer->pki, names, 2, FIXTURE_NOW, &err),
	    "%s", err.text);
	offer->tls = tls_new(&offer->net, &offer->cert, offer->pki, &err);
	cr_assert(offer->tls != NULL, "%s", err.text);
}

static void
offer_close(struct offer *offer)
{
	tls_free(offer->tls);
	tlscert_clear(&offer->cert);
	pki_release(offer->pki);
}

static SSL *
trusting_client(const struct offer *offer, const char *host)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	X509 *ca = fixture_cert(buf_bytes(&offer->pki->ca.der));
	SSL *client;

	X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
	X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), FIXTURE_NOW);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	client = SSL_new(context);
	SSL_set1_host(client, host);
	SSL_set_tlsext_host_name(client, host);
	SSL_CTX_free(context);
	X509_free(ca);
	return client;
}

/* One handshake over memory; true: the client trusts the server for `host`. */
static bool
shake_hands(const struct offer *offer, const char *host)
{
	const struct tls_fault *chosen = NULL;
	SSL *client = trusting_client(offer, host);
	SSL *server = tls_accept(offer->tls);
	BIO *a = NULL, *b = NULL;
	bool done = false;

	tls_watch(server, &chosen);
	BIO_new_bio_pair(&a, 0, &b, 0);
	SSL_set_bio(client, a, a);
	SSL_set_bio(server, b, b);
	for (int i = 0; i < 10 && !done; i++) {
		int from_client = SSL_connect(client);
		int from_server = SSL_accept(server);

		done = from_client == 1 && from_server == 1;
	}
	cr_expect(chosen == NULL, "%s is no fault", host);
	if (done) {
		cr_expect(strcmp(tls_client_cert(server), "none") == 0);
		cr_expect(eq(int, SSL_session_reused(client), 0));
		cr_expect(eq(int, sk_X509_num(SSL_get_peer_cert_chain(client)), 2));
	}
	SSL_free(client);
	SSL_free(server);
	ERR_clear_error();
	return done;
}

Test(tls, a_client_that_trusts_the_ca_trusts_the_listener, .timeout = 10)
{
	struct offer offer;

	offer_open(&offer);
	cr_expect(shake_hands(&offer, "ndes.example"));
	cr_expect(not(shake_hands(&offer, "other.example")));
	cr_expect(not(shake_hands(&offer, "expired.example")));
	cr_expect(shake_hands(&offer, "localhost"));
	offer_close(&offer);
}

Test(tls, a_key_that_is_not_the_certificate_s_is_refused)
{
	struct offer offer;
	struct err err = ERR_INIT;

	offer_open(&offer);
	EVP_PKEY_free(offer.cert.key);
	offer.cert.key = EVP_EC_gen("P-256");
	cr_expect(tls_new(&offer.net, &offer.cert, offer.pki, &err) == NULL);
	cr_expect(eq(int, err.kind, ERR_FAILED));
	cr_expect(ERR_peek_error() == 0, "the queue is empty");
	offer_close(&offer);
}
