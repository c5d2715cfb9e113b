#include "auth/user.h"

#include "base/base64.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

#define USER_OPTION "--mscep-user: "
#define USER_CURE   "write it as DOMAIN\\user:password"

/* In none of the three: it would end a line of the user file. */
static bool
has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.text[i] < 0x20 || s.text[i] == 0x7f)
			return true;
	}
	return false;
}

static bool
check_length(
    struct slice part, const char *what, size_t most, const char *cure, struct err *err)
{
	if (part.len == 0)
		return err_set(
		    err, ERR_USAGE, USER_OPTION "the %s is empty: %s", what, cure);
	if (part.len > most)
		return err_set(err, ERR_USAGE,
		    USER_OPTION "the %s has %zu bytes; %zu are the most", what, part.len,
		    most);
	return true;
}

static bool
check_parts(
    struct slice domain, struct slice name, struct slice password, struct err *err)
{
	if (domain.text != NULL && !check_length(domain, "domain", AUTH_DOMAIN_MAX,
	                               "leave out the backslash, or " USER_CURE, err))
		return false;
	if (!check_length(name, "user name", AUTH_NAME_MAX, USER_CURE, err) ||
	    !check_length(password, "password", AUTH_PASSWORD_MAX, USER_CURE, err))
		return false;
	/* A line of the user file that begins with # is a comment. */
	if (name.text[0] == '#')
		return err_set(
		    err, ERR_USAGE, USER_OPTION "the user name cannot begin with #");
	if (memchr(name.text, '\\', name.len) != NULL)
		return err_set(err, ERR_USAGE,
		    USER_OPTION "the user name holds a second backslash: " USER_CURE);
	return true;
}

bool
auth_user_parse(const char *text, struct auth_user *ret, struct err *err)
{
	struct slice domain = {NULL, 0}, name, password;
	const char *backslash, *colon;

	/* The value is not repeated in a sentence: it holds a password. */
	colon = strchr(text, ':');
	if (colon == NULL)
		return err_set(err, ERR_USAGE,
		    USER_OPTION "there is no colon before a password: " USER_CURE);
	if (has_control(slice_of(text)))
		return err_set(err, ERR_USAGE,
		    USER_OPTION "there is a control character in it: " USER_CURE);
	name = (struct slice){text, (size_t)(colon - text)};
	password = slice_of(colon + 1);
	backslash = memchr(name.text, '\\', name.len);
	if (backslash != NULL) {
		domain = (struct slice){text, (size_t)(backslash - text)};
		name = (struct slice){backslash + 1, (size_t)(colon - backslash - 1)};
	}
	if (!check_parts(domain, name, password, err))
		return false;
	*ret = (struct auth_user){
	    .domain = domain.text != NULL ? slice_string(domain) : NULL,
	    .name = slice_string(name),
	    .password = slice_string(password),
	    .account = mem_text(text, (size_t)(colon - text)),
	};
	return true;
}

void
auth_user_clear(struct auth_user *user)
{
	if (user->password != NULL)
		explicit_bzero(user->password, strlen(user->password));
	free(user->password);
	free(user->domain);
	free(user->name);
	free(user->account);
	*user = (struct auth_user)AUTH_USER_INIT;
}

bool
auth_user_is_domain(const struct auth_user *user, struct slice domain)
{
	return user->domain == NULL || domain.len == 0 ||
	       slice_is_nocase(domain, user->domain);
}

/* Looks at all of `given`, whatever the first difference. */
static bool
is_password(const char *password, struct slice given)
{
	size_t len = strlen(password);
	unsigned char differs = len != given.len;

	for (size_t i = 0; i < given.len; i++)
		differs |= (unsigned char)(password[i % len] ^ given.text[i]);
	return differs == 0;
}

static bool
is_account(const struct auth_user *user, struct slice given)
{
	struct slice domain = {NULL, 0}, name, password;
	const char *backslash, *colon;
	bool right;

	if (given.len == 0)
		return false;
	colon = memchr(given.text, ':', given.len);
	if (colon == NULL)
		return false;
	name = (struct slice){given.text, (size_t)(colon - given.text)};
	password = (struct slice){colon + 1, given.len - name.len - 1};
	backslash = name.len > 0 ? memchr(name.text, '\\', name.len) : NULL;
	if (backslash != NULL) {
		domain = (struct slice){name.text, (size_t)(backslash - name.text)};
		name = (struct slice){backslash + 1, name.len - domain.len - 1};
	}
	right = is_password(user->password, password);
	right &= auth_user_is_domain(user, domain);
	right &= slice_is_nocase(name, user->name);
	return right;
}

bool
auth_basic(const struct auth_user *user, struct slice credentials)
{
	struct buf given = BUF_INIT;
	bool right;

	if (credentials.len > AUTH_BASIC_MAX)
		return false;
	right = (base64_decode(credentials, &given) & BASE64_NOT_BASE64) == 0 &&
	        is_account(user, buf_slice(&given));
	if (given.cap > 0)
		explicit_bzero(given.data, given.cap);
	buf_clear(&given);
	return right;
}
