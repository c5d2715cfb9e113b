/*
 * tls_rig: a TLS door with a fault, or without one, whose CA is of today, and an OpenSSL
 * client that looks at all of what it meets there: the certificate, the alert, how the
 * connection ends. On top of plan_rig.
 */
#ifndef SUPPORT_TLS_RIG_H
#define SUPPORT_TLS_RIG_H

#include "net/tlsfault.h"
#include "support/plan_rig.h"
#include <openssl/err.h>

#define IDLE_MS       60000
#define CAREFUL_LEVEL 2 /* no SHA-1, no RSA below 2048 bits */
#define ALERT_NONE    (-1)

enum ending {
	END_OPEN,   /* a whole answer, and nothing more */
	END_CLOSED, /* close_notify */
	END_CUT,    /* FIN alone */
	END_RESET,
	END_ALERT,
	END_REFUSED, /* the client does not like what it sees */
};

struct knock {
	const char *name; /* SNI, and what the certificate has to name */
	int version;      /* this one alone; 0: from TLS 1.2 on */
	bool is_lax;      /* takes whatever has the right name and issuer */
	bool asks_twice;
	const struct pki_cert *cert; /* to show; NULL: none */
};

struct seen {
	bool is_shaken;
	long verdict; /* X509_V_... */
	int alert;
	enum ending end;
	int version;
	int digest; /* NID, of the certificate's signature */
	int bits;
	struct buf got;
};

struct fault_rig {
	struct plan_rig rig;
	struct pki *pki;
};

/* A door of its own, with a fault of words_tls, or sound: NULL. */
void open_rig(struct fault_rig *fault, const char *word);
void close_rig(struct fault_rig *fault);
/* One turn of the loop, after which the server has left no error behind. */
void turn(struct fault_rig *fault);
/* Shakes hands, asks, and looks at what comes behind the answer. */
struct seen knock_at(struct fault_rig *fault, struct knock knock);
void expect_healthy(struct fault_rig *fault, const char *when);
/* The server name by which a fault is chosen. */
const char *sni_of(const char *word, char name[TLS_FAULT_NAME_SIZE]);

#endif
