#include "auth/context.h"

#include "auth/gss.h"
#include "auth/ntlm.h"
#include "base/base64.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACCOUNT "CONTOSO\\Admin:S3cret"

/* The client's side of GSSAPI, by the library itself: no variable of the environment. */
struct client {
	gss_cred_id_t credential;
	gss_ctx_id_t gss;
	gss_name_t target;
	gss_OID_desc mechanism;
	bool is_done;
};

static gss_name_t
name_of(const char *text, gss_OID type)
{
	gss_buffer_desc buffer = {strlen(text), (void *)(uintptr_t)text};
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 minor;

	cr_assert(gss_import_name(&minor, &buffer, type, &name) == GSS_S_COMPLETE);
	return name;
}

/* Not the password itself: gss-ntlmssp 1.2 leaks memory when it makes the hash. */
static void
make_hex_hash(const char *password, char hex[2 * NTLM_HASH_SIZE + 1])
{
	unsigned char hash[NTLM_HASH_SIZE];
	struct err err = ERR_INIT;

	cr_assert(ntlm_hash(password, hash, &err), "%s", err.text);
	for (size_t i = 0; i < NTLM_HASH_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02X", hash[i]);
}

static struct client
client_new(enum auth_scheme scheme, const char *user, const char *password)
{
	struct client client = {.mechanism = scheme == AUTH_NTLM ? gss_ntlm : gss_spnego};
	gss_OID_desc mechanism = gss_ntlm;
	gss_OID_set_desc ntlm = {1, &mechanism};
	gss_OID_set_desc mechanisms = {1, &client.mechanism};
	char hex[2 * NTLM_HASH_SIZE + 1];
	gss_key_value_element_desc element = {"ntlmssp_nthash", hex};
	gss_key_value_set_desc store = {1, &element};
	gss_name_t name = name_of(user, GSS_C_NT_USER_NAME);
	OM_uint32 major, minor;

	make_hex_hash(password, hex);
	major = gss_acquire_cred_from(&minor, name, GSS_C_INDEFINITE, &mechanisms,
	    GSS_C_INITIATE, &store, &client.credential, NULL, NULL);
	cr_assert(major == GSS_S_COMPLETE,
	    "the client has no NTLM: is gss-ntlmssp installed? (%#x)", major);
	if (scheme == AUTH_NEGOTIATE)
		cr_assert(gss_set_neg_mechs(&minor, client.credential, &ntlm) ==
		          GSS_S_COMPLETE);
	/* As curl does with a URL by address: the server must not insist on a name. */
	client.target = name_of("HTTP@127.0.0.1", GSS_C_NT_HOSTBASED_SERVICE);
	gss_release_name(&minor, &name);
	return client;
}

/* False: it has no further token. `token` goes in as the server's reply. */
static bool
client_step(struct client *client, struct buf *token)
{
	gss_buffer_desc in = {token->len, token->data}, out = GSS_C_EMPTY_BUFFER;
	OM_uint32 failed, major, minor;

	if (client->is_done)
		return false;
	major = gss_init_sec_context(&minor, client->credential, &client->gss,
	    client->target, &client->mechanism, 0, 0, GSS_C_NO_CHANNEL_BINDINGS, &in,
	    NULL, &out, NULL, NULL);
	failed = GSS_ERROR(major);
	cr_assert(eq(uint, failed, 0), "the client fails");
	client->is_done = major == GSS_S_COMPLETE;
	buf_reset(token);
	buf_add(token, out.value, out.length);
	gss_release_buffer(&minor, &out);
	return token->len > 0;
}

static void
client_free(struct client *client)
{
	OM_uint32 minor;

	gss_delete_sec_context(&minor, &client->gss, GSS_C_NO_BUFFER);
	gss_release_cred(&minor, &client->credential);
	gss_release_name(&minor, &client->target);
}

/* Both sides until the server has decided. `scheme` is what the header says. */
static enum auth_result
converse(enum auth_scheme scheme, struct client *client, const struct auth_user *user)
{
	struct auth_context *context = auth_context_new(user, scheme);
	struct buf token = BUF_INIT, reply = BUF_INIT;
	enum auth_result result = AUTH_CONTINUE;
	struct err err = ERR_INIT;
	size_t steps = 0;

	while (result == AUTH_CONTINUE && client_step(client, &token)) {
		result = auth_context_step(context, buf_bytes(&token), &reply, &err);
		cr_expect(result != AUTH_UNAVAILABLE, "%s", err.text);
		cr_expect(result != AUTH_REFUSED || reply.len == 0);
		buf_reset(&token);
		buf_add(&token, reply.data, reply.len);
		steps++;
	}
	cr_expect(steps > 1, "decided after %zu steps", steps);
	auth_context_free(context);
	buf_clear(&token);
	buf_clear(&reply);
	return result;
}

static enum auth_result
try_login(enum auth_scheme scheme, enum auth_scheme inside, const char *account,
    const char *name, const char *password)
{
	struct auth_user user = AUTH_USER_INIT;
	struct err err = ERR_INIT;
	struct client client = client_new(inside, name, password);
	enum auth_result result;

	cr_assert(auth_user_parse(account, &user, &err), "%s", err.text);
	result = converse(scheme, &client, &user);
	client_free(&client);
	auth_user_clear(&user);
	return result;
}

static const struct {
	const char *account, *name, *password;
	enum auth_result result;
} logins[] = {
    {ACCOUNT, "CONTOSO\\Admin", "S3cret", AUTH_ACCEPTED},
    {ACCOUNT, "contoso\\aDMIN", "S3cret", AUTH_ACCEPTED},
    {ACCOUNT, "Admin", "S3cret", AUTH_ACCEPTED},
    {ACCOUNT, "CONTOSO\\Admin", "s3cret", AUTH_REFUSED},
    {ACCOUNT, "CONTOSO\\Other", "S3cret", AUTH_REFUSED},
    {ACCOUNT, "FABRIKAM\\Admin", "S3cret", AUTH_REFUSED},
    {"Admin:S3cret", "WORKSTATION7\\Admin", "S3cret", AUTH_ACCEPTED},
    {"Admin:S3cret", "Admin", "S3cret", AUTH_ACCEPTED},
    {"Admin:S3cret", "Admin", "secret", AUTH_REFUSED},
    {"KÖLN\\Jürgen:Geheim ßü", "KÖLN\\Jürgen", "Geheim ßü", AUTH_ACCEPTED},
};

static void
try_logins(enum auth_scheme scheme, enum auth_scheme inside)
{
	for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
		cr_expect(eq(int,
		              try_login(scheme, inside, logins[i].account, logins[i].name,
		                  logins[i].password),
		              logins[i].result),
		    "case %s %s", logins[i].name, logins[i].password);
	}
}

Test(auth_context, ntlm_takes_the_account_and_nothing_else, .timeout = 10)
{
	try_logins(AUTH_NTLM, AUTH_NTLM);
}

Test(auth_context, negotiate_takes_the_account_and_nothing_else, .timeout = 10)
{
	try_logins(AUTH_NEGOTIATE, AUTH_NEGOTIATE);
}

/* Windows does that where there is no Kerberos. */
Test(auth_context, negotiate_takes_ntlm_without_spnego, .timeout = 10)
{
	try_logins(AUTH_NEGOTIATE, AUTH_NTLM);
}

/* Captured from curl 7.88: 32 bytes, no Version. */
Test(auth_context, curls_first_token_gets_a_challenge, .timeout = 10)
{
	static const char first[] = "TlRMTVNTUAABAAAABoIIAAAAAAAAAAAAAAAAAAAAAAA=";
	struct auth_user user = AUTH_USER_INIT;
	struct buf token = BUF_INIT, reply = BUF_INIT;
	struct err err = ERR_INIT;
	struct auth_context *context = auth_context_new(&user, AUTH_NTLM);

	cr_assert(auth_user_parse(ACCOUNT, &user, &err));
	cr_assert(auth_header_token(slice_of(first), &token));
	cr_assert(eq(sz, token.len, 32));
	cr_expect(eq(int, auth_context_step(context, buf_bytes(&token), &reply, &err),
	    AUTH_CONTINUE));
	cr_expect(ntlm_is_message(buf_bytes(&reply)));
	cr_expect(reply.len > 8 && reply.data[8] == 2);
	auth_context_free(context);
	auth_user_clear(&user);
	buf_clear(&token);
	buf_clear(&reply);
}

Test(auth_context, tokens_that_mean_nothing_are_refused_for_good, .timeout = 10)
{
	static const unsigned char noise[] = "NTLMSSP\0\3\0\0\0 out of order, cut";
	static const unsigned char der[] = {0x60, 0x03, 0x06, 0x01, 0x00};
	unsigned char *big = calloc(1, AUTH_TOKEN_MAX + 1);
	const struct {
		enum auth_scheme scheme;
		struct bytes token;
	} cases[] = {
	    {AUTH_NTLM, {NULL, 0}},
	    {AUTH_NTLM, {noise, sizeof(noise)}},
	    {AUTH_NTLM, {der, sizeof(der)}},
	    {AUTH_NEGOTIATE, {noise, sizeof(noise)}},
	    {AUTH_NEGOTIATE, {der, sizeof(der)}},
	    {AUTH_NEGOTIATE, {(const unsigned char *)"x", 1}},
	    {AUTH_NTLM, {big, AUTH_TOKEN_MAX + 1}},
	};
	struct auth_user user = AUTH_USER_INIT;
	struct err err = ERR_INIT;

	cr_assert(auth_user_parse(ACCOUNT, &user, &err));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct auth_context *context = auth_context_new(&user, cases[i].scheme);
		struct client client = client_new(AUTH_NTLM, "CONTOSO\\Admin", "S3cret");
		struct buf token = BUF_INIT, reply = BUF_INIT;

		cr_expect(
		    eq(int, auth_context_step(context, cases[i].token, &reply, &err),
		        AUTH_REFUSED),
		    "case %zu", i);
		cr_assert(client_step(&client, &token));
		cr_expect(
		    eq(int, auth_context_step(context, buf_bytes(&token), &reply, &err),
		        AUTH_REFUSED),
		    "case %zu: a good token after it", i);
		cr_expect(eq(sz, reply.len, 0));
		auth_context_free(context);
		client_free(&client);
		buf_clear(&token);
		buf_clear(&reply);
	}
	auth_user_clear(&user);
	free(big);
}

Test(auth_context, an_answer_to_another_connections_challenge_is_refused, .timeout = 10)
{
	struct auth_user user = AUTH_USER_INIT;
	struct err err = ERR_INIT;
	struct client client = client_new(AUTH_NTLM, "CONTOSO\\Admin", "S3cret");
	struct auth_context *first, *second;
	struct buf token = BUF_INIT, reply = BUF_INIT, other = BUF_INIT;

	cr_assert(auth_user_parse(ACCOUNT, &user, &err));
	first = auth_context_new(&user, AUTH_NTLM);
	second = auth_context_new(&user, AUTH_NTLM);
	cr_assert(client_step(&client, &token));
	cr_assert(eq(int, auth_context_step(second, buf_bytes(&token), &other, &err),
	    AUTH_CONTINUE));
	cr_assert(eq(int, auth_context_step(first, buf_bytes(&token), &reply, &err),
	    AUTH_CONTINUE));
	cr_assert(client_step(&client, &reply)); /* answers the challenge of `first` */
	cr_expect(eq(int, auth_context_step(second, buf_bytes(&reply), &other, &err),
	    AUTH_REFUSED));
	cr_expect(eq(int, auth_context_step(first, buf_bytes(&reply), &token, &err),
	    AUTH_ACCEPTED));
	cr_expect(eq(int, auth_context_step(first, buf_bytes(&reply), &token, &err),
	    AUTH_REFUSED));
	auth_context_free(first);
	auth_context_free(second);
	client_free(&client);
	auth_user_clear(&user);
	buf_clear(&token);
	buf_clear(&reply);
	buf_clear(&other);
}

/* GSS_MECH_CONFIG stands for a machine where gss-ntlmssp is not installed. */
Test(auth_context, without_the_mechanism_the_sentence_names_the_package, .timeout = 10)
{
	struct auth_user user = AUTH_USER_INIT;
	struct buf reply = BUF_INIT;
	struct err err = ERR_INIT;
	static const unsigned char any[40] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', 0, 1};
	struct auth_context *context = auth_context_new(&user, AUTH_NTLM);

	setenv("GSS_MECH_CONFIG", "/dev/null", 1);
	cr_expect(eq(int,
	    auth_context_step(context, (struct bytes){any, sizeof(any)}, &reply, &err),
	    AUTH_UNAVAILABLE));
	cr_expect(
	    strstr(err.text, "install the package gss-ntlmssp") != NULL, "%s", err.text);
	err = (struct err)ERR_INIT;
	cr_expect(not(auth_is_available(&err)));
	cr_expect(strstr(err.text, "gss-ntlmssp") != NULL, "%s", err.text);
	auth_context_free(context);
	buf_clear(&reply);
}

static void *
log_in_again(void *arg)
{
	size_t *accepted = arg;

	for (size_t i = 0; i < 5; i++)
		*accepted += try_login(i % 2 ? AUTH_NTLM : AUTH_NEGOTIATE,
		                 i % 2 ? AUTH_NTLM : AUTH_NEGOTIATE, ACCOUNT,
		                 i % 2 ? "contoso\\admin" : "CONTOSO\\Admin",
		                 "S3cret") == AUTH_ACCEPTED;
	return NULL;
}

Test(auth_context, many_threads_may_step_contexts_of_their_own, .timeout = 30)
{
	enum { THREADS = 8 };
	pthread_t threads[THREADS];
	size_t accepted[THREADS] = {0};

	for (size_t i = 0; i < THREADS; i++)
		cr_assert(
		    pthread_create(&threads[i], NULL, log_in_again, &accepted[i]) == 0);
	for (size_t i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		cr_expect(eq(sz, accepted[i], 5), "thread %zu", i);
	}
}
