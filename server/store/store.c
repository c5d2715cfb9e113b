#include "store/inner.h"

#include "base/mem.h"
#include "store/folder.h"
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* A person who looks into the database of a running server holds it for moments. */
#define BUSY_WAIT_MS 1000

bool
store_damaged(const struct store *store, const char *reason, struct err *err)
{
	return err_set(err, ERR_FAILED,
	    "the database %s/" FOLDER_DATABASE
	    " is damaged (%s): put a good copy there, or choose another --state",
	    store->where, reason);
}

bool
store_failed(const struct store *store, const char *what, struct err *err)
{
	const char *reason =
	    store->db != NULL ? sqlite3_errmsg(store->db) : "out of memory";
	int code = store->db != NULL ? sqlite3_errcode(store->db) & 0xff : SQLITE_NOMEM;

	if (store->where == NULL)
		return err_set(err, ERR_FAILED, "cannot %s: %s", what, reason);
	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
		return store_damaged(store, reason, err);
	return err_set(
	    err, ERR_FAILED, "cannot %s in %s (--state): %s", what, store->where, reason);
}

/* One thread uses the connection: no mutex. */
static bool
open_database(struct store *store, const char *path, struct err *err)
{
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(path, &store->db, flags, NULL) != SQLITE_OK)
		return store_failed(store, "open the database", err);
	sqlite3_busy_timeout(store->db, BUSY_WAIT_MS);
	return schema_set_up(store, err) && schema_prepare(store, err);
}

struct store *
store_open(const char *dir, struct err *err)
{
	struct store *store = mem_alloc(sizeof(*store));
	char *path = NULL;
	bool ok = true;

	store->lock = -1;
	store->where = mem_string(dir);
	if (dir != NULL) {
		store->lock = folder_take(dir, err);
		if (store->lock >= 0)
			path = folder_database(dir, err);
		ok = path != NULL;
	}
	if (!ok || !open_database(store, dir != NULL ? path : ":memory:", err)) {
		store_close(store);
		store = NULL;
	}
	free(path);
	return store;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(store->statements[i]);
	sqlite3_close(store->db);
	if (store->lock >= 0)
		close(store->lock);
	free(store->where);
	free(store);
}

bool
store_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC) == SQLITE_OK;
}

/* A NULL pointer would bind SQL NULL: empty is a blob of no bytes. */
bool
store_bind_blob(sqlite3_stmt *statement, int at, struct bytes blob)
{
	if (blob.len == 0)
		return sqlite3_bind_zeroblob(statement, at, 0) == SQLITE_OK;
	return blob.len <= INT_MAX && sqlite3_bind_blob(statement, at, blob.data,
	                                  (int)blob.len, SQLITE_STATIC) == SQLITE_OK;
}

void
store_release(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

bool
store_step(struct store *store, enum statement which)
{
	bool ok = sqlite3_step(store->statements[which]) == SQLITE_DONE;

	sqlite3_reset(store->statements[which]);
	return ok;
}

bool
store_end(struct store *store, bool ok, const char *what, struct err *err)
{
	if (ok && store_step(store, STATEMENT_COMMIT))
		return true;
	if (ok)
		store_failed(store, what, err);
	/* after some failures SQLite has rolled back already: then this one fails */
	store_step(store, STATEMENT_ROLLBACK);
	return false;
}

static bool
forget(struct store *store, const char *site, const enum statement *which, size_t count,
    struct err *err)
{
	static const char what[] = "forget transactions or challenges";
	bool ok = true;

	if (!store_step(store, STATEMENT_BEGIN))
		return store_failed(store, what, err);
	for (size_t i = 0; ok && i < count; i++) {
		sqlite3_stmt *statement = store->statements[which[i]];

		ok = store_bind_text(statement, 1, site) &&
		     sqlite3_step(statement) == SQLITE_DONE;
		if (!ok)
			store_failed(store, what, err);
		store_release(statement);
	}
	return store_end(store, ok, what, err);
}

bool
store_forget(struct store *store, const char *site, struct err *err)
{
	static const enum statement which[] = {
	    STATEMENT_FORGET_TRANSACTIONS, STATEMENT_FORGET_CHALLENGES};

	return forget(store, site, which, 2, err);
}

bool
store_forget_challenges(struct store *store, const char *site, struct err *err)
{
	static const enum statement which[] = {STATEMENT_FORGET_CHALLENGES};

	return forget(store, site, which, 1, err);
}
