/*
 * ordeal: one state directory, the server that runs on it just now, and every
 * enrolment that was ever begun with it, so that a later server can be asked about
 * each of them.
 */
#ifndef SCENARIOS_ORDEAL_H
#define SCENARIOS_ORDEAL_H

#include "base/buf.h"
#include "base/err.h"
#include "support/scepclient.h"
#include "support/server_process.h"

#define ORDEAL_CLIENTS     5 /* as many passwords are out at one time */
#define ORDEAL_TROUBLE_MAX 512

/* An enrolment; what it sends is the same each time that it is asked for again. */
struct attempt {
	struct scep_client *client; /* borrowed */
	char *transaction_id;
	char *challenge;
	struct buf csr;
	struct buf request; /* the whole POST, until it is sent first */
	struct buf leaf;    /* the certificate as it was answered; empty: no answer yet */
	bool is_refused;    /* its one-time password went with a server that was killed */
	bool is_challenged; /* its password was tried for another request */
};

struct ordeal {
	const char *program;
	const char *state;
	bool is_one_time; /* --challenge one-time */
	struct server_process server;
	struct scep_client *clients[ORDEAL_CLIENTS];
	struct buf bag; /* GetCACert of the first server; empty: none was seen yet */
	struct attempt *attempts;
	size_t count;
	char trouble[ORDEAL_TROUBLE_MAX];
};

/* False and err: no keys for the clients. The strings are borrowed. */
bool ordeal_init(struct ordeal *ordeal, const char *program, const char *state,
    bool is_one_time, struct err *err);
void ordeal_clear(struct ordeal *ordeal); /* the server has ended */

/* All below: false, and `trouble` says what does not hold. */

/* Starts a server; it has to be the CA that it always was. */
bool ordeal_start(struct ordeal *ordeal);
/* One new enrolment a client, with its password but without a request sent. */
bool ordeal_prepare(struct ordeal *ordeal);
/*
 * Sends the newest ORDEAL_CLIENTS attempts at once, each over a connection of its own,
 * and reads the answers; `*ret` is how many came. A server that goes meanwhile is fine.
 */
bool ordeal_storm(struct ordeal *ordeal, size_t *ret);
/*
 * Asks again: an answered certificate has to come again to the byte, also by its serial
 * number; its password has to be refused to others. What was not answered before is
 * now, but a one-time password may be lost.
 */
bool ordeal_ask_again(struct ordeal *ordeal, struct attempt *attempt);
/* Every certificate has a serial number of its own, and none is the CA's or RA's. */
bool ordeal_serials_differ(struct ordeal *ordeal);

#endif
