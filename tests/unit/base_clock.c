#include "base/clock.h"
#include "support/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	time_t time;
	const char *http, *log;
} cases[] = {
    {0, "Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01 00:00:00"},
    {784111777, "Sun, 06 Nov 1994 08:49:37 GMT", "1994-11-06 08:49:37"}, /* RFC 9110 */
    {1502223736, "Tue, 08 Aug 2017 20:22:16 GMT", "2017-08-08 20:22:16"},
    {1709164799, "Wed, 28 Feb 2024 23:59:59 GMT", "2024-02-28 23:59:59"},
    {1709164800, "Thu, 29 Feb 2024 00:00:00 GMT", "2024-02-29 00:00:00"},
    {4102444799, "Thu, 31 Dec 2099 23:59:59 GMT", "2099-12-31 23:59:59"},
    {-1, "Wed, 31 Dec 1969 23:59:59 GMT", "1969-12-31 23:59:59"},
};

static void
expect_all(const char *where)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char http[CLOCK_HTTP_DATE_SIZE], log[CLOCK_LOG_DATE_SIZE];

		clock_http_date(cases[i].time, http);
		clock_log_date(cases[i].time, log);
		expect_string(http, cases[i].http);
		expect_string(log, cases[i].log);
	}
}

Test(base_clock, dates_are_english_and_utc)
{
	expect_all("UTC");
}

Test(base_clock, dates_are_utc_in_any_time_zone)
{
	setenv("TZ", "XYZ-5:30", 1);
	tzset();
	expect_all("TZ east");
}

Test(base_clock, a_year_that_does_not_fit_still_fills_the_field)
{
	static const time_t times[] = {INT64_MAX, INT64_MIN, 253402300800, -62200000000};

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		char http[CLOCK_HTTP_DATE_SIZE], log[CLOCK_LOG_DATE_SIZE];

		clock_http_date(times[i], http);
		clock_log_date(times[i], log);
		cr_expect(eq(sz, strlen(http), CLOCK_HTTP_DATE_SIZE - 1), "case %zu", i);
		cr_expect(eq(sz, strlen(log), CLOCK_LOG_DATE_SIZE - 1), "case %zu", i);
	}
}

Test(base_clock, the_clocks_tell_their_units)
{
	time_t now = time(NULL);
	int64_t wall = clock_wall_ms();
	int64_t first = clock_monotonic_us();
	int64_t second = clock_monotonic_us();

	cr_expect(wall / 1000 >= now && wall / 1000 <= now + 5);
	cr_expect(second >= first && second - first < 5000000);
}

Test(base_clock, a_real_clock_is_the_wall_and_cannot_be_moved)
{
	struct clock clock;
	int64_t before = clock_wall_ms(), now;
	bool is_moved;

	clock_start(&clock, false);
	is_moved = clock_advance(&clock, 3600000);
	now = clock_now_ms(&clock);
	cr_expect(not(is_moved));
	cr_expect(now >= before && now < before + 60000);
}

Test(base_clock, a_manual_clock_stands_still_until_it_is_moved)
{
	struct clock clock;
	int64_t before = clock_wall_ms(), start, us = clock_monotonic_us();

	clock_start(&clock, true);
	start = clock_now_ms(&clock);
	cr_expect(start >= before && start < before + 60000);
	while (clock_monotonic_us() < us + 3000)
		continue;
	cr_expect(eq(i64, clock_now_ms(&clock), start));
	cr_expect(clock_advance(&clock, 360000));
	cr_expect(clock_advance(&clock, 1));
	cr_expect(eq(i64, clock_now_ms(&clock), start + 360001));
	cr_expect(clock_advance(&clock, 0));
}

Test(base_clock, a_manual_clock_does_not_pass_the_last_day_of_certificates)
{
	struct clock clock = {.is_manual = true, .now_ms = CLOCK_LAST_MS - 1000};
	char date[CLOCK_LOG_DATE_SIZE];

	cr_expect(not(clock_advance(&clock, 1001)));
	cr_expect(not(clock_advance(&clock, UINT64_MAX)));
	cr_expect(eq(i64, clock_now_ms(&clock), CLOCK_LAST_MS - 1000));
	cr_expect(clock_advance(&clock, 1000));
	clock_log_date((time_t)(clock_now_ms(&clock) / 1000), date);
	expect_string(date, "9999-12-31 23:59:59");
}
