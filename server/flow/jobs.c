#include "flow/jobs.h"

#include "base/mem.h"
#include <stdlib.h>

struct open_job {
	struct job job; /* first: a job is its open_job */
	struct job_sender sender;
	struct buf der;
	time_t now;
	struct scep_message *message;
	void (*opened)(void *arg, uint64_t id, struct scep_message *message);
};

struct seal_job {
	struct job job;
	struct job_sender sender;
	struct certrep certrep;
	struct buf bytes;
	struct err err;
	void (*sealed)(void *arg, uint64_t id, struct certrep *certrep, struct buf *bytes,
	    const struct err *err);
};

static void
open_work(struct job *job)
{
	struct open_job *open_job = (struct open_job *)job;

	open_job->message =
	    message_open(buf_bytes(&open_job->der), open_job->sender.pki, open_job->now);
}

static void
open_done(struct job *job)
{
	struct open_job *open_job = (struct open_job *)job;

	open_job->opened(open_job->sender.arg, open_job->sender.id, open_job->message);
	pki_release(open_job->sender.pki);
	buf_clear(&open_job->der);
	free(open_job);
}

void
job_open_submit(const struct job_sender *sender, struct buf *der, time_t now,
    void (*opened)(void *arg, uint64_t id, struct scep_message *message))
{
	struct open_job *open_job = mem_alloc(sizeof(*open_job));

	open_job->job.work = open_work;
	open_job->job.done = open_done;
	open_job->sender = *sender;
	pki_reference(sender->pki);
	open_job->der = buf_move(der);
	open_job->now = now;
	open_job->opened = opened;
	pool_submit(sender->pool, &open_job->job);
}

static void
seal_work(struct job *job)
{
	struct seal_job *seal_job = (struct seal_job *)job;

	seal_job->err.kind = ERR_NONE;
	(void)certrep_seal(
	    &seal_job->certrep, seal_job->sender.pki, &seal_job->bytes, &seal_job->err);
}

static void
seal_done(struct job *job)
{
	struct seal_job *seal_job = (struct seal_job *)job;

	seal_job->sealed(seal_job->sender.arg, seal_job->sender.id, &seal_job->certrep,
	    &seal_job->bytes, &seal_job->err);
	certrep_clear(&seal_job->certrep);
	pki_release(seal_job->sender.pki);
	buf_clear(&seal_job->bytes);
	free(seal_job);
}

void
job_seal_submit(const struct job_sender *sender, struct certrep *certrep,
    void (*sealed)(void *arg, uint64_t id, struct certrep *certrep, struct buf *bytes,
        const struct err *err))
{
	struct seal_job *seal_job = mem_alloc(sizeof(*seal_job));

	seal_job->job.work = seal_work;
	seal_job->job.done = seal_done;
	seal_job->sender = *sender;
	pki_reference(sender->pki);
	seal_job->certrep = *certrep;
	*certrep = (struct certrep)CERTREP_INIT;
	err_set(&seal_job->err, ERR_FAILED, "the answer was not sealed: stopping");
	seal_job->sealed = sealed;
	pool_submit(sender->pool, &seal_job->job);
}

struct auth_job {
	struct job job;
	struct job_sender sender;
	struct buf token;
	struct auth_outcome outcome;
	void (*stepped)(void *arg, uint64_t id, struct auth_outcome *outcome);
};

static void
auth_work(struct job *job)
{
	struct auth_job *auth_job = (struct auth_job *)job;
	struct auth_outcome *outcome = &auth_job->outcome;

	outcome->err.kind = ERR_NONE;
	outcome->result = auth_context_step(outcome->context, buf_bytes(&auth_job->token),
	    &outcome->reply, &outcome->err);
}

static void
auth_done(struct job *job)
{
	struct auth_job *auth_job = (struct auth_job *)job;

	auth_job->stepped(auth_job->sender.arg, auth_job->sender.id, &auth_job->outcome);
	auth_context_free(auth_job->outcome.context);
	buf_clear(&auth_job->outcome.reply);
	buf_clear(&auth_job->token);
	free(auth_job);
}

void
job_auth_submit(const struct job_sender *sender, struct auth_context *context,
    struct buf *token,
    void (*stepped)(void *arg, uint64_t id, struct auth_outcome *outcome))
{
	struct auth_job *auth_job = mem_alloc(sizeof(*auth_job));

	auth_job->job.work = auth_work;
	auth_job->job.done = auth_done;
	auth_job->sender = *sender;
	auth_job->token = buf_move(token);
	auth_job->outcome.context = context;
	auth_job->outcome.result = AUTH_REFUSED; /* should it never run */
	auth_job->stepped = stepped;
	pool_submit(sender->pool, &auth_job->job);
}
