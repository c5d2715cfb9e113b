#include "store/inner.h"

/* Octets of a serial number in a sentence: RFC 5280 4.1.2.2 has 20 at most. */
#define SERIAL_SHOWN_MAX 20

static void
add_column_blob(sqlite3_stmt *statement, int at, struct buf *ret)
{
	/* SQLite wants the pointer asked for before the length. */
	const void *data = sqlite3_column_blob(statement, at);
	int len = sqlite3_column_bytes(statement, at);

	if (data != NULL && len > 0)
		buf_add(ret, data, (size_t)len);
}

bool
store_find_transaction(struct store *store, const char *site, const char *transaction_id,
    struct transaction *ret, struct err *err)
{
	sqlite3_stmt *find = store->statements[STATEMENT_FIND_TRANSACTION];
	bool found = false;
	int step = SQLITE_ERROR;

	if (store_bind_text(find, 1, site) && store_bind_text(find, 2, transaction_id))
		step = sqlite3_step(find);
	if (step == SQLITE_ROW) {
		*ret = (struct transaction){
		    .state = (enum transaction_state)sqlite3_column_int(find, 0)};
		add_column_blob(find, 1, &ret->csr);
		add_column_blob(find, 2, &ret->leaf);
		found = true;
	} else if (step != SQLITE_DONE) {
		store_failed(store, "read a transaction", err);
	}
	store_release(find);
	return found;
}

/* `certificate` 0: the leaf, if there is one, is kept in the row itself. */
static bool
put(struct store *store, const char *site, const char *transaction_id,
    const struct transaction *transaction, sqlite3_int64 certificate, struct err *err)
{
	sqlite3_stmt *put = store->statements[STATEMENT_PUT_TRANSACTION];
	struct bytes leaf = certificate == 0 ? buf_bytes(&transaction->leaf)
	                                     : (struct bytes){.data = NULL};
	bool ok;

	ok = store_bind_text(put, 1, site) && store_bind_text(put, 2, transaction_id) &&
	     sqlite3_bind_int(put, 3, (int)transaction->state) == SQLITE_OK &&
	     (certificate == 0 || sqlite3_bind_int64(put, 4, certificate) == SQLITE_OK) &&
	     store_bind_blob(put, 5, buf_bytes(&transaction->csr)) &&
	     store_bind_blob(put, 6, leaf) && sqlite3_step(put) == SQLITE_DONE;
	if (!ok)
		store_failed(store, "write a transaction", err);
	store_release(put);
	return ok;
}

bool
store_put_transaction(struct store *store, const char *site, const char *transaction_id,
    const struct transaction *transaction, struct err *err)
{
	return put(store, site, transaction_id, transaction, 0, err);
}

static bool
repeats(struct bytes serial, struct err *err)
{
	char text[2 * SERIAL_SHOWN_MAX + 1] = "";
	size_t len = serial.len < SERIAL_SHOWN_MAX ? serial.len : SERIAL_SHOWN_MAX;

	for (size_t i = 0; i < len; i++) {
		text[2 * i] = "0123456789abcdef"[serial.data[i] >> 4];
		text[2 * i + 1] = "0123456789abcdef"[serial.data[i] & 0xf];
	}
	return err_set(err, ERR_FAILED,
	    "the serial number %s was issued before: the certificate is not kept", text);
}

static bool
put_certificate(struct store *store, const char *site, const char *transaction_id,
    struct bytes der, struct bytes serial, struct err *err)
{
	sqlite3_stmt *put = store->statements[STATEMENT_PUT_CERTIFICATE];
	int step = SQLITE_ERROR;

	if (store_bind_text(put, 1, site) && store_bind_text(put, 2, transaction_id) &&
	    store_bind_blob(put, 3, serial) && store_bind_blob(put, 4, der))
		step = sqlite3_step(put);
	if (step == SQLITE_CONSTRAINT)
		repeats(serial, err);
	else if (step != SQLITE_DONE)
		store_failed(store, "write a certificate", err);
	store_release(put);
	return step == SQLITE_DONE;
}

bool
store_put_issued(struct store *store, const char *site, const char *transaction_id,
    const struct transaction *transaction, struct bytes serial, struct err *err)
{
	static const char what[] = "write a certificate";
	bool ok;

	if (!store_step(store, STATEMENT_BEGIN))
		return store_failed(store, what, err);
	ok = put_certificate(store, site, transaction_id, buf_bytes(&transaction->leaf),
	         serial, err) &&
	     put(store, site, transaction_id, transaction,
	         sqlite3_last_insert_rowid(store->db), err);
	return store_end(store, ok, what, err);
}

void
transaction_clear(struct transaction *transaction)
{
	buf_clear(&transaction->csr);
	buf_clear(&transaction->leaf);
}

bool
store_find_certificate(
    struct store *store, struct bytes serial, struct buf *ret_der, struct err *err)
{
	sqlite3_stmt *find = store->statements[STATEMENT_FIND_CERTIFICATE];
	int step = SQLITE_ERROR;

	if (store_bind_blob(find, 1, serial))
		step = sqlite3_step(find);
	if (step == SQLITE_ROW)
		add_column_blob(find, 0, ret_der);
	else if (step != SQLITE_DONE)
		store_failed(store, "read a certificate", err);
	store_release(find);
	return step == SQLITE_ROW;
}
