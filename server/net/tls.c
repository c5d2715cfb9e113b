#include "net/inner.h"

#include "base/mem.h"
#include "certs/ossl.h"
#include <stdlib.h>
#include <time.h>

#define ALERT_CHOSEN SSL_AD_HANDSHAKE_FAILURE /* of the word `alert` */

struct tls {
	struct net *net;
	struct pki *pki;
	SSL_CTX *usual;
	SSL_CTX *faulty[TLS_FAULT_COUNT]; /* NULL: nobody has asked for it yet */
};

static bool
add_further(SSL_CTX *context, const struct buf *der)
{
	const unsigned char *at = der->data;
	X509 *cert = d2i_X509(NULL, &at, (long)der->len);

	if (cert == NULL)
		return false;
	if (SSL_CTX_add_extra_chain_cert(context, cert) != 1) { /* takes cert */
		X509_free(cert);
		return false;
	}
	return true;
}

static bool
use_cert(SSL_CTX *context, const struct tlscert *cert)
{
	if (SSL_CTX_use_certificate_ASN1(context, (int)cert->der.len, cert->der.data) !=
	        1 ||
	    SSL_CTX_use_PrivateKey(context, cert->key) != 1)
		return false;
	for (size_t i = 0; i < cert->chain_count; i++)
		if (!add_further(context, &cert->chain[i]))
			return false;
	return true;
}

/*
 * Any certificate will do for the handshake, however weak; what it is worth stays with
 * the SSL as its verify result. The time is the server's, that issued it.
 */
static int
on_client_cert(X509_STORE_CTX *context, void *arg)
{
	const struct tls *tls = arg;
	X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(context);

	X509_VERIFY_PARAM_set_time(param, (time_t)(flow_now_ms(tls->net->flow) / 1000));
	X509_VERIFY_PARAM_set_auth_level(param, 0);
	X509_verify_cert(context);
	ossl_forget();
	return 1;
}

static bool
trust_ca(SSL_CTX *context, struct tls *tls)
{
	const struct buf *der = &tls->pki->ca.der;
	const unsigned char *at = der->data;
	X509 *ca = d2i_X509(NULL, &at, (long)der->len);
	bool ok =
	    ca != NULL && X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca) == 1;

	SSL_CTX_set_cert_verify_callback(context, on_client_cert, tls);
	X509_free(ca);
	return ok;
}

/*
 * No tickets and no session cache: a session that was begun under one certificate
 * must not be resumed under another, and tickets in flight make a reset in the
 * body eat the body. A peer that closes without close_notify is an ordinary end.
 * What goes with the certificate is what we say, and nothing that OpenSSL finds.
 */
static SSL_CTX *
make_context(struct tls *tls, const struct tlscert *cert, bool is_lax, struct err *err)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (context == NULL) {
		ossl_err(err, "cannot set up TLS");
		return NULL;
	}
	SSL_CTX_set_options(context,
	    SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_NO_RENEGOTIATION);
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_num_tickets(context, 0);
	SSL_CTX_set_mode(context, SSL_MODE_NO_AUTO_CHAIN);
	if (is_lax) /* before the certificate is looked at */
		SSL_CTX_set_security_level(context, 0);
	if (use_cert(context, cert) && trust_ca(context, tls))
		return context;
	ossl_err(err, "cannot use the certificate of the HTTPS listeners");
	SSL_CTX_free(context);
	return NULL;
}

/*
 * Made when first asked for, here in the loop: one signature of the CA, and for weak-key
 * a small RSA key. That is less than the start would lose to faults that nobody plays.
 */
static SSL_CTX *
faulty_context(struct tls *tls, const struct tls_fault *fault)
{
	SSL_CTX **context = &tls->faulty[tls_fault_number(fault)];
	struct tlscert cert = {.key = NULL};
	struct err err = ERR_INIT; /* nobody to tell but the peer, by an alert */
	const char *word = tlscert_is_variant(fault->word) ? fault->word : NULL;
	char name[TLS_FAULT_NAME_SIZE];

	tls_fault_name(fault, name);
	if (*context == NULL &&
	    tlscert_variant(&cert, word, name, tls->pki,
	        SSL_CTX_get0_certificate(tls->usual), time(NULL), &err))
		*context = make_context(tls, &cert, fault->is_lax, &err);
	tlscert_clear(&cert);
	return *context;
}

static int
give_up(int *alert, int reason)
{
	ossl_forget();
	*alert = reason;
	return SSL_CLIENT_HELLO_ERROR;
}

static int
play(struct tls *tls, const struct tls_fault *fault, SSL *ssl, int *alert)
{
	SSL_CTX *own;

	switch (fault->hello) {
	case TLS_HELLO_HEARD:
		break;
	case TLS_HELLO_ALERT:
		return give_up(alert, ALERT_CHOSEN);
	case TLS_HELLO_CLOSE:
	case TLS_HELLO_RESET:
		/* not a word of TLS; the connection knows what to do (conn.c) */
		return SSL_CLIENT_HELLO_RETRY;
	}
	own = faulty_context(tls, fault);
	if (own == NULL || SSL_set_SSL_CTX(ssl, own) != own)
		return give_up(alert, SSL_AD_INTERNAL_ERROR);
	return tls_fault_apply(fault, ssl) ? SSL_CLIENT_HELLO_SUCCESS
	                                   : give_up(alert, SSL_AD_INTERNAL_ERROR);
}

/* Here, and not in the callback for server names: there the version is chosen already. */
static int
on_client_hello(SSL *ssl, int *alert, void *arg)
{
	struct tls *tls = arg;
	const struct tls_fault **chosen = SSL_get_app_data(ssl);
	const struct tls_fault *asked = tls_fault_asked(ssl);

	if (asked != NULL && *chosen != asked) {
		*chosen = asked;
		flow_tls_fault_used(tls->net->flow, asked->word);
	}
	return *chosen != NULL ? play(tls, *chosen, ssl, alert)
	                       : SSL_CLIENT_HELLO_SUCCESS;
}

struct tls *
tls_new(struct net *net, const struct tlscert *cert, struct pki *pki, struct err *err)
{
	struct tls *tls = mem_alloc(sizeof(*tls));

	tls->net = net;
	tls->pki = pki_reference(pki);
	tls->usual = make_context(tls, cert, false, err);
	if (tls->usual == NULL) {
		tls_free(tls);
		return NULL;
	}
	SSL_CTX_set_client_hello_cb(tls->usual, on_client_hello, tls);
	return tls;
}

void
tls_free(struct tls *tls)
{
	if (tls == NULL)
		return;
	for (size_t i = 0; i < TLS_FAULT_COUNT; i++)
		SSL_CTX_free(tls->faulty[i]);
	SSL_CTX_free(tls->usual);
	pki_release(tls->pki);
	free(tls);
}

SSL *
tls_accept(struct tls *tls)
{
	SSL *ssl = SSL_new(tls->usual);

	ossl_forget();
	return ssl;
}

void
tls_watch(SSL *ssl, const struct tls_fault **chosen)
{
	SSL_set_app_data(ssl, chosen);
}

const char *
tls_client_cert(const SSL *ssl)
{
	if (SSL_get0_peer_certificate(ssl) == NULL)
		return "none";
	return SSL_get_verify_result(ssl) == X509_V_OK ? "trusted" : "untrusted";
}
