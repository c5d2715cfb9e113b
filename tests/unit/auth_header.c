#include "auth/header.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

Test(auth_header, the_scheme_is_read_without_regard_to_case)
{
	static const struct {
		const char *value;
		enum auth_scheme scheme;
		const char *rest;
	} cases[] = {
	    {"NTLM TlRM", AUTH_NTLM, "TlRM"},
	    {"ntlm  TlRM ", AUTH_NTLM, "TlRM"},
	    {" Negotiate YII=", AUTH_NEGOTIATE, "YII="},
	    {"BASIC dTpw", AUTH_BASIC, "dTpw"},
	    {"Negotiate", AUTH_NEGOTIATE, ""},
	    {"NTLM\tTlRM", AUTH_NTLM, "TlRM"},
	    {"NTLMSSP TlRM", AUTH_NONE, ""},
	    {"NTL TlRM", AUTH_NONE, ""},
	    {"Digest username=\"a\"", AUTH_NONE, ""},
	    {"Bearer abc", AUTH_NONE, ""},
	    {"", AUTH_NONE, ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice rest = {NULL, 0};

		cr_expect(eq(int, auth_header_scheme(slice_of(cases[i].value), &rest),
		              cases[i].scheme),
		    "case %s", cases[i].value);
		cr_expect(slice_is(rest, cases[i].rest), "case %s", cases[i].value);
	}
	cr_expect(eq(int, auth_header_scheme((struct slice){NULL, 0}, &(struct slice){0}),
	    AUTH_NONE));
}

Test(auth_header, a_token_is_base64_of_at_most_its_cap)
{
	size_t most = AUTH_TOKEN_MAX / 3 * 4;
	struct buf token = BUF_INIT;
	char *text = malloc(most + 4);

	cr_expect(auth_header_token(SLICE("TlRMTVNTUAA="), &token));
	cr_expect(eq(sz, token.len, 8));
	cr_expect(memcmp(token.data, "NTLMSSP", 8) == 0);
	buf_reset(&token);
	cr_expect(not(auth_header_token(SLICE(""), &token)));
	cr_expect(not(auth_header_token(SLICE("TlRM*"), &token)));
	memset(text, 'A', most + 4);
	cr_expect(auth_header_token((struct slice){text, most}, &token));
	cr_expect(eq(sz, token.len, AUTH_TOKEN_MAX));
	buf_reset(&token);
	cr_expect(not(auth_header_token((struct slice){text, most + 4}, &token)));
	cr_expect(eq(sz, token.len, 0));
	free(text);
	buf_clear(&token);
}

Test(auth_header, a_challenge_is_the_scheme_and_its_token)
{
	static const unsigned char token[] = "NTLMSSP";
	struct buf out = BUF_INIT;

	auth_header_challenge(AUTH_NTLM, (struct bytes){token, sizeof(token)}, &out);
	cr_expect(slice_is(buf_slice(&out), "NTLM TlRMTVNTUAA="));
	buf_reset(&out);
	auth_header_challenge(AUTH_NEGOTIATE, (struct bytes){NULL, 0}, &out);
	cr_expect(slice_is(buf_slice(&out), "Negotiate"));
	buf_clear(&out);
}
