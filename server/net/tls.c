#include "net/inner.h"

#include "certs/ossl.h"

static bool
add_chain(SSL_CTX *context, struct bytes ca_der)
{
	const unsigned char *at = ca_der.data;
	X509 *ca = d2i_X509(NULL, &at, (long)ca_der.len);

	if (ca == NULL)
		return false;
	if (SSL_CTX_add_extra_chain_cert(context, ca) != 1) { /* takes ca */
		X509_free(ca);
		return false;
	}
	return true;
}

/*
 * No tickets and no session cache: a session that was begun under one certificate
 * must not be resumed under another, and tickets in flight make a reset in the
 * body eat the body. A peer that closes without close_notify is an ordinary end.
 */
SSL_CTX *
tls_context(const struct tlscert *cert, struct bytes ca_der, struct err *err)
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
	if (SSL_CTX_use_certificate_ASN1(context, (int)cert->der.len, cert->der.data) !=
	        1 ||
	    SSL_CTX_use_PrivateKey(context, cert->key) != 1 ||
	    !add_chain(context, ca_der)) {
		ossl_err(err, "cannot use the certificate of the HTTPS listeners");
		SSL_CTX_free(context);
		return NULL;
	}
	return context;
}
