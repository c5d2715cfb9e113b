#include "scep/served.h"

#include "certs/aids.h"
#include "certs/cert.h"
#include "certs/crl.h"
#include "certs/der.h"
#include "certs/ossl.h"
#include "scep/bag.h"
#include <ctype.h>
#include <string.h>

#define WORDS_MAX 4

/* What the levels of a bag are, from outside: ContentInfo, [0], SignedData, its
 * members; a certificate is the fifth. Of a certificate alone: itself. */
#define BER_LEVELS_BAG  4
#define BER_LEVELS_CERT 1

/* clang-format off */
static const struct {
	const char *key;
	size_t offset;
	const char *words[WORDS_MAX]; /* in the order of the key's enum */
} keys[] = {
    {"bag", offsetof(struct served_forms, bag), {"pkcs7", "der", "pem", "empty"}},
    {"crl", offsetof(struct served_forms, crl), {"none", "with"}},
    {"encoding", offsetof(struct served_forms, encoding), {"der", "ber"}},
    {"caps_end", offsetof(struct served_forms, caps_end), {"lf", "crlf", "comma", "blank-lf"}},
    {"caps_last", offsetof(struct served_forms, caps_last), {"none", "end"}},
    {"caps_case", offsetof(struct served_forms, caps_case), {"usual", "lower", "upper"}},
    {"caps_mark", offsetof(struct served_forms, caps_mark), {"none", "utf-8"}},
};
/* clang-format on */

enum source { OF_SIGN, OF_ENCRYPT, OF_CA, OF_ROOT, OF_AID };

static const struct certificate {
	const char *word;
	enum source source;
	enum aid aid; /* OF_AID */
} certificates[] = {
    {"sign", OF_SIGN, 0},
    {"encrypt", OF_ENCRYPT, 0},
    {"ca", OF_CA, 0},
    {"root", OF_ROOT, 0},
    {"expired-sign", OF_AID, AID_EXPIRED_SIGN},
    {"expired-encrypt", OF_AID, AID_EXPIRED_ENCRYPT},
    {"foreign-ca", OF_AID, AID_FOREIGN_CA},
};

bool
served_form_set(struct served_forms *forms, const char *key, const char *word)
{
	size_t i;
	unsigned value;

	for (i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (strcmp(keys[i].key, key) == 0)
			break;
	if (i == sizeof(keys) / sizeof(keys[0]))
		return false;
	for (value = 0; value < WORDS_MAX && keys[i].words[value] != NULL; value++)
		if (strcmp(keys[i].words[value], word) == 0) {
			memcpy((char *)forms + keys[i].offset, &value, sizeof(value));
			return true;
		}
	return false;
}

static const struct certificate *
find_certificate(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(certificates) / sizeof(certificates[0]); i++)
		if (strcmp(certificates[i].word, word) == 0)
			return &certificates[i];
	return NULL;
}

bool
served_certificate_is_known(const char *word)
{
	return find_certificate(word) != NULL;
}

/* Borrowed from the pki; NULL and err. */
static const struct pki_cert *
certificate_of(const struct pki *pki, const char *word, struct err *err)
{
	const struct certificate *which = find_certificate(word);

	if (which == NULL) {
		err_set(err, ERR_USAGE,
		    "GetCACert has no certificate \"%s\" (docs/scenario-format.md lists "
		    "them under ca)",
		    word);
		return NULL;
	}
	switch (which->source) {
	case OF_SIGN:
		return &pki->sign;
	case OF_ENCRYPT:
		return &pki->encrypt;
	case OF_CA:
		return &pki->ca;
	case OF_ROOT:
		if (pki->has_root)
			return &pki->root;
		err_set(err, ERR_USAGE,
		    "there is no root above the CA: choose it with pki: chain");
		return NULL;
	case OF_AID:
		return pki_aid(pki, which->aid, err);
	}
	return NULL;
}

struct chosen {
	struct bytes certs[SERVED_CERTIFICATES_MAX];
	size_t count;
};

static bool
choose(const struct pki *pki, const struct served_wish *wish, struct chosen *ret,
    struct err *err)
{
	const struct pki_cert *cert;

	if (wish->certificate_count > SERVED_CERTIFICATES_MAX)
		return err_set(err, ERR_USAGE,
		    "GetCACert with %zu certificates: %d are the most",
		    wish->certificate_count, SERVED_CERTIFICATES_MAX);
	if (wish->certificate_count == 0) {
		ret->count = bag_certs(pki, ret->certs);
		return true;
	}
	for (ret->count = 0; ret->count < wish->certificate_count; ret->count++) {
		cert = certificate_of(pki, wish->certificates[ret->count], err);
		if (cert == NULL)
			return false;
		ret->certs[ret->count] = buf_bytes(&cert->der);
	}
	return true;
}

static bool
encode(const struct served_forms *forms, struct bytes der, unsigned levels,
    struct buf *out, struct err *err)
{
	if (forms->encoding == SERVED_ENCODING_DER) {
		buf_add(out, der.data, der.len);
		return true;
	}
	return der_to_ber(der, levels, out) ||
	       err_set(err, ERR_FAILED, "cannot write GetCACert's answer in BER");
}

static bool
write_alone(
    const struct served_forms *forms, struct bytes cert, struct buf *out, struct err *err)
{
	struct buf encoded = BUF_INIT;
	bool ok;

	if (forms->bag != SERVED_PEM)
		return encode(forms, cert, BER_LEVELS_CERT, out, err);
	ok = encode(forms, cert, BER_LEVELS_CERT, &encoded, err) &&
	     (cert_write_pem(buf_bytes(&encoded), out) ||
	         ossl_err(err, "cannot write GetCACert's answer as PEM"));
	buf_clear(&encoded);
	return ok;
}

static bool
write_bag(const struct pki *pki, const struct served_wish *wish,
    const struct chosen *chosen, struct buf *out, struct err *err)
{
	size_t count = wish->forms.bag == SERVED_EMPTY ? 0 : chosen->count;
	time_t now = wish->now != 0 ? wish->now : pki->setup_at;
	struct buf crl = BUF_INIT, bag = BUF_INIT;
	bool ok = true;

	if (wish->forms.crl == SERVED_CRL_WITH)
		ok = crl_issue(pki, now, &crl, err);
	ok = ok && bag_build_with_crl(chosen->certs, count, buf_bytes(&crl), &bag, err) &&
	     encode(&wish->forms, buf_bytes(&bag), BER_LEVELS_BAG, out, err);
	buf_clear(&crl);
	buf_clear(&bag);
	return ok;
}

static bool
is_alone(const struct pki *pki, const struct served_wish *wish, size_t count)
{
	bool is_listed = wish->certificate_count > 0;

	switch ((enum served_bag)wish->forms.bag) {
	case SERVED_DER:
	case SERVED_PEM:
		return true;
	case SERVED_PKCS7:
		return !pki->has_ra && !is_listed && count == 1 &&
		       wish->forms.crl == SERVED_CRL_NONE;
	case SERVED_EMPTY:
		return false;
	}
	return false;
}

bool
served_ca(const struct pki *pki, const struct served_wish *wish, struct buf *out,
    const char **content_type, struct err *err)
{
	struct chosen chosen = {.count = 0};
	bool ok = choose(pki, wish, &chosen, err);
	bool alone = ok && is_alone(pki, wish, chosen.count);

	if (alone)
		ok = write_alone(&wish->forms, chosen.certs[0], out, err);
	else
		ok = ok && write_bag(pki, wish, &chosen, out, err);
	if (ok)
		*content_type = alone ? "application/x-x509-ca-cert"
		                      : "application/x-x509-ca-ra-cert";
	ossl_forget();
	return ok;
}

static void
add_in_case(struct buf *out, struct slice line, enum served_caps_case wanted)
{
	size_t i;

	for (i = 0; i < line.len; i++) {
		int c = (unsigned char)line.text[i];

		switch (wanted) {
		case SERVED_CASE_USUAL:
			break;
		case SERVED_CASE_LOWER:
			c = tolower(c);
			break;
		case SERVED_CASE_UPPER:
			c = toupper(c);
			break;
		}
		buf_add_char(out, (char)c);
	}
}

void
served_caps(
    const struct capabilities *caps, const struct served_forms *forms, struct buf *out)
{
	/* in the order of enum served_caps_end */
	static const char *const ends[] = {"\n", "\r\n", ",", "\n"};
	size_t i;

	if (forms->caps_mark == SERVED_MARK_UTF8)
		buf_add_text(out, "\xef\xbb\xbf");
	for (i = 0; i < caps->count; i++) {
		add_in_case(out, caps->lines[i], (enum served_caps_case)forms->caps_case);
		if (forms->caps_end == SERVED_END_BLANK_LF)
			buf_add_char(out, ' ');
		if (i + 1 < caps->count || forms->caps_last == SERVED_LAST_END)
			buf_add_text(out, ends[forms->caps_end]);
	}
}
