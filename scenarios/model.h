/*
 * model: a scenario file after loading: checked, parameters filled in.
 *
 * Read-only once loaded. Strings point into the scenario's own tree. The format
 * is described in docs/scenario-format.md; load.c is the only one who makes it.
 */
#ifndef SCENARIOS_MODEL_H
#define SCENARIOS_MODEL_H

#include "base/buf.h"
#include "http/layer.h"
#include "scenarios/probe.h"
#include "scenarios/texts.h"
#include <stdint.h>

enum provenance { PROVENANCE_CAPTURED, PROVENANCE_DOCUMENTED, PROVENANCE_INFERRED };
enum outcome { OUTCOME_MUST_ENROL, OUTCOME_MUST_FAIL, OUTCOME_EITHER };

struct source {
	const char *url;   /* https://... */
	const char *title; /* NULL: none */
};

struct doc {
	const char *symptom;
	const char *cause;
	const char *fix;
	enum provenance provenance;
	struct texts unknown; /* what is not known about the real thing */
	struct source *sources;
	size_t source_count;
};

struct param {
	const char *name;
	const char *value; /* in force: the default or the caller's */
	const char *default_value;
	const char *help;
	bool is_number; /* has min or max */
	size_t min, max;
	struct texts words; /* words allowed besides, or instead of, a number */
};

/* A number that must lie in a range; both bounds inclusive. */
struct range {
	bool is_set;
	size_t min, max;
};

enum count_by {
	COUNT_BY_SITE,
	COUNT_BY_CLIENT,
	COUNT_BY_CONNECTION,
	COUNT_BY_TRANSACTION
};

/* All that are set must hold. Counting predicates are asked last. */
struct match {
	struct texts operations; /* count 0: any */
	struct texts methods;
	struct texts message_types;
	struct range query_bytes;
	struct range uri_bytes;
	size_t times; /* only the first n that satisfy the rest; 0: all */
	enum count_by count_by;
};

enum action { ACTION_RESPOND, ACTION_SCEP, ACTION_PASS };

struct header_edit {
	const char *name;
	const char *value; /* NULL: the header is left out */
};

struct respond {
	unsigned status;
	const char *reason; /* NULL: the usual phrase */
	enum layer layer;
	const char *page; /* name of a page; NULL: the layer's page for the status */
	const char *body; /* instead of a page; NULL: none */
	struct header_edit *headers;
	size_t header_count;
};

/* What of the honest CertRep is edited. */
struct scep {
	const char *status;    /* "SUCCESS" "FAILURE" "PENDING"; NULL: as it is */
	const char *fail_info; /* "badAlg" ..; NULL: as it is */
	bool has_hresult;
	uint32_t hresult;
};

/* What Windows would have logged. */
struct evidence {
	bool has_iis;
	unsigned substatus;
	uint32_t win32;
	const char *httperr_reason; /* NULL: none */
	const char *httperr_queue;  /* NULL: "-" */
};

struct rule {
	const char *id;
	struct match match;
	enum action action;
	struct respond respond;
	struct scep scep;
	struct evidence evidence;
};

/* Changes to the honest server while the scenario rules. */
struct server_change {
	struct texts caps_without; /* capabilities not listed */
};

struct scenario {
	const char *id;
	struct texts aliases;
	const char *group;
	const char *title;
	enum outcome outcome;
	struct doc doc;
	struct param *params;
	size_t param_count;
	struct server_change server;
	struct rule *rules; /* those whose `with` holds under the parameters in force */
	size_t rule_count;
	struct probe *probes;
	size_t probe_count;
};

#endif
