/*
 * version: what differs between the Windows versions that NDES runs on.
 */
#ifndef NDES_VERSION_H
#define NDES_VERSION_H

#include <stddef.h>

struct server_version {
	const char *name;   /* "2022", as --server-version takes it */
	const char *server; /* Server header: "Microsoft-IIS/10.0" */
	const char *iis;    /* "10.0", as in the log's #Software line */
	const char *caps;   /* GetCACaps, comma-separated */
	unsigned httperr;   /* HTTPERR field set: 2012, 2016 or 2022 */
};

extern const struct server_version server_versions[];
extern const size_t server_version_count;
#define SERVER_VERSION_DEFAULT "2022"

/* NULL: there is none of that name. */
const struct server_version *server_version_find(const char *name);

#endif
