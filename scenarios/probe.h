/*
 * probe: one request that the test suite plays against a scenario, and what must come
 * back. The program itself never looks at it.
 */
#ifndef SCENARIOS_PROBE_H
#define SCENARIOS_PROBE_H

#include "scenarios/texts.h"

struct probe_param {
	const char *name;
	const char *value;
};

/* One request that the test suite plays, and what must come back. */
struct probe {
	size_t line;                /* in the file, for messages */
	struct probe_param *params; /* the scenario is run with these */
	size_t param_count;
	const char *operation;    /* "none" is the bare URL */
	const char *method;       /* "GET" */
	const char *path;         /* NULL: /certsrv/mscep/mscep.dll */
	const char *message_type; /* PKIOperation: "PKCSReq", "CertPoll" .. */
	const char *transaction;  /* same word, same transactionID and key */
	size_t query_bytes; /* 0: as it comes; else the query is padded to this length */
	size_t repeat;      /* 1 */
	unsigned want_status; /* 0: not looked at */
	const char *want_pki; /* "SUCCESS" .. */
	const char *want_fail_info;
	struct texts want_body_has; /* strings that the body contains */
	struct texts want_body_lacks;
	const char *want_iis;     /* the line ends with this status triple, "500 0 1346";
	                             "none": no line */
	const char *want_httperr; /* the line's s-reason; "none": no line */
};

#endif
