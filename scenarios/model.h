/*
 * model: a scenario file after loading: checked, parameters filled in.
 *
 * Read-only once loaded. Strings point into the scenario's own tree. The format
 * is described in docs/scenario-format.md; load.c is the only one who makes it. What
 * `with` leaves out under the parameters in force is not in it.
 */
#ifndef SCENARIOS_MODEL_H
#define SCENARIOS_MODEL_H

#include "scenarios/action.h"
#include "scenarios/evidence.h"
#include "scenarios/predicates.h"
#include "scenarios/probe.h"
#include "scenarios/texts.h"

enum provenance { PROVENANCE_CAPTURED, PROVENANCE_DOCUMENTED, PROVENANCE_INFERRED };
enum outcome { OUTCOME_MUST_ENROL, OUTCOME_MUST_FAIL, OUTCOME_EITHER };

struct source {
	const char *url;   /* https://... */
	const char *title; /* NULL: none */
	const char *read;  /* "2026-11-22", when somebody last read it; NULL: not said */
};

/* Of the case in force (doc.cases) where it says something else. */
struct doc {
	const char *symptom;
	const char *cause;
	const char *fix;
	enum provenance provenance;
	struct texts unknown; /* what is not known about the real thing */
	struct source *sources;
	size_t source_count;
};

enum param_kind { PARAM_TEXT, PARAM_NUMBER, PARAM_DURATION };

struct param {
	const char *name;
	const char *value; /* in force: the default or the caller's */
	const char *default_value;
	const char *help;
	enum param_kind kind;
	size_t min, max;    /* NUMBER; DURATION: in ms */
	struct texts words; /* words allowed besides, or instead of, a number */
};

#define MACHINES_MAX    4
#define STATES_MAX      16 /* of a machine: a set of them fits uint32_t */
#define TRANSITIONS_MAX 16 /* of a state */
#define EVENT_COUNT_MAX 64

/* Left by the `count`-th `event` that comes within the window. */
struct transition {
	const char *event;
	size_t to;          /* state */
	size_t count;       /* 1 to EVENT_COUNT_MAX */
	uint64_t within_ms; /* 0: however long it takes */
};

struct state {
	const char *name;
	struct transition *transitions;
	size_t transition_count;
	bool has_after;    /* left by itself */
	uint64_t after_ms; /* after that time in it */
	size_t after_to;
};

struct machine {
	const char *name;
	size_t initial;
	struct state *states;
	size_t state_count;
};

enum level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_NOTE };

#define AFTER_NONE  SIZE_MAX /* no after_rule */
#define EXPECTS_MAX 32

/* What a good client does; counted while the server runs, judged when it ends. */
struct expect {
	const char *id;
	struct match request; /* plain predicates only */
	bool is_after;        /* only requests that arrived after a rule had fired */
	size_t after_rule;    /* index in rules; AFTER_NONE: that rule is not in play */
	uint64_t within_ms;   /* of its firing; 0: however long */
	struct range count;
	enum level level;
	const char *hint; /* NULL: none */
};

struct rule {
	const char *id;
	struct match match;
	struct action action;
	struct shaping_wish shaping;
	struct reply_edit reply;
	const char *emit;       /* event for the machines; NULL: none */
	bool forgets_passwords; /* as a restart of NDES does, before it is answered */
	struct evidence evidence;
};

/* Changes to the honest server while the scenario rules. */
struct server_change {
	struct texts caps_without; /* capabilities not listed */
	/* listed instead of the server's own; items NULL: they are not; count 0: none */
	struct texts caps;
	const char *pki;       /* another CA: a word of words_pki; NULL: the usual */
	const char *challenge; /* as --challenge, where the caller chose none; NULL */
};

struct scenario {
	const char *id;
	struct texts aliases;
	const char *group;
	const char *title;
	enum outcome outcome;
	const char *needs_profile; /* "intune" "ndes"; NULL: any */
	struct doc doc;
	struct param *params;
	size_t param_count;
	struct server_change server;
	struct evidence evidence; /* of the state itself, whatever rule fires */
	struct machine *machines;
	size_t machine_count;
	struct rule *rules;
	size_t rule_count;
	struct expect *expects;
	size_t expect_count;
	struct probe *probes;
	size_t probe_count;
	bool asks_challenge; /* some rule has the predicate `challenge` */
};

#endif
