/*
 * admin: the pages that mscep.dll writes itself: those of /certsrv/mscep_admin, and
 * the one that a bare /certsrv/mscep/mscep.dll shows where no policy module is
 * registered.
 *
 * They are UTF-16LE, although their META says UTF-8, and all one line. NDES sends them
 * with 200, that without permission too. The pages about one-time passwords are exact
 * to the letter; of the others see admin.c.
 */
#ifndef NDES_ADMIN_H
#define NDES_ADMIN_H

#include "base/buf.h"
#include "ndes/password.h"

enum admin_page {
	ADMIN_PASSWORD,        /* a one-time password */
	ADMIN_SINGLE_PASSWORD, /* UseSinglePassword: the same for everybody, for ever */
	ADMIN_CACHE_FULL,
	ADMIN_NO_PERMISSION,
	ADMIN_GENERAL, /* what the URL is for, and where the passwords are */
};

/* What the pages say; text is UTF-8 and borrowed. A page reads what it shows alone. */
struct admin_facts {
	const char *thumbprint; /* the passwords' pages: "A656FA66 AB12B433 ..." */
	const char *password;   /* the passwords' pages */
	const char *host;       /* general page: in the link to mscep_admin */
	struct password_rules rules;
	/* Whether real ones have one is not known: some who read them say so. */
	bool has_byte_order_mark;
};

/* Appends the page's body. */
void admin_page_make(
    struct buf *out_utf16, enum admin_page page, const struct admin_facts *facts);

#endif
