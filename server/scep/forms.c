#include "scep/forms.h"

#include <openssl/objects.h>
#include <string.h>

#define WORDS_MAX 8

struct form_key {
	const char *key;
	size_t offset;
	const char *words[WORDS_MAX]; /* in the order of the key's enum; NULL: no word,
	                                 for 0 is told elsewhere */
};

/* clang-format off */
#define KEY(name, ...) {#name, offsetof(struct certrep_forms, name), {__VA_ARGS__}}

static const struct form_key keys[] = {
    /* The usual ones are a pkiStatus and a failInfo of struct certrep. */
    KEY(status, NULL, "7", "missing"),
    KEY(fail_info, NULL, "99", "missing"),
    KEY(message_type, "usual", "missing", "PKCSReq"),
    KEY(number_type, "printable", "integer"),
    KEY(string_type, "printable", "utf8", "ia5", "bmp"),
    KEY(recipient_nonce, "usual", "wrong", "missing", "short", "empty", "stale"),
    KEY(sender_nonce, "fresh", "constant", "missing", "short"),
    KEY(transaction_id, "usual", "wrong", "missing", "lower-case"),
    KEY(content_type, "usual", "missing"),
    KEY(attribute_order, "sorted", "reversed"),
    KEY(signing_time, "none", "now"),
    KEY(content, "usual", "absent", "empty", "zero-byte", "garbage", "payload"),
    KEY(signer, "ra", "ca", "expired-ra", "foreign", "self"),
    KEY(signer_id, "issuer-serial", "key-id"),
    KEY(signature_algorithm, "rsa", "sha-rsa", "pss"),
    KEY(signature, "good", "corrupt"),
    KEY(message_digest, "right", "wrong"),
    KEY(digest, "usual", "md5", "sha1", "sha256", "sha384", "sha512"),
    KEY(certificates, "usual", "none", "signer", "all", "ca-first"),
    KEY(recipient, "requester", "other", "new-certificate", "key-id"),
    KEY(key_transport, "rsa", "oaep", "no-null"),
    KEY(cipher, "usual", "des", "des3", "aes128", "aes192", "aes256"),
    KEY(leaf, "usual", "missing", "wrong-key", "wrong-subject", "expired",
        "not-yet-valid", "foreign", "bare"),
    KEY(bag, "leaf-ca", "leaf", "ca-leaf", "with-crl", "with-ra"),
    KEY(encoding, "der", "ber", "ber-inner"),
};
/* clang-format on */

#define KEY_COUNT (sizeof(keys) / sizeof(keys[0]))

/* In the order of the words of digest and cipher. */
static const int digest_nids[] = {
    NID_undef, NID_md5, NID_sha1, NID_sha256, NID_sha384, NID_sha512};
static const int cipher_nids[] = {NID_undef, NID_des_cbc, NID_des_ede3_cbc,
    NID_aes_128_cbc, NID_aes_192_cbc, NID_aes_256_cbc};

static const struct form_key *
find_key(const char *name)
{
	for (size_t i = 0; i < KEY_COUNT; i++)
		if (strcmp(keys[i].key, name) == 0)
			return &keys[i];
	return NULL;
}

bool
certrep_form_set(struct certrep_forms *forms, const char *key, const char *word)
{
	const struct form_key *found = find_key(key);

	for (unsigned i = 0; found != NULL && i < WORDS_MAX; i++)
		if (found->words[i] != NULL && strcmp(found->words[i], word) == 0) {
			memcpy((char *)forms + found->offset, &i, sizeof(i));
			return true;
		}
	return false;
}

bool
certrep_form_word(size_t n, const char **ret_key, const char **ret_word)
{
	for (size_t i = 0; i < KEY_COUNT * WORDS_MAX; i++) {
		const struct form_key *key = &keys[i / WORDS_MAX];

		if (key->words[i % WORDS_MAX] == NULL || n-- > 0)
			continue;
		*ret_key = key->key;
		*ret_word = key->words[i % WORDS_MAX];
		return true;
	}
	return false;
}

int
certrep_form_digest(const struct certrep_forms *forms, int usual)
{
	return forms->digest == 0 ? usual : digest_nids[forms->digest];
}

int
certrep_form_cipher(const struct certrep_forms *forms, int usual)
{
	return forms->cipher == 0 ? usual : cipher_nids[forms->cipher];
}
