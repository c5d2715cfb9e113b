#include "http/layer.h"
#include "http/reply.h"
#include "scenarios/model.h"
#include "scenarios/words.h"
#include "support/same.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct words *const sets[] = {&words_outcome, &words_provenance,
    &words_profile, &words_level, &words_capability, &words_pki, &words_operation,
    &words_method, &words_platform, &words_client_cert, &words_message_type,
    &words_digest, &words_cipher, &words_challenge, &words_challenge_type,
    &words_count_by, &words_layer, &words_redirect, &words_page, &words_page_iis,
    &words_page_proxy, &words_fate, &words_at, &words_tls, &words_delay_at,
    &words_cut_end, &words_framing, &words_version, &words_transform, &words_forget,
    &words_pki_status, &words_fail_info, &words_ca_certificate, &words_httperr,
    &words_probe_fate};

static bool
is_distinct(const struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		for (size_t j = 0; j < i; j++)
			if (strcmp(words->items[i], words->items[j]) == 0)
				return false;
	return words->count > 0;
}

Test(scenarios_words, no_set_has_a_word_twice)
{
	for (size_t i = 0; i < COUNT(sets); i++)
		cr_expect(is_distinct(sets[i]), "case %s", sets[i]->what);
}

/* The loader takes the place of a word for the value of the enum. */
Test(scenarios_words, sets_stand_in_the_order_of_their_enums)
{
	static const struct {
		const struct words *words;
		size_t value;
		const char *word;
	} rows[] = {
	    {&words_outcome, OUTCOME_MUST_ENROL, "must-enrol"},
	    {&words_outcome, OUTCOME_EITHER, "either"},
	    {&words_provenance, PROVENANCE_INFERRED, "inferred"},
	    {&words_level, LEVEL_ERROR, "error"},
	    {&words_level, LEVEL_NOTE, "note"},
	    {&words_count_by, COUNT_BY_SITE, "site"},
	    {&words_count_by, COUNT_BY_TRANSACTION, "transaction"},
	    {&words_redirect, REDIRECT_LOOP - 1, "loop"},
	    {&words_redirect, REDIRECT_MOVED - 1, "moved"},
	    {&words_redirect, REDIRECT_HTTPS - 1, "https"},
	    {&words_redirect, REDIRECT_ELSEWHERE - 1, "elsewhere"},
	    {&words_fate, FATE_RESET, "reset"},
	    {&words_fate, FATE_CLOSE, "close"},
	    {&words_fate, FATE_CLOSE_UNANSWERED, "close-before-response"},
	    {&words_fate, FATE_GARBAGE, "garbage"},
	    {&words_fate, FATE_STALL, "stall"},
	    {&words_fate, FATE_HALF_CLOSE, "half-close"},
	    {&words_fate, FATE_REFUSE, "refuse"},
	    {&words_fate, FATE_NO_ACCEPT, "no-accept"},
	    {&words_delay_at, DELAY_HEAD, "head"},
	    {&words_delay_at, DELAY_BODY, "body"},
	    {&words_delay_at, DELAY_ACCEPT, "accept"},
	    {&words_cut_end, CUT_END_CLOSE, "close"},
	    {&words_cut_end, CUT_END_RESET, "reset"},
	    {&words_cut_end, CUT_END_STALL, "stall"},
	    {&words_framing, FRAMING_USUAL, "usual"},
	    {&words_framing, FRAMING_CHUNKED, "chunked"},
	    {&words_framing, FRAMING_UNTIL_CLOSE, "until-close"},
	    {&words_framing, FRAMING_LENGTH_SHORT, "length-short"},
	    {&words_framing, FRAMING_LENGTH_LONG, "length-long"},
	    {&words_framing, FRAMING_LENGTH_TWICE, "length-twice"},
	    {&words_framing, FRAMING_BAD_CHUNK, "bad-chunk"},
	    {&words_probe_fate, PROBE_ANSWERED, "answered"},
	    {&words_probe_fate, PROBE_UNREACHABLE, "unreachable"},
	    {&words_probe_fate, PROBE_CUT, "cut"},
	    {&words_probe_fate, PROBE_TLS_CUT, "tls-cut"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		cr_assert(rows[i].value < rows[i].words->count, "case %s", rows[i].word);
		cr_expect(same(rows[i].words->items[rows[i].value], rows[i].word),
		    "case %s", rows[i].word);
	}
	cr_expect(eq(sz, words_framing.count, FRAMING_COUNT));
}

Test(scenarios_words, layers_are_those_of_http)
{
	cr_assert(eq(sz, words_layer.count, LAYER_COUNT));
	for (size_t i = 0; i < LAYER_COUNT; i++)
		cr_expect(same(words_layer.items[i], layer_names[i]));
}

static void
expect_forms(const struct form_words *forms, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		cr_expect(is_distinct(&forms[i].words), "case %s", forms[i].key);
		cr_expect(ge(sz, forms[i].words.count, 2), "case %s", forms[i].key);
		cr_expect(strstr(forms[i].words.what, forms[i].key) != NULL, "case %s",
		    forms[i].key);
		for (size_t j = 0; j < i; j++)
			cr_expect(strcmp(forms[i].key, forms[j].key) != 0, "case %s",
			    forms[i].key);
	}
}

Test(scenarios_words, forms_have_a_usual_word_and_another)
{
	expect_forms(words_scep_forms, SCEP_FORM_COUNT);
	expect_forms(words_ca_forms, CA_FORM_COUNT);
}
