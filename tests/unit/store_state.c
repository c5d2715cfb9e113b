#include "store/store.h"
#include "support/folder.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct store *
reopen(const struct folder *folder)
{
	struct err err = ERR_INIT;
	struct store *store = store_open(folder->path, &err);

	cr_assert(store != NULL, "%s", err.text);
	return store;
}

/* The sentence of a refusal has all these words. */
static void
expect_refusal(const char *dir, const char *first, const char *second)
{
	struct err err = ERR_INIT;
	struct store *store = store_open(dir, &err);

	cr_expect(store == NULL, "%s was opened", dir);
	store_close(store);
	cr_expect(eq(int, (int)err.kind, ERR_FAILED));
	cr_expect(strstr(err.text, first) != NULL && strstr(err.text, second) != NULL,
	    "got: %s\n  want: %s .. %s", err.text, first, second);
}

static void
issue(struct store *store, const char *id, const char *leaf, const char *serial)
{
	struct transaction transaction = {.state = TRANSACTION_ISSUED};
	struct err err = ERR_INIT;

	buf_add_text(&transaction.csr, "csr");
	buf_add_text(&transaction.leaf, leaf);
	cr_assert(
	    store_put_issued(store, "default", id, &transaction,
	        (struct bytes){(const unsigned char *)serial, strlen(serial)}, &err),
	    "%s", err.text);
	transaction_clear(&transaction);
}

/* All that `fill` wrote. */
static void
expect_filled(struct store *store)
{
	struct transaction got = {.state = TRANSACTION_PENDING};
	struct challenge_row row = {.spent = false};
	struct buf der = BUF_INIT;
	struct err err = ERR_INIT;

	cr_assert(store_find_transaction(store, "default", "id", &got, &err));
	cr_expect(eq(int, (int)got.state, TRANSACTION_ISSUED));
	cr_expect(slice_is(buf_slice(&got.csr), "csr"));
	cr_expect(slice_is(buf_slice(&got.leaf), "leaf"));
	cr_expect(store_find_certificate(
	    store, (struct bytes){(const unsigned char *)"A1", 2}, &der, &err));
	cr_expect(slice_is(buf_slice(&der), "leaf"));
	cr_assert(store_find_challenge(store, "default", "F00D", &row, &err));
	cr_expect(row.spent && row.counted && row.issued_ms == 1700000000123);
	cr_expect(not(store_spend_challenge(store, "default", "F00D", &err)));
	transaction_clear(&got);
	buf_clear(&der);
}

static void
fill(struct store *store)
{
	struct err err = ERR_INIT;

	issue(store, "id", "leaf", "A1");
	cr_assert(
	    store_add_challenge(store, "default", "F00D", 1700000000123, true, &err));
	cr_assert(store_spend_challenge(store, "default", "F00D", &err));
}

static void
run_sql(const struct folder *folder, const char *sql)
{
	char path[128];
	sqlite3 *db = NULL;

	snprintf(path, sizeof(path), "%s/mockndes.db", folder->path);
	cr_assert(eq(int, sqlite3_open(path, &db), SQLITE_OK));
	cr_assert(eq(int, sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK));
	sqlite3_close(db);
}

Test(state, is_there_after_closing, .timeout = 10)
{
	struct folder folder = folder_new();
	struct store *store = reopen(&folder);

	fill(store);
	store_close(store);
	store = reopen(&folder);
	expect_filled(store);
	store_close(store);
	folder_remove(&folder);
}

Test(state, is_there_after_the_process_is_killed, .timeout = 10)
{
	struct folder folder = folder_new();
	struct store *store;
	pid_t child = fork();
	int status = 0;

	if (child == 0) {
		store = reopen(&folder);
		fill(store);
		raise(SIGKILL);
	}
	cr_assert(waitpid(child, &status, 0) == child);
	bool was_killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
	cr_assert(was_killed);
	store = reopen(&folder);
	expect_filled(store);
	store_close(store);
	folder_remove(&folder);
}

Test(state, memory_forgets, .timeout = 10)
{
	struct transaction got;
	struct err err = ERR_INIT;
	struct store *store = store_open(NULL, &err);

	fill(store);
	store_close(store);
	store = store_open(NULL, &err);
	cr_expect(not(store_find_transaction(store, "default", "id", &got, &err)));
	store_close(store);
}

Test(state, directory_is_made_for_the_owner_alone, .timeout = 10)
{
	struct folder folder = folder_new();
	struct folder below = folder;
	struct stat what;
	char path[128];

	strcat(below.path, "/st");
	store_close(reopen(&below));
	cr_assert(stat(below.path, &what) == 0);
	cr_expect(eq(int, (int)(what.st_mode & 0777), 0700));
	snprintf(path, sizeof(path), "%s/mockndes.db", below.path);
	cr_assert(stat(path, &what) == 0);
	cr_expect(eq(int, (int)(what.st_mode & 0777), 0600));
	folder_remove(&folder);
}

Test(state, second_user_is_refused_with_the_pid_of_the_first, .timeout = 10)
{
	struct folder folder = folder_new();
	struct store *store = reopen(&folder);
	char pid[32];

	snprintf(pid, sizeof(pid), "(pid %ld): stop it", (long)getpid());
	expect_refusal(folder.path, "is in use by another mockndes", pid);
	expect_refusal(folder.path, folder.path, "choose another --state");
	store_close(store);
	store_close(reopen(&folder));
	folder_remove(&folder);
}

Test(state, what_cannot_be_a_state_is_refused_with_a_cure, .timeout = 10)
{
	struct folder folder = folder_new();
	struct folder file = folder;
	struct folder orphan = folder;
	int fd;

	strcat(file.path, "/f");
	fd = open(file.path, O_WRONLY | O_CREAT, 0600);
	cr_assert(fd >= 0);
	close(fd);
	expect_refusal(file.path, "is not a directory", "choose another --state");
	strcat(orphan.path, "/a/b");
	expect_refusal(orphan.path, "cannot make the state directory", "--state");
	expect_refusal("/proc/self", "cannot write into", "--state");
	folder_remove(&folder);
}

Test(state, newer_schema_is_refused_and_left_alone, .timeout = 10)
{
	struct folder folder = folder_new();
	struct store *store = reopen(&folder);

	fill(store);
	store_close(store);
	run_sql(&folder, "PRAGMA user_version = 99");
	expect_refusal(folder.path, "schema 99", "choose another --state");
	run_sql(&folder, "PRAGMA user_version = 1");
	store = reopen(&folder);
	expect_filled(store);
	store_close(store);
	folder_remove(&folder);
}

Test(state, database_of_another_program_is_refused, .timeout = 10)
{
	struct folder folder = folder_new();

	run_sql(&folder, "CREATE TABLE birds (name TEXT)");
	expect_refusal(folder.path, "not one of mockndes", "choose another --state");
	folder_remove(&folder);
}

/* Overwrites `len` bytes of the database from `at` with 0xEE. */
static void
damage(const struct folder *folder, off_t at, size_t len)
{
	unsigned char *noise = malloc(len);
	char path[128];
	int fd;

	memset(noise, 0xee, len);
	snprintf(path, sizeof(path), "%s/mockndes.db", folder->path);
	fd = open(path, O_WRONLY);
	cr_assert(fd >= 0 && pwrite(fd, noise, len, at) == (ssize_t)len);
	close(fd);
	free(noise);
}

Test(state, damaged_database_is_refused, .timeout = 10)
{
	static const struct {
		const char *name;
		off_t at;
		size_t len;
	} cases[] = {
	    {"the head", 0, 100},
	    {"all of the first page", 0, 4096},
	    {"a table", 4096, 4096},
	    {"the last page", 4096 * 4, 4096},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct folder folder = folder_new();
		struct store *store = reopen(&folder);

		fill(store);
		store_close(store);
		damage(&folder, cases[i].at, cases[i].len);
		cr_log_info("%s", cases[i].name);
		expect_refusal(folder.path, "is damaged", "choose another --state");
		folder_remove(&folder);
	}
}

Test(state, empty_database_of_a_killed_first_start_is_set_up, .timeout = 10)
{
	struct folder folder = folder_new();
	struct store *store;

	run_sql(&folder, "PRAGMA journal_mode = WAL");
	store = reopen(&folder);
	fill(store);
	expect_filled(store);
	store_close(store);
	folder_remove(&folder);
}
