/*
 * scenario-words: prints the sets of words that the loader knows, a line each: the name
 * of the set, a blank, the word. schema_check holds the schema against them.
 */
#include "scenarios/words.h"
#include <stdio.h>

static const struct {
	const char *name;
	const struct words *words;
} sets[] = {
    {"outcome", &words_outcome},
    {"provenance", &words_provenance},
    {"profile", &words_profile},
    {"level", &words_level},
    {"capability", &words_capability},
    {"pki", &words_pki},
    {"operation", &words_operation},
    {"method", &words_method},
    {"platform", &words_platform},
    {"client_cert", &words_client_cert},
    {"message_type", &words_message_type},
    {"digest", &words_digest},
    {"cipher", &words_cipher},
    {"challenge", &words_challenge},
    {"challenge_type", &words_challenge_type},
    {"count_by", &words_count_by},
    {"layer", &words_layer},
    {"redirect", &words_redirect},
    {"page", &words_page},
    {"page_iis", &words_page_iis},
    {"page_proxy", &words_page_proxy},
    {"fate", &words_fate},
    {"at", &words_at},
    {"tls", &words_tls},
    {"delay_at", &words_delay_at},
    {"cut_end", &words_cut_end},
    {"framing", &words_framing},
    {"version", &words_version},
    {"transform", &words_transform},
    {"forget", &words_forget},
    {"pki_status", &words_pki_status},
    {"fail_info", &words_fail_info},
    {"ca_certificate", &words_ca_certificate},
    {"httperr", &words_httperr},
    {"probe_fate", &words_probe_fate},
};

static void
print_words(const char *prefix, const char *name, const struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		printf("%s%s %s\n", prefix, name, words->items[i]);
}

int
main(void)
{
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		print_words("", sets[i].name, sets[i].words);
	for (size_t i = 0; i < SCEP_FORM_COUNT; i++)
		print_words("scep-", words_scep_forms[i].key, &words_scep_forms[i].words);
	for (size_t i = 0; i < CA_FORM_COUNT; i++)
		print_words("ca-", words_ca_forms[i].key, &words_ca_forms[i].words);
	return 0;
}
