/*
 * session: who a connection has logged on as. NTLM authenticates a connection, not a
 * request (as IIS does), so what is proved stays with it until it ends.
 */
#ifndef FLOW_SESSION_H
#define FLOW_SESSION_H

#include "auth/context.h"
#include "flow/endpoints.h"

struct session {
	struct auth_context *context; /* a handshake under way; NULL: none, or in a job */
	enum auth_scheme scheme;      /* of it */
	bool is_trusted;              /* the handshake has ended well */
};

struct session *session_of(struct endpoints *endpoints); /* made when it is not there */
/* Forgets the handshake. */
void session_restart(struct session *session);
void session_free(struct session *session); /* NULL is fine */

#endif
