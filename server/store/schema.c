#include "store/inner.h"

#include <string.h>

#define APPLICATION_ID "1296974917" /* PRAGMA application_id: "MNDE" as a number */
/* Looked through for damage at each start; a larger one would take seconds. */
#define CHECK_SIZE_MAX (64 << 20)
#define TEXT(macro)    TEXT_OF(macro)
#define TEXT_OF(text)  #text

/*
 * Rowid tables with an index beside: rows hold kilobytes, and a clustered key would
 * drag them through every level of its tree. A certificate of a transaction is kept
 * once, in its own table; `leaf` is for one that came without a serial number.
 */
static const char tables[] = "CREATE TABLE certificates ("
                             " id INTEGER PRIMARY KEY,"
                             " site TEXT NOT NULL,"
                             " transaction_id TEXT NOT NULL,"
                             " serial BLOB NOT NULL UNIQUE,"
                             " der BLOB NOT NULL"
                             ");"
                             "CREATE TABLE transactions ("
                             " id INTEGER PRIMARY KEY,"
                             " site TEXT NOT NULL,"
                             " transaction_id TEXT NOT NULL,"
                             " state INTEGER NOT NULL,"
                             " certificate INTEGER REFERENCES certificates (id),"
                             " csr BLOB NOT NULL,"
                             " leaf BLOB NOT NULL,"
                             " UNIQUE (site, transaction_id)"
                             ");"
                             "CREATE TABLE challenges ("
                             " id INTEGER PRIMARY KEY,"
                             " site TEXT NOT NULL,"
                             " word TEXT NOT NULL,"
                             " issued_ms INTEGER NOT NULL,"
                             " counted INTEGER NOT NULL,"
                             " spent INTEGER NOT NULL,"
                             " UNIQUE (site, word)"
                             ");"
                             "CREATE INDEX challenge_cache"
                             " ON challenges (site, issued_ms)"
                             " WHERE spent = 0 AND counted = 1;"
                             "PRAGMA application_id = " APPLICATION_ID ";"
                             "PRAGMA user_version = " TEXT(STORE_SCHEMA) ";";

/* In memory there is no such journal, and no complaint about it. */
static const char journal[] = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";

static const char *const statements[STATEMENT_COUNT] = {
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_FIND_TRANSACTION] =
        "SELECT t.state, t.csr, coalesce(c.der, t.leaf)"
        " FROM transactions t LEFT JOIN certificates c ON c.id = t.certificate"
        " WHERE t.site = ?1 AND t.transaction_id = ?2",
    [STATEMENT_PUT_TRANSACTION] =
        "INSERT OR REPLACE INTO"
        " transactions (site, transaction_id, state, certificate, csr, leaf)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    [STATEMENT_PUT_CERTIFICATE] =
        "INSERT INTO certificates (site, transaction_id, serial, der)"
        " VALUES (?1, ?2, ?3, ?4)",
    [STATEMENT_FIND_CERTIFICATE] = "SELECT der FROM certificates WHERE serial = ?1",
    [STATEMENT_ADD_CHALLENGE] =
        "INSERT INTO challenges (site, word, issued_ms, counted, spent)"
        " VALUES (?1, ?2, ?3, ?4, 0)",
    [STATEMENT_COUNT_CHALLENGES] = "SELECT count(*) FROM challenges"
                                   " WHERE spent = 0 AND counted = 1"
                                   " AND site = ?1 AND issued_ms > ?2",
    [STATEMENT_FIND_CHALLENGE] = "SELECT issued_ms, spent, counted FROM challenges"
                                 " WHERE site = ?1 AND word = ?2",
    [STATEMENT_SPEND_CHALLENGE] = "UPDATE challenges SET spent = 1"
                                  " WHERE site = ?1 AND word = ?2 AND spent = 0",
    [STATEMENT_FORGET_TRANSACTIONS] = "DELETE FROM transactions WHERE site = ?1",
    [STATEMENT_FORGET_CHALLENGES] = "DELETE FROM challenges WHERE site = ?1",
};

/* A PRAGMA or count that is one number. */
static bool
ask(struct store *store, const char *sql, sqlite3_int64 *ret, struct err *err)
{
	sqlite3_stmt *statement = NULL;
	bool ok = sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
	          sqlite3_step(statement) == SQLITE_ROW;

	if (ok)
		*ret = sqlite3_column_int64(statement, 0);
	else
		store_failed(store, "read what was kept", err);
	sqlite3_finalize(statement);
	return ok;
}

static bool
run(struct store *store, const char *sql, struct err *err)
{
	return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ||
	       store_failed(store, "set up the tables", err);
}

/* The file was there: written by this program, and in a way that it knows? */
static bool
is_known(struct store *store, sqlite3_int64 application, sqlite3_int64 version,
    struct err *err)
{
	sqlite3_int64 ours = 0;

	if (!ask(store, "SELECT " APPLICATION_ID, &ours, err))
		return false;
	if (application != ours)
		return err_set(err, ERR_FAILED,
		    "the database in %s is not one of mockndes: choose another --state",
		    store->where);
	if (version != STORE_SCHEMA)
		return err_set(err, ERR_FAILED,
		    "the state in %s has schema %lld, this mockndes knows %d alone: use the mockndes that wrote it, or choose another --state",
		    store->where, (long long)version, STORE_SCHEMA);
	return true;
}

static bool
is_sound(struct store *store, struct err *err)
{
	sqlite3_int64 pages = 0;
	sqlite3_int64 page_size = 0;
	sqlite3_stmt *check = NULL;
	const unsigned char *word = NULL;

	if (!ask(store, "PRAGMA page_count", &pages, err) ||
	    !ask(store, "PRAGMA page_size", &page_size, err))
		return false;
	if (pages > CHECK_SIZE_MAX / page_size)
		return true;
	if (sqlite3_prepare_v2(store->db, "PRAGMA quick_check(1)", -1, &check, NULL) ==
	        SQLITE_OK &&
	    sqlite3_step(check) == SQLITE_ROW)
		word = sqlite3_column_text(check, 0);
	bool ok = word != NULL && strcmp((const char *)word, "ok") == 0;
	if (!ok && word != NULL)
		store_damaged(store, "its pages do not fit together", err);
	else if (!ok)
		store_failed(store, "read what was kept", err);
	sqlite3_finalize(check);
	return ok;
}

static bool
make_tables(struct store *store, struct err *err)
{
	if (!run(store, "BEGIN IMMEDIATE", err))
		return false;
	if (run(store, tables, err) && run(store, "COMMIT", err))
		return true;
	sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	return false;
}

bool
schema_set_up(struct store *store, struct err *err)
{
	sqlite3_int64 application = 0;
	sqlite3_int64 version = 0;
	sqlite3_int64 objects = 0;

	if (!ask(store, "PRAGMA application_id", &application, err) ||
	    !ask(store, "PRAGMA user_version", &version, err) ||
	    !ask(store, "SELECT count(*) FROM sqlite_master", &objects, err))
		return false;
	if (application != 0 || version != 0 || objects != 0)
		return is_known(store, application, version, err) &&
		       is_sound(store, err) && run(store, journal, err);
	return run(store, journal, err) && make_tables(store, err);
}

bool
schema_prepare(struct store *store, struct err *err)
{
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		if (sqlite3_prepare_v3(store->db, statements[i], -1,
		        SQLITE_PREPARE_PERSISTENT, &store->statements[i],
		        NULL) != SQLITE_OK)
			return store_failed(store, "use the tables", err);
	return true;
}
