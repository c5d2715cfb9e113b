#include "auth/ntlm.h"

#include "certs/ossl.h"

#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>

#define VERSION_SIZE      8
#define TYPE_NEGOTIATE    1
#define TYPE_AUTHENTICATE 3

/* The fixed part of a message, as it is without Version. */
struct layout {
	uint32_t type;
	size_t head;        /* bytes before Version */
	size_t first_field; /* len 2, max 2, offset 4, one behind the other */
	size_t fields;
};

/* MS-NLMP 2.2.1.1, 2.2.1.3 */
static const struct layout layouts[] = {
    {TYPE_NEGOTIATE, 32, 16, 2},
    {TYPE_AUTHENTICATE, 64, 12, 6},
};

static const char signature[8] = "NTLMSSP";

static uint32_t
get_u16(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t
get_u32(const unsigned char *p)
{
	return get_u16(p) | get_u16(p + 2) << 16;
}

static void
put_u32(unsigned char *p, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		p[i] = (unsigned char)(value >> (8 * i));
}

bool
ntlm_is_message(struct bytes token)
{
	return token.len >= 12 && memcmp(token.data, signature, sizeof(signature)) == 0;
}

static const struct layout *
find_layout(struct bytes message)
{
	if (!ntlm_is_message(message))
		return NULL;
	for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (layouts[i].type == get_u32(message.data + 8))
			return message.len >= layouts[i].head ? &layouts[i] : NULL;
	}
	return NULL;
}

/* Whether payload begins right behind the narrow head, or is not there at all. */
static bool
is_narrow(struct bytes message, const struct layout *layout)
{
	const unsigned char *field = message.data + layout->first_field;

	if (message.len == layout->head)
		return true;
	for (size_t i = 0; i < layout->fields; i++, field += 8) {
		if (get_u16(field) > 0 &&
		    get_u32(field + 4) < layout->head + VERSION_SIZE)
			return true;
	}
	return false;
}

void
ntlm_widen(struct bytes message, struct buf *out)
{
	static const unsigned char version[VERSION_SIZE] = {0};
	const struct layout *layout = find_layout(message);
	unsigned char *field;
	size_t start = out->len;

	if (layout == NULL || !is_narrow(message, layout)) {
		buf_add(out, message.data, message.len);
		return;
	}
	buf_add(out, message.data, layout->head);
	buf_add(out, version, sizeof(version));
	buf_add(out, message.data + layout->head, message.len - layout->head);
	field = out->data + start + layout->first_field;
	for (size_t i = 0; i < layout->fields; i++, field += 8)
		put_u32(field + 4, get_u32(field + 4) + VERSION_SIZE);
}

static void
add_u16(struct buf *out, uint32_t unit)
{
	buf_add_char(out, (char)(unit & 0xff));
	buf_add_char(out, (char)(unit >> 8));
}

/* The next character of UTF-8 text that ends in NUL; U+FFFD for a byte that is none. */
static uint32_t
next_character(const char **text)
{
	const unsigned char *p = (const unsigned char *)*text;
	size_t more = *p < 0xc2 ? 0 : *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : *p < 0xf5 ? 3 : 0;
	uint32_t c = more == 0 ? *p : *p & (0x3fU >> more);

	(*text)++;
	if (more == 0)
		return c < 0x80 ? c : 0xfffd;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0xfffd;
		c = c << 6 | (p[i] & 0x3f);
	}
	*text += more;
	return c;
}

static void
add_utf16(struct buf *out, const char *text)
{
	uint32_t c;

	while (*text != '\0') {
		c = next_character(&text);
		if (c >= 0x10000) {
			add_u16(out, 0xd800 + ((c - 0x10000) >> 10));
			c = 0xdc00 + ((c - 0x10000) & 0x3ff);
		}
		add_u16(out, c);
	}
}

bool
ntlm_hash(const char *password, unsigned char ret[NTLM_HASH_SIZE], struct err *err)
{
	struct buf text = BUF_INIT;
	EVP_MD *md4 = NULL;
	bool done = false;

	if (!ossl_load_providers(err))
		return false;
	buf_reserve(&text, 2 * strlen(password) + 1);
	add_utf16(&text, password);
	md4 = EVP_MD_fetch(NULL, "MD4", NULL);
	if (md4 == NULL)
		err_set(err, ERR_FAILED,
		    "NTLM needs MD4, and OpenSSL's legacy provider is not there: install "
		    "it (Debian 13: openssl-provider-legacy); Basic works without");
	else if (EVP_Digest(text.data, text.len, ret, NULL, md4, NULL) != 1)
		ossl_err(err, "cannot make the MD4 hash of a password");
	else
		done = true;
	ossl_forget();
	EVP_MD_free(md4);
	explicit_bzero(text.data, text.len);
	buf_clear(&text);
	return done;
}
