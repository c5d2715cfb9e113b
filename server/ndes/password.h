/*
 * password: the one-time passwords that mscep_admin gives out.
 *
 * NDES keeps at most PasswordMax (5) unused passwords, each for PasswordValidity
 * (60 minutes); each lets one request in. A used or an expired one makes room for
 * another. The store keeps the rows; the rules are here. A password belongs to its
 * site.
 *
 * One that does not count is for those who need a password without taking a place
 * from mscep_admin's five: it is given however many are out, and else lives and dies
 * like the others.
 */
#ifndef NDES_PASSWORD_H
#define NDES_PASSWORD_H

#include "base/buf.h"
#include "base/err.h"
#include "store/store.h"
#include <stdint.h>

/* PasswordLength: so many bytes of chance, two upper-case hex digits each. */
#define PASSWORD_CHANCE_SIZE 8
#define PASSWORD_TEXT_SIZE   (2 * PASSWORD_CHANCE_SIZE + 1)
/* A longer challengePassword is none of ours: the store is not asked. */
#define PASSWORD_GIVEN_MAX   64

#define PASSWORD_CACHE_MAX 5
#define PASSWORD_VALID_MS  (60ULL * 60 * 1000)

struct password_rules {
	size_t cache_max;  /* unused and alive at one time */
	uint64_t valid_ms; /* it is dead when it is as old as that */
};

#define PASSWORD_RULES_DEFAULT                                                 \
	{                                                                      \
		.cache_max = PASSWORD_CACHE_MAX, .valid_ms = PASSWORD_VALID_MS \
	}

enum password_issue { PASSWORD_ISSUED, PASSWORD_CACHE_FULL, PASSWORD_NOT_STORED };

/*
 * A new password in `ret`, ended by NUL; `ret` is untouched when none is given.
 * PASSWORD_NOT_STORED: `err` says why.
 */
enum password_issue
password_issue(struct store *store, const char *site, const struct password_rules *rules,
    int64_t now_ms, const unsigned char chance[PASSWORD_CHANCE_SIZE],
    char ret[PASSWORD_TEXT_SIZE], struct err *err);
/* One that does not count. */
bool password_issue_apart(struct store *store, const char *site, int64_t now_ms,
    const unsigned char chance[PASSWORD_CHANCE_SIZE], char ret[PASSWORD_TEXT_SIZE],
    struct err *err);

enum password_verdict {
	PASSWORD_GOOD,
	PASSWORD_UNKNOWN, /* never given out on this site */
	PASSWORD_SPENT,   /* let a request in before, whatever its age */
	PASSWORD_EXPIRED,
};

/* The rule itself, pure. `row` is NULL where there is none. */
enum password_verdict password_judge(
    const struct challenge_row *row, const struct password_rules *rules, int64_t now_ms);
/*
 * What a request with the challengePassword `given` meets; spends nothing. Letters
 * count as they stand. PASSWORD_UNKNOWN with err->kind set: the store could not be
 * read.
 */
enum password_verdict
password_look(struct store *store, const char *site, const struct password_rules *rules,
    int64_t now_ms, struct slice given, struct err *err);
/*
 * The request was let in: the password is used up. False with ERR_NONE: it was already,
 * or is none of ours.
 */
bool password_spend(
    struct store *store, const char *site, struct slice given, struct err *err);
/* A static sentence fragment for the person at the terminal: "was used before". */
const char *password_verdict_text(enum password_verdict verdict);

#endif
