#include "ndes/password.h"

#include <string.h>

static void
write_text(const unsigned char chance[PASSWORD_CHANCE_SIZE], char ret[PASSWORD_TEXT_SIZE])
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < PASSWORD_CHANCE_SIZE; i++) {
		ret[2 * i] = digits[chance[i] >> 4];
		ret[2 * i + 1] = digits[chance[i] & 0x0f];
	}
	ret[PASSWORD_TEXT_SIZE - 1] = '\0';
}

static bool
give(struct store *store, const char *site, int64_t now_ms, bool is_counted,
    const unsigned char chance[PASSWORD_CHANCE_SIZE], char ret[PASSWORD_TEXT_SIZE],
    struct err *err)
{
	char text[PASSWORD_TEXT_SIZE];

	write_text(chance, text);
	if (!store_add_challenge(store, site, text, now_ms, is_counted, err))
		return false;
	memcpy(ret, text, sizeof(text));
	return true;
}

/* What was issued then, or before, is dead now. */
static int64_t
horizon(const struct password_rules *rules, int64_t now_ms)
{
	int64_t then;

	if (rules->valid_ms > INT64_MAX ||
	    __builtin_sub_overflow(now_ms, (int64_t)rules->valid_ms, &then))
		return INT64_MIN;
	return then;
}

enum password_issue
password_issue(struct store *store, const char *site, const struct password_rules *rules,
    int64_t now_ms, const unsigned char chance[PASSWORD_CHANCE_SIZE],
    char ret[PASSWORD_TEXT_SIZE], struct err *err)
{
	size_t alive = store_count_challenges(store, site, horizon(rules, now_ms));

	if (alive == SIZE_MAX) {
		err_set(err, ERR_FAILED, "cannot count the passwords that are out");
		return PASSWORD_NOT_STORED;
	}
	if (alive >= rules->cache_max)
		return PASSWORD_CACHE_FULL;
	return give(store, site, now_ms, true, chance, ret, err) ? PASSWORD_ISSUED
	                                                         : PASSWORD_NOT_STORED;
}

bool
password_issue_apart(struct store *store, const char *site, int64_t now_ms,
    const unsigned char chance[PASSWORD_CHANCE_SIZE], char ret[PASSWORD_TEXT_SIZE],
    struct err *err)
{
	return give(store, site, now_ms, false, chance, ret, err);
}

enum password_verdict
password_judge(
    const struct challenge_row *row, const struct password_rules *rules, int64_t now_ms)
{
	if (row == NULL)
		return PASSWORD_UNKNOWN;
	if (row->spent)
		return PASSWORD_SPENT;
	return row->issued_ms > horizon(rules, now_ms) ? PASSWORD_GOOD : PASSWORD_EXPIRED;
}

/* As text with a NUL; false: nothing that was ever given out looks like this. */
static bool
read_given(struct slice given, char ret[PASSWORD_GIVEN_MAX + 1])
{
	if (given.len == 0 || given.len > PASSWORD_GIVEN_MAX ||
	    memchr(given.text, '\0', given.len) != NULL)
		return false;
	memcpy(ret, given.text, given.len);
	ret[given.len] = '\0';
	return true;
}

enum password_verdict
password_look(struct store *store, const char *site, const struct password_rules *rules,
    int64_t now_ms, struct slice given, struct err *err)
{
	char word[PASSWORD_GIVEN_MAX + 1];
	struct challenge_row row;
	bool is_there =
	    read_given(given, word) && store_find_challenge(store, site, word, &row, err);

	return password_judge(is_there ? &row : NULL, rules, now_ms);
}

bool
password_spend(struct store *store, const char *site, struct slice given, struct err *err)
{
	char word[PASSWORD_GIVEN_MAX + 1];

	return read_given(given, word) && store_spend_challenge(store, site, word, err);
}

const char *
password_verdict_text(enum password_verdict verdict)
{
	switch (verdict) {
	case PASSWORD_GOOD:
		return "is good";
	case PASSWORD_UNKNOWN:
		return "was never given out";
	case PASSWORD_SPENT:
		return "was used before";
	case PASSWORD_EXPIRED:
		return "has expired";
	}
	return "is good";
}
