#include "support/plan_rig.h"
#include <criterion/new/assert.h>

#define IDLE_MS 60000

static void
open_rig(struct plan_rig *rig, uint64_t idle_timeout_ms)
{
	rig_init(rig, idle_timeout_ms);
	rig_open_door(rig, DOOR_SOUND, false);
}

/* How each last word looks to a client, and how much of the answer it has by then. */
static const struct {
	const char *name;
	enum step_kind kinds[3];
	size_t count;
	int end;
} last_words[] = {
    {"close", {STEP_CLOSE}, 1, 0},
    {"cut", {STEP_CUT}, 1, 0},
    {"abort", {STEP_ABORT}, 1, 0},
    {"fin, hold", {STEP_FIN, STEP_HOLD}, 2, 0},
    {"fin, next", {STEP_FIN, STEP_NEXT}, 2, 0},
    {"fin, close", {STEP_FIN, STEP_CLOSE}, 2, 0},
    {"acked, reset", {STEP_ACKED, STEP_RESET}, 2, -ECONNRESET},
    {"no last word", {STEP_ACKED}, 1, 0},
};

Test(carry, last_words_are_seen_by_the_client, .timeout = 20)
{
	for (size_t i = 0; i < sizeof(last_words) / sizeof(last_words[0]); i++) {
		const char *name = last_words[i].name;
		struct plan_rig rig;
		struct buf got = BUF_INIT;

		open_rig(&rig, IDLE_MS);
		rig_add_text(&rig, RIG_TEXT);
		for (size_t s = 0; s < last_words[i].count; s++)
			plan_add(&rig.flow.plan, last_words[i].kinds[s]);
		int fd = rig_ask(&rig);
		int end = rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL);
		cr_expect(end == last_words[i].end, "case %s: %d", name, end);
		cr_expect(slice_is(buf_slice(&got), RIG_TEXT), "case %s: %zu bytes", name,
		    got.len);
		close(fd);
		cr_expect(rig_empties(&rig), "case %s", name);
		cr_expect(rig.flow.bytes_sent == strlen(RIG_TEXT), "case %s", name);
		rig_close(&rig);
		buf_clear(&got);
	}
}

Test(carry, a_reset_without_a_byte_is_a_reset, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;

	open_rig(&rig, IDLE_MS);
	plan_add(&rig.flow.plan, STEP_RESET);
	int fd = rig_ask(&rig);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), -ECONNRESET));
	cr_expect(eq(sz, got.len, 0));
	cr_expect(eq(uint, rig.flow.sent, 1));
	close(fd);
	rig_close(&rig);
}

Test(carry, all_that_was_written_arrives_before_the_reset, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;

	open_rig(&rig, IDLE_MS);
	rig_add_filling(&rig, 3000000);
	plan_add(&rig.flow.plan, STEP_ACKED);
	plan_add(&rig.flow.plan, STEP_RESET);
	int fd = rig_ask(&rig);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), -ECONNRESET));
	cr_expect(eq(sz, got.len, 3000000));
	cr_expect(eq(u64, rig.flow.bytes_sent, 3000000));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

/* Nobody reads: the queue never empties, and the reset comes all the same. */
Test(carry, waiting_for_acknowledgement_has_an_end, .timeout = 10)
{
	struct plan_rig rig;

	open_rig(&rig, IDLE_MS);
	int small = 4096;
	int fd = rig_dial(&rig);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	cr_assert(rig_connected(fd, RIG_PATIENCE_US) == 0);
	rig_add_filling(&rig, 500000);
	plan_add(&rig.flow.plan, STEP_ACKED);
	plan_add(&rig.flow.plan, STEP_RESET);
	cr_assert(send(fd, RIG_REQUEST, strlen(RIG_REQUEST), 0) > 0);
	rig_turn_until_begun(&rig, 1);
	int64_t begun = clock_monotonic_us();
	cr_expect(rig_empties(&rig));
	cr_expect(clock_monotonic_us() - begun < 2000000);
	close(fd);
	rig_close(&rig);
}

Test(carry, a_wait_delays_what_comes_after_it, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;
	unsigned pieces = 0;

	open_rig(&rig, IDLE_MS);
	rig_add_text(&rig, "head");
	rig_add_step(&rig, (struct step){.kind = STEP_WAIT, .wait_ms = 120});
	rig_add_text(&rig, "body");
	plan_add(&rig.flow.plan, STEP_NEXT);
	int64_t begun = clock_monotonic_us();
	int fd = rig_ask(&rig);
	cr_expect(eq(int, rig_read(&rig, fd, 60000, &got, &pieces), -ETIMEDOUT));
	cr_expect(slice_is(buf_slice(&got), "head"));
	cr_assert(send(fd, RIG_REQUEST, strlen(RIG_REQUEST), 0) > 0, "kept meanwhile");
	while (got.len < 16 && clock_monotonic_us() - begun < RIG_PATIENCE_US)
		(void)rig_read(&rig, fd, 2000, &got, &pieces);
	cr_expect(slice_is(buf_slice(&got), "headbodyheadbody"));
	cr_expect(clock_monotonic_us() - begun >= 240000, "two waits");
	cr_expect(pieces >= 3);
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

Test(carry, a_drip_comes_in_pieces_and_whole, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;
	unsigned pieces = 0;

	open_rig(&rig, IDLE_MS);
	buf_add_text(&rig.flow.plan.bytes, RIG_TEXT);
	rig_add_step(&rig, (struct step){STEP_DRIP, 0, 10, .chunk = 3, .wait_ms = 20});
	plan_add(&rig.flow.plan, STEP_CLOSE);
	int64_t begun = clock_monotonic_us();
	int fd = rig_ask(&rig);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, &pieces), 0));
	cr_expect(slice_is(buf_slice(&got), RIG_TEXT));
	cr_expect(eq(uint, pieces, 4));
	cr_expect(clock_monotonic_us() - begun >= 60000, "three waits");
	cr_expect(eq(uint, rig.flow.sent, 1));
	cr_expect(eq(u64, rig.flow.bytes_sent, 10));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

Test(carry, a_drip_to_a_client_that_reads_slowly_is_whole, .timeout = 20)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;

	open_rig(&rig, IDLE_MS);
	for (size_t i = 0; i < 4000000; i++)
		buf_add_char(&rig.flow.plan.bytes, (char)i);
	rig_add_step(
	    &rig, (struct step){STEP_DRIP, 0, 4000000, .chunk = 1000000, .wait_ms = 1});
	plan_add(&rig.flow.plan, STEP_CLOSE);
	int fd = rig_ask(&rig);
	rig_turn_until_begun(&rig, 1);
	for (int i = 0; i < 30; i++)
		rig_turn(&rig); /* all pieces are given out, most of them are queued */
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), 0));
	cr_expect(slice_equal(buf_slice(&got), buf_slice(&rig.flow.plan.bytes)));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

static void
drip_plan(struct plan_rig *rig)
{
	buf_add_text(&rig->flow.plan.bytes, RIG_TEXT);
	rig_add_step(
	    rig, (struct step){STEP_DRIP, 0, 10, .chunk = 1, .wait_ms = IDLE_MS});
	plan_add(&rig->flow.plan, STEP_NEXT);
}

static void
hold_plan(struct plan_rig *rig)
{
	rig_add_text(rig, RIG_TEXT);
	plan_add(&rig->flow.plan, STEP_HOLD);
}

static void
half_close_plan(struct plan_rig *rig)
{
	plan_add(&rig->flow.plan, STEP_FIN);
	plan_add(&rig->flow.plan, STEP_HOLD);
}

static const struct {
	const char *name;
	void (*make)(struct plan_rig *rig);
	const char *at_drain; /* what the client has in the end if the server leaves */
} waits[] = {
    {"wait", rig_wait_plan, RIG_TEXT},
    {"drip", drip_plan, RIG_TEXT},
    {"hold", hold_plan, RIG_TEXT},
    {"half-close", half_close_plan, ""},
};
#define WAITS (sizeof(waits) / sizeof(waits[0]))

Test(carry, a_client_that_gives_up_is_noticed, .timeout = 20)
{
	for (size_t i = 0; i < WAITS; i++) {
		for (int resets = 0; resets < 2; resets++) {
			struct linger linger = {.l_onoff = resets, .l_linger = 0};
			struct plan_rig rig;

			open_rig(&rig, IDLE_MS);
			waits[i].make(&rig);
			int fd = rig_ask(&rig);
			rig_turn_until_begun(&rig, 1);
			for (int turn = 0; turn < 5; turn++)
				rig_turn(&rig);
			cr_expect(eq(sz, net_connection_count(rig.net), 1), "case %s",
			    waits[i].name);
			setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
			close(fd);
			cr_expect(
			    rig_empties(&rig), "case %s, %d", waits[i].name, resets);
			cr_expect(eq(uint, rig.flow.dropped, 1), "case %s, %d",
			    waits[i].name, resets);
			rig_close(&rig);
		}
	}
}

/* It has sent so much that nothing more is read from it. */
Test(carry, a_client_that_gives_up_behind_unread_requests_is_noticed, .timeout = 20)
{
	static char junk[3000];
	struct plan_rig rig;

	open_rig(&rig, IDLE_MS);
	rig_wait_plan(&rig);
	int fd = rig_ask(&rig);
	rig_turn_until_begun(&rig, 1);
	memset(junk, 'x', sizeof(junk));
	for (int i = 0; i < 50; i++) {
		(void)!send(fd, junk, sizeof(junk), MSG_NOSIGNAL);
		rig_turn(&rig);
	}
	close(fd);
	cr_expect(rig_empties(&rig));
	cr_expect(eq(uint, rig.flow.dropped, 1));
	rig_close(&rig);
}

Test(carry, what_was_asked_with_the_end_of_input_gets_no_late_answer, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;

	open_rig(&rig, IDLE_MS);
	rig_wait_plan(&rig);
	rig.flow.answers_late = true;
	int fd = rig_ask(&rig);
	rig_turn_until_begun(&rig, 1);
	shutdown(fd, SHUT_WR);
	for (int turn = 0; turn < 5; turn++)
		rig_turn(&rig);
	net_answer(rig.net, rig.flow.connection, &rig.flow.plan);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), 0));
	cr_expect(eq(sz, got.len, 0));
	cr_expect(eq(uint, rig.flow.dropped, 1));
	close(fd);
	rig_close(&rig);
}

static void
on_drained(void *arg)
{
	unsigned *calls = arg;

	(*calls)++;
}

Test(carry, a_server_that_ends_waits_for_nothing, .timeout = 20)
{
	for (size_t i = 0; i < WAITS; i++) {
		struct plan_rig rig;
		struct buf got = BUF_INIT;
		unsigned calls = 0;

		open_rig(&rig, IDLE_MS);
		waits[i].make(&rig);
		int fd = rig_ask(&rig);
		rig_turn_until_begun(&rig, 1);
		for (int turn = 0; turn < 5; turn++)
			rig_turn(&rig);
		int64_t begun = clock_monotonic_us();
		net_drain(rig.net, on_drained, &calls);
		cr_expect(rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL) == 0, "case %s",
		    waits[i].name);
		cr_expect(slice_is(buf_slice(&got), waits[i].at_drain), "case %s: %zu",
		    waits[i].name, got.len);
		close(fd);
		while (calls == 0)
			rig_turn(&rig);
		cr_expect(
		    clock_monotonic_us() - begun < 1000000, "case %s", waits[i].name);
		cr_expect(eq(uint, rig.flow.sent, 1), "case %s", waits[i].name);
		rig_close(&rig);
		buf_clear(&got);
	}
}

Test(carry, an_answer_that_comes_while_the_server_ends_does_not_wait, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;
	unsigned calls = 0;

	open_rig(&rig, IDLE_MS);
	rig_wait_plan(&rig);
	rig.flow.answers_late = true;
	int fd = rig_ask(&rig);
	rig_turn_until_begun(&rig, 1);
	net_drain(rig.net, on_drained, &calls);
	net_answer(rig.net, rig.flow.connection, &rig.flow.plan);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), 0));
	cr_expect(slice_is(buf_slice(&got), RIG_TEXT));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

Test(carry, holding_is_silence_until_the_idle_timeout, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;

	open_rig(&rig, 400);
	hold_plan(&rig);
	int fd = rig_ask(&rig);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_SILENCE_US, &got, NULL), -ETIMEDOUT));
	cr_expect(slice_is(buf_slice(&got), RIG_TEXT));
	cr_assert(send(fd, RIG_REQUEST, strlen(RIG_REQUEST), 0) > 0);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), 0));
	cr_expect(
	    eq(sz, got.len, strlen(RIG_TEXT)), "what it asked meanwhile is dropped");
	cr_expect(eq(uint, rig.flow.begun, 1));
	cr_expect(eq(uint, rig.flow.sent, 1));
	close(fd);
	rig_close(&rig);
	buf_clear(&got);
}

Test(carry, behind_a_half_close_the_client_s_side_is_read_on, .timeout = 10)
{
	struct plan_rig rig;
	struct buf got = BUF_INIT;
	char bytes[1000];
	size_t done = 0;

	memset(bytes, 'x', sizeof(bytes));
	open_rig(&rig, IDLE_MS);
	half_close_plan(&rig);
	int fd = rig_ask(&rig);
	cr_expect(eq(int, rig_read(&rig, fd, RIG_PATIENCE_US, &got, NULL), 0));
	for (int i = 0; i < 20000 && done < 10000000; i++) {
		ssize_t n = send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			break;
		if (n < 0)
			rig_turn(&rig);
		else
			done += (size_t)n;
	}
	cr_expect(done >= 10000000, "%zu", done);
	cr_expect(eq(uint, rig.flow.begun, 1));
	close(fd);
	cr_expect(rig_empties(&rig));
	cr_expect(eq(uint, rig.flow.dropped, 1));
	rig_close(&rig);
}
