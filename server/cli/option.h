/*
 * option: the table of options. One row makes the parsing, the environment
 * variable, the help text and the did-you-mean of an option.
 */
#ifndef CLI_OPTION_H
#define CLI_OPTION_H

#include "base/err.h"
#include "cli/options.h"

#define OPTION_DURATION_MAX_MS (UINT64_C(30) * 24 * 3600 * 1000)
#define OPTION_BODY_MAX        (UINT64_C(1024) * 1024 * 1024) /* it is held in memory */
#define OPTION_READY_FD_MIN    3
#define OPTION_READY_FD_MAX    65535

/* The headings of the help text, and which command takes an option. */
enum option_section {
	SECTION_FAULT,
	SECTION_DOORS,
	SECTION_SERVER,
	SECTION_COMMAND, /* only with a COMMAND behind -- */
	SECTION_OUTPUT,
	SECTION_PROCESS,
	SECTION_OTHERS, /* of list, decode and ctl */
	SECTION_ABOUT,
};
#define SECTION_COUNT 8

struct option {
	const char *name;     /* "--listen" */
	const char *argument; /* "HOST:PORT"; NULL: a switch */
	const char *help;
	const char *fallback; /* the default in words; NULL: off */
	enum option_section section;
	/* NULL: options_parse itself looks for it (--help, --version) */
	bool (*set)(struct options *options, const struct option *option,
	    const char *value, struct err *err);
	size_t offset; /* of the member that a plain value is put into */
	uint64_t min, max;
	unsigned commands; /* bits 1 << enum command that take it; 0: serve alone */
	bool repeats;      /* a list with commas is as good as several */
	bool once;         /* a second one is a mistake, not a correction */
};

extern const struct option option_rows[];
extern const size_t option_count;

/* Exactly, with its dashes; NULL: there is none. */
const struct option *option_find(struct slice name);
/* ERR_USAGE: unknown, with the nearest ones. Returns false. */
bool option_refuse_unknown(const char *what, struct slice name, struct err *err);

#endif
