/*
 * api: the control door of a running server: HTTP/1.1 and JSON on a unix socket.
 *
 * Where the socket lies is in control/door.h, what can be said in control/verbs.h.
 * One request a connection: the answer closes it. Whatever a caller does, the device
 * side does not notice: heads, bodies, callers and the time a caller may take have
 * caps. evhttp reads the requests; what it refuses by itself (a head that is no HTTP)
 * it answers in its own words. SIGPIPE must be ignored by the program.
 */
#ifndef CONTROL_API_H
#define CONTROL_API_H

#include "control/door.h"
#include "control/verbs.h"

struct event_base;

#define CONTROL_HEAD_MAX    8192          /* bytes; the connection ends without answer */
#define CONTROL_READ_MAX    (1024 * 1024) /* of a body; as CONTROL_HEAD_MAX */
#define CONTROL_CALLERS_MAX 32            /* at once; others wait */
#define CONTROL_SILENCE_MS  5000          /* between two bytes of a caller */
#define CONTROL_CALL_MS     10000         /* of a whole call */
#define CONTROL_SWEEP_MS    50   /* how often that is looked at while there are callers */
#define CONTROL_BEAT_MS     1000 /* and while there are none */

struct control;

/* Copies `hooks`; what they point to must live longer. */
struct control *control_open(struct event_base *base, const char *path,
    const struct control_hooks *hooks, struct err *err);
/* The whole path of the socket, borrowed: MOCKNDES_CONTROL is "unix:" and this. */
const char *control_path(const struct control *control);
/* Not from inside a hook. Takes the socket away. NULL is fine. */
void control_close(struct control *control);

#endif
