#include "store/inner.h"

bool
store_add_challenge(struct store *store, const char *site, const char *word,
    int64_t issued_ms, bool counted, struct err *err)
{
	sqlite3_stmt *add = store->statements[STATEMENT_ADD_CHALLENGE];
	int step = SQLITE_ERROR;

	if (store_bind_text(add, 1, site) && store_bind_text(add, 2, word) &&
	    sqlite3_bind_int64(add, 3, issued_ms) == SQLITE_OK &&
	    sqlite3_bind_int(add, 4, counted) == SQLITE_OK)
		step = sqlite3_step(add);
	if (step == SQLITE_CONSTRAINT)
		err_set(err, ERR_FAILED,
		    "this challenge password was issued before: ask for another");
	else if (step != SQLITE_DONE)
		store_failed(store, "write a challenge password", err);
	store_release(add);
	return step == SQLITE_DONE;
}

size_t
store_count_challenges(struct store *store, const char *site, int64_t issued_after_ms)
{
	sqlite3_stmt *count = store->statements[STATEMENT_COUNT_CHALLENGES];
	size_t ret = SIZE_MAX;

	if (store_bind_text(count, 1, site) &&
	    sqlite3_bind_int64(count, 2, issued_after_ms) == SQLITE_OK &&
	    sqlite3_step(count) == SQLITE_ROW)
		ret = (size_t)sqlite3_column_int64(count, 0);
	store_release(count);
	return ret;
}

bool
store_find_challenge(struct store *store, const char *site, const char *word,
    struct challenge_row *ret, struct err *err)
{
	sqlite3_stmt *find = store->statements[STATEMENT_FIND_CHALLENGE];
	int step = SQLITE_ERROR;

	if (store_bind_text(find, 1, site) && store_bind_text(find, 2, word))
		step = sqlite3_step(find);
	if (step == SQLITE_ROW)
		*ret = (struct challenge_row){
		    .issued_ms = sqlite3_column_int64(find, 0),
		    .spent = sqlite3_column_int(find, 1) != 0,
		    .counted = sqlite3_column_int(find, 2) != 0,
		};
	else if (step != SQLITE_DONE)
		store_failed(store, "read a challenge password", err);
	store_release(find);
	return step == SQLITE_ROW;
}

bool
store_spend_challenge(
    struct store *store, const char *site, const char *word, struct err *err)
{
	sqlite3_stmt *spend = store->statements[STATEMENT_SPEND_CHALLENGE];
	int step = SQLITE_ERROR;
	bool spent = false;

	if (store_bind_text(spend, 1, site) && store_bind_text(spend, 2, word))
		step = sqlite3_step(spend);
	if (step == SQLITE_DONE)
		spent = sqlite3_changes(store->db) == 1;
	else
		store_failed(store, "spend a challenge password", err);
	store_release(spend);
	return spent;
}
