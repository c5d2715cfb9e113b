/*
 * cast: the SCEP clients that play a scenario's probes, each with a key of its own.
 * Probes with the same `transaction` word are one client with one transactionID;
 * those without have one of their own each time.
 *
 * Keys cost time, so a cast outlives the servers it plays with; cast_enter tells it of
 * a new one, for which words and certificates are given out anew.
 */
#ifndef SCENARIOS_CAST_H
#define SCENARIOS_CAST_H

#include "base/err.h"
#include "scenarios/model.h"
#include "support/scepclient.h"

#define CAST_MAX 32

struct actor {
	bool is_taken; /* has a part in what is played against this server */
	char *word;    /* NULL: of those without */
	size_t key_bits;
	struct scep_client *client;
	X509 *own;  /* self-signed */
	X509 *leaf; /* its newest certificate of this server; NULL: none */
};

struct cast {
	struct actor actors[CAST_MAX];
	size_t count;
	size_t extras;      /* transactions without a word so far */
	struct buf ca;      /* GetCACert of the server they play with */
	struct buf by_hand; /* the same of an honest one, for servers that show no CA */
};

#define CAST_INIT          \
	{                  \
		.count = 0 \
	}

void cast_clear(struct cast *cast);
/* A new server: certificates of the last one are forgotten. */
void cast_enter(struct cast *cast);
/* What GetCACert said; without a CA in it, by_hand takes its place. */
void cast_meet(struct cast *cast, struct bytes getcacert);
bool cast_has_met(const struct cast *cast);

/*
 * Appends the probe's pkiMessage; `*ret` is who sent it, to read the answer with.
 * `challenge` is the challengePassword, NULL: none. cast_meet comes first.
 */
bool cast_speak(struct cast *cast, const struct probe *probe, const char *challenge,
    struct buf *out, struct actor **ret, struct err *err);
/* The actor got this certificate: a RenewalReq will be signed with it. */
void cast_take_leaf(struct actor *actor, X509 *leaf);

#endif
