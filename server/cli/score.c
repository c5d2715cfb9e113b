#include "cli/find.h"
#include "scenarios/words.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PHRASE_MIN 3   /* letters; fewer stand everywhere */
#define LINE_MIN   12  /* letters of a text that is looked for in the query */
#define NUMBER_MIN 600 /* smaller ones stand in texts for many reasons */
#define WORDS_MAX  96
#define ALIKE_MIN  5  /* words */
#define ALIKE_PART 70 /* percent */

#define FACILITY UINT32_C(0xffff0000)
#define FACILITY_HTTP \
	UINT32_C(0x80190000) /* the status below: WinHTTP, Windows clients */
#define FACILITY_WIN32 UINT32_C(0x80070000)

/* What a hit is worth. A text adds the weight of where it stands. */
enum worth {
	WORTH_ALIAS = 950,
	WORTH_EXACT = 900, /* it is this and nothing else */
	WORTH_NAMED = 880,
	WORTH_ZEROS = 850, /* a triple or a substatus without much in it */
	WORTH_STATUS = 720,
	WORTH_EVENT = 700,
	WORTH_CODE = 690,
	WORTH_WHOLE = 600,
	WORTH_PHRASE = 500,
	WORTH_WITHIN = 350,
	WORTH_NUMBER = 300,
	WORTH_USUAL = 200, /* a healthy server shows it too */
	WORTH_ALIKE = 100,
};

static const unsigned weights[SIGN_COUNT] = {
    [SIGN_ID] = 70,
    [SIGN_ALIAS] = 65,
    [SIGN_TITLE] = 60,
    [SIGN_SYMPTOM] = 55,
    [SIGN_CAUSE] = 30,
    [SIGN_FIX] = 25,
    [SIGN_CLIENT] = 58,
    [SIGN_IIS] = 40,
    [SIGN_HTTPERR] = 40,
    [SIGN_NO_LINE] = 0,
    [SIGN_CRP] = 40,
    [SIGN_EVENT] = 57,
    [SIGN_FILE] = 57,
    [SIGN_REGISTRY] = 50,
    [SIGN_SHOWS] = 57,
};

static bool
is_word_letter(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* How many letters of `text` the phrase takes from here; a blank is any of them. */
static size_t
phrase_here(const char *text, const char *phrase)
{
	size_t at = 0;

	for (; *phrase != '\0'; phrase++) {
		if (*phrase == ' ') {
			if (!isspace((unsigned char)text[at]))
				return 0;
			while (isspace((unsigned char)text[at]))
				at++;
		} else if (tolower((unsigned char)text[at]) ==
		           tolower((unsigned char)*phrase)) {
			at++;
		} else {
			return 0;
		}
	}
	return at;
}

enum found { FOUND_NOT, FOUND_PART, FOUND_WORDS, FOUND_WHOLE };

/* WORDS: it begins and ends where words do. */
static enum found
find_phrase(const char *text, const char *phrase)
{
	enum found best = FOUND_NOT;

	if (text == NULL || phrase[0] == '\0')
		return FOUND_NOT;
	for (size_t i = 0; text[i] != '\0' && best < FOUND_WORDS; i++) {
		size_t len = phrase_here(text + i, phrase);
		bool begins =
		    i == 0 || !is_word_letter(text[i - 1]) || !is_word_letter(phrase[0]);

		if (len == 0)
			continue;
		if (i == 0 && text[len] == '\0')
			return FOUND_WHOLE;
		best = begins && !(is_word_letter(text[i + len]) &&
		                     is_word_letter(text[i + len - 1]))
		           ? FOUND_WORDS
		           : FOUND_PART;
	}
	return best;
}

static bool
has_words(const struct sign *sign, const char *phrase)
{
	return find_phrase(sign->text, phrase) >= FOUND_WORDS ||
	       find_phrase(sign->more, phrase) >= FOUND_WORDS ||
	       find_phrase(sign->head, phrase) >= FOUND_WORDS;
}

static bool
has_triple(const struct sign *sign)
{
	return sign->kind == SIGN_IIS || sign->kind == SIGN_CRP;
}

static unsigned
usual(const struct sign *sign, unsigned worth)
{
	return sign->is_usual ? WORTH_USUAL : worth;
}

static unsigned
score_triple(const struct query *query, const struct sign *sign)
{
	bool is_bare = strchr(query->text, '/') == NULL;

	if (!has_triple(sign) || sign->status != query->status ||
	    sign->substatus != query->substatus || sign->win32 != query->win32)
		return 0;
	if (!is_bare && query->is_crp != (sign->kind == SIGN_CRP))
		return 0;
	return usual(
	    sign, sign->win32 != 0 || sign->substatus != 0 ? WORTH_EXACT : WORTH_ZEROS);
}

static unsigned
score_status(const struct query *query, const struct sign *sign)
{
	if (!query->has_status || sign->status != query->status)
		return 0;
	if (query->has_win32)
		return score_triple(query, sign);
	if (query->has_substatus) {
		if (!has_triple(sign) || sign->substatus != query->substatus)
			return 0;
		return usual(sign, sign->substatus != 0 ? WORTH_NAMED : WORTH_ZEROS);
	}
	if (query->httperr != NULL)
		return 0;
	return usual(sign, WORTH_STATUS);
}

static unsigned
score_httperr(const struct query *query, const struct sign *sign)
{
	if (query->httperr == NULL || sign->kind != SIGN_HTTPERR || sign->name == NULL ||
	    strcmp(sign->name, query->httperr) != 0)
		return 0;
	if (!query->is_line)
		return WORTH_NAMED;
	return query->status == sign->status ? WORTH_EXACT : WORTH_STATUS;
}

static unsigned
score_event(const struct query *query, const struct sign *sign)
{
	if (!query->has_event || sign->kind != SIGN_EVENT || sign->event != query->event)
		return 0;
	if (query->source == NULL)
		return WORTH_EVENT;
	return find_phrase(sign->head, query->source) >= FOUND_WORDS ? WORTH_EXACT : 0;
}

/* In any of the forms that people write. */
static bool
has_hresult(const struct sign *sign, uint32_t hresult)
{
	char forms[5][16];

	snprintf(forms[0], sizeof(forms[0]), "0x%08x", (unsigned)hresult);
	snprintf(forms[1], sizeof(forms[1]), "%08x", (unsigned)hresult);
	snprintf(forms[2], sizeof(forms[2]), "%u", (unsigned)hresult);
	snprintf(forms[3], sizeof(forms[3]), "-%u", (unsigned)(UINT32_C(0) - hresult));
	snprintf(forms[4], sizeof(forms[4]), "0x%x", (unsigned)hresult);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (has_words(sign, forms[i]))
			return true;
	return false;
}

static unsigned
score_hresult(const struct sign *sign, uint32_t hresult)
{
	uint32_t low = hresult & ~FACILITY;

	if (has_hresult(sign, hresult) || (has_triple(sign) && sign->win32 == hresult))
		return WORTH_EXACT;
	if ((hresult & FACILITY) == FACILITY_HTTP && sign->kind == SIGN_CLIENT &&
	    sign->status == low)
		return usual(sign, WORTH_ZEROS);
	if ((hresult & FACILITY) == FACILITY_WIN32 && has_triple(sign) && low != 0 &&
	    sign->win32 == low)
		return WORTH_NAMED;
	return 0;
}

static unsigned
score_number(const struct query *query, const struct sign *sign)
{
	if (query->number != 0 && has_triple(sign) && sign->win32 == query->number)
		return WORTH_CODE;
	if (query->number >= NUMBER_MIN && has_words(sign, query->text))
		return WORTH_NUMBER + weights[sign->kind];
	return 0;
}

static unsigned
score_phrase(const struct query *query, const struct sign *sign)
{
	const char *const texts[] = {sign->text, sign->more, sign->head};
	enum found best = FOUND_NOT;

	if (query->is_number || strlen(query->text) < PHRASE_MIN)
		return 0;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		enum found found = find_phrase(texts[i], query->text);

		if (found > best)
			best = found;
	}
	switch (best) {
	case FOUND_WHOLE:
		return WORTH_WHOLE + weights[sign->kind];
	case FOUND_WORDS:
		return WORTH_PHRASE + weights[sign->kind];
	case FOUND_PART:
		return WORTH_PHRASE - SCORE_LEAD + weights[sign->kind];
	case FOUND_NOT:
		break;
	}
	return 0;
}

static unsigned
score_name(const struct query *query, const struct sign *sign)
{
	if (sign->kind == SIGN_ID && strcasecmp(sign->text, query->text) == 0)
		return SCORE_ID;
	if (sign->kind == SIGN_ALIAS && strcasecmp(sign->text, query->text) == 0)
		return WORTH_ALIAS;
	if (sign->kind == SIGN_REGISTRY && strcasecmp(sign->name, query->text) == 0)
		return WORTH_EXACT;
	if (query->fail_info != NULL && sign->kind == SIGN_CLIENT && sign->name != NULL &&
	    strcmp(sign->name, query->fail_info) == 0)
		return WORTH_NAMED;
	return 0;
}

static unsigned
larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

unsigned
score_sign(const struct query *query, const struct sign *sign)
{
	unsigned score = score_name(query, sign);

	score = larger(score, score_status(query, sign));
	score = larger(score, score_httperr(query, sign));
	score = larger(score, score_event(query, sign));
	if (query->has_hresult)
		score = larger(score, score_hresult(sign, query->hresult));
	if (query->is_number)
		score = larger(score, score_number(query, sign));
	return larger(score, score_phrase(query, sign));
}

/* Words that mean one thing wherever they stand. */
static unsigned
score_token(struct slice token, const struct sign *sign)
{
	uint32_t hresult;

	while (token.len > 0 && ispunct((unsigned char)token.text[token.len - 1]))
		token.len--;
	while (token.len > 1 && ispunct((unsigned char)token.text[0]) &&
	       token.text[0] != '-') {
		token.text++;
		token.len--;
	}
	if (query_hresult(token, &hresult) &&
	    (hresult >> 31 != 0 || slice_starts_nocase(token, "0x")) &&
	    score_hresult(sign, hresult) > 0)
		return WORTH_WITHIN + weights[sign->kind];
	if (sign->kind == SIGN_HTTPERR && sign->name != NULL &&
	    slice_is(token, sign->name))
		return WORTH_WITHIN + weights[sign->kind];
	return 0;
}

unsigned
score_within(const struct query *query, const struct sign *sign)
{
	struct slice tokens[WORDS_MAX];
	size_t count = query_split(slice_of(query->text), tokens, WORDS_MAX);
	unsigned score = 0;

	if (sign->kind >= SIGN_CLIENT && strlen(sign->text) >= LINE_MIN &&
	    find_phrase(query->text, sign->text) >= FOUND_WORDS)
		return WORTH_WITHIN + SCORE_LEAD / 2 + weights[sign->kind];
	for (size_t i = 0; i < count && score == 0; i++)
		score = score_token(tokens[i], sign);
	return score;
}

unsigned
score_alike(const struct query *query, const struct sign *sign)
{
	struct slice words[WORDS_MAX];
	size_t count = query_split(slice_of(sign->text), words, WORDS_MAX), same = 0;

	if (sign->kind < SIGN_CLIENT || count < ALIKE_MIN)
		return 0;
	for (size_t i = 0; i < count; i++) {
		char *word = slice_string(words[i]);

		same += find_phrase(query->text, word) >= FOUND_WORDS;
		free(word);
	}
	if (same * 100 < count * ALIKE_PART)
		return 0;
	return WORTH_ALIKE + (unsigned)(same * 100 / count) - ALIKE_PART;
}
