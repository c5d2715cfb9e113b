/*
 * play: one server run, and one probe after the other played against it over real
 * sockets. Each request has a connection of its own. Behind the answer the client ends
 * its side and waits for the server to end the other one: the server has written its
 * logs by then, so they are looked at without waiting, and a line that should not be
 * there is seen.
 *
 * Before the first pkiMessage of a run GetCACert is asked for, unless a probe has done
 * so; a rule that counts requests counts this one, too. Where the answer has no
 * CA in it, the certificates of an honest server with the same keys are taken. A scenario
 * with a port of its own is asked on that port, and for GetCACert on a healthy one.
 */
#ifndef SCENARIOS_PLAY_H
#define SCENARIOS_PLAY_H

#include "scenarios/cast.h"
#include "scenarios/ending.h"
#include "scenarios/kept.h"
#include "scenarios/winlogs.h"
#include "support/peer.h"
#include "support/server_process.h"

/* What the probes of a group ask of their server. */
struct play_needs {
	bool manual_clock;
	bool crp_lines;
	bool passwords; /* one-time ones */
};

struct play_settings {
	const char *program;
	const struct kept *kept;
	const char *choice;              /* "id:k=v" */
	const struct scenario *scenario; /* with these parameters */
	struct play_needs needs;
	bool is_tls; /* over HTTPS wherever it can be chosen */
};

struct play {
	const struct scenario *scenario;
	struct server_process server;
	struct winlogs logs;
	struct cast *cast;
	SSL_CTX *tls;
	bool is_tls;
	bool is_one_time; /* each challenge is asked for */
	bool has_crp_lines;
};

/* One request of a probe, and what came of it. */
struct take {
	const struct probe *probe;
	struct actor *actor; /* who sent the pkiMessage; NULL: nobody */
	struct peer_answer answer;
	struct ending ending;
	uint64_t took_us;
	struct buf seen; /* what OpenSSL makes of it (scenarios/look.h); empty: nothing */
};

/* The fault is below HTTP, of a port of its own. */
bool play_has_door(const struct scenario *scenario);
void play_need(struct play_needs *needs, const struct probe *probe);
/* False and err: nothing is left over. */
bool play_open(struct play *play, const struct play_settings *settings, struct cast *cast,
    struct err *err);
/*
 * Ends the server. False and err: it did not end with code 0 (or 3, where the scenario
 * has expectations), or wrote log lines that no probe has caused.
 */
bool play_close(struct play *play, struct err *err);

/*
 * Sends the probe once, and tells in `take` what came back. False: it could not be sent
 * at all.
 */
bool play_send(struct play *play, struct take *take, struct err *err);
/* Sends and reads; how the connection ended is a part of it. */
void
play_exchange(const struct peer_way *way, const struct buf *request, struct take *take);
/* Behind the checks: what the client learnt from it is kept, its log lines are old. */
void play_settle(struct play *play, struct take *take);

#endif
