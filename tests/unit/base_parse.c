#include "base/parse.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

Test(base_parse, sizes_are_whole_decimal_and_bounded)
{
	static const struct {
		const char *text;
		size_t max;
		bool ok;
		size_t want;
	} cases[] = {
	    {"0", 0, true, 0},
	    {"7", 10, true, 7},
	    {"10", 10, true, 10},
	    {"007", 10, true, 7},
	    {"18446744073709551615", SIZE_MAX, true, SIZE_MAX},
	    {"11", 10, false, 0},
	    {"5", 4, false, 0},
	    {"18446744073709551616", SIZE_MAX, false, 0},
	    {"99999999999999999999999", SIZE_MAX, false, 0},
	    {"", 10, false, 0},
	    {"+1", 10, false, 0},
	    {"-1", 10, false, 0},
	    {" 1", 10, false, 0},
	    {"1 ", 10, false, 0},
	    {"1k", 10, false, 0},
	    {"0x1", 10, false, 0},
	    {"1.0", 10, false, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t got = 4711;
		bool ok = parse_size(slice_of(cases[i].text), cases[i].max, &got);

		cr_expect(ok == cases[i].ok, "case \"%s\"", cases[i].text);
		cr_expect(eq(sz, got, cases[i].ok ? cases[i].want : 4711));
	}
}

Test(base_parse, durations_need_a_unit)
{
	static const struct {
		const char *text;
		uint64_t want;
	} cases[] = {
	    {"0s", 0},
	    {"250ms", 250},
	    {"5s", 5000},
	    {"2m", 120000},
	    {"1h", 3600000},
	    {"1.5s", 1500},
	    {"0.25s", 250},
	    {"1.500000000s", 1500},
	    {"0.5m", 30000},
	    {"0.0001h", 360},
	    {"1.0ms", 1},
	    {"8784h", PARSE_DURATION_MAX_MS},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t got = 4711;

		cr_expect(parse_duration_ms(slice_of(cases[i].text), &got), "case \"%s\"",
		    cases[i].text);
		cr_expect(got == cases[i].want, "case \"%s\": %llu", cases[i].text,
		    (unsigned long long)got);
	}
}

Test(base_parse, other_durations_are_refused)
{
	static const char *const cases[] = {"", "5", "s", "ms", ".5s", "5.s", "5.", "5 s",
	    " 5s", "5s ", "-5s", "+5s", "5S", "5sec", "5d", "1e3s", "0.5ms", "1.0005s",
	    "1.0000000000s", "8785h", "8784.1h", "18446744073709551616ms",
	    "18446744073709551615h", "99999999999999999999h", "1.5.5s"};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t got = 4711;

		cr_expect(not(parse_duration_ms(slice_of(cases[i]), &got)), "case \"%s\"",
		    cases[i]);
		cr_expect(got == 4711, "case \"%s\"", cases[i]);
	}
}
