/*
 * store: what a CA remembers, in SQLite: transactions with their requests, the
 * certificates issued, and challenge passwords. Rows, no rules. In memory of one
 * process or in a directory, through the same statements. Used by the loop's thread
 * only; a write takes microseconds.
 *
 * In a directory all that was written when a function returned true is still there
 * after the process was killed at any moment (write-ahead log; a loss of power may
 * take the last rows, never the whole). The directory belongs to one process at a
 * time, which holds DIR/lock.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

#define STORE_SCHEMA 1 /* PRAGMA user_version of what this program writes and reads */

enum transaction_state { TRANSACTION_PENDING = 1, TRANSACTION_ISSUED = 2 };

/* A transaction is named by site and transactionID. Buffers are owned. */
struct transaction {
	enum transaction_state state;
	struct buf csr;  /* DER of the request */
	struct buf leaf; /* DER of the issued certificate; empty while pending */
};

/* A challenge password is named by site and the word itself. */
struct challenge_row {
	int64_t issued_ms;
	bool spent;
	bool counted; /* among those that fill the password cache */
};

struct store;

/*
 * `dir` NULL: in memory. Else DIR/mockndes.db; the directory is made where it is not
 * there (its parent has to be). NULL and err: in use by another process, no
 * directory, not writable, not a database of ours, or one of a newer program.
 */
struct store *store_open(const char *dir, struct err *err);
void store_close(struct store *store); /* NULL is fine; gives the directory free */

/* True and *ret filled: found. False with err->kind ERR_NONE: not there. */
bool store_find_transaction(struct store *store, const char *site,
    const char *transaction_id, struct transaction *ret, struct err *err);
/* Inserts or replaces. */
bool store_put_transaction(struct store *store, const char *site,
    const char *transaction_id, const struct transaction *transaction, struct err *err);
/*
 * The same, and transaction->leaf goes among the issued certificates under `serial`
 * (content octets of its serialNumber): both or neither. False and err also when this
 * serial number was issued before.
 */
bool store_put_issued(struct store *store, const char *site, const char *transaction_id,
    const struct transaction *transaction, struct bytes serial, struct err *err);
void transaction_clear(struct transaction *transaction);

/* An issued certificate, appended to ret_der. False, ERR_NONE: not there. */
bool store_find_certificate(
    struct store *store, struct bytes serial, struct buf *ret_der, struct err *err);

/* False and err also when the word is there already, spent or not. */
bool store_add_challenge(struct store *store, const char *site, const char *word,
    int64_t issued_ms, bool counted, struct err *err);
/* Those unspent, counted, and issued after that moment. SIZE_MAX: cannot be read. */
size_t
store_count_challenges(struct store *store, const char *site, int64_t issued_after_ms);
/* True and *ret filled: found. False with err->kind ERR_NONE: not there. */
bool store_find_challenge(struct store *store, const char *site, const char *word,
    struct challenge_row *ret, struct err *err);
/* True once for each word. False with err->kind ERR_NONE: spent before, or not there. */
bool store_spend_challenge(
    struct store *store, const char *site, const char *word, struct err *err);

/*
 * Transactions and challenges of the site go. Issued certificates stay: their serial
 * numbers are taken for good.
 */
bool store_forget(struct store *store, const char *site, struct err *err);
/* The challenges alone: NDES keeps them in memory, and a restart loses them. */
bool store_forget_challenges(struct store *store, const char *site, struct err *err);

#endif
