#include "flow/session.h"

#include "base/mem.h"
#include <stdlib.h>

struct session *
session_of(struct endpoints *endpoints)
{
	if (endpoints->session == NULL)
		endpoints->session = mem_alloc(sizeof(struct session));
	return endpoints->session;
}

void
session_restart(struct session *session)
{
	auth_context_free(session->context);
	session->context = NULL;
	session->is_trusted = false;
}

void
session_free(struct session *session)
{
	if (session == NULL)
		return;
	auth_context_free(session->context);
	free(session);
}
