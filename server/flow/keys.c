#include "flow/keys.h"

#include "base/mem.h"
#include "certs/keep.h"
#include "certs/ossl.h"
#include "scep/bag.h"
#include <stdlib.h>
#include <string.h>

enum { KEY_CA, KEY_SIGN, KEY_ENCRYPT, KEY_COUNT };

struct keys {
	struct pool *pool;
	struct keys_wish wish;
	keys_ready *ready;
	void *arg;
	EVP_PKEY *key[KEY_COUNT];
	unsigned waiting; /* key jobs not yet back */
	struct keys_made made;
};

struct key_job {
	struct job job; /* first: a job is its key_job */
	struct keys *keys;
	unsigned which;
	EVP_PKEY *key;
	struct err err;
};

struct pki_job {
	struct job job;
	struct keys *keys;
};

static bool
pool_is_stopping_cb(void *arg)
{
	return pool_is_stopping(arg);
}

static void
key_work(struct job *job)
{
	struct key_job *key_job = (struct key_job *)job;
	struct keys *keys = key_job->keys;

	key_job->err.kind = ERR_NONE;
	if (!ossl_load_providers(&key_job->err))
		return;
	key_job->key = pki_key(
	    keys->wish.pki.rsa_bits, pool_is_stopping_cb, keys->pool, &key_job->err);
}

/* The CA: new or kept, and kept from now on. */
static struct pki *
make_pki(struct keys *keys)
{
	const struct keys_wish *wish = &keys->wish;
	struct err *err = &keys->made.err;
	struct pki *pki = wish->kept;

	keys->wish.kept = NULL;
	if (pki != NULL)
		return ossl_load_providers(err) ? pki : NULL;
	pki = pki_new(&wish->pki, keys->key[KEY_CA], keys->key[KEY_SIGN],
	    keys->key[KEY_ENCRYPT], err); /* takes the keys */
	memset(keys->key, 0, sizeof(keys->key));
	if (pki == NULL || wish->keep == NULL || pki_save(pki, wish->keep, err))
		return pki;
	pki_release(pki);
	return NULL;
}

static void
pki_work(struct job *job)
{
	struct keys *keys = ((struct pki_job *)job)->keys;
	struct keys_made *made = &keys->made;
	const struct keys_wish *wish = &keys->wish;

	made->err.kind = ERR_NONE;
	made->pki = make_pki(keys);
	if (made->pki == NULL)
		return;
	if (tlscert_issue(&made->tls, made->pki, wish->names, wish->name_count,
	        wish->pki.now, &made->err) &&
	    (!wish->has_next_ca || bag_next_ca(made->pki, &made->next_ca, &made->err)))
		return;
	pki_release(made->pki);
	made->pki = NULL;
}

static void
keys_end(struct keys *keys)
{
	keys->ready(keys->arg, &keys->made);
	for (unsigned i = 0; i < KEY_COUNT; i++)
		EVP_PKEY_free(keys->key[i]);
	pki_release(keys->made.pki);
	tlscert_clear(&keys->made.tls);
	buf_clear(&keys->made.next_ca);
	pki_release(keys->wish.kept);
	free(keys);
}

static void
pki_done(struct job *job)
{
	keys_end(((struct pki_job *)job)->keys);
	free(job);
}

static void
submit_pki_job(struct keys *keys)
{
	struct pki_job *pki_job = mem_alloc(sizeof(*pki_job));

	pki_job->job.work = pki_work;
	pki_job->job.done = pki_done;
	pki_job->keys = keys;
	err_set(&keys->made.err, ERR_FAILED, "the CA was not made: mockndes is stopping");
	pool_submit(keys->pool, &pki_job->job);
}

static void
key_done(struct job *job)
{
	struct key_job *key_job = (struct key_job *)job;
	struct keys *keys = key_job->keys;

	keys->key[key_job->which] = key_job->key;
	if (key_job->key == NULL && keys->made.err.kind == ERR_NONE)
		keys->made.err = key_job->err;
	free(key_job);
	if (--keys->waiting > 0)
		return;
	if (keys->made.err.kind != ERR_NONE)
		keys_end(keys);
	else
		submit_pki_job(keys);
}

void
keys_start(struct pool *pool, const struct keys_wish *wish, keys_ready *ready, void *arg)
{
	struct keys *keys = mem_alloc(sizeof(*keys));

	keys->pool = pool;
	keys->wish = *wish;
	keys->ready = ready;
	keys->arg = arg;
	keys->waiting = KEY_COUNT;
	if (wish->kept != NULL) {
		submit_pki_job(keys);
		return;
	}
	for (unsigned i = 0; i < KEY_COUNT; i++) {
		struct key_job *key_job = mem_alloc(sizeof(*key_job));

		key_job->job.work = key_work;
		key_job->job.done = key_done;
		key_job->keys = keys;
		key_job->which = i;
		err_set(&key_job->err, ERR_FAILED,
		    "the keys were not made: mockndes is stopping");
		pool_submit(pool, &key_job->job);
	}
}
