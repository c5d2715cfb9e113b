#include "base/mem.h"
#include "base/pool.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdlib.h>

#define JOBS 200

/* What the jobs of one test tell. The counts are touched by `done` only. */
struct tally {
	struct pool *pool;
	unsigned worked, unworked;
	unsigned order[JOBS];
	unsigned orders;
	bool was_other_thread, was_signal_open;
	pthread_t loop;
	sem_t begun, go_on;
};

struct count_job {
	struct job job;
	struct tally *tally;
	unsigned number;
	bool is_worked, is_other_thread, is_signal_open;
};

static void
count_work(struct job *job)
{
	struct count_job *count = (struct count_job *)job;
	sigset_t blocked;

	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	count->is_signal_open =
	    !sigismember(&blocked, SIGTERM) || !sigismember(&blocked, SIGINT);
	count->is_other_thread = !pthread_equal(pthread_self(), count->tally->loop);
	count->is_worked = true;
}

static void
count_done(struct job *job)
{
	struct count_job *count = (struct count_job *)job;
	struct tally *tally = count->tally;

	if (count->is_worked)
		tally->worked++;
	else
		tally->unworked++;
	if (tally->orders < JOBS)
		tally->order[tally->orders++] = count->number;
	tally->was_other_thread |= count->is_other_thread;
	tally->was_signal_open |= count->is_signal_open;
	free(count);
}

/* Works until the pool stops. */
static void
long_work(struct job *job)
{
	struct count_job *count = (struct count_job *)job;

	sem_post(&count->tally->begun);
	sem_wait(&count->tally->go_on);
	count->is_worked = pool_is_stopping(count->tally->pool);
}

static void
submit(struct tally *tally, void (*work)(struct job *), unsigned number)
{
	struct count_job *count = mem_alloc(sizeof(*count));

	count->job.work = work;
	count->job.done = count_done;
	count->tally = tally;
	count->number = number;
	pool_submit(tally->pool, &count->job);
}

static void
start(struct tally *tally, unsigned workers)
{
	struct err err = ERR_INIT;

	*tally = (struct tally){.loop = pthread_self()};
	sem_init(&tally->begun, 0, 0);
	sem_init(&tally->go_on, 0, 0);
	tally->pool = pool_new(workers, &err);
	cr_assert(ne(ptr, tally->pool, NULL), "%s", err.text);
}

static bool
is_readable(struct pool *pool, int timeout_ms)
{
	struct pollfd fd = {.fd = pool_fd(pool), .events = POLLIN};

	return poll(&fd, 1, timeout_ms) == 1;
}

Test(base_pool, every_job_comes_back_through_collect, .timeout = 10)
{
	static const unsigned workers[] = {0, 1, 4};

	for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
		struct tally tally;

		start(&tally, workers[i]);
		for (unsigned n = 0; n < JOBS; n++)
			submit(&tally, count_work, n);
		cr_expect(eq(uint, tally.worked, 0), "done came before collect");
		while (tally.worked < JOBS && is_readable(tally.pool, 5000))
			pool_collect(tally.pool);
		cr_expect(eq(uint, tally.worked, JOBS), "%u workers", workers[i]);
		cr_expect(not(is_readable(tally.pool, 0)), "%u workers", workers[i]);
		cr_expect(tally.was_other_thread == (workers[i] > 0));
		cr_expect(
		    workers[i] == 0 || !tally.was_signal_open, "signals are the loop's");
		pool_free(tally.pool);
	}
}

Test(base_pool, one_worker_keeps_the_order, .timeout = 10)
{
	struct tally tally;

	start(&tally, 1);
	for (unsigned n = 0; n < JOBS; n++)
		submit(&tally, count_work, n);
	while (tally.worked < JOBS && is_readable(tally.pool, 5000))
		pool_collect(tally.pool);
	cr_assert(eq(uint, tally.orders, JOBS));
	for (unsigned n = 0; n < JOBS; n++)
		cr_assert(eq(uint, tally.order[n], n));
	pool_free(tally.pool);
}

Test(base_pool, starting_threads_leaves_the_callers_signals_alone, .timeout = 10)
{
	struct tally tally;
	sigset_t blocked;

	start(&tally, 2);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	cr_expect(not(sigismember(&blocked, SIGTERM)));
	pool_free(tally.pool);
}

Test(base_pool, stop_lets_the_running_job_know_and_starts_no_other, .timeout = 10)
{
	struct tally tally;

	start(&tally, 1);
	submit(&tally, long_work, 0);
	for (unsigned n = 1; n <= 10; n++)
		submit(&tally, count_work, n);
	sem_wait(&tally.begun);
	cr_expect(not(pool_is_stopping(tally.pool)));
	/* Let go before the stop: whether it sees the stop is then a race that the
	 * test must not depend on; what counts is that stop returns. */
	sem_post(&tally.go_on);
	pool_stop(tally.pool);
	pool_stop(tally.pool);
	cr_expect(pool_is_stopping(tally.pool));
	submit(&tally, count_work, 11);
	pool_free(tally.pool);
	cr_expect(eq(uint, tally.worked + tally.unworked, 12), "each job is done once");
	cr_expect(ge(uint, tally.unworked, 1), "the one submitted after the stop");
}

static void *
stop_from_aside(void *arg)
{
	struct tally *tally = arg;

	pool_stop(tally->pool);
	return NULL;
}

Test(base_pool, a_long_job_sees_the_stop, .timeout = 10)
{
	struct tally tally;
	pthread_t aside;

	start(&tally, 1);
	submit(&tally, long_work, 0);
	submit(&tally, count_work, 1);
	sem_wait(&tally.begun);
	pthread_create(&aside, NULL, stop_from_aside, &tally);
	while (!pool_is_stopping(tally.pool))
		sched_yield();
	sem_post(&tally.go_on);
	pthread_join(aside, NULL);
	pool_free(tally.pool);
	cr_expect(eq(uint, tally.worked, 1), "the long one saw it");
	cr_expect(eq(uint, tally.unworked, 1), "the waiting one never ran");
}

Test(base_pool, free_ends_jobs_that_nobody_collected, .timeout = 10)
{
	static const unsigned workers[] = {0, 2};

	for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
		struct tally tally;

		start(&tally, workers[i]);
		for (unsigned n = 0; n < JOBS; n++)
			submit(&tally, count_work, n);
		pool_free(tally.pool);
		cr_expect(eq(uint, tally.worked + tally.unworked, JOBS));
	}
	pool_free(NULL);
}

static void
again_done(struct job *job)
{
	struct count_job *count = (struct count_job *)job;
	struct tally *tally = count->tally;

	count_done(job);
	if (tally->orders == 1)
		submit(tally, count_work, 1);
}

Test(base_pool, done_may_submit_again_even_inline, .timeout = 10)
{
	struct count_job *count = mem_alloc(sizeof(*count));
	struct tally tally;

	start(&tally, 0);
	*count = (struct count_job){
	    .job = {.work = count_work, .done = again_done}, .tally = &tally};
	pool_submit(tally.pool, &count->job);
	pool_collect(tally.pool);
	cr_expect(
	    eq(uint, tally.orders, 1), "the second is not done inside the first collect");
	cr_expect(is_readable(tally.pool, 0));
	pool_collect(tally.pool);
	cr_expect(eq(uint, tally.worked, 2));
	pool_free(tally.pool);
}

Test(base_pool, too_many_workers_are_refused)
{
	struct err err = ERR_INIT;

	cr_expect(eq(ptr, pool_new(POOL_WORKERS_MAX + 1, &err), NULL));
	cr_expect(eq(int, err.kind, ERR_USAGE));
}
