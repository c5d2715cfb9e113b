/*
 * address: HOST:PORT as people write it on the command line.
 *
 * An IPv6 address stands in brackets, "[::1]:8080". A port alone is refused: which
 * address it was meant for is the difference between this machine and everybody.
 * Names are not looked up here.
 */
#ifndef CLI_ADDRESS_H
#define CLI_ADDRESS_H

#include "base/buf.h"
#include "base/err.h"

#define ADDRESS_HOST_MAX 253 /* RFC 1035 2.3.4, as text */

/* `host` is yours, without brackets. `what` ("--listen") begins the sentence. */
bool address_parse(
    const char *what, struct slice text, char **host, unsigned *port, struct err *err);
/* 127.0.0.0/8, ::1 (also as ::ffff:127.0.0.1) and localhost. */
bool address_is_loopback(const char *host);
/* Only the characters of a host name or of an address in numbers. */
bool address_is_host(struct slice host);
/* The host as a URL has it: IPv6 in brackets. */
void address_add_host(struct buf *out, const char *host);

#endif
