#include "support/plan_rig.h"
#include <criterion/new/assert.h>
#include <openssl/err.h>

#define IDLE_MS 60000

static SSL *
tls_ask(struct plan_rig *rig, int *fd)
{
	SSL *ssl = SSL_new(rig->client);

	*fd = rig_connect(rig);
	SSL_set_fd(ssl, *fd);
	for (int i = 0; i < 1000 && SSL_connect(ssl) != 1; i++)
		rig_turn(rig);
	cr_assert(SSL_is_init_finished(ssl));
	cr_assert(SSL_write(ssl, RIG_REQUEST, strlen(RIG_REQUEST)) > 0);
	return ssl;
}

enum tls_end { TLS_OPEN, TLS_CLOSED, TLS_CUT, TLS_RESET };

static enum tls_end
tls_read(struct plan_rig *rig, SSL *ssl, struct buf *got)
{
	int64_t end = clock_monotonic_us() + RIG_PATIENCE_US;
	char bytes[20000];

	while (clock_monotonic_us() < end) {
		ERR_clear_error();
		errno = 0;
		int n = SSL_read(ssl, bytes, sizeof(bytes));
		int why = SSL_get_error(ssl, n);
		int error = errno;

		if (n > 0)
			buf_add(got, bytes, (size_t)n);
		else if (why == SSL_ERROR_ZERO_RETURN)
			return TLS_CLOSED;
		else if (why == SSL_ERROR_SYSCALL && error == ECONNRESET)
			return TLS_RESET;
		else if (why == SSL_ERROR_SSL || why == SSL_ERROR_SYSCALL)
			return TLS_CUT;
		else
			rig_turn(rig);
	}
	return TLS_OPEN;
}

static const struct {
	const char *name;
	enum step_kind kinds[2];
	size_t count;
	enum tls_end end;
} tls_ends[] = {
    {"close", {STEP_CLOSE}, 1, TLS_CLOSED},
    {"fin", {STEP_FIN, STEP_HOLD}, 2, TLS_CLOSED},
    {"cut", {STEP_CUT}, 1, TLS_CUT},
    {"abort", {STEP_ABORT}, 1, TLS_CUT},
    {"reset", {STEP_ACKED, STEP_RESET}, 2, TLS_RESET},
};

Test(carry_tls, over_tls_a_cut_is_no_end_and_a_reset_is_a_reset, .timeout = 20)
{
	for (size_t i = 0; i < sizeof(tls_ends) / sizeof(tls_ends[0]); i++) {
		struct plan_rig rig;
		struct buf got = BUF_INIT;
		int fd;

		rig_init(&rig, IDLE_MS);
		rig_open_door(&rig, DOOR_SOUND, true);
		rig_start_tls(&rig);
		rig_add_filling(&rig, 50000);
		for (size_t s = 0; s < tls_ends[i].count; s++)
			plan_add(&rig.flow.plan, tls_ends[i].kinds[s]);
		SSL *ssl = tls_ask(&rig, &fd);
		enum tls_end end = tls_read(&rig, ssl, &got);
		cr_expect(
		    end == tls_ends[i].end, "case %s: %d", tls_ends[i].name, (int)end);
		cr_expect(
		    got.len == 50000, "case %s: %zu bytes", tls_ends[i].name, got.len);
		cr_expect(strcmp(rig.flow.client_cert, "none") == 0);
		SSL_free(ssl);
		close(fd);
		cr_expect(rig_empties(&rig), "case %s", tls_ends[i].name);
		rig_close(&rig);
		buf_clear(&got);
		ERR_clear_error();
	}
}

Test(carry_tls, over_tls_too_drips_are_whole_and_waiting_clients_may_leave, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;
	int fd;

	rig_init(&rig, IDLE_MS);
	rig_open_door(&rig, DOOR_SOUND, true);
	rig_start_tls(&rig);
	buf_add_text(&rig.flow.plan.bytes, RIG_TEXT);
	rig_add_step(&rig, (struct step){STEP_DRIP, 0, 10, .chunk = 4, .wait_ms = 5});
	plan_add(&rig.flow.plan, STEP_CLOSE);
	SSL *ssl = tls_ask(&rig, &fd);
	cr_expect(eq(int, (int)tls_read(&rig, ssl, &got), TLS_CLOSED));
	cr_expect(slice_is(buf_slice(&got), RIG_TEXT));
	SSL_free(ssl);
	close(fd);
	cr_expect(rig_empties(&rig));

	plan_reset(&rig.flow.plan);
	rig_wait_plan(&rig);
	ssl = tls_ask(&rig, &fd);
	rig_turn_until_begun(&rig, 2);
	SSL_free(ssl);
	close(fd);
	cr_expect(rig_empties(&rig));
	cr_expect(eq(uint, rig.flow.dropped, 1));
	rig_close(&rig);
	buf_clear(&got);
	ERR_clear_error();
}
