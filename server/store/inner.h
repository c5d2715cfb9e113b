/*
 * inner: what the files of the store share: its statements, and how one is run.
 */
#ifndef STORE_INNER_H
#define STORE_INNER_H

#include "store/store.h"
#include <sqlite3.h>

enum statement {
	STATEMENT_BEGIN,
	STATEMENT_COMMIT,
	STATEMENT_ROLLBACK,
	STATEMENT_FIND_TRANSACTION,
	STATEMENT_PUT_TRANSACTION,
	STATEMENT_PUT_CERTIFICATE,
	STATEMENT_FIND_CERTIFICATE,
	STATEMENT_ADD_CHALLENGE,
	STATEMENT_COUNT_CHALLENGES,
	STATEMENT_FIND_CHALLENGE,
	STATEMENT_SPEND_CHALLENGE,
	STATEMENT_FORGET_TRANSACTIONS,
	STATEMENT_FORGET_CHALLENGES,
	STATEMENT_COUNT
};

struct store {
	sqlite3 *db;
	int lock;    /* of the directory; -1: in memory */
	char *where; /* the directory; NULL: in memory */
	sqlite3_stmt *statements[STATEMENT_COUNT];
};

/* Makes the tables where there are none; refuses what is not ours. */
bool schema_set_up(struct store *store, struct err *err);
bool schema_prepare(struct store *store, struct err *err); /* all statements */

/* What SQLite said last, as a sentence about `what` ("write a transaction"). False. */
bool store_failed(const struct store *store, const char *what, struct err *err);
/* The sentence for a database that cannot be trusted. False. */
bool store_damaged(const struct store *store, const char *reason, struct err *err);

bool store_bind_text(sqlite3_stmt *statement, int at, const char *text);
bool store_bind_blob(sqlite3_stmt *statement, int at, struct bytes blob);
/* The bound bytes are the caller's: the statement forgets them before it returns. */
void store_release(sqlite3_stmt *statement);

/* One of BEGIN, COMMIT, ROLLBACK. */
bool store_step(struct store *store, enum statement which);
/* Ends what STATEMENT_BEGIN began: COMMIT if `ok`, else, or when that fails, ROLLBACK. */
bool store_end(struct store *store, bool ok, const char *what, struct err *err);

#endif
