#include "base/mem.h"
#include "cli/option.h"
#include <stdlib.h>
#include <string.h>

#define HELP_WIDTH 90
#define HELP_LEFT  32

static const char *const headings[SECTION_COUNT] = {
    [SECTION_FAULT] = "The fault",
    [SECTION_DOORS] = "Where clients come in",
    [SECTION_SERVER] = "The server that is played",
    [SECTION_COMMAND] = "With a COMMAND behind --",
    [SECTION_OUTPUT] = "What is written",
    [SECTION_PROCESS] = "Start and end",
    [SECTION_OTHERS] = "The other commands",
    [SECTION_ABOUT] = "About",
};

static const char usage[] =
    "mockndes plays a Microsoft NDES (SCEP) server on this machine and fails on demand.\n"
    "\n"
    "  mockndes [OPTIONS] [-- COMMAND [ARG...]]   serve; with COMMAND: run it against the\n"
    "                                             server and pass a verdict\n"
    "  mockndes list [--group G] [--json]         the scenarios that can be chosen\n"
    "  mockndes explain WORD...                   what a symptom means: a scenario, a status\n"
    "                                             (404.15), a line of a log or its end\n"
    "                                             (500 0 1346), a reason of HTTPERR, an event,\n"
    "                                             an HRESULT, a phrase. The words are one\n"
    "                                             phrase; found nowhere, each one counts\n"
    "  mockndes check FILE...                     whether scenario files of your own are right\n"
    "  mockndes decode [FILE|-]                   prints any pkiMessage or GetCACert answer\n"
    "  mockndes ctl VERB [ARG]                    drives a running server: use SCENARIO,\n"
    "                                             event NAME, advance TIME, challenge, reset,\n"
    "                                             status\n"
    "  mockndes help                              this text\n";

static const char examples[] =
    "\n"
    "Examples\n"
    "  mockndes --scenario 414                    a GET with a long query is refused; point\n"
    "                                             your client at the printed URL\n"
    "  mockndes --scenario pending:polls=1        PENDING once, then the certificate\n"
    "  mockndes --scenario 414 --child fail -- ./enrol.sh\n"
    "                                             one enrolment that must fail; ./enrol.sh\n"
    "                                             finds the server in MOCKNDES_URL\n"
    "  mockndes list                              which scenarios there are\n"
    "  mockndes explain 500 0 1346                what this end of a line in the IIS log means\n"
    "  mockndes explain 0x801901F7                what a device shows: 0x80190000 and a status\n"
    "\n"
    "Environment\n"
    "  MOCKNDES_OPT_X_Y is --x-y (a switch takes yes or no, a repeatable option a list with\n"
    "  commas), MOCKNDES_SCENARIO is --scenario; the command line wins.\n"
    "  COMMAND is given MOCKNDES_URL, MOCKNDES_TLS_URL, MOCKNDES_BASE, MOCKNDES_CA (a PEM\n"
    "  file), MOCKNDES_CHALLENGE, MOCKNDES_CONTROL and MOCKNDES_RUNNING (the scenario).\n"
    "\n"
    "Exit codes\n"
    "  0 ok; 1 mockndes failed; 2 wrong option or scenario file; 3 COMMAND did not end as\n"
    "  --child says, or the client did not do what the scenario expects; 4 the fault never\n"
    "  fired, or a path /s/NAME/ named no scenario; 124 COMMAND ran longer than --timeout;\n"
    "  126 it cannot be run; 127 it was not found; else COMMAND's own code, 128+n after\n"
    "  signal n.\n";

/* `text` from column HELP_LEFT on, broken between words. */
static void
add_wrapped(struct buf *out, size_t column, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, " ");

		if (column > HELP_LEFT && column + 1 + len > HELP_WIDTH) {
			buf_add_format(out, "\n%*s", HELP_LEFT, "");
			column = HELP_LEFT;
		} else if (column > HELP_LEFT) {
			buf_add_char(out, ' ');
			column++;
		}
		buf_add(out, text, len);
		column += len;
		text += len + strspn(text + len, " ");
	}
	buf_add_char(out, '\n');
}

static void
add_option(struct buf *out, const struct option *option)
{
	char *left = option->argument == NULL
	                 ? mem_format("  %s", option->name)
	                 : mem_format("  %s %s", option->name, option->argument);
	char *text =
	    mem_format("%s%s%s%s%s", option->help, option->repeats ? "; repeatable" : "",
	        option->fallback != NULL ? " (default: " : "",
	        option->fallback != NULL ? option->fallback : "",
	        option->fallback != NULL ? ")" : "");

	if (strlen(left) < HELP_LEFT - 1)
		buf_add_format(out, "%-*s", HELP_LEFT, left);
	else
		buf_add_format(out, "%s\n%*s", left, HELP_LEFT, "");
	add_wrapped(out, HELP_LEFT, text);
	free(text);
	free(left);
}

void
options_help(struct buf *out)
{
	buf_add_text(out, usage);
	for (size_t section = 0; section < SECTION_COUNT; section++) {
		buf_add_format(out, "\n%s\n", headings[section]);
		for (size_t i = 0; i < option_count; i++)
			if (option_rows[i].section == section)
				add_option(out, &option_rows[i]);
	}
	buf_add_text(out, examples);
}
