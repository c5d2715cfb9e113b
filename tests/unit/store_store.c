#include "store/store.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static struct store *
open_store(void)
{
	struct err err = ERR_INIT;
	struct store *store = store_open(NULL, &err);

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

static struct bytes
serial_of(const char *text)
{
	return (struct bytes){(const unsigned char *)text, strlen(text)};
}

static bool
put_issued(struct store *store, const char *id, const char *leaf, const char *serial,
    struct err *err)
{
	struct transaction transaction = {.state = TRANSACTION_ISSUED};
	bool ok;

	buf_add_text(&transaction.csr, "csr");
	buf_add_text(&transaction.leaf, leaf);
	ok = store_put_issued(store, "default", id, &transaction, serial_of(serial), err);
	transaction_clear(&transaction);
	return ok;
}

static bool
finds_certificate(struct store *store, const char *serial, const char *want)
{
	struct buf der = BUF_INIT;
	struct err err = ERR_INIT;
	bool found = store_find_certificate(store, serial_of(serial), &der, &err);
	bool ok = found == (want != NULL) && err.kind == ERR_NONE &&
	          (!found || slice_is(buf_slice(&der), want));

	buf_clear(&der);
	return ok;
}

Test(store, issued_certificate_is_found_by_transaction_and_serial)
{
	struct store *store = open_store();
	struct err err = ERR_INIT;

	put(store, "default", "id", TRANSACTION_PENDING, "csr", "");
	cr_assert(put_issued(store, "id", "leaf 1", "\x41\x01", &err), "%s", err.text);
	cr_assert(put_issued(store, "id2", "leaf 2", "\x41\x02", &err), "%s", err.text);
	cr_expect(holds(store, "default", "id", TRANSACTION_ISSUED, "csr", "leaf 1"));
	cr_expect(holds(store, "default", "id2", TRANSACTION_ISSUED, "csr", "leaf 2"));
	cr_expect(finds_certificate(store, "\x41\x01", "leaf 1"));
	cr_expect(finds_certificate(store, "\x41\x02", "leaf 2"));
	cr_expect(finds_certificate(store, "\x41", NULL));
	cr_expect(finds_certificate(store, "", NULL));
	store_close(store);
}

Test(store, second_certificate_of_a_transaction_leaves_the_first_findable)
{
	struct store *store = open_store();
	struct err err = ERR_INIT;

	cr_assert(put_issued(store, "id", "old", "1", &err));
	cr_assert(put_issued(store, "id", "new", "2", &err));
	cr_expect(holds(store, "default", "id", TRANSACTION_ISSUED, "csr", "new"));
	cr_expect(finds_certificate(store, "1", "old"));
	cr_expect(finds_certificate(store, "2", "new"));
	store_close(store);
}

Test(store, repeated_serial_is_refused_and_changes_nothing)
{
	struct store *store = open_store();
	struct err err = ERR_INIT;

	cr_assert(put_issued(store, "id", "leaf", "\x4a\x0b", &err));
	put(store, "default", "id2", TRANSACTION_PENDING, "waits", "");
	cr_expect(not(put_issued(store, "id2", "other", "\x4a\x0b", &err)));
	cr_expect(eq(int, (int)err.kind, ERR_FAILED));
	cr_expect(strstr(err.text, "4a0b") != NULL, "%s", err.text);
	cr_expect(holds(store, "default", "id2", TRANSACTION_PENDING, "waits", ""));
	cr_expect(finds_certificate(store, "\x4a\x0b", "leaf"));
	cr_assert(put_issued(store, "id2", "other", "\x4a\x0c", &err),
	    "the store goes on: %s", err.text);
	store_close(store);
}

Test(store, challenge_is_spent_once)
{
	struct challenge_row row = {.issued_ms = -1};
	struct store *store = open_store();
	struct err err = ERR_INIT;

	cr_assert(store_add_challenge(store, "default", "F00D", 1234, true, &err));
	cr_assert(store_find_challenge(store, "default", "F00D", &row, &err));
	cr_expect(row.issued_ms == 1234 && !row.spent && row.counted);
	cr_expect(not(store_spend_challenge(store, "other", "F00D", &err)));
	cr_expect(not(store_spend_challenge(store, "default", "f00d", &err)));
	cr_expect(store_spend_challenge(store, "default", "F00D", &err));
	cr_expect(not(store_spend_challenge(store, "default", "F00D", &err)));
	cr_expect(eq(int, (int)err.kind, ERR_NONE));
	cr_assert(store_find_challenge(store, "default", "F00D", &row, &err));
	cr_expect(row.spent);
	store_close(store);
}

Test(store, challenge_that_is_not_there_is_no_error)
{
	struct challenge_row row = {.issued_ms = -1};
	struct store *store = open_store();
	struct err err = ERR_INIT;

	cr_expect(not(store_find_challenge(store, "default", "F00D", &row, &err)));
	cr_expect(eq(int, (int)err.kind, ERR_NONE));
	cr_expect(row.issued_ms == -1, "untouched");
	store_close(store);
}

Test(store, challenge_is_not_issued_twice)
{
	struct store *store = open_store();
	struct err err = ERR_INIT;

	cr_assert(store_add_challenge(store, "default", "F00D", 1, true, &err));
	cr_assert(store_add_challenge(store, "other", "F00D", 1, true, &err));
	cr_assert(store_spend_challenge(store, "default", "F00D", &err));
	cr_expect(not(store_add_challenge(store, "default", "F00D", 2, true, &err)));
	cr_expect(eq(int, (int)err.kind, ERR_FAILED));
	store_close(store);
}

Test(store, only_unspent_counted_and_young_challenges_are_counted)
{
	struct store *store = open_store();
	struct err err = ERR_INIT;

	store_add_challenge(store, "default", "old", 1000, true, &err);
	store_add_challenge(store, "default", "young", 1001, true, &err);
	store_add_challenge(store, "default", "spent", 1002, true, &err);
	store_add_challenge(store, "default", "uncounted", 1003, false, &err);
	store_add_challenge(store, "other", "elsewhere", 1004, true, &err);
	cr_assert(store_spend_challenge(store, "default", "spent", &err));
	cr_expect(eq(sz, store_count_challenges(store, "default", 1000), 1));
	cr_expect(eq(sz, store_count_challenges(store, "default", 999), 2));
	cr_expect(eq(sz, store_count_challenges(store, "default", -1), 2));
	cr_expect(eq(sz, store_count_challenges(store, "other", -1), 1));
	cr_expect(eq(sz, store_count_challenges(store, "none", -1), 0));
	store_close(store);
}

Test(store, forgetting_a_site_keeps_its_certificates_and_other_sites)
{
	struct transaction got = {.state = TRANSACTION_PENDING};
	struct challenge_row row;
	struct store *store = open_store();
	struct err err = ERR_INIT;

	put(store, "other", "id", TRANSACTION_PENDING, "of other", "");
	store_add_challenge(store, "other", "F00D", 1, true, &err);
	store_add_challenge(store, "default", "F00D", 1, true, &err);
	cr_assert(put_issued(store, "id", "leaf", "1", &err));
	cr_assert(store_forget(store, "default", &err), "%s", err.text);
	cr_expect(not(store_find_transaction(store, "default", "id", &got, &err)));
	cr_expect(not(store_find_challenge(store, "default", "F00D", &row, &err)));
	cr_expect(finds_certificate(store, "1", "leaf"));
	cr_expect(not(put_issued(store, "id", "leaf", "1", &err)), "the serial is taken");
	err.kind = ERR_NONE;
	cr_expect(holds(store, "other", "id", TRANSACTION_PENDING, "of other", ""));
	cr_expect(store_find_challenge(store, "other", "F00D", &row, &err));
	store_close(store);
}
