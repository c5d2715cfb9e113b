/*
 * verbs: what can be said to a running server, and its answer in JSON. Knows no
 * socket; what is to be done is done by hooks.
 *
 *   POST /v1/use        {"scenario": "414:limit=10"}
 *   POST /v1/event      {"name": "..."}     moves the scenario's machines; with the name
 *                                           /s/SELECTOR/NAME those of a site by path
 *   POST /v1/advance    {"by": "6m"}        a manual clock alone
 *   POST /v1/challenge  {}                  a one-time password, not one of the cache's
 *   POST /v1/reset      {}                  counters, passwords, transactions
 *   GET  /v1/status
 *
 * Answers are one object: {"ok":true,...} with 200, or {"ok":false,"error":"..."} with
 * 400 (wrongly asked), 404 (no such verb), 405, 409 (the server will not) or 413.
 */
#ifndef CONTROL_VERBS_H
#define CONTROL_VERBS_H

#include "base/buf.h"
#include "base/err.h"
#include <stdint.h>

#define CONTROL_BODY_MAX (64 * 1024) /* bytes; a longer one is answered 413 */

/* Strings are borrowed until the hook's owner runs again. */
struct control_status {
	const char *instance;
	const char *scenario;  /* as it was chosen: "414:limit=10" */
	const char *url;       /* NULL: no such door */
	const char *tls_url;   /* NULL: no such door */
	const char *fault_url; /* of a fault below HTTP; NULL: no such door */
	const char *states;    /* of the machines: "scep-pool=down"; empty: none */
	int64_t now_ms;        /* by the played server's clock */
	bool is_clock_manual;
	size_t under_way; /* requests that are not answered yet */
};

/*
 * Each either does it or says why not: ERR_USAGE where the words were wrong (400),
 * ERR_FAILED where the server will not (409). Called from the loop; must not block.
 */
struct control_hooks {
	void *arg;
	bool (*use)(void *arg, const char *choice, struct err *err);
	bool (*event)(void *arg, const char *name, struct err *err);
	bool (*advance)(void *arg, uint64_t ms, struct err *err);
	bool (*challenge)(
	    void *arg, char **ret_word, struct err *err); /* freed by verbs */
	bool (*reset)(void *arg, struct err *err);
	struct control_status (*status)(void *arg);
};

struct control_call {
	const char *method; /* "POST" */
	const char *path;   /* "/v1/use", without the query; NULL is no path */
	struct slice body;  /* empty is as good as {} */
};

struct control_answer {
	int status;
	const char *allow; /* of a 405: what Allow says; else NULL */
	char *json;        /* one object and LF; yours */
};

struct control_answer
control_answer(const struct control_hooks *hooks, const struct control_call *call);
/* For what is wrong before a verb is known. */
struct control_answer control_refuse(int status, const char *sentence);

#endif
