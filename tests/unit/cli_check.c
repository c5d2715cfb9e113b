#include "cli/check.h"
#include "support/scenario_text.h"
#include "support/text.h"
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static bool
check(const char *text, char **ret)
{
	struct buf out = BUF_INIT;
	bool ok = check_text("f.yaml", slice_of(text), &out);

	*ret = buf_string(&out);
	return ok;
}

Test(check, a_sound_file_is_told_with_its_counts)
{
	char *line;

	cr_expect(
	    check(HEAD PROBES RULE("match: {}\n    respond: {status: 500, layer: iis}"),
	        &line));
	expect_string(line, "f.yaml: ok (mine, 1 rule, 1 probe)\n");
	free(line);
	cr_expect(check(HEAD PROBES, &line));
	expect_string(line, "f.yaml: ok (mine, 0 rules, 1 probe)\n");
	free(line);
}

Test(check, a_fault_is_told_with_its_place_and_code)
{
	static const struct {
		const char *name;
		const char *text;
		const char *begin;
		const char *end;
	} rows[] = {
	    {"unknown key", TOP "gruop: x\n", "f.yaml:13:1: ", " [unknown-key]\n"},
	    {"no YAML", "a: [", "f.yaml:", " [yaml]\n"},
	    {"empty", "", "f.yaml", "\n"},
	    {"no scenario", "a: b\n", "f.yaml:1:1: ", "]\n"},
	    {"two actions",
	        TOP RULE(
	            "match: {}\n    respond: {status: 500, layer: iis}\n    pass: {}"),
	        "f.yaml:", " [two-actions]\n"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *line;
		size_t len;

		cr_expect(!check(rows[i].text, &line), "case %s", rows[i].name);
		len = strlen(line);
		cr_expect(strncmp(line, rows[i].begin, strlen(rows[i].begin)) == 0 &&
		              len > strlen(rows[i].end) &&
		              strcmp(line + len - strlen(rows[i].end), rows[i].end) == 0,
		    "case %s: %s", rows[i].name, line);
		cr_expect(strchr(line, '\n') == line + len - 1, "case %s", rows[i].name);
		free(line);
	}
}

/* What is right under the defaults alone is not right. */
Test(check, nothing_hides_behind_a_parameter)
{
	char *line;

	cr_expect(!check(HEAD "params: {how: {default: a, words: [a, b]}}\n"
	                      "rules:\n"
	                      "  - {id: one, with: {how: b}, match: {}, pass: {}, x: 1}\n"
	                      "  - {id: two, match: {}, pass: {}}\n" PROBES,
	    &line));
	cr_expect(strstr(line, "unknown-key") != NULL, "%s", line);
	free(line);
	cr_expect(!check(HEAD "params: {how: {default: a, words: [a, b]}}\n" PROBES
	                      "  - {params: {how: c}, send: {operation: none}, want: "
	                      "{status: 200}}\n",
	    &line));
	free(line);
}
