/*
 * store: what a CA remembers, in SQLite: transactions with their requests and the
 * certificates issued for them. Rows, no rules. In memory for now of one process
 * (":memory:"), through the same statements as a file. Used by the loop's thread
 * only; an insert takes microseconds.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "base/err.h"

enum transaction_state { TRANSACTION_PENDING = 1, TRANSACTION_ISSUED = 2 };

/* A transaction is named by site and transactionID. Buffers are owned. */
struct transaction {
	enum transaction_state state;
	struct buf csr;  /* DER of the request */
	struct buf leaf; /* DER of the issued certificate; empty while pending */
};

struct store;

struct store *store_open(struct err *err);
void store_close(struct store *store); /* NULL is fine */

/* True and *ret filled: found. False with err->kind ERR_NONE: not there. */
bool store_find_transaction(struct store *store, const char *site,
    const char *transaction_id, struct transaction *ret, struct err *err);
/* Inserts or replaces. */
bool store_put_transaction(struct store *store, const char *site,
    const char *transaction_id, const struct transaction *transaction, struct err *err);
void transaction_clear(struct transaction *transaction);

#endif
