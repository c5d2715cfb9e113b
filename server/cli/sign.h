/*
 * sign: all that a scenario shows of itself, as a list: what a client is answered, the
 * lines of the logs, events, files, registry, and its own texts.
 *
 * It is taken from the loaded scenario, and the answers from the same functions that
 * make them when it is played (flow/edit), so nothing is said twice. What explain looks
 * in, what it prints and what the pages show is this list.
 */
#ifndef CLI_SIGN_H
#define CLI_SIGN_H

#include "base/buf.h"
#include "scenarios/model.h"

enum sign_kind {
	SIGN_ID,
	SIGN_ALIAS,
	SIGN_TITLE,
	SIGN_SYMPTOM,
	SIGN_CAUSE,
	SIGN_FIX,
	SIGN_CLIENT,  /* the answer, or what is there instead of one */
	SIGN_IIS,     /* the three numbers of the line in the IIS log */
	SIGN_HTTPERR, /* the end of the line in HTTPERR */
	SIGN_NO_LINE, /* neither log has one */
	SIGN_CRP,     /* the three numbers of the policy module's VerifyRequest line */
	SIGN_EVENT,
	SIGN_FILE, /* one line of a file */
	SIGN_REGISTRY,
	SIGN_SHOWS, /* what a platform's client shows */
};
#define SIGN_COUNT 15

struct sign {
	enum sign_kind kind;
	char *head; /* of what, or where: "GetCACert", "NDESPlugin.log"; NULL: none */
	char *text; /* "500 0 1346" */
	char *more; /* CLIENT: the text of the page; NULL: none */
	/* what is looked for as a whole, borrowed from the scenario or static: the
	   reason, the failInfo, the source of an event, the name of a registry value */
	const char *name;
	unsigned status; /* 0: none; IIS, CRP: with the two below */
	unsigned substatus;
	uint32_t win32;
	unsigned event;
	bool is_usual; /* IIS, CLIENT: a healthy server shows the same */
};

struct signs {
	struct sign *items;
	size_t count;
};

/* All of one variation; none twice. */
void signs_collect(const struct scenario *scenario, struct signs *ret);
void signs_clear(struct signs *signs);
bool sign_equal(const struct sign *a, const struct sign *b);
/* "IIS log"; a heading for people, and a word for machines: "iis". */
const char *sign_heading(enum sign_kind kind);
const char *sign_word(enum sign_kind kind);

/* For signs.c: appends; takes head, text and more, unless the like is there. */
void signs_add(struct signs *signs, struct sign sign);

/* What a rule does to a client (sign_client.c). */
void signs_add_client(
    struct signs *signs, const struct scenario *scenario, const struct rule *rule);

/* The letters of a page that a person sees (page_text.c), one blank between; yours. If
   `known` is not NULL, its parts are set apart, and none that stands in there or that
   came before is said again. */
char *page_visible(struct bytes body, const char *known);

#endif
