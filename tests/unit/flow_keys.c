#include "flow/keys.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <poll.h>

struct outcome {
	unsigned calls;
	bool has_pki;
	bool has_tls_key;
	struct err err;
};

static void
on_ready(void *arg, struct keys_made *made)
{
	struct outcome *outcome = arg;

	outcome->calls++;
	outcome->has_pki = made->pki != NULL;
	outcome->has_tls_key = made->tls.key != NULL;
	outcome->err = made->err;
}

static const char *const names[] = {"localhost", "127.0.0.1"};

static struct keys_wish
wish_of(unsigned bits)
{
	return (struct keys_wish){.pki = {.rsa_bits = bits, .now = 1700000000},
	    .names = names,
	    .name_count = 2};
}

Test(keys, a_ca_and_a_tls_certificate_are_made_on_the_pool, .timeout = 30)
{
	for (unsigned workers = 0; workers <= 2; workers += 2) {
		struct err err = ERR_INIT;
		struct outcome outcome = {.calls = 0};
		struct pool *pool = pool_new(workers, &err);
		struct keys_wish wish = wish_of(1024);

		keys_start(pool, &wish, on_ready, &outcome);
		cr_expect(eq(uint, outcome.calls, 0), "never from inside keys_start");
		while (outcome.calls == 0) {
			struct pollfd fd = {.fd = pool_fd(pool), .events = POLLIN};

			cr_assert(poll(&fd, 1, 20000) == 1);
			pool_collect(pool);
		}
		cr_expect(outcome.has_pki && outcome.has_tls_key, "%s", outcome.err.text);
		pool_free(pool);
		cr_expect(eq(uint, outcome.calls, 1));
	}
}

Test(keys, a_pool_that_stops_says_so_at_once, .timeout = 10)
{
	struct err err = ERR_INIT;
	struct outcome outcome = {.calls = 0};
	struct pool *pool = pool_new(1, &err);
	struct keys_wish wish = wish_of(4096); /* takes seconds when it is not ended */

	keys_start(pool, &wish, on_ready, &outcome);
	pool_free(pool);
	cr_expect(eq(uint, outcome.calls, 1));
	cr_expect(not(outcome.has_pki));
	cr_expect(eq(int, outcome.err.kind, ERR_FAILED));
}
