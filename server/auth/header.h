/*
 * header: Authorization and WWW-Authenticate as IIS's Windows authentication uses
 * them (RFC 9110 11.6, RFC 4559): a scheme, a blank, base64.
 */
#ifndef AUTH_HEADER_H
#define AUTH_HEADER_H

#include "base/buf.h"

/* Of a decoded token. Fits HTTP.sys's 64 KiB of a header; NTLM needs below 4 KiB. */
#define AUTH_TOKEN_MAX ((size_t)48 * 1024)

enum auth_scheme {
	AUTH_NONE, /* no header, or a scheme that is none of these */
	AUTH_BASIC,
	AUTH_NTLM,
	AUTH_NEGOTIATE,
};

/* The value of Authorization; `*ret_rest` is what stands behind the scheme, trimmed. */
enum auth_scheme auth_header_scheme(struct slice value, struct slice *ret_rest);

/* Appends the token of NTLM or Negotiate; false: none, not base64, or too long. */
bool auth_header_token(struct slice rest, struct buf *token);

/* Appends the value of WWW-Authenticate: "NTLM TlRM...", the scheme alone without a
   token. `scheme` is AUTH_NTLM or AUTH_NEGOTIATE. */
void auth_header_challenge(enum auth_scheme scheme, struct bytes token, struct buf *out);

#endif
