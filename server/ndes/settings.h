/*
 * settings: which NDES is played. Read-only while it runs.
 */
#ifndef NDES_SETTINGS_H
#define NDES_SETTINGS_H

#include "ndes/challenge.h"
#include "ndes/version.h"
#include <stdbool.h>

/* Where the bare URL leads: the sign by which people tell the two apart. */
enum profile {
	PROFILE_INTUNE, /* the connector's policy module is registered: 403.0 */
	PROFILE_NDES,   /* plain: the general NDES page */
};

/* IIS errorMode: what other machines see, or a browser on the server itself. */
enum error_pages { ERROR_PAGES_REMOTE, ERROR_PAGES_DETAILED };

struct ndes_settings {
	const struct server_version *version;
	enum profile profile;
	enum error_pages error_pages;
	bool is_rfc8894;  /* the standard's way wherever NDES differs */
	const char *host; /* in links of its pages: "localhost" */
	struct challenge_policy challenge;
};

#endif
