#include "cli/find.h"
#include "base/mem.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WHY_MAX   60 /* bytes of a text in `why` */
#define WORDS_MAX 12 /* more are no words to look for one by one */

#define WORTH_EACH_WORD 400
#define BONUS_DEFAULTS  1
#define BONUS_ALIAS     2

bool
subject_load(const char *name, struct slice text, struct subject *ret, struct err *err)
{
	struct variations variations;

	if (!variations_load(name, text, &variations, err))
		return false;
	subject_init(ret, &variations);
	return true;
}

void
subject_init(struct subject *subject, struct variations *variations)
{
	subject->variations = *variations;
	*variations = (struct variations){.items = NULL};
	subject->signs = mem_array(subject->variations.count, sizeof(*subject->signs));
	for (size_t i = 0; i < subject->variations.count; i++)
		signs_collect(subject->variations.items[i].scenario, &subject->signs[i]);
}

void
subject_clear(struct subject *subject)
{
	for (size_t i = 0; i < subject->variations.count; i++)
		signs_clear(&subject->signs[i]);
	free(subject->signs);
	variations_clear(&subject->variations);
}

/* Cut between letters of UTF-8, not within one. */
static char *
shorten(const char *text)
{
	size_t len = strlen(text);

	if (len <= WHY_MAX)
		return mem_string(text);
	len = WHY_MAX - 3;
	while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
		len--;
	return mem_format("%.*s...", (int)len, text);
}

static char *
why_of(const struct sign *sign)
{
	const char *text = sign->text;
	char *shown, *why;

	if (sign->kind == SIGN_EVENT || sign->kind == SIGN_REGISTRY)
		text = sign->head;
	shown = shorten(text);
	for (char *at = shown; *at != '\0'; at++)
		if (*at == '\n')
			*at = ' ';
	why = mem_format("%s: %s", sign_heading(sign->kind), shown);
	free(shown);
	return why;
}

/* Of two that show the same, the one that is called so, or that shows it as it is. */
static unsigned
bonus(const struct subject *subject, const struct query *query, size_t variation)
{
	const struct signs *signs = &subject->signs[0];
	unsigned status = query->has_status ? query->status : query->hresult & 0xffff;
	unsigned worth = variation == 0 ? BONUS_DEFAULTS : 0;
	char alias[16];

	snprintf(alias, sizeof(alias), "%u", status);
	for (size_t i = 0; i < signs->count; i++)
		if (signs->items[i].kind == SIGN_ALIAS &&
		    strcmp(signs->items[i].text, alias) == 0)
			worth += BONUS_ALIAS;
	return worth;
}

typedef unsigned score_function(const struct query *query, const struct sign *sign);

/* The best sign of all variations; the first variation that has it. */
static struct hit
best_of(const struct subject *subject, const struct query *query, score_function *score)
{
	struct hit hit = {.subject = subject};
	const struct sign *best = NULL;

	for (size_t v = 0; v < subject->variations.count; v++)
		for (size_t i = 0; i < subject->signs[v].count; i++) {
			const struct sign *sign = &subject->signs[v].items[i];
			unsigned worth = score(query, sign);

			if (worth <= hit.score)
				continue;
			hit.score = worth;
			hit.variation = v;
			best = sign;
		}
	if (best != NULL) {
		hit.why = why_of(best);
		hit.score += bonus(subject, query, hit.variation);
	}
	return hit;
}

static void
hits_add(struct hits *hits, struct hit hit)
{
	if (hit.score == 0)
		return;
	hits->items = mem_grow(hits->items, hits->count + 1, sizeof(*hits->items));
	hits->items[hits->count++] = hit;
}

/* All words in one scenario: worth what they are worth together. */
static struct hit
best_of_words(const struct subject *subject, const struct query *words, size_t count)
{
	struct hit whole = {.subject = subject};
	struct buf why = BUF_INIT;

	for (size_t i = 0; i < count; i++) {
		struct hit hit = best_of(subject, &words[i], score_sign);

		if (hit.score == 0) {
			buf_clear(&why);
			return (struct hit){.subject = subject};
		}
		whole.score += hit.score / 20;
		if (hit.variation > whole.variation)
			whole.variation = hit.variation;
		buf_add_format(&why, "%s%s", i > 0 ? "; " : "", hit.why);
		free(hit.why);
	}
	whole.score = WORTH_EACH_WORD + whole.score / (unsigned)count;
	whole.why = buf_string(&why);
	return whole;
}

static void
find_words(const struct subject *subjects, size_t count, const struct query *query,
    struct hits *hits)
{
	struct slice parts[WORDS_MAX + 1];
	struct query words[WORDS_MAX];
	size_t word_count =
	    query_split(slice_of(query->text), parts, sizeof(parts) / sizeof(parts[0]));

	if (word_count < 2 || word_count > WORDS_MAX)
		return;
	for (size_t i = 0; i < word_count; i++) {
		char *word = slice_string(parts[i]);
		const char *one = word;

		(void)query_read(&words[i], &one, 1);
		free(word);
	}
	for (size_t i = 0; i < count; i++)
		hits_add(hits, best_of_words(&subjects[i], words, word_count));
	for (size_t i = 0; i < word_count; i++)
		query_clear(&words[i]);
}

/* Better ones first; then what is surer, then by id. */
static int
compare_hits(const void *a, const void *b)
{
	const struct hit *left = a, *right = b;
	const struct scenario *one = variations_first(&left->subject->variations);
	const struct scenario *other = variations_first(&right->subject->variations);

	if (left->score != right->score)
		return left->score > right->score ? -1 : 1;
	if (one->doc.provenance != other->doc.provenance)
		return one->doc.provenance < other->doc.provenance ? -1 : 1;
	return strcmp(one->id, other->id);
}

void
find(const struct subject *subjects, size_t count, const struct query *query,
    struct hits *ret)
{
	static score_function *const rounds[] = {
	    score_sign, NULL, score_within, score_alike};
	struct hits hits = {.items = NULL};

	for (size_t r = 0; r < sizeof(rounds) / sizeof(rounds[0]) && hits.count == 0; r++)
		if (rounds[r] == NULL)
			find_words(subjects, count, query, &hits);
		else
			for (size_t i = 0; i < count; i++)
				hits_add(&hits, best_of(&subjects[i], query, rounds[r]));
	if (hits.count > 0)
		qsort(hits.items, hits.count, sizeof(*hits.items), compare_hits);
	*ret = hits;
}

void
hits_clear(struct hits *hits)
{
	for (size_t i = 0; i < hits->count; i++)
		free(hits->items[i].why);
	free(hits->items);
	*hits = (struct hits){.items = NULL};
}

bool
hits_has_lead(const struct hits *hits)
{
	return hits->count > 0 &&
	       (hits->count == 1 ||
	           hits->items[0].score >= hits->items[1].score + SCORE_LEAD);
}
