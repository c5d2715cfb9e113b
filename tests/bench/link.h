/*
 * link: the client's end of one TCP connection to a server on this machine, as the
 * bench programs need it: what goes wrong ends the program with a sentence.
 */
#ifndef BENCH_LINK_H
#define BENCH_LINK_H

#include "base/buf.h"
#include <stdbool.h>

#define LINK_HEAD_MAX 4096 /* of an answer */
#define LINK_WAIT_S   10   /* for an answer */

struct answer {
	unsigned status;
	char type[64]; /* Content-Type, "" if absent */
	struct buf body;
};

/* Says why on stderr and exits with code 1. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* A TCP port from 1 to 65535. */
unsigned link_port(const char *text);

/* A connected socket, or -1 if nobody listens there (yet). */
int link_open(unsigned port);

void link_send(int fd, const struct buf *request);

/* Reads one answer with a Content-Length; `ret->body` is appended to. */
void link_receive(int fd, struct answer *ret);

#endif
