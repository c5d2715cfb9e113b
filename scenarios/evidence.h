/*
 * evidence: what a Windows server, and its client, would show of a fault.
 *
 * `iis`, `httperr` and `crp` are the lines that mockndes writes with --logs; the others
 * are told by explain, word for word as the sources have them.
 */
#ifndef SCENARIOS_EVIDENCE_H
#define SCENARIOS_EVIDENCE_H

#include "scenarios/texts.h"
#include <stdbool.h>
#include <stdint.h>

struct event_evidence {
	const char *log;    /* "Application" */
	const char *source; /* "Application Error" */
	unsigned id;
	const char *level; /* "Error"; NULL: not known */
	const char *text;  /* NULL: not known */
};

struct file_evidence {
	const char *name;   /* "NDESPlugin.log" */
	struct texts lines; /* as they stand in it */
};

struct registry_evidence {
	const char *key;   /* "HKLM\SYSTEM\...\Parameters\MaxFieldLength" */
	const char *value; /* "16384", or words: "not there" */
};

struct client_evidence {
	const char *platform; /* words_platform */
	const char *shows;    /* "0x801901F7", or what it writes */
};

struct status_triple {
	bool is_none; /* it is said that there is no line */
	bool is_set;
	unsigned status;
	unsigned substatus;
	uint32_t win32;
};

struct evidence {
	bool has_iis;
	unsigned substatus;
	uint32_t win32;
	const char *httperr_reason; /* NULL: none */
	const char *httperr_queue;  /* NULL: "-" */
	/* VerifyRequest, the policy module's call to the registration point */
	struct status_triple crp;
	struct event_evidence *events;
	size_t event_count;
	struct file_evidence *files;
	size_t file_count;
	struct registry_evidence *registry;
	size_t registry_count;
	struct client_evidence *clients;
	size_t client_count;
};

#endif
