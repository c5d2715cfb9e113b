#include "base/pool.h"

#include "base/mem.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

STAILQ_HEAD(jobs, job);

struct pool {
	pthread_mutex_t mutex; /* guards the two queues */
	pthread_cond_t more;   /* waiting got a job, or stopping was set */
	struct jobs waiting;
	struct jobs finished;
	int wake; /* eventfd: not zero while something may be in finished */
	atomic_bool stopping;
	unsigned started; /* threads not yet joined */
	bool is_inline;
	pthread_t threads[POOL_WORKERS_MAX];
};

/*
 * The descriptor is written when the queue stops being empty: collect takes all. Not
 * under the mutex: who wakes up would only wait for it.
 */
static void
pool_finish(struct pool *pool, struct job *job)
{
	bool was_empty;

	pthread_mutex_lock(&pool->mutex);
	was_empty = STAILQ_EMPTY(&pool->finished);
	STAILQ_INSERT_TAIL(&pool->finished, job, entry);
	pthread_mutex_unlock(&pool->mutex);
	if (was_empty)
		eventfd_write(pool->wake, 1);
}

static struct job *
pool_first(struct jobs *jobs)
{
	struct job *job = STAILQ_FIRST(jobs);

	if (job != NULL)
		STAILQ_REMOVE_HEAD(jobs, entry);
	return job;
}

/* Needs the mutex; waits for a job. NULL: stopping. */
static struct job *
pool_take(struct pool *pool)
{
	while (!atomic_load(&pool->stopping)) {
		struct job *job = pool_first(&pool->waiting);

		if (job != NULL)
			return job;
		pthread_cond_wait(&pool->more, &pool->mutex);
	}
	return NULL;
}

static void *
pool_thread(void *arg)
{
	struct pool *pool = arg;
	struct job *job;

	pthread_mutex_lock(&pool->mutex);
	while ((job = pool_take(pool)) != NULL) {
		pthread_mutex_unlock(&pool->mutex);
		job->work(job);
		pool_finish(pool, job);
		pthread_mutex_lock(&pool->mutex);
	}
	pthread_mutex_unlock(&pool->mutex);
	return NULL;
}

/* Returns 0 or an errno. Signals belong to the loop: a new thread inherits the full mask.
 */
static int
pool_start(struct pool *pool, unsigned workers)
{
	sigset_t all, before;
	int error = 0;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	while (error == 0 && pool->started < workers) {
		error = pthread_create(
		    &pool->threads[pool->started], NULL, pool_thread, pool);
		if (error == 0)
			pool->started++;
	}
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return error;
}

struct pool *
pool_new(unsigned workers, struct err *err)
{
	struct pool *pool;

	if (workers > POOL_WORKERS_MAX) {
		err_set(err, ERR_USAGE, "%u workers are too many: at most %d", workers,
		    POOL_WORKERS_MAX);
		return NULL;
	}
	pool = mem_alloc(sizeof(*pool));
	pthread_mutex_init(&pool->mutex, NULL);
	pthread_cond_init(&pool->more, NULL);
	STAILQ_INIT(&pool->waiting);
	STAILQ_INIT(&pool->finished);
	atomic_init(&pool->stopping, false);
	pool->is_inline = workers == 0;
	pool->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pool->wake < 0) {
		err_set_errno(err, ERR_FAILED, "cannot make an eventfd for the workers");
		pool_free(pool);
		return NULL;
	}
	errno = pool_start(pool, workers);
	if (errno != 0) {
		err_set_errno(err, ERR_FAILED,
		    "cannot start %u worker threads (fewer with --workers)", workers);
		pool_free(pool);
		return NULL;
	}
	return pool;
}

int
pool_fd(const struct pool *pool)
{
	return pool->wake;
}

static void
pool_submit_inline(struct pool *pool, struct job *job)
{
	if (pool_is_stopping(pool)) {
		STAILQ_INSERT_TAIL(&pool->waiting, job, entry);
		return;
	}
	job->work(job);
	pool_finish(pool, job);
}

void
pool_submit(struct pool *pool, struct job *job)
{
	if (pool->is_inline) {
		pool_submit_inline(pool, job);
		return;
	}
	pthread_mutex_lock(&pool->mutex);
	STAILQ_INSERT_TAIL(&pool->waiting, job, entry);
	pthread_mutex_unlock(&pool->mutex);
	pthread_cond_signal(&pool->more);
}

static void
pool_end_jobs(struct jobs *jobs)
{
	struct job *job;

	while ((job = pool_first(jobs)) != NULL)
		job->done(job);
}

void
pool_collect(struct pool *pool)
{
	struct jobs finished = STAILQ_HEAD_INITIALIZER(finished);
	eventfd_t count;

	/* Read first, then take all: a job that finishes in between wakes us once too
	 * often, never once too seldom. Nothing to read (EAGAIN) is fine. */
	eventfd_read(pool->wake, &count);
	pthread_mutex_lock(&pool->mutex);
	STAILQ_CONCAT(&finished, &pool->finished);
	pthread_mutex_unlock(&pool->mutex);
	pool_end_jobs(&finished);
}

bool
pool_is_stopping(const struct pool *pool)
{
	return atomic_load(&pool->stopping);
}

void
pool_stop(struct pool *pool)
{
	pthread_mutex_lock(&pool->mutex);
	atomic_store(&pool->stopping, true);
	pthread_cond_broadcast(&pool->more);
	pthread_mutex_unlock(&pool->mutex);
	while (pool->started > 0)
		pthread_join(pool->threads[--pool->started], NULL);
}

void
pool_free(struct pool *pool)
{
	if (pool == NULL)
		return;
	pool_stop(pool);
	/* done may submit again: such a job never runs, and comes back in the next round.
	 */
	while (!STAILQ_EMPTY(&pool->finished) || !STAILQ_EMPTY(&pool->waiting)) {
		pool_end_jobs(&pool->finished);
		pool_end_jobs(&pool->waiting);
	}
	if (pool->wake >= 0)
		close(pool->wake);
	pthread_cond_destroy(&pool->more);
	pthread_mutex_destroy(&pool->mutex);
	free(pool);
}
