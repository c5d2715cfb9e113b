#include "auth/user.h"

#include "base/base64.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct auth_user
user_of(const char *text)
{
	struct auth_user user = AUTH_USER_INIT;
	struct err err = ERR_INIT;

	cr_assert(auth_user_parse(text, &user, &err), "%s: %s", text, err.text);
	return user;
}

/* As curl --basic sends it. */
static bool
basic(const struct auth_user *user, const char *plain)
{
	struct buf text = BUF_INIT;
	bool right;

	base64_encode((struct bytes){(const unsigned char *)plain, strlen(plain)}, &text);
	right = auth_basic(user, buf_slice(&text));
	buf_clear(&text);
	return right;
}

Test(auth_user, domain_name_and_password_are_told_apart)
{
	struct auth_user user = user_of("CONTOSO\\SCEP admin:p@ss:\\wörd/ ");

	cr_expect(slice_is(slice_of(user.domain), "CONTOSO"));
	cr_expect(slice_is(slice_of(user.name), "SCEP admin"));
	cr_expect(slice_is(slice_of(user.password), "p@ss:\\wörd/ "));
	cr_expect(slice_is(slice_of(user.account), "CONTOSO\\SCEP admin"));
	auth_user_clear(&user);
	cr_expect(eq(ptr, user.password, NULL));
}

Test(auth_user, without_a_backslash_there_is_no_domain)
{
	struct auth_user user = user_of("admin:secret");

	cr_expect(eq(ptr, user.domain, NULL));
	cr_expect(slice_is(slice_of(user.name), "admin"));
	cr_expect(slice_is(slice_of(user.account), "admin"));
	auth_user_clear(&user);
}

Test(auth_user, what_cannot_be_an_account_is_refused_with_the_cure)
{
	static const struct {
		const char *text;
		const char *sentence; /* a part of it */
	} cases[] = {
	    {"", "DOMAIN\\user:password"},
	    {"CONTOSO\\admin", "DOMAIN\\user:password"},
	    {"CONTOSO\\admin:", "the password is empty"},
	    {"CONTOSO\\:secret", "the user name is empty"},
	    {":secret", "the user name is empty"},
	    {"\\admin:secret", "leave out the backslash"},
	    {"A\\B\\c:secret", "second backslash"},
	    {"CONTOSO\\admin:sec\nret", "control character"},
	    {"A\\#admin:secret", "begin with #"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct auth_user user = AUTH_USER_INIT;
		struct err err = ERR_INIT;

		cr_expect(not(auth_user_parse(cases[i].text, &user, &err)), "case %s",
		    cases[i].text);
		cr_expect(eq(int, err.kind, ERR_USAGE), "case %s", cases[i].text);
		cr_expect(strstr(err.text, cases[i].sentence) != NULL, "case %s: %s",
		    cases[i].text, err.text);
		cr_expect(strstr(err.text, "secret") == NULL,
		    "case %s: the password is in the sentence", cases[i].text);
	}
}

Test(auth_user, each_part_has_its_most)
{
	static const struct {
		size_t domain, name, password;
		bool fits;
	} cases[] = {
	    {AUTH_DOMAIN_MAX, AUTH_NAME_MAX, AUTH_PASSWORD_MAX, true},
	    {AUTH_DOMAIN_MAX + 1, 1, 1, false},
	    {1, AUTH_NAME_MAX + 1, 1, false},
	    {1, 1, AUTH_PASSWORD_MAX + 1, false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct auth_user user = AUTH_USER_INIT;
		struct err err = ERR_INIT;
		char text[1024];
		size_t at = 0;

		memset(text, 'x', sizeof(text));
		text[at += cases[i].domain] = '\\';
		text[at += 1 + cases[i].name] = ':';
		text[at += 1 + cases[i].password] = '\0';
		cr_expect(eq(int, auth_user_parse(text, &user, &err), cases[i].fits),
		    "case %zu: %s", i, err.text);
		auth_user_clear(&user);
	}
}

Test(auth_user, basic_takes_the_account_and_nothing_else)
{
	static const struct {
		const char *plain;
		bool right;
	} cases[] = {
	    {"CONTOSO\\Admin:S3cret", true},
	    {"contoso\\ADMIN:S3cret", true},
	    {"Admin:S3cret", true},
	    {"CONTOSO\\Admin:s3cret", false},
	    {"CONTOSO\\Admin:S3cret ", false},
	    {"CONTOSO\\Admin:S3cre", false},
	    {"CONTOSO\\Admin:S3cretS3cret", false},
	    {"CONTOSO\\Admin:", false},
	    {"CONTOSO\\Admin", false},
	    {"CONTOSO\\Admi:S3cret", false},
	    {"CONTOSO\\Admins:S3cret", false},
	    {"FABRIKAM\\Admin:S3cret", false},
	    {"CONTOSOX\\Admin:S3cret", false},
	    {"\\Admin:S3cret", true},
	    {"CONTOSO\\:S3cret", false},
	    {":S3cret", false},
	    {":", false},
	    {"", false},
	};
	struct auth_user user = user_of("CONTOSO\\Admin:S3cret");

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(eq(int, basic(&user, cases[i].plain), cases[i].right),
		    "case %s", cases[i].plain);
	auth_user_clear(&user);
}

Test(auth_user, an_account_without_a_domain_takes_any)
{
	struct auth_user user = user_of("admin:secret");

	cr_expect(basic(&user, "admin:secret"));
	cr_expect(basic(&user, "WORKSTATION7\\admin:secret"));
	cr_expect(not(basic(&user, "WORKSTATION7\\other:secret")));
	auth_user_clear(&user);
}

Test(auth_user, credentials_that_are_no_base64_or_too_long_are_refused)
{
	struct auth_user user = user_of("admin:secret");
	char longer[AUTH_BASIC_MAX + 2];

	memset(longer, 'A', sizeof(longer));
	cr_expect(not(auth_basic(&user, SLICE("!!!"))));
	cr_expect(not(auth_basic(&user, SLICE(""))));
	cr_expect(not(auth_basic(&user, (struct slice){NULL, 0})));
	cr_expect(not(auth_basic(&user, (struct slice){longer, sizeof(longer)})));
	auth_user_clear(&user);
}
