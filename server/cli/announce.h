/*
 * announce: how a running server is found: the banner for people, the JSON ready
 * line on stdout, --port-file (renamed into place) and --ready-fd.
 */
#ifndef CLI_ANNOUNCE_H
#define CLI_ANNOUNCE_H

#include "base/err.h"
#include "cli/options.h"

struct announcement {
	const struct options *options;
	const struct net *net;
	const char *instance;  /* id of this run */
	const char *scenario;  /* id, with the parameters that were set */
	const char *title;     /* of the scenario */
	const char *ca_path;   /* the PEM file */
	const char *challenge; /* one that will be accepted */
	const char *control;   /* "unix:PATH" */
	uint64_t seed;
	size_t fault_door; /* net's number; SIZE_MAX: the fault has no door of its own */
};

/*
 * "http://127.0.0.1:PORT" of the first such door; yours. NULL: no such door. The first
 * --name replaces the address when given; a door on all addresses is named by the
 * loopback one.
 */
char *announce_base(const struct announcement *a, bool is_tls);
/* announce_base and /certsrv/mscep/mscep.dll */
char *announce_url(const struct announcement *a, bool is_tls);
/* The same for the door that the scenario's fault has of its own; NULL: none. */
char *announce_fault_url(const struct announcement *a);

/* People's banner. */
void announce_banner_text(const struct announcement *a, bool coloured, struct buf *out);
void announce_banner(const struct announcement *a, bool coloured); /* to stderr */

/*
 * The ready line, one JSON object and LF; yours:
 *   event pid instance scenario seed url tls_url fault ports[host port tls] ca challenge
 *   control
 * url and tls_url are null where there is no such door; fault is null or
 * {url host port tls}, the door that a fault below HTTP has of its own.
 */
char *announce_line(const struct announcement *a);
/*
 * --port-file (the first HTTP port, else the first HTTPS port), --ready-fd (closed
 * then), and stdout, but not when stdout is COMMAND's or a terminal, where the banner
 * says it all.
 */
bool announce_ready(const struct announcement *a, struct err *err);
/* No --port-file while no client may come: neither an earlier run's nor ours. */
void announce_withdraw(const struct options *options);

#endif
