#include "store/store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct store *
open_store(void)
{
	struct err err = ERR_INIT;
	struct store *store = store_open(&err);

	cr_assert(store != NULL, "%s", err.text);
	return store;
}

static void
put(struct store *store, const char *site, const char *id, enum transaction_state state,
    const char *csr, const char *leaf)
{
	struct transaction transaction = {.state = state};
	struct err err = ERR_INIT;

	buf_add_text(&transaction.csr, csr);
	buf_add_text(&transaction.leaf, leaf);
	cr_assert(
	    store_put_transaction(store, site, id, &transaction, &err), "%s", err.text);
	transaction_clear(&transaction);
}

static bool
holds(struct store *store, const char *site, const char *id, enum transaction_state state,
    const char *csr, const char *leaf)
{
	struct transaction got = {.csr = BUF_INIT};
	struct err err = ERR_INIT;
	bool same;

	cr_assert(store_find_transaction(store, site, id, &got, &err), "%s %s: %s", site,
	    id, err.text);
	same = got.state == state && slice_is(buf_slice(&got.csr), csr) &&
	       slice_is(buf_slice(&got.leaf), leaf);
	transaction_clear(&got);
	return same;
}

Test(store, gives_back_what_was_put)
{
	struct store *store = open_store();

	put(store, "default", "id1", TRANSACTION_PENDING, "the csr", "");
	put(store, "default", "id2", TRANSACTION_ISSUED, "another", "leaf");
	cr_expect(holds(store, "default", "id1", TRANSACTION_PENDING, "the csr", ""));
	cr_expect(holds(store, "default", "id2", TRANSACTION_ISSUED, "another", "leaf"));
	store_close(store);
}

Test(store, keeps_octets_that_are_no_text)
{
	static const unsigned char octets[] = {0x30, 0x00, 0xff, 0x00, 0x27};
	struct transaction transaction = {.state = TRANSACTION_PENDING};
	struct transaction got = {.csr = BUF_INIT};
	struct store *store = open_store();
	struct err err = ERR_INIT;

	buf_add(&transaction.csr, octets, sizeof(octets));
	cr_assert(store_put_transaction(store, "a'b", "x\"y", &transaction, &err));
	cr_assert(store_find_transaction(store, "a'b", "x\"y", &got, &err));
	cr_expect(got.csr.len == sizeof(octets) &&
	          memcmp(got.csr.data, octets, sizeof(octets)) == 0);
	transaction_clear(&got);
	transaction_clear(&transaction);
	store_close(store);
}

Test(store, second_put_replaces)
{
	struct store *store = open_store();

	put(store, "default", "id", TRANSACTION_PENDING, "first", "");
	put(store, "default", "id", TRANSACTION_ISSUED, "second", "leaf");
	cr_expect(holds(store, "default", "id", TRANSACTION_ISSUED, "second", "leaf"));
	store_close(store);
}

Test(store, sites_are_apart)
{
	struct store *store = open_store();

	put(store, "one", "id", TRANSACTION_PENDING, "of one", "");
	put(store, "two", "id", TRANSACTION_ISSUED, "of two", "leaf");
	cr_expect(holds(store, "one", "id", TRANSACTION_PENDING, "of one", ""));
	cr_expect(holds(store, "two", "id", TRANSACTION_ISSUED, "of two", "leaf"));
	store_close(store);
}

Test(store, what_is_not_there_is_no_error)
{
	struct transaction got = {.state = TRANSACTION_PENDING};
	struct store *store = open_store();
	struct err err = ERR_INIT;

	put(store, "default", "id", TRANSACTION_PENDING, "csr", "");
	cr_expect(not(store_find_transaction(store, "default", "ID", &got, &err)));
	cr_expect(not(store_find_transaction(store, "other", "id", &got, &err)));
	cr_expect(eq(int, (int)err.kind, ERR_NONE));
	cr_expect(got.csr.data == NULL && got.state == TRANSACTION_PENDING);
	store_close(store);
	store_close(NULL);
}
