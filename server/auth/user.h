/*
 * user: the one account that may see mscep_admin, and Basic for it (RFC 7617).
 *
 * Names compare as on Windows, without regard to case (ASCII letters; others have
 * to be the same), the password exactly. A client that names no domain means the
 * server's own, which is the account's (our choice: IIS does so for Basic with an
 * empty defaultLogonDomain, and Windows looks an NTLM name without a domain up in
 * its own database and then in its domain). An account without a domain is
 * accepted whatever domain the client names.
 */
#ifndef AUTH_USER_H
#define AUTH_USER_H

#include "base/buf.h"
#include "base/err.h"

/* Bytes. Together a line of the user file, which gss-ntlmssp cuts at 1023. */
#define AUTH_DOMAIN_MAX   255
#define AUTH_NAME_MAX     256
#define AUTH_PASSWORD_MAX 256
/* Of the base64 text behind "Basic"; a longer one is refused. */
#define AUTH_BASIC_MAX    2048

struct auth_user {
	char *domain; /* NULL: none */
	char *name;   /* as the account is written behind the backslash */
	char *password;
	char *account; /* DOMAIN\name, or name alone: cs-username of the IIS line */
};

#define AUTH_USER_INIT         \
	{                      \
		.domain = NULL \
	}

/*
 * Reads DOMAIN\user:password; without a backslash there is no domain. The first
 * colon ends the name. The sentence of err names --mscep-user.
 */
bool auth_user_parse(const char *text, struct auth_user *ret, struct err *err);
void auth_user_clear(struct auth_user *user); /* the password is wiped */

/* Whether a client that names this domain (perhaps none) means the account. */
bool auth_user_is_domain(const struct auth_user *user, struct slice domain);

/*
 * `credentials` is what stands behind "Basic ". How long it takes does not tell how
 * much of the password was right.
 */
bool auth_basic(const struct auth_user *user, struct slice credentials);

#endif
