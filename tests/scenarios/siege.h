/*
 * siege: one server, and the ways in which hostile.c goes at it. All choices come from
 * the dice; the keys in the messages are new each time.
 */
#ifndef SCENARIOS_SIEGE_H
#define SCENARIOS_SIEGE_H

#include "scenarios/mutate.h"
#include "scenarios/tap.h"
#include "support/peer.h"
#include "support/scepclient.h"
#include "support/server_process.h"

#define SIEGE_BASES_MAX   32
#define SIEGE_STATUS_MAX  600
#define SIEGE_KINDS_MAX   16
#define SIEGE_TROUBLE_MAX 512

struct siege {
	struct server_process server;
	SSL_CTX *tls;
	struct dice dice;
	struct scep_client *client;
	struct buf bases[SIEGE_BASES_MAX]; /* pkiMessages, good and odd ones */
	size_t base_count;
	struct peer peer; /* kept from input to input; fd -1: none */
	struct buf last;  /* the bytes of the last input */
	const char *last_kind;
	size_t inputs;
	size_t by_kind[SIEGE_KINDS_MAX];
	size_t by_status[SIEGE_STATUS_MAX]; /* [0]: none was wanted or came */
	size_t descriptors;                 /* of the server, before anything was open */
	char trouble[SIEGE_TROUBLE_MAX];
};

bool siege_begin(struct siege *siege, const char *program, const char *scenario,
    uint64_t seed, struct err *err);
void siege_end(struct siege *siege); /* the server has ended already */

/* One input or a few. False: trouble says what the server did not do. */
bool siege_attack(struct siege *siege);
/* A good GetCACaps on a connection of its own. */
bool siege_is_answered(struct siege *siege);
/* PKCSReq, and CertPolls while it is PENDING. */
bool siege_enrols(struct siege *siege);
/* As many descriptors as at the beginning, once all connections are closed. */
bool siege_has_no_leak(struct siege *siege);
/* What was sent and what was answered, as TAP comments. */
void siege_tell(const struct siege *siege);
/* Writes the last input into a file and says which. */
void siege_keep_last(const struct siege *siege);

#endif
