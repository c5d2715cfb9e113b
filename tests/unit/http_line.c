#include "http/line.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const struct {
	const char *name;
	const char *line;
	enum refusal refusal;
	const char *method;
	const char *target;
	unsigned major;
	unsigned minor;
} cases[] = {
    {"plain", "GET /a HTTP/1.1", REFUSAL_NONE, "GET", "/a", 1, 1},
    {"1.0", "GET /a HTTP/1.0", REFUSAL_NONE, "GET", "/a", 1, 0},
    {"any verb", "BITS_POST /a HTTP/1.1", REFUSAL_NONE, "BITS_POST", "/a", 1, 1},
    {"small letters", "get /a HTTP/1.1", REFUSAL_NONE, "get", "/a", 1, 1},
    {"blank in the query", "GET /a?b=c d HTTP/1.1", REFUSAL_NONE, "GET", "/a?b=c d", 1,
        1},
    {"two blanks", "GET  /a HTTP/1.1", REFUSAL_NONE, "GET", " /a", 1, 1},
    {"base64", "GET /a?m=+/= HTTP/1.1", REFUSAL_NONE, "GET", "/a?m=+/=", 1, 1},
    {"odd characters", "GET /{\"<|>\"}^` HTTP/1.1", REFUSAL_NONE, "GET", "/{\"<|>\"}^`",
        1, 1},
    {"beyond ASCII", "GET /\xc3\xa5 HTTP/1.1", REFUSAL_NONE, "GET", "/\xc3\xa5", 1, 1},
    {"bare query", "GET ?a=b HTTP/1.1", REFUSAL_NONE, "GET", "?a=b", 1, 1},
    {"no slash", "GET certsrv HTTP/1.1", REFUSAL_NONE, "GET", "certsrv", 1, 1},
    {"empty", "", REFUSAL_VERB, "", "", 0, 0},
    {"blank first", " /a HTTP/1.1", REFUSAL_VERB, "", "/a HTTP/1.1", 0, 0},
    {"verb is no token", "G@T /a HTTP/1.1", REFUSAL_VERB, "G@T", "/a HTTP/1.1", 0, 0},
    {"TLS record", "\x16\x03\x01", REFUSAL_VERB, "\x16\x03\x01", "", 0, 0},
    {"verb alone", "GET", REFUSAL_BAD_REQUEST, "GET", "", 0, 0},
    {"verb and blank", "GET ", REFUSAL_BAD_REQUEST, "GET", "", 0, 0},
    {"HTTP/0.9", "GET /a", REFUSAL_BAD_REQUEST, "GET", "/a", 0, 0},
    {"blank for a version", "GET /a ", REFUSAL_BAD_REQUEST, "GET", "/a ", 0, 0},
    {"small version", "GET /a http/1.1", REFUSAL_BAD_REQUEST, "GET", "/a http/1.1", 0, 0},
    {"no target", "GET HTTP/1.1", REFUSAL_BAD_REQUEST, "GET", "", 1, 1},
    {"empty target", "GET  HTTP/1.1", REFUSAL_BAD_REQUEST, "GET", "", 1, 1},
    {"tab in the target", "GET /a\tb HTTP/1.1", REFUSAL_URL, "GET", "/a\tb", 1, 1},
    {"CR in the target", "GET /a\rb HTTP/1.1", REFUSAL_URL, "GET", "/a\rb", 1, 1},
    {"DEL in the target", "GET /\x7f HTTP/1.1", REFUSAL_URL, "GET", "/\x7f", 1, 1},
    {"1.2", "GET /a HTTP/1.2", REFUSAL_VERSION, "GET", "/a", 1, 2},
    {"2.0", "PRI * HTTP/2.0", REFUSAL_VERSION, "PRI", "*", 2, 0},
    {"0.9", "GET /a HTTP/0.9", REFUSAL_VERSION, "GET", "/a", 0, 9},
    {"two digits", "GET /a HTTP/1.10", REFUSAL_VERSION, "GET", "/a", 0, 0},
    {"no digits", "GET /a HTTP/", REFUSAL_VERSION, "GET", "/a", 0, 0},
};

Test(line, gives_verb_target_and_version_or_the_reason)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *name = cases[i].name;
		struct request_line got;

		enum refusal refusal = line_parse(slice_of(cases[i].line), &got);
		cr_expect(eq(int, (int)refusal, (int)cases[i].refusal), "case %s", name);
		cr_expect(slice_is(got.method, cases[i].method), "case %s: method", name);
		cr_expect(slice_is(got.target, cases[i].target), "case %s: target", name);
		cr_expect(eq(uint, got.major, cases[i].major), "case %s", name);
		cr_expect(eq(uint, got.minor, cases[i].minor), "case %s", name);
	}
}

Test(line, nul_in_the_target_is_refused)
{
	static const char text[] = "GET /a\0b HTTP/1.1";
	struct request_line got;

	enum refusal refusal = line_parse((struct slice){text, sizeof(text) - 1}, &got);
	cr_expect(eq(int, (int)refusal, REFUSAL_URL));
	cr_expect(eq(sz, got.target.len, 4));
}

Test(line, every_token_character_may_stand_in_a_verb)
{
	static const char tokens[] = "!#$%&'*+-.^_`|~0189AMZamz";

	for (int c = 1; c < 256; c++) {
		char text[] = "X /a HTTP/1.1";
		struct request_line got;
		bool is_token = strchr(tokens, c) != NULL || (c >= '0' && c <= '9') ||
		                (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');

		text[0] = (char)c;
		enum refusal refusal = line_parse(slice_of(text), &got);
		cr_expect(eq(int, (int)refusal, is_token ? REFUSAL_NONE : REFUSAL_VERB),
		    "character %d", c);
	}
}

Test(line, slices_point_into_the_line)
{
	static const char text[] = "POST /certsrv/mscep/mscep.dll HTTP/1.1";
	struct request_line got;

	line_parse(slice_of(text), &got);
	cr_expect(eq(ptr, (void *)(uintptr_t)got.method.text, (void *)(uintptr_t)text));
	cr_expect(
	    eq(ptr, (void *)(uintptr_t)got.target.text, (void *)(uintptr_t)(text + 5)));
}
