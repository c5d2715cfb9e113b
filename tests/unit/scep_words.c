#include "scep/words.h"

#include "scenarios/words.h"
#include "support/same.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <stdbool.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool
is_of(const struct words *set, const char *word)
{
	for (size_t i = 0; i < set->count; i++)
		if (strcmp(set->items[i], word) == 0)
			return true;
	return false;
}

Test(words, the_type_of_a_challenge_is_told_by_its_tag)
{
	static const struct {
		int tag;
		const char *want;
	} rows[] = {
	    {V_ASN1_PRINTABLESTRING, "printable"},
	    {V_ASN1_UTF8STRING, "utf8"},
	    {V_ASN1_IA5STRING, "ia5"},
	    {V_ASN1_BMPSTRING, "bmp"},
	    {V_ASN1_T61STRING, "teletex"},
	    {V_ASN1_VISIBLESTRING, "other"},
	    {V_ASN1_OCTET_STRING, "other"},
	    {V_ASN1_SEQUENCE, "other"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *word = challenge_type_word(rows[i].tag);

		cr_expect(same(word, rows[i].want), "case %s", rows[i].want);
		cr_expect(is_of(&words_challenge_type, word), "case %s", rows[i].want);
	}
	cr_expect(challenge_type_word(0) == NULL, "no challenge");
}

Test(words, every_algorithm_of_a_match_has_its_word)
{
	static const int digests[] = {
	    NID_md5, NID_sha1, NID_sha256, NID_sha384, NID_sha512};
	static const int ciphers[] = {NID_des_cbc, NID_des_ede3_cbc, NID_aes_128_cbc,
	    NID_aes_192_cbc, NID_aes_256_cbc};

	cr_assert(eq(sz, words_digest.count, COUNT(digests)));
	for (size_t i = 0; i < COUNT(digests); i++)
		cr_expect(same(digest_word(digests[i]), words_digest.items[i]));
	cr_assert(eq(sz, words_cipher.count, COUNT(ciphers)));
	for (size_t i = 0; i < COUNT(ciphers); i++)
		cr_expect(same(cipher_word(ciphers[i]), words_cipher.items[i]));
	cr_expect(digest_word(NID_sha224) == NULL);
	cr_expect(cipher_word(NID_aes_128_gcm) == NULL);
}
