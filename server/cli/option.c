#include "cli/option.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "base/parse.h"
#include "cli/address.h"
#include <stdlib.h>
#include <string.h>

#define MEMBER(options, option, type) \
	((type *)(void *)((char *)(options) + (option)->offset))

static bool
set_text(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	*MEMBER(options, option, const char *) = value;
	return true;
}

static bool
set_switch(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	static const char *const words[] = {
	    "yes", "1", "true", "on", "no", "0", "false", "off"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(value, words[i]) == 0) {
			*MEMBER(options, option, bool) = i < 4;
			return true;
		}
	return err_set(err, ERR_USAGE, "%s is a switch: it takes yes or no, not %s",
	    option->name, value);
}

static bool
set_size(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	size_t number;

	if (!parse_size(slice_of(value), option->max, &number) || number < option->min)
		return err_set(err, ERR_USAGE,
		    "%s %s: it must be a number from %ju to %ju", option->name, value,
		    (uintmax_t)option->min, (uintmax_t)option->max);
	*MEMBER(options, option, size_t) = number;
	return true;
}

/* An unsigned or a not negative int. */
static bool
set_count(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	size_t number;

	if (!parse_size(slice_of(value), option->max, &number) || number < option->min)
		return err_set(err, ERR_USAGE,
		    "%s %s: it must be a number from %ju to %ju", option->name, value,
		    (uintmax_t)option->min, (uintmax_t)option->max);
	*MEMBER(options, option, unsigned) = (unsigned)number;
	return true;
}

static bool
set_ready_fd(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	size_t number;

	if (!parse_size(slice_of(value), option->max, &number) || number < option->min)
		return err_set(err, ERR_USAGE,
		    "%s %s: it must be the number of an open descriptor from %d on (0 to 2 are "
		    "stdin, stdout and stderr)",
		    option->name, value, OPTION_READY_FD_MIN);
	options->ready_fd = (int)number;
	return true;
}

static bool
set_duration(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	uint64_t ms;

	if (!parse_duration_ms(slice_of(value), &ms))
		return err_set(err, ERR_USAGE,
		    "%s %s: it must be a time with its unit, like 500ms, 30s, 5m or 1h",
		    option->name, value);
	if (ms < option->min || ms > option->max)
		return err_set(err, ERR_USAGE, "%s %s: it must be from 1ms to 720h",
		    option->name, value);
	*MEMBER(options, option, uint64_t) = ms;
	return true;
}

/* One of two or three words; the index is the value. */
static bool
find_word(const struct option *option, const char *value, const char *const words[],
    size_t count, size_t *ret, struct err *err)
{
	struct buf hint = BUF_INIT;
	char *text;

	for (size_t i = 0; i < count; i++)
		if (strcmp(value, words[i]) == 0) {
			*ret = i;
			return true;
		}
	nearest_hint(&hint, slice_of(value), words, count);
	text = buf_string(&hint);
	err_set(err, ERR_USAGE, "%s takes %s, not %s%s", option->name, option->argument,
	    value, text);
	free(text);
	return false;
}

static bool
set_log_fields(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	static const char *const words[] = {"default", "sc-bytes"};
	size_t i;

	if (!find_word(option, value, words, 2, &i, err))
		return false;
	options->log_fields = i == 0 ? W3C_DEFAULT : W3C_WITH_BYTES;
	return true;
}

static bool
set_log_format(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	static const char *const words[] = {"text", "json"};
	size_t i;

	if (!find_word(option, value, words, 2, &i, err))
		return false;
	options->has_log_format = true;
	options->is_json = i == 1;
	return true;
}

static bool
set_child(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	static const char *const words[] = {"ok", "fail", "any"};
	static const enum child_must must[] = {CHILD_OK, CHILD_FAIL, CHILD_ANY};
	size_t i;

	if (!find_word(option, value, words, 3, &i, err))
		return false;
	options->child_must = must[i];
	return true;
}

static bool
set_profile(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	static const char *const words[] = {"intune", "ndes"};
	size_t i;

	if (!find_word(option, value, words, 2, &i, err))
		return false;
	options->profile = i == 0 ? PROFILE_INTUNE : PROFILE_NDES;
	return true;
}

static bool
set_error_pages(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	static const char *const words[] = {"remote", "detailed"};
	size_t i;

	if (!find_word(option, value, words, 2, &i, err))
		return false;
	options->error_pages = i == 0 ? ERROR_PAGES_REMOTE : ERROR_PAGES_DETAILED;
	return true;
}

static bool
set_clock(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	static const char *const words[] = {"real", "manual"};
	size_t i;

	if (!find_word(option, value, words, 2, &i, err))
		return false;
	options->is_clock_manual = i == 1;
	return true;
}

static bool
set_seed(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	size_t seed;

	if (!parse_size(slice_of(value), SIZE_MAX, &seed))
		return err_set(err, ERR_USAGE,
		    "%s %s: it must be a whole number from 0 on", option->name, value);
	options->seed = seed;
	options->has_seed = true;
	return true;
}

static bool
set_challenge(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	options->challenge = value;
	options->has_challenge = true;
	return true;
}

static bool
add_key(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	if (options->key_count == OPTIONS_KEYS_MAX)
		return err_set(err, ERR_USAGE, "%s: there can be %d keys at most",
		    option->name, OPTIONS_KEYS_MAX);
	options->keys[options->key_count++] = value;
	return true;
}

static bool
set_version(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	options->version = server_version_find(value);
	if (options->version != NULL)
		return true;
	return err_set(
	    err, ERR_USAGE, "%s takes %s, not %s", option->name, option->argument, value);
}

static bool
add_door(struct options *options, const struct option *option, struct slice text,
    struct err *err)
{
	struct door *door = &options->doors[options->door_count];

	if (options->door_count == OPTIONS_DOORS_MAX)
		return err_set(err, ERR_USAGE, "%s: there can be %d doors at most",
		    option->name, OPTIONS_DOORS_MAX);
	if (!address_parse(option->name, text, &door->host, &door->port, err))
		return false;
	door->is_tls = strcmp(option->name, "--tls") == 0;
	options->door_count++;
	return true;
}

static bool
add_name(struct options *options, const struct option *option, struct slice text,
    struct err *err)
{
	if (options->name_count == OPTIONS_NAMES_MAX)
		return err_set(err, ERR_USAGE, "%s: there can be %d names at most",
		    option->name, OPTIONS_NAMES_MAX);
	if (!address_is_host(text))
		return err_set(err, ERR_USAGE,
		    "%s %.*s is not a host name: write it without http://, port and path",
		    option->name, (int)text.len, text.text);
	options->name_copies[options->name_count] = slice_string(text);
	options->names[options->name_count] = options->name_copies[options->name_count];
	options->name_count++;
	return true;
}

/* Calls `add` for each part of a list with commas. */
static bool
add_each(struct options *options, const struct option *option, const char *value,
    bool (*add)(struct options *, const struct option *, struct slice, struct err *),
    struct err *err)
{
	for (;;) {
		size_t len = strcspn(value, ",");

		if (!add(options, option, slice_trim((struct slice){value, len}), err))
			return false;
		if (value[len] == '\0')
			return true;
		value += len + 1;
	}
}

static bool
set_door(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	return add_each(options, option, value, add_door, err);
}

static bool
set_name(struct options *options, const struct option *option, const char *value,
    struct err *err)
{
	return add_each(options, option, value, add_name, err);
}

#define TEXT(member)   .set = set_text, .offset = offsetof(struct options, member)
#define SWITCH(member) .set = set_switch, .offset = offsetof(struct options, member)
#define SIZE(member)   .set = set_size, .offset = offsetof(struct options, member)
#define COUNT(member)  .set = set_count, .offset = offsetof(struct options, member)
#define DURATION(member)                                                           \
	.set = set_duration, .offset = offsetof(struct options, member), .min = 1, \
	.max = OPTION_DURATION_MAX_MS

/* clang-format off */
const struct option option_rows[] = {
	{"--scenario", "ID[:k=v,...]", "which fault, with its parameters; mockndes list shows all",
	 "healthy", SECTION_FAULT, TEXT(scenario), .once = true},
	{"--scenario-file", "FILE", "a scenario of your own instead",
	 NULL, SECTION_FAULT, TEXT(scenario_file), .once = true},
	{"--seed", "N", "of every chance in a scenario: the same seed gives the same run",
	 "random, in the ready line", SECTION_FAULT, .set = set_seed},

	{"--listen", "HOST:PORT", "where clients come in; port 0 picks a free one",
	 "127.0.0.1:8080; with COMMAND 127.0.0.1:0", SECTION_DOORS, .set = set_door, .repeats = true},
	{"--tls", "HOST:PORT", "the same over HTTPS, with a certificate of the mock's CA",
	 "off; with COMMAND 127.0.0.1:0", SECTION_DOORS, .set = set_door, .repeats = true},
	{"--name", "HOST", "name of this server in the TLS certificate; the first one is in the "
	 "printed URLs too", "the address of the listener", SECTION_DOORS, .set = set_name, .repeats = true},
	{"--expose", NULL, "allow --listen and --tls on an address that other machines reach",
	 NULL, SECTION_DOORS, SWITCH(expose)},

	{"--server-version", "2012r2|2016|2019|2022", "the Windows that is played",
	 SERVER_VERSION_DEFAULT, SECTION_SERVER, .set = set_version},
	{"--caps", "LINE,LINE,...", "what GetCACaps lists",
	 "by version", SECTION_SERVER, TEXT(caps)},
	{"--profile", "intune|ndes", "intune: the policy module is registered, the bare URL is 403.0; "
	 "ndes: it shows the general page", "intune", SECTION_SERVER, .set = set_profile},
	{"--challenge", "any|optional|one-time|WORD", "which challengePassword is accepted: any that "
	 "is not empty, also none, one that mscep_admin or ctl gave out, or exactly WORD",
	 "any; one-time with --profile ndes", SECTION_SERVER, .set = set_challenge},
	{"--single-password", "WORD", "mscep_admin shows this one every time, and it is accepted",
	 NULL, SECTION_SERVER, TEXT(single_password)},
	{"--mscep-user", "'DOMAIN\\user:password'", "who may see mscep_admin, by NTLM, Negotiate or "
	 "Basic", "anyone", SECTION_SERVER, TEXT(mscep_user)},
	{"--rfc8894", NULL, "the standard's way wherever NDES differs",
	 NULL, SECTION_SERVER, SWITCH(is_rfc8894)},
	{"--error-pages", "remote|detailed", "what IIS shows other machines, or a browser on the "
	 "server itself", "remote", SECTION_SERVER, .set = set_error_pages},
	{"--state", "DIR", "keeps the CA, certificates, passwords and transactions there, crash-safe",
	 "in memory", SECTION_SERVER, TEXT(state)},
	{"--clock", "real|manual", "manual: time stands still until ctl advance",
	 "real", SECTION_SERVER, .set = set_clock},
	{"--idle-timeout", "T", "closes a connection without a request",
	 "2m", SECTION_SERVER, DURATION(net.idle_timeout_ms)},
	{"--head-timeout", "T", "longest time that a request head may take",
	 "2m", SECTION_SERVER, DURATION(net.head_timeout_ms)},
	{"--body-timeout", "T", "longest wait for the next byte of a body",
	 "2m", SECTION_SERVER, DURATION(net.body_timeout_ms)},
	{"--max-field-length", "BYTES", "HTTP.sys MaxFieldLength: one header, or the URL",
	 "65534", SECTION_SERVER, SIZE(net.limits.max_field_length), .min = 64, .max = 65534},
	{"--max-request-bytes", "BYTES", "HTTP.sys MaxRequestBytes: request line and headers",
	 "65534", SECTION_SERVER, SIZE(net.limits.max_request_bytes), .min = 256,
	 .max = REQUEST_HEAD_HARD_MAX},
	{"--max-body-bytes", "BYTES", "IIS maxAllowedContentLength",
	 "30000000", SECTION_SERVER, SIZE(net.limits.max_body_bytes), .min = 0,
	 .max = OPTION_BODY_MAX},

	{"--child", "ok|fail|any", "how COMMAND must end: ok passes its code on; fail wants a plain "
	 "code that is not 0", "ok", SECTION_COMMAND, .set = set_child},
	{"--timeout", "T", "ends COMMAND after this time, exit code 124",
	 "5m", SECTION_COMMAND, DURATION(timeout_ms)},
	{"--allow-unfired", NULL, "no exit code 4 when the fault never fired",
	 NULL, SECTION_COMMAND, SWITCH(allow_unfired)},

	{"--logs", "DIR", "writes the logs that a Windows server would have written below DIR",
	 NULL, SECTION_OUTPUT, TEXT(logs)},
	{"--log-fields", "default|sc-bytes", "fields of the IIS log",
	 "default", SECTION_OUTPUT, .set = set_log_fields},
	{"--no-crp-lines", NULL, "leaves the policy module's own calls out of the IIS log",
	 NULL, SECTION_OUTPUT, SWITCH(no_crp_lines)},
	{"--log-format", "text|json", "one line a request on stderr",
	 "text", SECTION_OUTPUT, .set = set_log_format},
	{"--quiet", NULL, "no banner, no line a request",
	 NULL, SECTION_OUTPUT, SWITCH(quiet)},

	{"--port-file", "FILE", "holds the port once clients may come",
	 NULL, SECTION_PROCESS, TEXT(port_file)},
	{"--ready-fd", "N", "descriptor that gets the JSON ready line and is closed",
	 NULL, SECTION_PROCESS, .set = set_ready_fd, .min = OPTION_READY_FD_MIN,
	 .max = OPTION_READY_FD_MAX},
	{"--exit-with-parent", NULL, "ends when the process that started it is gone",
	 NULL, SECTION_PROCESS, SWITCH(exit_with_parent)},
	{"--workers", "N", "threads for private keys; 0: none",
	 "one a core", SECTION_PROCESS, COUNT(workers), .min = 0, .max = POOL_WORKERS_MAX},

	{"--control", "unix:PATH", "the control channel; ctl finds the server by it",
	 "below XDG_RUNTIME_DIR", SECTION_PROCESS, TEXT(control),
	 .commands = 1u << COMMAND_SERVE | 1u << COMMAND_CTL},

	{"--group", "G", "list: only the scenarios of this group",
	 NULL, SECTION_OTHERS, TEXT(group), .commands = 1u << COMMAND_LIST},
	{"--key", "FILE", "decode: a private key that opens envelopes (PEM); repeatable",
	 NULL, SECTION_OTHERS, .set = add_key, .commands = 1u << COMMAND_DECODE},
	{"--json", NULL, "list, explain, check, decode, ctl: for machines",
	 NULL, SECTION_OTHERS, SWITCH(is_json),
	 .commands = 1u << COMMAND_LIST | 1u << COMMAND_EXPLAIN | 1u << COMMAND_CHECK |
	     1u << COMMAND_DECODE | 1u << COMMAND_CTL},

	{"--help", NULL, "this text", NULL, SECTION_ABOUT},
	{"--version", NULL, "the version", NULL, SECTION_ABOUT},
};
/* clang-format on */
const size_t option_count = sizeof(option_rows) / sizeof(option_rows[0]);

const struct option *
option_find(struct slice name)
{
	for (size_t i = 0; i < option_count; i++)
		if (slice_is(name, option_rows[i].name))
			return &option_rows[i];
	return NULL;
}

bool
option_refuse_unknown(const char *what, struct slice name, struct err *err)
{
	const char *words[sizeof(option_rows) / sizeof(option_rows[0])];
	struct buf hint = BUF_INIT;
	char *text;

	for (size_t i = 0; i < option_count; i++)
		words[i] = option_rows[i].name;
	nearest_hint(&hint, name, words, option_count);
	if (hint.len == 0)
		buf_add_text(&hint, "; mockndes --help lists all");
	text = buf_string(&hint);
	err_set(err, ERR_USAGE, "there is no option %s%s", what, text);
	free(text);
	return false;
}
