#include "net/tlsfault.h"

#include <stdio.h>
#include <string.h>

#define DOMAIN "localhost" /* RFC 6761 6.3: whatever stands before it is this machine */

#define CERT_REQUIRED (SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT)

static const struct tls_fault faults[] = {
    {.word = "expired"},
    {.word = "not-yet-valid"},
    {.word = "wrong-name"},
    {.word = "self-signed"},
    {.word = "unknown-issuer"},
    {.word = "incomplete-chain"},
    {.word = "reversed-chain"},
    {.word = "sha1", .is_lax = true},
    {.word = "weak-key", .is_lax = true},
    {.word = "old-protocol", .version = TLS1_VERSION, .is_lax = true},
    {.word = "no-common-cipher", .has_no_ciphers = true, .is_lax = true},
    {.word = "client-cert-required", .verify = CERT_REQUIRED},
    {.word = "client-cert-asked", .verify = SSL_VERIFY_PEER},
    {.word = "alert", .hello = TLS_HELLO_ALERT},
    {.word = "close-after-hello", .hello = TLS_HELLO_CLOSE},
    {.word = "reset-after-hello", .hello = TLS_HELLO_RESET},
    {.word = "no-close-notify", .omits_close_notify = true},
};

_Static_assert(
    sizeof(faults) / sizeof(faults[0]) == TLS_FAULT_COUNT, "the table has them all");

const struct tls_fault *
tls_fault_find(struct slice word)
{
	for (size_t i = 0; i < TLS_FAULT_COUNT; i++)
		if (slice_is_nocase(word, faults[i].word))
			return &faults[i];
	return NULL;
}

/* A number of two octets at `at`, if there are so many; else more than any of them. */
static size_t
read_length(const unsigned char *bytes, size_t len, size_t at)
{
	return at + 2 <= len ? (size_t)bytes[at] << 8 | bytes[at + 1] : SIZE_MAX;
}

/*
 * RFC 6066 3: a list of names, each with a type; there is one type. OpenSSL has not
 * looked at the extension yet.
 */
static struct slice
server_name(SSL *hello)
{
	const unsigned char *bytes;
	size_t len;

	if (SSL_client_hello_get0_ext(hello, TLSEXT_TYPE_server_name, &bytes, &len) !=
	        1 ||
	    len < 5 || read_length(bytes, len, 0) != len - 2 ||
	    bytes[2] != TLSEXT_NAMETYPE_host_name || read_length(bytes, len, 3) > len - 5)
		return (struct slice){NULL, 0};
	return (struct slice){(const char *)bytes + 5, read_length(bytes, len, 3)};
}

const struct tls_fault *
tls_fault_asked(SSL *hello)
{
	struct slice name = server_name(hello);
	const char *dot = name.len > 0 ? memchr(name.text, '.', name.len) : NULL;
	size_t label = dot != NULL ? (size_t)(dot - name.text) : 0;

	if (dot == NULL ||
	    !slice_is_nocase((struct slice){dot + 1, name.len - label - 1}, DOMAIN))
		return NULL;
	return tls_fault_find((struct slice){name.text, label});
}

size_t
tls_fault_number(const struct tls_fault *fault)
{
	return (size_t)(fault - faults);
}

void
tls_fault_name(const struct tls_fault *fault, char ret[TLS_FAULT_NAME_SIZE])
{
	snprintf(ret, TLS_FAULT_NAME_SIZE, "%s." DOMAIN, fault->word);
}

/* SSL_set_SSL_CTX changes certificates alone: all this has to be said to the SSL. */
bool
tls_fault_apply(const struct tls_fault *fault, SSL *ssl)
{
	if (fault->is_lax)
		SSL_set_security_level(ssl, 0);
	if (fault->verify != 0)
		SSL_set_verify(ssl, fault->verify, NULL);
	if (fault->version != 0 &&
	    (SSL_set_min_proto_version(ssl, fault->version) != 1 ||
	        SSL_set_max_proto_version(ssl, fault->version) != 1))
		return false;
	return !fault->has_no_ciphers || (SSL_set_cipher_list(ssl, "NULL-SHA256") == 1 &&
	                                     SSL_set_ciphersuites(ssl, "") == 1);
}
