#include "base/clock.h"

#include <string.h>

int64_t
clock_wall_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_monotonic_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void
clock_start(struct clock *clock, bool is_manual)
{
	*clock = (struct clock){.is_manual = is_manual, .now_ms = clock_wall_ms()};
}

int64_t
clock_now_ms(const struct clock *clock)
{
	return clock->is_manual ? clock->now_ms : clock_wall_ms();
}

bool
clock_advance(struct clock *clock, uint64_t ms)
{
	if (!clock->is_manual || clock->now_ms > CLOCK_LAST_MS ||
	    ms > (uint64_t)(CLOCK_LAST_MS - clock->now_ms))
		return false;
	clock->now_ms += (int64_t)ms;
	return true;
}

static struct tm
clock_utc(time_t t)
{
	struct tm tm;

	/* Only a year outside of int can fail; 1970 stands for "no such day". */
	if (gmtime_r(&t, &tm) == NULL)
		tm = (struct tm){.tm_mday = 1, .tm_year = 70, .tm_wday = 4};
	return tm;
}

static char *
put_two(char *out, int number)
{
	out[0] = (char)('0' + number / 10 % 10);
	out[1] = (char)('0' + number % 10);
	return out + 2;
}

/* Four digits, as both formats have; a year outside of 0..9999 is shown as its end. */
static char *
put_year(char *out, int years_since_1900)
{
	int year = years_since_1900 < -1900         ? 0
	           : years_since_1900 > 9999 - 1900 ? 9999
	                                            : years_since_1900 + 1900;

	return put_two(put_two(out, year / 100), year % 100);
}

static char *
put_time(char *out, const struct tm *tm)
{
	out = put_two(out, tm->tm_hour);
	*out++ = ':';
	out = put_two(out, tm->tm_min);
	*out++ = ':';
	return put_two(out, tm->tm_sec);
}

void
clock_http_date(time_t t, char out[CLOCK_HTTP_DATE_SIZE])
{
	static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
	static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
	    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	struct tm tm = clock_utc(t);

	memcpy(out, days[tm.tm_wday], 3);
	memcpy(out + 3, ", ", 2);
	out = put_two(out + 5, tm.tm_mday);
	*out++ = ' ';
	memcpy(out, months[tm.tm_mon], 3);
	out[3] = ' ';
	out = put_year(out + 4, tm.tm_year);
	*out++ = ' ';
	out = put_time(out, &tm);
	memcpy(out, " GMT", 5);
}

void
clock_log_date(time_t t, char out[CLOCK_LOG_DATE_SIZE])
{
	struct tm tm = clock_utc(t);

	out = put_year(out, tm.tm_year);
	*out++ = '-';
	out = put_two(out, tm.tm_mon + 1);
	*out++ = '-';
	out = put_two(out, tm.tm_mday);
	*out++ = ' ';
	out = put_time(out, &tm);
	*out = '\0';
}
