#include "support/tls_rig.h"

void
open_rig(struct fault_rig *fault, const char *word)
{
	static const char *const names[] = {"localhost", "127.0.0.1"};
	struct plan_rig *rig = &fault->rig;
	struct pki_settings settings = {.host = "localhost", .now = time(NULL)};
	struct door_wish wish = {
	    .host = "127.0.0.1", .is_tls = true, .fault = DOOR_ASKS, .tls_fault = word};
	struct tlscert cert = {.key = NULL};
	struct err err = ERR_INIT;
	const char *host;
	bool is_tls;
	size_t index;

	rig_init(rig, IDLE_MS);
	if (word == NULL)
		wish.fault = DOOR_SOUND;
	fault->pki = pki_new(&settings, EVP_EC_gen("P-256"), EVP_EC_gen("P-256"),
	    EVP_EC_gen("P-256"), &err);
	cr_assert(fault->pki != NULL);
	cr_assert(tlscert_issue(&cert, fault->pki, names, 2, settings.now, &err));
	cr_assert(net_start_tls(rig->net, &cert, fault->pki, &err), "%s", err.text);
	tlscert_clear(&cert);
	cr_assert(net_listen_faulty(rig->net, &wish, &index, &err), "%s", err.text);
	net_door(rig->net, index, &host, &rig->port, &is_tls);
	rig_add_text(rig, RIG_TEXT);
	plan_add(&rig->flow.plan, STEP_NEXT);
}

void
close_rig(struct fault_rig *fault)
{
	cr_expect(rig_empties(&fault->rig), "nobody is left");
	rig_close(&fault->rig);
	pki_release(fault->pki);
}

void
turn(struct fault_rig *fault)
{
	ERR_clear_error();
	rig_turn(&fault->rig);
	cr_expect(ERR_peek_error() == 0, "the server leaves no error behind");
}

static void
on_info(const SSL *ssl, int where, int value)
{
	struct seen *seen = SSL_get_app_data(ssl);

	if ((where & SSL_CB_READ) && (where & SSL_CB_ALERT) && value >> 8 == 2)
		seen->alert = value & 0xff;
}

static SSL_CTX *
client_context(const struct fault_rig *fault, const struct knock *knock)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());
	X509 *ca = fixture_cert(buf_bytes(&fault->pki->ca.der));

	X509_STORE_add_cert(SSL_CTX_get_cert_store(context), ca);
	X509_free(ca);
	SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
	SSL_CTX_set_security_level(context, knock->is_lax ? 0 : CAREFUL_LEVEL);
	SSL_CTX_set_min_proto_version(
	    context, knock->version != 0 ? knock->version : TLS1_2_VERSION);
	SSL_CTX_set_max_proto_version(context, knock->version);
	if (knock->cert != NULL) {
		cr_assert(SSL_CTX_use_certificate_ASN1(context, (int)knock->cert->der.len,
		              knock->cert->der.data) == 1);
		cr_assert(SSL_CTX_use_PrivateKey(context, knock->cert->key) == 1);
	}
	return context;
}

/* Goes on with a call that failed; false: it is over, and seen->end says how. */
static bool
try_again(struct fault_rig *fault, SSL *ssl, int result, struct seen *seen)
{
	int number = errno;
	unsigned long error = ERR_peek_error();

	switch (SSL_get_error(ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE:
		turn(fault);
		return true;
	case SSL_ERROR_ZERO_RETURN:
		seen->end = END_CLOSED;
		break;
	case SSL_ERROR_SYSCALL:
		seen->end = number == ECONNRESET ? END_RESET : END_CUT;
		break;
	default:
		seen->end = END_REFUSED;
		if (ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING)
			seen->end = END_CUT;
		if (seen->alert != ALERT_NONE)
			seen->end = END_ALERT;
	}
	return false;
}

static bool
shake(struct fault_rig *fault, SSL *ssl, struct seen *seen)
{
	int64_t end = clock_monotonic_us() + RIG_PATIENCE_US;
	int result;

	do {
		ERR_clear_error();
		errno = 0;
		result = SSL_connect(ssl);
	} while (result != 1 && clock_monotonic_us() < end &&
	         try_again(fault, ssl, result, seen));
	return result == 1;
}

static void
ask(struct fault_rig *fault, SSL *ssl, struct seen *seen)
{
	int64_t end = clock_monotonic_us() + RIG_PATIENCE_US;
	size_t before = seen->got.len;
	char bytes[1000];
	int n;

	ERR_clear_error();
	SSL_write(ssl, RIG_REQUEST, strlen(RIG_REQUEST));
	do {
		ERR_clear_error();
		errno = 0;
		n = SSL_read(ssl, bytes, sizeof(bytes));
		if (n > 0)
			buf_add(&seen->got, bytes, (size_t)n);
		if (n > 0 && seen->got.len >= before + strlen(RIG_TEXT))
			return;
	} while (clock_monotonic_us() < end && (n > 0 || try_again(fault, ssl, n, seen)));
}

/* What comes behind the answer; the server is given some turns to say it. */
static void
look_behind(struct fault_rig *fault, SSL *ssl, struct seen *seen)
{
	char byte;
	int n;

	for (int i = 0; i < 20 && seen->end == END_OPEN; i++) {
		ERR_clear_error();
		errno = 0;
		n = SSL_read(ssl, &byte, 1);
		if (n > 0 || !try_again(fault, ssl, n, seen))
			return;
	}
}

static void
note_server(SSL *ssl, struct seen *seen)
{
	X509 *cert = SSL_get0_peer_certificate(ssl);

	seen->version = SSL_version(ssl);
	if (cert == NULL)
		return;
	X509_get_signature_info(cert, &seen->digest, NULL, NULL, NULL);
	seen->bits = EVP_PKEY_get_bits(X509_get0_pubkey(cert));
}

struct seen
knock_at(struct fault_rig *fault, struct knock knock)
{
	struct seen seen = {.alert = ALERT_NONE, .end = END_OPEN};
	SSL_CTX *context = client_context(fault, &knock);
	SSL *ssl = SSL_new(context);
	int fd = rig_connect(&fault->rig);

	SSL_set_app_data(ssl, &seen);
	SSL_set_info_callback(ssl, on_info);
	SSL_set_fd(ssl, fd);
	SSL_set_tlsext_host_name(ssl, knock.name);
	SSL_set1_host(ssl, knock.name);
	seen.is_shaken = shake(fault, ssl, &seen);
	seen.verdict = SSL_get_verify_result(ssl);
	if (seen.is_shaken) {
		note_server(ssl, &seen);
		ask(fault, ssl, &seen);
		if (knock.asks_twice && seen.end == END_OPEN)
			ask(fault, ssl, &seen);
		look_behind(fault, ssl, &seen);
	}
	SSL_free(ssl);
	SSL_CTX_free(context);
	close(fd);
	ERR_clear_error();
	return seen;
}

void
expect_healthy(struct fault_rig *fault, const char *when)
{
	struct seen seen =
	    knock_at(fault, (struct knock){.name = "localhost", .asks_twice = true});

	cr_expect(seen.is_shaken && seen.end == END_OPEN, "%s: %ld, %d", when,
	    seen.verdict, (int)seen.end);
	cr_expect(slice_is(buf_slice(&seen.got), RIG_TEXT RIG_TEXT), "%s", when);
	cr_expect(seen.version == TLS1_3_VERSION && seen.digest == NID_sha256 &&
	              seen.bits == 256,
	    "%s: %x %d %d", when, seen.version, seen.digest, seen.bits);
	cr_expect(strcmp(fault->rig.flow.client_cert, "none") == 0);
	buf_clear(&seen.got);
}

const char *
sni_of(const char *word, char name[TLS_FAULT_NAME_SIZE])
{
	const struct tls_fault *fault = tls_fault_find(slice_of(word));

	cr_assert(fault != NULL, "%s", word);
	tls_fault_name(fault, name);
	return name;
}
