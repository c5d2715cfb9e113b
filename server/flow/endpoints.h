/*
 * endpoints: who talks to whom, and the name of an exchange.
 */
#ifndef FLOW_ENDPOINTS_H
#define FLOW_ENDPOINTS_H

#include "base/buf.h"
#include <stdint.h>

typedef uint64_t exchange_id; /* 0: none */

struct session; /* what flow knows of a connection (flow/session.h) */

/* What a door and a peer look like; lent for the connection's life. */
struct endpoints {
	struct session *session; /* flow's: NULL at first, freed by flow_left */
	uint64_t connection;     /* id */
	struct slice client_ip;
	unsigned client_port;
	struct slice server_ip;
	unsigned server_port;
	bool is_tls;
	/* what the client showed in the handshake: "none", "untrusted", "trusted" */
	const char *client_cert;
};

#endif
