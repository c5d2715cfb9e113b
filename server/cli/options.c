#include "cli/options.h"
#include "base/mem.h"
#include "base/nearest.h"
#include "cli/address.h"
#include "cli/option.h"
#include "cli/variables.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PORT       8080
#define DEFAULT_TIMEOUT_MS (5 * 60 * 1000)

static const char *const command_words[] = {
    "serve", "list", "explain", "check", "decode", "ctl", "help"};
static const enum command commands[] = {COMMAND_SERVE, COMMAND_LIST, COMMAND_EXPLAIN,
    COMMAND_CHECK, COMMAND_DECODE, COMMAND_CTL, COMMAND_HELP};
#define COMMAND_WORDS (sizeof(command_words) / sizeof(command_words[0]))

/* What stands in argv before COMMAND. */
struct words {
	char **items;
	int count;
	char **child; /* NULL: no "--" */
};

static struct words
words_split(int argc, char **argv)
{
	struct words words = {.items = argv + 1, .count = argc > 0 ? argc - 1 : 0};

	for (int i = 0; i < words.count; i++)
		if (strcmp(words.items[i], "--") == 0) {
			words.child = &words.items[i + 1];
			words.count = i;
			break;
		}
	return words;
}

static bool
refuse_word(const char *word, struct err *err)
{
	struct buf hint = BUF_INIT;
	char *text;

	nearest_hint(&hint, slice_of(word), command_words, COMMAND_WORDS);
	text = buf_string(&hint);
	err_set(err, ERR_USAGE,
	    "%s is not a command (serve, list, explain, check, decode, ctl, help)%s; a fault is chosen by --scenario, and a "
	    "COMMAND to run stands behind --",
	    word, text);
	free(text);
	return false;
}

/* --help and --version are answered whatever else is there. */
static bool
find_about(const struct words *words, enum command *ret)
{
	for (int i = 0; i < words->count; i++) {
		const char *word = words->items[i];

		if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
		    (i == 0 && strcmp(word, "help") == 0))
			*ret = COMMAND_HELP;
		else if (strcmp(word, "--version") == 0)
			*ret = COMMAND_VERSION;
		else
			continue;
		return true;
	}
	return false;
}

/* The command word, when there is one; `*used` counts it. */
static bool
find_command(const struct words *words, enum command *ret, int *used, struct err *err)
{
	*used = 0;
	if (words->count == 0 || words->items[0][0] == '-')
		return true;
	for (size_t i = 0; i < COMMAND_WORDS; i++)
		if (strcmp(words->items[0], command_words[i]) == 0) {
			*ret = commands[i];
			*used = 1;
			return true;
		}
	return refuse_word(words->items[0], err);
}

/* "--x=y" or "--x" "y"; `*at` moves behind it. */
static bool
read_option(const struct words *words, int *at, struct given *ret, struct err *err)
{
	const char *word = words->items[*at];
	size_t len = strcspn(word, "=");
	const char *name = word;

	*ret = (struct given){.option = option_find((struct slice){name, len})};
	if (ret->option == NULL)
		return option_refuse_unknown(name, (struct slice){name, len}, err);
	*at += 1;
	if (word[len] == '=')
		ret->value = word + len + 1;
	else if (ret->option->argument == NULL)
		ret->value = "yes";
	else if (*at < words->count && strncmp(words->items[*at], "--", 2) != 0)
		ret->value = words->items[(*at)++];
	else
		return err_set(err, ERR_USAGE, "%s needs a value: %s %s",
		    ret->option->name, ret->option->name, ret->option->argument);
	return true;
}

/* How many words the command takes that are no options. */
static size_t
operands_max(enum command command)
{
	switch (command) {
	case COMMAND_EXPLAIN:
	case COMMAND_CHECK:
		return OPTIONS_WORDS_MAX;
	case COMMAND_DECODE:
	case COMMAND_CTL:
		return OPTIONS_OPERANDS_MAX;
	case COMMAND_SERVE:
	case COMMAND_LIST:
	case COMMAND_HELP:
	case COMMAND_VERSION:
		break;
	}
	return 0;
}

/* decode takes a file, ctl a verb and its argument; "-" is a file too. */
static bool
add_operand(struct options *options, const char *word, struct err *err)
{
	if (operands_max(options->command) == 0)
		return refuse_word(word, err);
	if (options->operand_count == operands_max(options->command))
		return err_set(err, ERR_USAGE, "%s is one word too many", word);
	options->operands[options->operand_count++] = word;
	return true;
}

/* A negative number is an HRESULT to be explained. */
static bool
is_option(const struct options *options, const char *word)
{
	if (options->command == COMMAND_EXPLAIN && isdigit((unsigned char)word[1]))
		return false;
	return word[0] == '-' && word[1] != '\0';
}

static bool
read_words(struct options *options, const struct words *words, int at,
    struct givens *givens, struct err *err)
{
	while (at < words->count) {
		if (!is_option(options, words->items[at])) {
			if (!add_operand(options, words->items[at++], err))
				return false;
			continue;
		}
		if (!read_option(words, &at, &givens->items[givens->count], err))
			return false;
		givens->count++;
	}
	return true;
}

static bool
has_given(const struct givens *givens, const char *name)
{
	for (size_t i = 0; i < givens->count; i++)
		if (strcmp(givens->items[i].option->name, name) == 0)
			return true;
	return false;
}

/* The command line has said it, so the variable is set aside. */
static bool
is_overruled(const struct givens *line, const struct option *option)
{
	if (option->section == SECTION_FAULT) /* one fault, named either way */
		return has_given(line, "--scenario") ||
		       has_given(line, "--scenario-file");
	return has_given(line, option->name);
}

static unsigned
bit_of(enum command command)
{
	return 1u << command;
}

static unsigned
takers_of(const struct option *option)
{
	return option->commands != 0 ? option->commands : bit_of(COMMAND_SERVE);
}

static bool
belongs(const struct options *options, const struct option *option)
{
	if ((takers_of(option) & bit_of(options->command)) == 0)
		return false;
	return option->section != SECTION_COMMAND || options->child != NULL;
}

/* "list, decode, ctl"; or the options that a command takes. */
static void
name_takers(const struct option *option, struct buf *out)
{
	for (size_t i = 0; i < COMMAND_WORDS; i++)
		if ((takers_of(option) & bit_of(commands[i])) != 0)
			buf_add_format(
			    out, "%s%s", out->len == 0 ? "" : ", ", command_words[i]);
}

static void
name_options(enum command command, struct buf *out)
{
	for (size_t i = 0; i < option_count; i++)
		if (option_rows[i].set != NULL &&
		    (takers_of(&option_rows[i]) & bit_of(command)) != 0)
			buf_add_format(
			    out, "%s%s", out->len == 0 ? "" : ", ", option_rows[i].name);
}

static const char *
command_word(enum command command)
{
	for (size_t i = 0; i < COMMAND_WORDS; i++)
		if (commands[i] == command)
			return command_words[i];
	return "";
}

static bool
refuse_place(const struct options *options, const struct option *option, struct err *err)
{
	struct buf names = BUF_INIT;
	char *text;

	if (option->section == SECTION_COMMAND && options->command == COMMAND_SERVE)
		return err_set(err, ERR_USAGE,
		    "%s is about a COMMAND and there is none: put it behind --",
		    option->name);
	if (options->command == COMMAND_SERVE)
		name_takers(option, &names);
	else
		name_options(options->command, &names);
	text = buf_string(&names);
	if (options->command == COMMAND_SERVE)
		err_set(err, ERR_USAGE, "%s belongs to another command: mockndes %s",
		    option->name, text);
	else
		err_set(err, ERR_USAGE, "mockndes %s takes %s, not %s",
		    command_word(options->command), text, option->name);
	free(text);
	return false;
}

static bool
apply(struct options *options, const struct given *given, struct err *err)
{
	struct err inner;

	if (given->value[0] == '\0')
		err_set(&inner, ERR_USAGE, "%s is empty: give it a value or leave it out",
		    given->option->name);
	else if (given->option->set(options, given->option, given->value, &inner))
		return true;
	if (given->variable.len == 0)
		return err_set(err, inner.kind, "%s", inner.text);
	return err_set(err, inner.kind, "%s (from %.*s)", inner.text,
	    (int)given->variable.len, given->variable.text);
}

static bool
check_once(const struct givens *givens, struct err *err)
{
	for (size_t i = 0; i < givens->count; i++)
		for (size_t k = 0; k < i; k++)
			if (givens->items[i].option == givens->items[k].option &&
			    givens->items[i].option->once)
				return err_set(err, ERR_USAGE,
				    "%s is given twice; two faults together are a file of your "
				    "own: --scenario-file",
				    givens->items[i].option->name);
	return true;
}

static bool
apply_line(struct options *options, const struct givens *line, struct err *err)
{
	if (!check_once(line, err))
		return false;
	for (size_t i = 0; i < line->count; i++) {
		if (!belongs(options, line->items[i].option))
			return refuse_place(options, line->items[i].option, err);
		if (!apply(options, &line->items[i], err))
			return false;
	}
	return true;
}

static bool
apply_environment(struct options *options, const struct givens *environment,
    const struct givens *line, struct err *err)
{
	struct givens left = *environment;

	left.count = 0;
	for (size_t i = 0; i < environment->count; i++)
		if (belongs(options, environment->items[i].option) &&
		    !is_overruled(line, environment->items[i].option))
			left.items[left.count++] = environment->items[i];
	if (!check_once(&left, err))
		return false;
	for (size_t i = 0; i < left.count; i++)
		if (!apply(options, &left.items[i], err))
			return false;
	return true;
}

static void
add_default_door(struct options *options, unsigned port, bool is_tls)
{
	options->doors[options->door_count++] = (struct door){
	    .host = mem_string("127.0.0.1"), .port = port, .is_tls = is_tls};
}

static bool
check_doors(struct options *options, struct err *err)
{
	if (options->door_count == 0) {
		add_default_door(
		    options, options->child == NULL ? DEFAULT_PORT : 0, false);
		if (options->child != NULL)
			add_default_door(options, 0, true);
	}
	for (size_t i = 0; i < options->door_count && !options->expose; i++) {
		const struct door *door = &options->doors[i];
		struct buf host = BUF_INIT;

		if (address_is_loopback(door->host))
			continue;
		address_add_host(&host, door->host);
		err_set(err, ERR_USAGE,
		    "%s %.*s:%u can be reached from other machines, and a mock hands certificates "
		    "to anyone: add --expose if that is meant, else use 127.0.0.1",
		    door->is_tls ? "--tls" : "--listen", (int)host.len,
		    (const char *)host.data, door->port);
		buf_clear(&host);
		return false;
	}
	return true;
}

static bool
check(struct options *options, struct err *err)
{
	if (options->command != COMMAND_SERVE)
		return true;
	if (options->scenario != NULL && options->scenario_file != NULL)
		return err_set(err, ERR_USAGE,
		    "--scenario and --scenario-file both name the fault: leave one out");
	if (options->scenario == NULL)
		options->scenario = "healthy";
	return check_doors(options, err);
}

static void
set_defaults(struct options *options)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	*options = (struct options){.command = COMMAND_SERVE,
	    .version = server_version_find(SERVER_VERSION_DEFAULT),
	    .challenge = "any",
	    .log_fields = W3C_DEFAULT,
	    .workers = 1,
	    .ready_fd = -1,
	    .net = NET_SETTINGS_DEFAULT,
	    .child_must = CHILD_OK,
	    .timeout_ms = DEFAULT_TIMEOUT_MS};
	if (cores > 1)
		options->workers =
		    cores > POOL_WORKERS_MAX ? POOL_WORKERS_MAX : (unsigned)cores;
}

static bool
set_child(struct options *options, const struct words *words, struct err *err)
{
	if (words->child == NULL)
		return true;
	if (options->command != COMMAND_SERVE)
		return err_set(err, ERR_USAGE,
		    "mockndes %s runs no COMMAND: leave out --",
		    command_word(options->command));
	if (words->child[0] == NULL || words->child[0][0] == '\0')
		return err_set(err, ERR_USAGE,
		    "there is nothing behind --: put the COMMAND to run there");
	options->child = words->child;
	return true;
}

bool
options_parse(struct options *options, int argc, char **argv, struct err *err)
{
	struct words words = words_split(argc, argv);
	struct givens line = {
	    .items = mem_array((size_t)words.count + 1, sizeof(struct given))};
	struct givens environment = {
	    .items = mem_array(environment_count() + 1, sizeof(struct given))};
	int at;
	bool ok = false;

	set_defaults(options);
	if (find_about(&words, &options->command))
		ok = true;
	else
		ok = find_command(&words, &options->command, &at, err) &&
		     read_words(options, &words, at, &line, err) &&
		     set_child(options, &words, err) &&
		     read_environment(&environment, err) &&
		     apply_environment(options, &environment, &line, err) &&
		     apply_line(options, &line, err) && check(options, err);
	free(line.items);
	free(environment.items);
	if (!ok)
		options_clear(options);
	return ok;
}

void
options_clear(struct options *options)
{
	for (size_t i = 0; i < options->door_count; i++)
		free(options->doors[i].host);
	for (size_t i = 0; i < options->name_count; i++)
		free(options->name_copies[i]);
	options->door_count = 0;
	options->name_count = 0;
}
