#include "cli/find.h"
#include "support/scenario_text.h"
#include "support/text.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* What a sign is worth to a query. */
static unsigned
worth(const char *text, const struct sign *sign,
    unsigned (*score)(const struct query *, const struct sign *))
{
	struct query query;
	unsigned got;

	cr_assert(query_read(&query, &text, 1), "case %s", text);
	got = score(&query, sign);
	query_clear(&query);
	return got;
}

static char head[] = "GetCACert";
static char triple[] = "500 0 0";
static char untrusted[] = "403 16 2148204809";
static char sentence[] = "Failed to send. Error 12175, -2146875392.";
static char reason[] = "503 1 AppOffline SCEP";
static char long_text[] = "A process serving application pool 'SCEP' ended unexpectedly.";

static const struct sign iis = {
    .kind = SIGN_IIS, .head = head, .text = triple, .status = 500};
static const struct sign crp = {
    .kind = SIGN_CRP, .head = head, .text = triple, .status = 500};
static const struct sign crp_403 = {.kind = SIGN_CRP,
    .head = head,
    .text = untrusted,
    .status = 403,
    .substatus = 16,
    .win32 = 2148204809};
static const struct sign file = {.kind = SIGN_FILE, .head = head, .text = sentence};
static const struct sign httperr = {.kind = SIGN_HTTPERR,
    .head = head,
    .text = reason,
    .name = "AppOffline",
    .status = 503};
static const struct sign event = {.kind = SIGN_EVENT,
    .head = head,
    .text = long_text,
    .name = "Microsoft-Windows-WAS",
    .event = 5009};

#define CRP_LINE   "POST /CertificateRegistrationSvc/Certificate/VerifyRequest - 443 - "
#define MSCEP_LINE "GET /certsrv/mscep/mscep.dll operation=GetCACert 443 - "

Test(find, a_line_belongs_to_whom_it_was_asked_of)
{
	cr_expect(worth("500 0 0", &iis, score_sign) > 0);
	cr_expect(worth("500 0 0", &crp, score_sign) > 0);
	cr_expect(worth(CRP_LINE "500 0 0 359", &crp, score_sign) > 0);
	cr_expect(worth(CRP_LINE "500 0 0 359", &iis, score_sign) == 0);
	cr_expect(worth(MSCEP_LINE "500 0 0 31", &iis, score_sign) > 0);
	cr_expect(worth(MSCEP_LINE "500 0 0 31", &crp, score_sign) == 0);
	cr_expect(worth(MSCEP_LINE "500 0 1346 31", &iis, score_sign) == 0);
	cr_expect(worth(MSCEP_LINE "500 19 0 31", &iis, score_sign) == 0);
}

Test(find, an_hresult_is_found_in_every_form)
{
	static const char *const forms[] = {
	    "0x80094800", "80094800", "-2146875392", "2148091904"};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		cr_expect(worth(forms[i], &file, score_sign) > 0, "case %s", forms[i]);
	cr_expect(worth("0x80094801", &file, score_sign) == 0);
	cr_expect(worth("0x800B0109", &crp_403, score_sign) > 0);
	cr_expect(worth("-2146762487", &crp_403, score_sign) > 0);
}

Test(find, a_number_in_a_text_is_a_whole_one)
{
	cr_expect(worth("12175", &file, score_sign) > 0);
	cr_expect(worth("1217", &file, score_sign) == 0);
	cr_expect(worth("2175", &file, score_sign) == 0);
}

Test(find, a_reason_counts_more_with_its_status)
{
	unsigned same = worth("503 1 AppOffline SCEP", &httperr, score_sign);
	unsigned other = worth("500 1 AppOffline SCEP", &httperr, score_sign);

	cr_expect(other > 0 && same > other, "%u and %u", same, other);
	cr_expect(worth("AppOffline", &httperr, score_sign) > 0);
	cr_expect(worth("Disabled", &httperr, score_sign) == 0);
}

Test(find, a_phrase_may_be_in_any_case_and_with_any_blanks)
{
	unsigned words = worth("serving  APPLICATION\tpool", &event, score_sign);
	unsigned part = worth("erving application poo", &event, score_sign);

	cr_expect(words > part && part > 0, "%u and %u", words, part);
	cr_expect(worth("application serving", &event, score_sign) == 0);
	cr_expect(worth("A", &event, score_sign) == 0, "it stands everywhere");
}

Test(find, a_text_is_found_within_what_is_pasted)
{
	cr_expect(worth("11:05 x Failed to send. Error 12175, -2146875392. y", &file,
	              score_within) > 0);
	cr_expect(worth("device said (0x80094800).", &file, score_within) > 0);
	cr_expect(worth("device said 0x80094801.", &file, score_within) == 0);
	cr_expect(worth("it says AppOffline, what now", &httperr, score_within) > 0);
}

Test(find, most_words_of_a_text_are_like_it)
{
	cr_expect(
	    worth("A process serving application pool 'NDES' ended unexpectedly, I think",
	        &event, score_alike) > 0);
	cr_expect(worth("a pool ended", &event, score_alike) == 0);
}

#define PLAYED                                                                           \
	HEAD "params:\n"                                                                 \
	     "  how: {default: soft, words: [soft, hard]}\n"                             \
	     "  code: {default: 500, min: 400, max: 599}\n"                              \
	     "rules:\n"                                                                  \
	     "  - {id: a, with: {how: hard}, match: {}, respond: {status: \"${code}\", " \
	     "layer: iis}}\n"                                                            \
	     "probes:\n"                                                                 \
	     "  - {send: {operation: none}, want: {status: 403}}\n"                      \
	     "  - {params: {how: hard, code: 502}, send: {operation: none}, "            \
	     "want: {status: 502}}\n"                                                    \
	     "  - {params: {how: soft, code: 500}, send: {operation: none}, "            \
	     "want: {status: 403}}\n"

/* The settings under which the text is found; "-": it is not found. */
static char *
settings_of(const struct subject *subject, const char *text)
{
	struct query query;
	struct hits hits;
	const char *settings = "-";
	char *copy;

	cr_assert(query_read(&query, &text, 1));
	find(subject, 1, &query, &hits);
	if (hits.count > 0)
		settings = subject->variations.items[hits.items[0].variation].settings;
	copy = strdup(settings != NULL ? settings : "");
	hits_clear(&hits);
	query_clear(&query);
	return copy;
}

Test(find, the_fewest_settings_that_show_it)
{
	static const struct {
		const char *text;
		const char *settings;
	} rows[] = {
	    {"It fails.", ""},
	    {"500", "how=hard"},
	    {"502", "how=hard,code=502"},
	    {"502 0 0", "how=hard,code=502"},
	    {"501", "-"},
	    {"broken fails 500", "how=hard"}, /* each word, in one scenario */
	    {"broken fails 501", "-"},
	};
	struct subject subject;
	struct err err = ERR_INIT;

	cr_assert(
	    subject_load("f.yaml", slice_of(PLAYED), &subject, &err), "%s", err.text);
	cr_expect(
	    subject.variations.count == 3, "none twice: %zu", subject.variations.count);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *settings = settings_of(&subject, rows[i].text);

		expect_string(settings, rows[i].settings);
		free(settings);
	}
	subject_clear(&subject);
}

Test(find, the_text_of_a_page_is_what_a_person_sees)
{
	static const char html[] =
	    "<html><head><title>Not Found</title><style>p {a: b}</style></head>"
	    "<body><h2>Not Found</h2>\r\n<p>A &amp; B</p></body></html>";
	struct bytes body = {(const unsigned char *)html, sizeof(html) - 1};
	struct bytes wide = {(const unsigned char *)"<\0p\0>\0h\0i\0", 10};
	char *text = page_visible(body, NULL);

	expect_string(text, "Not Found Not Found A & B");
	free(text);
	text = page_visible(body, "Not Found");
	expect_string(text, "A & B");
	free(text);
	text = page_visible(wide, NULL);
	expect_string(text, "hi");
	free(text);
}
