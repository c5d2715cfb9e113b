/*
 * tlsfault: the faults of a TLS handshake, one profile a word of a scenario's `tls`
 * (docs/scenario-format.md). A door of its own has one from the start; on any TLS door
 * the server name "<word>.localhost" chooses one, and the certificate names it. Words
 * that are faults of the certificate are certs/tlscert's.
 */
#ifndef NET_TLSFAULT_H
#define NET_TLSFAULT_H

#include "base/buf.h"
#include <openssl/ssl.h>

#define TLS_FAULT_COUNT     17
#define TLS_FAULT_NAME_SIZE 64 /* "<word>.localhost" */

/* What the ClientHello meets. */
enum tls_hello { TLS_HELLO_HEARD, TLS_HELLO_ALERT, TLS_HELLO_CLOSE, TLS_HELLO_RESET };

/* What differs; zero is as usual. */
struct tls_fault {
	const char *word;
	enum tls_hello hello;
	bool is_lax;         /* security level 0 (SSL_CTX_set_security_level(3)) */
	bool has_no_ciphers; /* but one that encrypts nothing, which no client offers */
	int version;         /* TLS1_VERSION: this one alone; 0: all that are safe */
	int verify;          /* SSL_VERIFY_PEER and so on */
	bool omits_close_notify; /* and closes after the first answer */
};

/* NULL: there is no such word. */
const struct tls_fault *tls_fault_find(struct slice word);
/* What a ClientHello's server name chooses, in any case of letters; NULL: nothing. */
const struct tls_fault *tls_fault_asked(SSL *hello);
size_t tls_fault_number(const struct tls_fault *fault); /* below TLS_FAULT_COUNT */
void tls_fault_name(const struct tls_fault *fault, char ret[TLS_FAULT_NAME_SIZE]);
/* Makes a handshake faulty, from within the ClientHello callback: all but certificates.
 */
bool tls_fault_apply(const struct tls_fault *fault, SSL *ssl);

#endif
