/*
 * options: the command line and its environment into one struct; one table makes
 * parsing, the help text and the did-you-mean.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "base/err.h"
#include "logs/console.h"
#include "logs/w3c.h"
#include "ndes/settings.h"
#include "net/net.h"

enum command {
	COMMAND_SERVE,
	COMMAND_LIST,
	COMMAND_EXPLAIN,
	COMMAND_CHECK,
	COMMAND_DECODE,
	COMMAND_CTL,
	COMMAND_HELP,
	COMMAND_VERSION,
};
enum child_must { CHILD_OK, CHILD_FAIL, CHILD_ANY };

#define OPTIONS_DOORS_MAX    16
#define OPTIONS_NAMES_MAX    16
#define OPTIONS_OPERANDS_MAX 3    /* of decode and ctl */
#define OPTIONS_WORDS_MAX    1024 /* of explain and check */
#define OPTIONS_KEYS_MAX     8

struct door {
	char *host; /* "127.0.0.1", "::1", "localhost" */
	unsigned port;
	bool is_tls;
};

struct options {
	enum command command;
	const char *scenario;      /* "414:limit=4096"; "healthy" when not given */
	const char *scenario_file; /* NULL: none; else it goes before scenario */
	struct door doors[OPTIONS_DOORS_MAX];
	size_t door_count;
	const char *names[OPTIONS_NAMES_MAX]; /* --name; the first one is in the URLs */
	size_t name_count;
	char *name_copies[OPTIONS_NAMES_MAX]; /* what names point to */
	const struct server_version *version;
	const char *caps;      /* NULL: by version */
	const char *challenge; /* "any" */
	const char *logs;      /* NULL: off */
	enum w3c_fields log_fields;
	bool quiet;
	bool is_json; /* --log-format json; `list --json` */
	bool has_log_format;
	unsigned workers;
	bool expose;
	const char *port_file; /* NULL: off */
	int ready_fd;          /* -1: off */
	bool exit_with_parent;
	struct net_settings net;
	char **child; /* NULL: no COMMAND; argv of it, ends in NULL */
	enum child_must child_must;
	uint64_t timeout_ms; /* of COMMAND */
	bool allow_unfired;
	const char *group; /* list --group */
	enum profile profile;
	bool has_challenge; /* --challenge was given; else the profile chooses */
	enum error_pages error_pages;
	bool is_rfc8894;
	const char *state;           /* NULL: in memory */
	const char *single_password; /* NULL: one-time passwords */
	const char *mscep_user;      /* NULL: mscep_admin is open */
	const char *control;         /* "unix:PATH"; NULL: the default place */
	bool is_clock_manual;
	bool no_crp_lines;
	uint64_t seed;
	bool has_seed;                           /* else the server draws one */
	const char *operands[OPTIONS_WORDS_MAX]; /* of explain, check, decode and ctl */
	size_t operand_count;
	const char *keys[OPTIONS_KEYS_MAX]; /* decode --key */
	size_t key_count;
};

/*
 * argv as main got it. Every option may also come as MOCKNDES_OPT_X_Y (and --scenario
 * as MOCKNDES_SCENARIO); an option on the command line sets aside its variable, and
 * what belongs to the other command is left alone. ERR_USAGE with one sentence; an
 * unknown variable is refused like an unknown option. --help and --version are
 * answered whatever else is there. Strings are borrowed from argv and the
 * environment.
 */
bool options_parse(struct options *options, int argc, char **argv, struct err *err);
void options_clear(struct options *options);
/* The help text, with examples. */
void options_help(struct buf *out);

#endif
