#include "auth/header.h"

#include "base/base64.h"

#include <string.h>

static const struct {
	enum auth_scheme scheme;
	const char *name;
} schemes[] = {
    {AUTH_BASIC, "Basic"},
    {AUTH_NTLM, "NTLM"},
    {AUTH_NEGOTIATE, "Negotiate"},
};

#define SCHEMES_COUNT (sizeof(schemes) / sizeof(schemes[0]))

enum auth_scheme
auth_header_scheme(struct slice value, struct slice *ret_rest)
{
	struct slice name;

	value = slice_trim(value);
	name = value;
	for (name.len = 0; name.len < value.len; name.len++) {
		if (value.text[name.len] == ' ' || value.text[name.len] == '\t')
			break;
	}
	for (size_t i = 0; i < SCHEMES_COUNT; i++) {
		if (!slice_is_nocase(name, schemes[i].name))
			continue;
		*ret_rest = slice_trim(
		    (struct slice){value.text + name.len, value.len - name.len});
		return schemes[i].scheme;
	}
	return AUTH_NONE;
}

bool
auth_header_token(struct slice rest, struct buf *token)
{
	if (rest.len == 0 || rest.len > (AUTH_TOKEN_MAX + 2) / 3 * 4)
		return false;
	return (base64_decode(rest, token) & BASE64_NOT_BASE64) == 0;
}

void
auth_header_challenge(enum auth_scheme scheme, struct bytes token, struct buf *out)
{
	for (size_t i = 0; i < SCHEMES_COUNT; i++) {
		if (schemes[i].scheme == scheme)
			buf_add_text(out, schemes[i].name);
	}
	if (token.len > 0) {
		buf_add_char(out, ' ');
		base64_encode(token, out);
	}
}
