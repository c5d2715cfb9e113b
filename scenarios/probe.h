/*
 * probe: one request that the test suite plays against a scenario, and what must come
 * back. The program itself never looks at it.
 */
#ifndef SCENARIOS_PROBE_H
#define SCENARIOS_PROBE_H

#include "scenarios/texts.h"
#include <stdbool.h>
#include <stdint.h>

struct probe_param {
	const char *name;
	const char *value;
};

struct probe_header {
	const char *name;
	const char *value; /* wanted: a glob; NULL: it must not be there */
};

/* What becomes of the connection, as the client's own system calls tell it. */
enum probe_fate {
	PROBE_ANSWERED,    /* a whole answer came (the default) */
	PROBE_CLOSED,      /* no byte, then EOF */
	PROBE_RESET,       /* no byte, then ECONNRESET */
	PROBE_REFUSED,     /* ECONNREFUSED */
	PROBE_SILENT,      /* connected and sent, nothing came for a while, still open */
	PROBE_UNREACHABLE, /* connect() does not end */
	PROBE_CUT,         /* a part of an answer, then EOF */
	PROBE_CUT_RESET,   /* a part of an answer, then ECONNRESET */
	PROBE_CUT_SILENT,  /* a part of an answer, then nothing */
	PROBE_GARBAGE,     /* bytes that are no HTTP, then EOF */
	PROBE_TLS_FAILED,  /* the handshake failed, or the certificate was not accepted */
	PROBE_TLS_CUT,     /* an answer, then EOF without close_notify */
};

struct probe {
	size_t line;                /* in the file, for messages */
	struct probe_param *params; /* the scenario is run with these */
	size_t param_count;
	const char *event;     /* sent through the control channel before; NULL: none */
	uint64_t advance_ms;   /* the clock is moved before (the server runs on a manual
	                          one); 0: no */
	const char *operation; /* "none" is the bare URL; "admin-page" mscep_admin */
	const char *method;    /* "GET" */
	const char *path;      /* NULL: /certsrv/mscep/mscep.dll */
	const char *message_type; /* PKIOperation: "PKCSReq", "CertPoll" .. */
	const char *transaction;  /* same word, same transactionID and key */
	size_t query_bytes; /* 0: as it comes; else the query is padded to this length */
	size_t body_bytes;  /* 0: as it comes; else POST: the body is padded with zeros */
	size_t key_bits;    /* 0: 2048 */
	const char *user_agent;     /* NULL: none */
	const char *challenge;      /* words_challenge; NULL: valid */
	const char *challenge_type; /* words_challenge_type; NULL: printable */
	struct probe_header *headers;
	size_t header_count;
	bool is_tls;          /* to the TLS door */
	const char *sni;      /* NULL: localhost */
	size_t repeat;        /* 1 */
	unsigned want_status; /* 0: not looked at */
	enum probe_fate want_fate;
	const char *want_pki; /* "SUCCESS" .. */
	const char *want_fail_info;
	struct texts want_body_has; /* strings that the body contains */
	struct texts want_body_lacks;
	struct texts want_decode_has; /* lines of `mockndes decode` of the body contain */
	struct texts want_decode_lacks;
	struct probe_header *want_headers;
	size_t want_header_count;
	uint64_t want_took_ms;    /* the answer came no sooner; 0: not looked at */
	const char *want_iis;     /* the line ends with this status triple, "500 0 1346";
	                             "none": no line */
	const char *want_httperr; /* the line's s-reason; "none": no line */
	const char *want_crp;     /* the VerifyRequest line's triple; "none": no line */
};

#endif
