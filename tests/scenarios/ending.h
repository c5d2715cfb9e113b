/*
 * ending: what became of a probe's connection, in the words of scenarios/probe.h, told
 * from what the client's own system calls said.
 */
#ifndef SCENARIOS_ENDING_H
#define SCENARIOS_ENDING_H

#include "scenarios/probe.h"
#include "support/peer.h"

#define ENDING_SILENCE_MS 300 /* nothing came for so long: silent */
#define ENDING_CONNECT_MS 400 /* connect() has not ended by then: unreachable */

/* All that is known when the exchange is over. */
struct ending {
	bool is_connected; /* TCP, over TLS after the handshake */
	bool is_tls;
	bool is_handshake; /* it was the handshake that did not end well */
	bool is_whole;     /* a whole answer came */
	bool is_ours;      /* the client has ended its side before the server did */
	enum peer_fate end;
	enum probe_fate outcome;
};

/* Fills in `outcome` from the rest and what was received. */
void ending_tell(struct ending *ending, const struct peer_answer *answer);
/*
 * True: `want` is a right word for it. Some ends have two: an RST in the handshake is
 * `reset` and `tls-failed`.
 */
bool ending_is(
    const struct ending *ending, enum probe_fate want, const struct peer_answer *answer);
/* True: the client has to wait for what is not coming. */
bool ending_is_silence(enum probe_fate want);
const char *ending_name(enum probe_fate fate); /* "cut-reset" */

/* 200 even where only the status line came; 0: not even that. */
unsigned ending_status(const struct peer_answer *answer);

#endif
