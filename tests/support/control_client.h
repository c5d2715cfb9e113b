/*
 * control_client: what a test says to a running server through its control socket
 * (server/control/verbs.h): one request a call, blocking, with a bound.
 */
#ifndef SUPPORT_CONTROL_CLIENT_H
#define SUPPORT_CONTROL_CLIENT_H

#include "base/err.h"
#include "support/server_process.h"
#include <jansson.h>
#include <stdint.h>

#define CONTROL_CLIENT_MS 20000

/*
 * Posts {"key": "value"} to /v1/VERB (an empty object when key is NULL), or gets it
 * when the verb is "status". The answer is yours. NULL and err: no such server, or it
 * will not.
 */
json_t *control_client_say(const struct server_process *server, const char *verb,
    const char *key, const char *value, struct err *err);

/* The verbs. False and err: as above. */
bool control_client_use(
    const struct server_process *server, const char *choice, struct err *err);
bool control_client_event(
    const struct server_process *server, const char *name, struct err *err);
bool
control_client_advance(const struct server_process *server, uint64_t ms, struct err *err);
/* A fresh one-time password; yours. */
char *control_client_challenge(const struct server_process *server, struct err *err);

#endif
