/*
 * play: one server run, and one probe after the other played against it over real
 * sockets. Each request has a connection of its own. Behind the answer the client ends
 * its side and waits for the server to end the other one: the server has written its
 * logs by then, so they are looked at without waiting, and a line that should not be
 * there is seen.
 *
 * Before the first pkiMessage of a run GetCACert is asked for, unless a probe has done
 * so; a rule that counts requests counts this one, too. Where it is refused, the message
 * is addressed to a CA that the server does not know.
 */
#ifndef SCENARIOS_PLAY_H
#define SCENARIOS_PLAY_H

#include "scenarios/cast.h"
#include "scenarios/winlogs.h"
#include "support/peer.h"
#include "support/server_process.h"

struct play {
	struct server_process server;
	struct winlogs logs;
	struct cast *cast;
	SSL_CTX *tls; /* NULL: over HTTP */
};

/* Starts `program` with this scenario ("id:k=v"). False and err: nothing is left over. */
bool play_open(struct play *play, const char *program, const char *scenario, bool is_tls,
    struct cast *cast, struct err *err);
/*
 * Ends the server. False and err: it did not end with code 0, or wrote log lines that no
 * probe has caused.
 */
bool play_close(struct play *play, struct err *err);

/* False: err says what of the probe's `want` did not hold. */
bool play_probe(struct play *play, const struct probe *probe, struct err *err);

#endif
