#include "store/store.h"

#include "base/mem.h"
#include <limits.h>
#include <sqlite3.h>
#include <stdlib.h>

struct store {
	sqlite3 *db;
	sqlite3_stmt *find;
	sqlite3_stmt *put;
};

static const char schema[] = "CREATE TABLE transactions ("
                             " site TEXT NOT NULL,"
                             " transaction_id TEXT NOT NULL,"
                             " state INTEGER NOT NULL,"
                             " csr BLOB NOT NULL,"
                             " leaf BLOB NOT NULL,"
                             " PRIMARY KEY (site, transaction_id)"
                             ") WITHOUT ROWID";
static const char find_sql[] = "SELECT state, csr, leaf FROM transactions"
                               " WHERE site = ?1 AND transaction_id = ?2";
static const char put_sql[] = "INSERT OR REPLACE INTO"
                              " transactions (site, transaction_id, state, csr, leaf)"
                              " VALUES (?1, ?2, ?3, ?4, ?5)";

static bool
failed(const struct store *store, const char *what, struct err *err)
{
	const char *reason =
	    store->db != NULL ? sqlite3_errmsg(store->db) : "out of memory";

	return err_set(err, ERR_FAILED, "cannot %s the transactions: %s", what, reason);
}

static bool
prepare(struct store *store, const char *sql, sqlite3_stmt **ret)
{
	return sqlite3_prepare_v3(
	           store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL) == SQLITE_OK;
}

struct store *
store_open(struct err *err)
{
	struct store *store = mem_alloc(sizeof(*store));
	/* One thread uses the connection: no mutex. */
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;

	if (sqlite3_open_v2(":memory:", &store->db, flags, NULL) != SQLITE_OK ||
	    sqlite3_exec(store->db, schema, NULL, NULL, NULL) != SQLITE_OK ||
	    !prepare(store, find_sql, &store->find) ||
	    !prepare(store, put_sql, &store->put)) {
		failed(store, "set up a table for", err);
		store_close(store);
		return NULL;
	}
	return store;
}

void
store_close(struct store *store)
{
	if (store == NULL)
		return;
	sqlite3_finalize(store->find);
	sqlite3_finalize(store->put);
	sqlite3_close(store->db);
	free(store);
}

static bool
bind_text(sqlite3_stmt *statement, int at, const char *text)
{
	return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC) == SQLITE_OK;
}

/* A NULL pointer would bind SQL NULL: empty is a blob of no bytes. */
static bool
bind_blob(sqlite3_stmt *statement, int at, const struct buf *blob)
{
	if (blob->len == 0)
		return sqlite3_bind_zeroblob(statement, at, 0) == SQLITE_OK;
	return blob->len <= INT_MAX && sqlite3_bind_blob(statement, at, blob->data,
	                                   (int)blob->len, SQLITE_STATIC) == SQLITE_OK;
}

static struct buf
column_blob(sqlite3_stmt *statement, int at)
{
	struct buf blob = BUF_INIT;
	/* SQLite wants the pointer asked for before the length. */
	const void *data = sqlite3_column_blob(statement, at);
	int len = sqlite3_column_bytes(statement, at);

	if (data != NULL && len > 0)
		buf_add(&blob, data, (size_t)len);
	return blob;
}

/* The bound bytes are the caller's: the statement forgets them before it returns. */
static void
release(sqlite3_stmt *statement)
{
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
}

bool
store_find_transaction(struct store *store, const char *site, const char *transaction_id,
    struct transaction *ret, struct err *err)
{
	bool found = false;
	int step = SQLITE_ERROR;

	if (bind_text(store->find, 1, site) && bind_text(store->find, 2, transaction_id))
		step = sqlite3_step(store->find);
	if (step == SQLITE_ROW) {
		ret->state = (enum transaction_state)sqlite3_column_int(store->find, 0);
		ret->csr = column_blob(store->find, 1);
		ret->leaf = column_blob(store->find, 2);
		found = true;
	} else if (step != SQLITE_DONE) {
		failed(store, "read", err);
	}
	release(store->find);
	return found;
}

bool
store_put_transaction(struct store *store, const char *site, const char *transaction_id,
    const struct transaction *transaction, struct err *err)
{
	bool ok;

	ok = bind_text(store->put, 1, site) && bind_text(store->put, 2, transaction_id) &&
	     sqlite3_bind_int(store->put, 3, (int)transaction->state) == SQLITE_OK &&
	     bind_blob(store->put, 4, &transaction->csr) &&
	     bind_blob(store->put, 5, &transaction->leaf) &&
	     sqlite3_step(store->put) == SQLITE_DONE;
	if (!ok)
		failed(store, "write", err);
	release(store->put);
	return ok;
}

void
transaction_clear(struct transaction *transaction)
{
	buf_clear(&transaction->csr);
	buf_clear(&transaction->leaf);
}
