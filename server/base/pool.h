/*
 * pool: worker threads for what must not run in the event loop (private keys).
 *
 * A job owns copies of its bytes and carries ids, never pointers into the loop's
 * world. `work` runs on a worker, `done` in the thread that calls pool_collect;
 * `done` owns and frees the job. pool knows no event library: put pool_fd into
 * the loop and call pool_collect when it is readable.
 *
 * With 0 workers a job runs inside pool_submit but still comes back through
 * pool_collect, so that callers never see `done` from inside pool_submit.
 * Jobs start in the order they were submitted; they may finish in any order.
 */
#ifndef BASE_POOL_H
#define BASE_POOL_H

#include "base/err.h"
#include <sys/queue.h>

struct job {
	void (*work)(struct job *job); /* worker thread: no loop, no log */
	void (*done)(struct job *job); /* loop thread: frees the job */
	STAILQ_ENTRY(job) entry;       /* the pool's */
};

struct pool;

#define POOL_WORKERS_MAX 64

struct pool *pool_new(unsigned workers, struct err *err);
int pool_fd(const struct pool *pool); /* readable when a job has finished */
void pool_submit(struct pool *pool, struct job *job); /* takes job */
void pool_collect(struct pool *pool); /* calls done for all that have finished */
/* True once pool_stop was called: a long job looks at it and gives up early. */
bool pool_is_stopping(const struct pool *pool);
/* No further job starts; running ones end; threads are joined. Idempotent. */
void pool_stop(struct pool *pool);
/* pool_stop, then `done` for every job, run or not, and frees. NULL is fine. */
void pool_free(struct pool *pool);

#endif
