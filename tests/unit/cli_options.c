#include "base/mem.h"
#include "cli/address.h"
#include "cli/option.h"
#include "cli/options.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Criterion's str takes no const char. */
static void
same(const char *got, const char *want)
{
	cr_expect(got != NULL && strcmp(got, want) == 0, "got %s, want %s",
	    got == NULL ? "nothing" : got, want);
}

#define WORDS_MAX 32

/* A command line in one text, cut at blanks; the words live as long as the line. */
struct line {
	char *text;
	char *argv[WORDS_MAX + 1];
	int argc;
};

static void
line_make(struct line *line, const char *text)
{
	char *rest = mem_format("mockndes %s", text), *word;

	*line = (struct line){.text = rest};
	while ((word = strsep(&rest, " ")) != NULL && line->argc < WORDS_MAX)
		if (*word != '\0')
			line->argv[line->argc++] = word;
}

struct parsed {
	bool ok;
	struct line line;
	struct options options;
	struct err err;
};

static void
parse(struct parsed *parsed, const char *text)
{
	*parsed = (struct parsed){.err = ERR_INIT};
	line_make(&parsed->line, text);
	parsed->ok = options_parse(
	    &parsed->options, parsed->line.argc, parsed->line.argv, &parsed->err);
}

static void
parsed_clear(struct parsed *parsed)
{
	options_clear(&parsed->options);
	free(parsed->line.text);
}

static void
refuses(const char *text, const char *sentence)
{
	struct parsed parsed;

	parse(&parsed, text);
	cr_expect(not(parsed.ok), "case %s", text);
	cr_expect(eq(int, parsed.err.kind, ERR_USAGE), "case %s", text);
	cr_expect(strstr(parsed.err.text, sentence) != NULL, "case %s: %s", text,
	    parsed.err.text);
	parsed_clear(&parsed);
}

Test(options, an_empty_line_serves_the_healthy_server_on_8080)
{
	struct parsed p;

	parse(&p, "");
	cr_assert(p.ok, "%s", p.err.text);
	cr_expect(eq(int, p.options.command, COMMAND_SERVE));
	same(p.options.scenario, "healthy");
	cr_expect(eq(sz, p.options.door_count, 1));
	same(p.options.doors[0].host, "127.0.0.1");
	cr_expect(eq(uint, p.options.doors[0].port, 8080));
	cr_expect(not(p.options.doors[0].is_tls));
	same(p.options.challenge, "any");
	same(p.options.version->name, "2022");
	cr_expect(eq(int, p.options.ready_fd, -1));
	cr_expect(eq(u64, p.options.timeout_ms, 300000));
	cr_expect(eq(u64, p.options.net.idle_timeout_ms, 120000));
	cr_expect(eq(sz, p.options.net.limits.max_field_length, 65534));
	cr_expect(ge(uint, p.options.workers, 1));
	cr_expect(p.options.child == NULL);
	parsed_clear(&p);
}

Test(options, a_command_gets_two_doors_that_the_system_picks)
{
	struct parsed p;

	parse(&p, "--child fail -- ./enrol --listen x -- y");
	cr_assert(p.ok, "%s", p.err.text);
	cr_expect(eq(int, p.options.child_must, CHILD_FAIL));
	cr_expect(eq(sz, p.options.door_count, 2));
	cr_expect(eq(uint, p.options.doors[0].port, 0));
	cr_expect(not(p.options.doors[0].is_tls));
	cr_expect(eq(uint, p.options.doors[1].port, 0));
	cr_expect(p.options.doors[1].is_tls);
	cr_assert(p.options.child != NULL);
	same(p.options.child[0], "./enrol");
	same(p.options.child[3], "--");
	cr_expect(p.options.child[5] == NULL);
	parsed_clear(&p);
}

Test(options, doors_of_ones_own_are_the_only_ones)
{
	struct parsed p;

	parse(&p,
	    "--tls=[::1]:8443 --listen localhost:0 --listen 127.9.9.9:1,127.0.0.1:2 -- true");
	cr_assert(p.ok, "%s", p.err.text);
	cr_expect(eq(sz, p.options.door_count, 4));
	same(p.options.doors[0].host, "::1");
	cr_expect(eq(uint, p.options.doors[0].port, 8443));
	cr_expect(p.options.doors[0].is_tls);
	same(p.options.doors[1].host, "localhost");
	cr_expect(eq(uint, p.options.doors[3].port, 2));
	parsed_clear(&p);
}

Test(options, every_value_lands_in_its_member)
{
	struct parsed p;

	parse(&p,
	    "--scenario 414:limit=4096 --name a.example --name=::1,b --caps AES,DES3 "
	    "--challenge=--odd");
	cr_assert(p.ok, "%s", p.err.text);
	same(p.options.scenario, "414:limit=4096");
	cr_expect(eq(sz, p.options.name_count, 3));
	same(p.options.names[1], "::1");
	same(p.options.caps, "AES,DES3");
	same(p.options.challenge, "--odd");
	parsed_clear(&p);

	parse(&p,
	    "--logs d --log-fields sc-bytes --log-format json --quiet --workers 0 "
	    "--port-file f --ready-fd 7 --exit-with-parent --server-version 2012r2");
	cr_assert(p.ok, "%s", p.err.text);
	same(p.options.logs, "d");
	cr_expect(eq(int, p.options.log_fields, W3C_WITH_BYTES));
	cr_expect(p.options.is_json && p.options.has_log_format && p.options.quiet);
	cr_expect(eq(uint, p.options.workers, 0));
	same(p.options.port_file, "f");
	cr_expect(eq(int, p.options.ready_fd, 7));
	cr_expect(p.options.exit_with_parent);
	same(p.options.version->name, "2012r2");
	parsed_clear(&p);

	parse(&p,
	    "--idle-timeout 1s --head-timeout 2s --body-timeout 1500ms "
	    "--max-field-length 16384 --max-request-bytes 16385 --max-body-bytes 0");
	cr_assert(p.ok, "%s", p.err.text);
	cr_expect(eq(u64, p.options.net.idle_timeout_ms, 1000));
	cr_expect(eq(u64, p.options.net.head_timeout_ms, 2000));
	cr_expect(eq(u64, p.options.net.body_timeout_ms, 1500));
	cr_expect(eq(sz, p.options.net.limits.max_field_length, 16384));
	cr_expect(eq(sz, p.options.net.limits.max_request_bytes, 16385));
	cr_expect(eq(sz, p.options.net.limits.max_body_bytes, 0));
	parsed_clear(&p);

	parse(&p,
	    "--timeout 2m --allow-unfired --scenario-file s.yaml --child any -- true");
	cr_assert(p.ok, "%s", p.err.text);
	cr_expect(eq(u64, p.options.timeout_ms, 120000));
	cr_expect(p.options.allow_unfired);
	same(p.options.scenario_file, "s.yaml");
	same(p.options.scenario, "healthy"); /* the file goes first */
	cr_expect(eq(int, p.options.child_must, CHILD_ANY));
	parsed_clear(&p);
}

Test(options, commands_are_known_by_their_word)
{
	static const struct {
		const char *line;
		enum command command;
	} cases[] = {
	    {"serve --quiet", COMMAND_SERVE},
	    {"list", COMMAND_LIST},
	    {"list --group documented --json", COMMAND_LIST},
	    {"help", COMMAND_HELP},
	    {"--help", COMMAND_HELP},
	    {"-h", COMMAND_HELP},
	    {"--nonsense --help", COMMAND_HELP},
	    {"list --help", COMMAND_HELP},
	    {"--version", COMMAND_VERSION},
	    {"--quiet -- ls --help", COMMAND_SERVE},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct parsed p;

		parse(&p, cases[i].line);
		cr_expect(p.ok, "case %s: %s", cases[i].line, p.err.text);
		cr_expect(eq(int, p.options.command, cases[i].command), "case %s",
		    cases[i].line);
		parsed_clear(&p);
	}
}

Test(options, a_wrong_line_is_one_sentence_with_its_cure)
{
	static const struct {
		const char *line, *sentence;
	} cases[] = {
	    {"--scenaro 414", "there is no option --scenaro; did you mean --scenario"},
	    {"--quite", "--quiet"},
	    {"-x", "there is no option -x"},
	    {"--zzzzzzzzzzzzzzzz", "mockndes --help lists all"},
	    {"414", "a fault is chosen by --scenario"},
	    {"lst", "did you mean list"},
	    {"list all", "all is not a command"},
	    {"--scenario", "--scenario needs a value: --scenario ID"},
	    {"--scenario --quiet", "--scenario needs a value"},
	    {"--scenario=", "--scenario is empty"},
	    {"--challenge=", "--challenge is empty"},
	    {"--scenario 414 --scenario 500", "--scenario is given twice"},
	    {"--scenario 414 --scenario-file f", "leave one out"},
	    {"--listen 8080", "write 127.0.0.1:8080"},
	    {"--listen :8080", "write 127.0.0.1:8080"},
	    {"--listen ::1:8080", "[::1]:8080"},
	    {"--listen [127.0.0.1]:8080", "is not HOST:PORT"},
	    {"--listen http://localhost:8080", "is not HOST:PORT"},
	    {"--listen 127.0.0.1", "is not HOST:PORT"},
	    {"--listen 127.0.0.1:65536", "port must be a number"},
	    {"--listen 127.0.0.1:", "port must be a number"},
	    {"--listen 127.0.0.1:-1", "port must be a number"},
	    {"--listen 0.0.0.0:8080",
	        "--listen 0.0.0.0:8080 can be reached from other machines"},
	    {"--tls [::]:8443", "--tls [::]:8443 can be reached"},
	    {"--listen example.com:80", "add --expose"},
	    {"--name http://ndes", "is not a host name"},
	    {"--name a,,b", "is not a host name"},
	    {"--server-version 2008",
	        "--server-version takes 2012r2|2016|2019|2022, not 2008"},
	    {"--log-format yaml", "--log-format takes text|json, not yaml"},
	    {"--log-fields all", "--log-fields takes default|sc-bytes"},
	    {"--quiet=maybe", "--quiet is a switch"},
	    {"--workers 65", "from 0 to 64"},
	    {"--workers x", "from 0 to 64"},
	    {"--ready-fd 1", "stdin, stdout and stderr"},
	    {"--idle-timeout 5", "a time with its unit"},
	    {"--idle-timeout 0s", "from 1ms to 720h"},
	    {"--max-field-length 10", "from 64 to 65534"},
	    {"--max-request-bytes 9999999999999999999999", "--max-request-bytes"},
	    {"--child fail", "put it behind --"},
	    {"--timeout 5m", "put it behind --"},
	    {"--child maybe -- true", "--child takes ok|fail|any"},
	    {"--timeout 0s -- true", "from 1ms"},
	    {"--", "there is nothing behind --"},
	    {"--json",
	        "--json belongs to another command: mockndes list, explain, check, decode, ctl"},
	    {"list --quiet", "mockndes list takes --group, --json, not --quiet"},
	    {"list -- true", "mockndes list runs no COMMAND"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refuses(cases[i].line, cases[i].sentence);
}

Test(options, expose_opens_the_door_to_others)
{
	struct parsed p;

	parse(&p, "--expose --listen 0.0.0.0:8080 --tls [::]:8443");
	cr_assert(p.ok, "%s", p.err.text);
	cr_expect(eq(sz, p.options.door_count, 2));
	parsed_clear(&p);
}

Test(options, many_doors_and_names_are_refused)
{
	struct buf line = BUF_INIT;
	char *text;

	for (int i = 0; i <= OPTIONS_DOORS_MAX; i++)
		buf_add_format(&line, "%s127.0.0.1:%d", i == 0 ? "--listen " : ",", i);
	text = buf_string(&line);
	refuses(text, "16 doors at most");
	free(text);
	for (int i = 0; i <= OPTIONS_NAMES_MAX; i++)
		buf_add_format(&line, "%sa%d", i == 0 ? "--name " : ",", i);
	text = buf_string(&line);
	refuses(text, "16 names at most");
	free(text);
}

Test(options, the_environment_gives_options_too)
{
	struct parsed p;

	setenv("MOCKNDES_SCENARIO", "pending", 1);
	setenv("MOCKNDES_OPT_LISTEN", "127.0.0.1:1, [::1]:2", 1);
	setenv("MOCKNDES_OPT_MAX_BODY_BYTES", "7", 1);
	setenv("MOCKNDES_OPT_QUIET", "yes", 1);
	setenv("MOCKNDES_OPT_EXPOSE", "no", 1);
	setenv("MOCKNDES_OPT_CHILD", "fail",
	    1); /* of no use without COMMAND, but no fault */
	setenv("MOCKNDES_OPT_GROUP", "documented", 1);
	setenv("MOCKNDES_URL", "an output is not looked at", 1);
	parse(&p, "");
	cr_assert(p.ok, "%s", p.err.text);
	same(p.options.scenario, "pending");
	cr_expect(eq(sz, p.options.door_count, 2));
	cr_expect(eq(sz, p.options.net.limits.max_body_bytes, 7));
	cr_expect(p.options.quiet && !p.options.expose);
	cr_expect(p.options.group == NULL);
	parsed_clear(&p);

	parse(&p, "list");
	cr_assert(p.ok, "%s", p.err.text);
	same(p.options.group, "documented");
	parsed_clear(&p);
}

Test(options, the_command_line_wins_over_the_environment)
{
	struct parsed p;

	setenv("MOCKNDES_SCENARIO", "pending", 1);
	setenv("MOCKNDES_OPT_LISTEN", "nonsense that is set aside", 1);
	setenv("MOCKNDES_OPT_QUIET", "yes", 1);
	parse(&p, "--scenario-file own.yaml --listen 127.0.0.1:5 --quiet=no");
	cr_assert(p.ok, "%s", p.err.text);
	same(p.options.scenario, "healthy"); /* the file goes first */
	same(p.options.scenario_file, "own.yaml");
	cr_expect(eq(sz, p.options.door_count, 1));
	cr_expect(eq(uint, p.options.doors[0].port, 5));
	cr_expect(not(p.options.quiet));
	parsed_clear(&p);
}

Test(options, a_wrong_variable_is_refused_by_name)
{
	static const struct {
		const char *name, *value, *sentence;
	} cases[] = {
	    {"MOCKNDES_OPT_SCENARO", "414",
	        "there is no option MOCKNDES_OPT_SCENARO; did you mean "},
	    {"MOCKNDES_OPT_listen", "127.0.0.1:1",
	        "there is no option MOCKNDES_OPT_listen"},
	    {"MOCKNDES_OPT_", "1", "there is no option MOCKNDES_OPT_"},
	    {"MOCKNDES_OPT_HELP", "1", "there is no option MOCKNDES_OPT_HELP"},
	    {"MOCKNDES_OPT_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
	        "1", "there is no option"},
	    {"MOCKNDES_OPT_LISTEN", "8080", "(from MOCKNDES_OPT_LISTEN)"},
	    {"MOCKNDES_OPT_CHALLENGE", "", "--challenge is empty"},
	    {"MOCKNDES_SCENARIO", "", "(from MOCKNDES_SCENARIO)"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		setenv(cases[i].name, cases[i].value, 1);
		refuses("--quiet", cases[i].sentence);
		unsetenv(cases[i].name);
	}
	setenv("MOCKNDES_SCENARIO", "a", 1);
	setenv("MOCKNDES_OPT_SCENARIO", "b", 1);
	refuses("", "--scenario is given twice");
}

Test(options, help_has_every_option_with_its_default)
{
	struct buf out = BUF_INIT;
	char *text;

	options_help(&out);
	text = buf_string(&out);
	for (size_t i = 0; i < option_count; i++)
		cr_expect(strstr(text, option_rows[i].name) != NULL, "case %s",
		    option_rows[i].name);
	cr_expect(
	    strstr(text, "mockndes --scenario 414 --child fail -- ./enrol.sh") != NULL);
	cr_expect(strstr(text, "(default: 5m)") != NULL);
	for (char *rest = text, *row; (row = strsep(&rest, "\n")) != NULL;)
		cr_expect(le(sz, strlen(row), 90), "row %s", row);
	free(text);
}

Test(address, loopback_is_this_machine_alone)
{
	static const struct {
		const char *host;
		bool is_loopback;
	} cases[] = {
	    {"127.0.0.1", true},
	    {"127.255.255.254", true},
	    {"::1", true},
	    {"::ffff:127.0.0.1", true},
	    {"localhost", true},
	    {"LocalHost", true},
	    {"0.0.0.0", false},
	    {"::", false},
	    {"128.0.0.1", false},
	    {"10.0.0.1", false},
	    {"::ffff:10.0.0.1", false},
	    {"127.0.0.1.example.com", false},
	    {"localhost.example.com", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		cr_expect(
		    eq(int, address_is_loopback(cases[i].host), cases[i].is_loopback),
		    "case %s", cases[i].host);
}
