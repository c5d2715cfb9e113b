#include "scep/forms.h"

#include "scenarios/words.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/objects.h>
#include <string.h>

#define WORDS_MAX 10

/* The table of docs/scenario-format.md; NULL: the usual one is no form. */
static const struct row {
	const char *key;
	size_t offset;
	const char *words[WORDS_MAX];
} rows[] = {
#define ROW(name, ...)                                       \
	{                                                    \
#name, offsetof(struct certrep_forms, name), \
		{                                            \
			__VA_ARGS__                          \
		}                                            \
	}
    /* clang-format off */
    ROW(status, NULL, "7", "missing"),
    ROW(fail_info, NULL, "99", "missing"),
    ROW(message_type, "usual", "missing", "PKCSReq"),
    ROW(number_type, "printable", "integer"),
    ROW(string_type, "printable", "utf8", "ia5", "bmp"),
    ROW(recipient_nonce, "usual", "wrong", "missing", "short", "empty", "stale"),
    ROW(sender_nonce, "fresh", "constant", "missing", "short"),
    ROW(transaction_id, "usual", "wrong", "missing", "lower-case"),
    ROW(content_type, "usual", "missing"),
    ROW(attribute_order, "sorted", "reversed"),
    ROW(signing_time, "none", "now"),
    ROW(content, "usual", "absent", "empty", "zero-byte", "garbage", "payload"),
    ROW(signer, "ra", "ca", "expired-ra", "foreign", "self"),
    ROW(signer_id, "issuer-serial", "key-id"),
    ROW(signature_algorithm, "rsa", "sha-rsa", "pss"),
    ROW(signature, "good", "corrupt"),
    ROW(message_digest, "right", "wrong"),
    ROW(digest, "usual", "md5", "sha1", "sha256", "sha384", "sha512"),
    ROW(certificates, "usual", "none", "signer", "all", "ca-first"),
    ROW(recipient, "requester", "other", "new-certificate", "key-id"),
    ROW(key_transport, "rsa", "oaep", "no-null"),
    ROW(cipher, "usual", "des", "des3", "aes128", "aes192", "aes256"),
    ROW(leaf, "usual", "missing", "wrong-key", "wrong-subject", "expired", "not-yet-valid",
        "foreign", "bare"),
    ROW(bag, "leaf-ca", "leaf", "ca-leaf", "with-crl", "with-ra"),
    ROW(encoding, "der", "ber", "ber-inner"),
    /* clang-format on */
};

#define ROW_COUNT (sizeof(rows) / sizeof(rows[0]))

static unsigned
value_at(const struct certrep_forms *forms, size_t offset)
{
	unsigned value;

	memcpy(&value, (const char *)forms + offset, sizeof(value));
	return value;
}

Test(forms, each_word_of_the_page_sets_its_own_member)
{
	for (size_t i = 0; i < ROW_COUNT; i++)
		for (unsigned j = 0; j < WORDS_MAX; j++) {
			const char *word = rows[i].words[j];
			struct certrep_forms forms = {.status = 0};
			struct certrep_forms want = {.status = 0};

			if (word == NULL)
				continue;
			memcpy((char *)&want + rows[i].offset, &j, sizeof(j));
			cr_expect(certrep_form_set(&forms, rows[i].key, word), "%s: %s",
			    rows[i].key, word);
			cr_expect(eq(u32, value_at(&forms, rows[i].offset), j), "%s: %s",
			    rows[i].key, word);
			cr_expect(memcmp(&forms, &want, sizeof(forms)) == 0, "%s: %s",
			    rows[i].key, word);
		}
	cr_expect(eq(sz, sizeof(struct certrep_forms), ROW_COUNT * sizeof(unsigned)));
}

Test(forms, what_is_no_key_or_no_word_of_it_changes_nothing)
{
	static const struct {
		const char *key;
		const char *word;
	} wrong[] = {
	    {"status", "SUCCESS"},
	    {"status", "usual"},
	    {"fail_info", "badAlg"},
	    {"leaf", "Expired"},
	    {"leaf", ""},
	    {"bag", "bare"},
	    {"encoding", "der "},
	    {"Leaf", "expired"},
	    {"", ""},
	    {"hresult", "0x80094800"},
	};
	struct certrep_forms forms = {.leaf = FORM_LEAF_FOREIGN, .bag = FORM_BAG_LEAF};
	struct certrep_forms before = forms;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		cr_expect(not(certrep_form_set(&forms, wrong[i].key, wrong[i].word)),
		    "%s: %s", wrong[i].key, wrong[i].word);
		cr_expect(memcmp(&forms, &before, sizeof(forms)) == 0, "%s: %s",
		    wrong[i].key, wrong[i].word);
	}
}

static bool
loader_knows(const char *key, const char *word)
{
	for (size_t i = 0; i < SCEP_FORM_COUNT; i++)
		for (size_t j = 0; j < words_scep_forms[i].words.count; j++)
			if (strcmp(words_scep_forms[i].key, key) == 0 &&
			    strcmp(words_scep_forms[i].words.items[j], word) == 0)
				return true;
	return false;
}

Test(forms, the_loader_takes_these_words_and_no_others)
{
	const char *key, *word;
	size_t count = 0;
	size_t n;

	for (size_t i = 0; i < SCEP_FORM_COUNT; i++)
		for (size_t j = 0; j < words_scep_forms[i].words.count; j++, count++) {
			struct certrep_forms forms = {.status = 0};

			cr_expect(certrep_form_set(&forms, words_scep_forms[i].key,
			              words_scep_forms[i].words.items[j]),
			    "%s: %s", words_scep_forms[i].key,
			    words_scep_forms[i].words.items[j]);
		}
	for (n = 0; certrep_form_word(n, &key, &word); n++)
		cr_expect(loader_knows(key, word), "%s: %s", key, word);
	cr_expect(eq(sz, n, count));
}

Test(forms, algorithms_are_those_of_their_words)
{
	static const struct {
		const char *key;
		const char *word;
		int nid;
	} algorithms[] = {
	    {"digest", "usual", NID_undef},
	    {"digest", "md5", NID_md5},
	    {"digest", "sha1", NID_sha1},
	    {"digest", "sha256", NID_sha256},
	    {"digest", "sha384", NID_sha384},
	    {"digest", "sha512", NID_sha512},
	    {"cipher", "usual", NID_undef},
	    {"cipher", "des", NID_des_cbc},
	    {"cipher", "des3", NID_des_ede3_cbc},
	    {"cipher", "aes128", NID_aes_128_cbc},
	    {"cipher", "aes192", NID_aes_192_cbc},
	    {"cipher", "aes256", NID_aes_256_cbc},
	};

	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
		const char *word = algorithms[i].word;
		bool is_digest = strcmp(algorithms[i].key, "digest") == 0;
		int usual = is_digest ? NID_sha224 : NID_camellia_128_cbc;
		int want = algorithms[i].nid == NID_undef ? usual : algorithms[i].nid;
		struct certrep_forms forms = {.status = 0};

		cr_assert(certrep_form_set(&forms, algorithms[i].key, word), "%s", word);
		cr_expect(eq(int, certrep_form_digest(&forms, NID_sha224),
		              is_digest ? want : NID_sha224),
		    "%s", word);
		cr_expect(eq(int, certrep_form_cipher(&forms, NID_camellia_128_cbc),
		              is_digest ? NID_camellia_128_cbc : want),
		    "%s", word);
	}
}
