/*
 * asked: a match made quick to ask. The predicates that it has are bits, asked in the
 * order of enum predicate. Words are bits too: the vocabulary holds those that the
 * matches of a run name, so that a word of the request is looked up once a decision
 * and not once a rule.
 */
#ifndef SCENARIOS_ASKED_H
#define SCENARIOS_ASKED_H

#include "scenarios/match.h"

enum word_kind {
	WORD_OPERATION,
	WORD_METHOD,
	WORD_PLATFORM,
	WORD_CLIENT_CERT,
	WORD_MESSAGE_TYPE,
	WORD_DIGEST,
	WORD_CIPHER,
	WORD_CHALLENGE,
	WORD_CHALLENGE_TYPE,
};
#define WORD_KINDS 9

#define VOCABULARY_MAX 31 /* of a kind; the sets of words.c are smaller */
#define WORD_ANOTHER   (UINT32_C(1) << 31) /* a word that no match names */
#define WORDS_ALL      UINT32_MAX          /* any word, but not none */

struct vocabulary {
	struct slice words[WORD_KINDS][VOCABULARY_MAX];
	size_t count[WORD_KINDS];
};

struct asked {
	const struct match *match;
	uint32_t plain; /* bit n: predicate n is asked */
	uint32_t words[WORD_KINDS];
	enum tri tls;
	enum layer layer;      /* PREDICATE_LAYER */
	bool asks_states;      /* itself, or in `not` */
	struct asked *none_of; /* NULL: none */
};

/* What is known of a request, and what was found out about it in this decision. */
struct known {
	const struct facts *facts;
	const struct vocabulary *vocabulary;
	const unsigned char *states; /* each machine's */
	uint32_t have_words;         /* bit n: words[n] was looked up */
	uint32_t words[WORD_KINDS];
	uint32_t have_layers;
	uint32_t layers; /* bit n: layer n touches the path */
	bool has_address;
	bool is_address;
	unsigned char address[16];
};

enum truth { FAILS, HOLDS, NOT_KNOWN };

void asked_init(struct asked *asked, const struct match *match, struct vocabulary *ret);
/* What its action touches is asked too. */
void
asked_narrow(struct asked *asked, const struct rule *rule, struct vocabulary *vocabulary);
void asked_clear(struct asked *asked);

/* FAILS: `*failed` is the first predicate that does not hold. `waits`: something else
   of the rule is not known yet. */
enum truth asked_hold(
    const struct asked *asked, struct known *known, bool waits, enum predicate *failed);
/* Whether a pkiMessage may still come. */
bool known_waits_for_message(const struct known *known);

#endif
