/*
 * context: NTLM and Negotiate, the server's side, by GSSAPI with gss-ntlmssp.
 *
 * Both authenticate a connection, not a request: one context belongs to one
 * connection and is stepped once a request that carries a token. A step blocks
 * (libraries are loaded, files are read; up to some milliseconds), so it is a job;
 * one context is never stepped by two threads at once, different ones may be.
 *
 * libgssapi_krb5 is loaded at the first step of a process and stays. The account
 * reaches gss-ntlmssp as a user file that lies in memory (memfd), never on disk; no
 * variable of the environment is read or set for it. NTLM_USER_FILE has no effect
 * on the server.
 *
 * The file names no domain, so that gss-ntlmssp computes with the client's spelling
 * of it, as Windows does (it would refuse another case); whether the domain is the
 * account's is looked at afterwards (auth_user_is_domain). It holds the hash of the
 * password: gss-ntlmssp 1.2 leaks memory when it has to make that itself.
 * Kerberos is not offered: a client that can do nothing else is refused.
 */
#ifndef AUTH_CONTEXT_H
#define AUTH_CONTEXT_H

#include "auth/header.h"
#include "auth/user.h"

/* NTLM takes two, SPNEGO around it three or four. */
#define AUTH_STEPS_MAX 6

enum auth_result {
	AUTH_CONTINUE,    /* send `reply` with another 401, keep context and connection */
	AUTH_ACCEPTED,    /* `reply` may hold a last token for the answer, or be empty */
	AUTH_REFUSED,     /* wrong account, password, token or order; free the context */
	AUTH_UNAVAILABLE, /* a library is not installed: err says which package */
};

struct auth_context;

/* Calls no library. `user` is borrowed for the context's life; `scheme` is AUTH_NTLM
   or AUTH_NEGOTIATE. */
struct auth_context *
auth_context_new(const struct auth_user *user, enum auth_scheme scheme);

/* `reply` is written over; err is set for AUTH_UNAVAILABLE alone. After anything but
   AUTH_CONTINUE every further step is refused. */
enum auth_result auth_context_step(
    struct auth_context *context, struct bytes token, struct buf *reply, struct err *err);

void auth_context_free(struct auth_context *context); /* NULL is fine */

/* Whether NTLM can be had at all; false sets err. Blocks: some milliseconds at first,
   then nothing. Worth asking at the start, to warn early. */
bool auth_is_available(struct err *err);

#endif
