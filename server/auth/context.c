#include "auth/context.h"

#include "auth/gss.h"
#include "auth/ntlm.h"
#include "base/mem.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The server's DNS name in NTLM's challenge. localhost, which keeps the Kerberos half of
   SPNEGO from asking a DNS server; no service in front of the @, since a client that
   signs would compare the two with what it was given as the URL. */
#define SERVICE "@localhost"

/* As gssapi_ntlmssp.h of gss-ntlmssp-dev has it. */
#define KEYFILE "ntlmssp_keyfile"

#define PATH_SIZE 64

struct auth_context {
	const struct auth_user *user;
	enum auth_scheme scheme;
	size_t steps;
	bool is_over;
	bool is_raw; /* NTLM as it is, without SPNEGO: also what Windows puts behind
	                Negotiate where there is no Kerberos */
	int file;    /* the user file; -1: not yet */
	gss_cred_id_t credential;
	gss_ctx_id_t gss;
};

struct auth_context *
auth_context_new(const struct auth_user *user, enum auth_scheme scheme)
{
	struct auth_context *context = mem_alloc(sizeof(*context));

	context->user = user;
	context->scheme = scheme;
	context->file = -1;
	context->credential = GSS_C_NO_CREDENTIAL;
	context->gss = GSS_C_NO_CONTEXT;
	return context;
}

/* One line in the form of Samba's smbpasswd, NAME:UID:LM HASH:NT HASH:FLAGS:. There is
   no LM hash; the NT hash in its place is one that nobody can guess either. */
static bool
write_user_file(const struct auth_context *context, struct err *err)
{
	unsigned char hash[NTLM_HASH_SIZE];
	char hex[2 * NTLM_HASH_SIZE + 1];
	struct buf line = BUF_INIT;
	bool written;

	if (!ntlm_hash(context->user->password, hash, err))
		return false;
	for (size_t i = 0; i < NTLM_HASH_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02X", hash[i]);
	buf_add_format(&line, "%s:0:%s:%s:[U]:\n", context->user->name, hex, hex);
	written = write(context->file, line.data, line.len) == (ssize_t)line.len;
	explicit_bzero(hash, sizeof(hash));
	explicit_bzero(hex, sizeof(hex));
	explicit_bzero(line.data, line.len);
	buf_clear(&line);
	if (!written)
		return err_set_errno(
		    err, ERR_FAILED, "cannot write gss-ntlmssp's user file");
	return true;
}

static bool
open_user_file(struct auth_context *context, char path[PATH_SIZE], struct err *err)
{
	context->file = memfd_create("mockndes-user", MFD_CLOEXEC);
	if (context->file < 0)
		return err_set_errno(
		    err, ERR_FAILED, "cannot make gss-ntlmssp's user file");
	if (!write_user_file(context, err))
		return false;
	snprintf(path, PATH_SIZE, "/proc/self/fd/%d", context->file);
	if (access(path, R_OK) != 0)
		return err_set_errno(err, ERR_FAILED,
		    "NTLM needs /proc to be mounted: cannot open %s", path);
	return true;
}

/* The accepting side's credential; the keyfile counts with a named service alone. */
static bool
acquire(struct auth_context *context, const struct gss *gss, const char *path)
{
	static unsigned char hostbased[] = {42, 0x86, 72, 0x86, 0xf7, 18, 1, 2, 1, 4};
	gss_OID_desc name_type = {sizeof(hostbased), hostbased};
	gss_OID_desc mechanism = context->is_raw ? gss_ntlm : gss_spnego;
	gss_OID_set_desc mechanisms = {1, &mechanism};
	gss_key_value_element_desc element = {KEYFILE, path};
	gss_key_value_set_desc store = {1, &element};
	char service[] = SERVICE;
	gss_buffer_desc text = {sizeof(service) - 1, service};
	gss_name_t name = GSS_C_NO_NAME;
	OM_uint32 major, minor;

	major = gss->import_name(&minor, &text, &name_type, &name);
	if (major == GSS_S_COMPLETE)
		major = gss->acquire_cred_from(&minor, name, GSS_C_INDEFINITE,
		    &mechanisms, GSS_C_ACCEPT, &store, &context->credential, NULL, NULL);
	gss->release_name(&minor, &name);
	if (major == GSS_S_COMPLETE && !context->is_raw) {
		mechanism = gss_ntlm;
		major = gss->set_neg_mechs(&minor, context->credential, &mechanisms);
	}
	return major == GSS_S_COMPLETE;
}

static bool
begin(struct auth_context *context, const struct gss *gss, struct err *err)
{
	char path[PATH_SIZE];

	if (!open_user_file(context, path, err))
		return false;
	if (!acquire(context, gss, path))
		return err_set(err, ERR_FAILED,
		    "GSSAPI gives no credential for %s: install gss-ntlmssp 1.0 or later",
		    context->is_raw ? "NTLM" : "Negotiate");
	return true;
}

/* gss-ntlmssp compares names in the encoding of the thread's locale and finds nobody
   whose name has a letter beyond ASCII in that of "C". Where there is no such locale,
   uselocale(0) changes nothing and only those names are lost. */
#define UTF8_LOCALE "C.UTF-8"

static OM_uint32
accept_message(struct auth_context *context, const struct gss *gss,
    const struct buf *message, gss_name_t *ret_client, gss_buffer_t ret_token)
{
	gss_buffer_desc in = {message->len, message->data};
	locale_t utf8 = newlocale(LC_CTYPE_MASK, UTF8_LOCALE, (locale_t)0);
	locale_t before = uselocale(utf8);
	OM_uint32 major, minor;

	major = gss->accept_sec_context(&minor, &context->gss, context->credential, &in,
	    GSS_C_NO_CHANNEL_BINDINGS, ret_client, NULL, ret_token, NULL, NULL, NULL);
	uselocale(before);
	if (utf8 != (locale_t)0)
		freelocale(utf8);
	return major;
}

/* The client's name is DOMAIN\name here, with an empty DOMAIN when it sent none. */
static bool
is_our_domain(
    const struct auth_context *context, const struct gss *gss, gss_name_t client)
{
	gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
	const char *backslash = NULL;
	struct slice domain;
	OM_uint32 minor;
	bool is_ours;

	if (gss->display_name(&minor, client, &text, NULL) != GSS_S_COMPLETE)
		return false;
	domain = (struct slice){text.value, 0};
	if (text.length > 0)
		backslash = memchr(text.value, '\\', text.length);
	if (backslash != NULL)
		domain.len = (size_t)(backslash - domain.text);
	is_ours = auth_user_is_domain(context->user, domain);
	gss->release_buffer(&minor, &text);
	return is_ours;
}

static enum auth_result
accept_token(struct auth_context *context, const struct gss *gss, struct bytes token,
    struct buf *reply)
{
	enum auth_result result = AUTH_REFUSED;
	gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
	gss_name_t client = GSS_C_NO_NAME;
	struct buf message = BUF_INIT;
	OM_uint32 major, minor;

	if (context->is_raw)
		ntlm_widen(token, &message);
	else
		buf_add(&message, token.data, token.len);
	major = accept_message(context, gss, &message, &client, &out);
	buf_clear(&message);
	if (major == GSS_S_CONTINUE_NEEDED)
		result = AUTH_CONTINUE;
	else if (major == GSS_S_COMPLETE && is_our_domain(context, gss, client))
		result = AUTH_ACCEPTED;
	if (result != AUTH_REFUSED && out.length > 0)
		buf_add(reply, out.value, out.length);
	gss->release_buffer(&minor, &out);
	gss->release_name(&minor, &client);
	return result;
}

static enum auth_result
take_step(
    struct auth_context *context, struct bytes token, struct buf *reply, struct err *err)
{
	const struct gss *gss;

	if (context->is_over || context->steps == AUTH_STEPS_MAX || token.len == 0 ||
	    token.len > AUTH_TOKEN_MAX)
		return AUTH_REFUSED;
	if (context->steps++ == 0) {
		context->is_raw = ntlm_is_message(token);
		if (context->scheme == AUTH_NTLM && !context->is_raw)
			return AUTH_REFUSED;
	}
	gss = gss_load(err);
	if (gss == NULL)
		return AUTH_UNAVAILABLE;
	if (context->file < 0 && !begin(context, gss, err))
		return AUTH_UNAVAILABLE;
	return accept_token(context, gss, token, reply);
}

enum auth_result
auth_context_step(
    struct auth_context *context, struct bytes token, struct buf *reply, struct err *err)
{
	enum auth_result result;

	buf_reset(reply);
	result = take_step(context, token, reply, err);
	context->is_over = result != AUTH_CONTINUE;
	return result;
}

void
auth_context_free(struct auth_context *context)
{
	struct err err = ERR_INIT;
	const struct gss *gss;
	OM_uint32 minor;

	if (context == NULL)
		return;
	if (context->file >= 0) {
		gss = gss_load(&err);
		if (gss != NULL) {
			gss->delete_sec_context(&minor, &context->gss, GSS_C_NO_BUFFER);
			gss->release_cred(&minor, &context->credential);
		}
		close(context->file);
	}
	free(context);
}

bool
auth_is_available(struct err *err)
{
	return gss_load(err) != NULL;
}
