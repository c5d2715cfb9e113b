/*
 * clock: the two times a server needs, and Windows log time stamps.
 *
 * Pure code never asks for the time: it is given. The loop takes the time once
 * a turn and hands it down. All wall times are UTC.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

int64_t clock_wall_ms(void);      /* since 1970, UTC */
int64_t clock_monotonic_us(void); /* for durations only */

/*
 * The time that the played server goes by: age of passwords, validity of
 * certificates, pending requests. Real, or (--clock manual) one that stands still
 * until it is told to move. Network timeouts do not ask it: they stay real.
 */
struct clock {
	bool is_manual;
	int64_t now_ms; /* of a manual clock, since 1970, UTC */
};

/* The last second that a certificate can name (RFC 5280 4.1.2.5.2): 9999-12-31. */
#define CLOCK_LAST_MS INT64_C(253402300799000)

void clock_start(struct clock *clock, bool is_manual); /* both start at the wall's time */
int64_t clock_now_ms(const struct clock *clock);
/* False, and it stays as it is: it is real, or would pass CLOCK_LAST_MS. */
bool clock_advance(struct clock *clock, uint64_t ms);

#define CLOCK_HTTP_DATE_SIZE 30 /* "Sun, 22 Nov 2026 14:00:00 GMT" and NUL */
#define CLOCK_LOG_DATE_SIZE  20 /* "2026-11-22 14:00:00" and NUL */

/* RFC 9110 5.6.7, English whatever the locale. */
void clock_http_date(time_t t, char out[CLOCK_HTTP_DATE_SIZE]);
/* W3C extended log format: date, blank, time. */
void clock_log_date(time_t t, char out[CLOCK_LOG_DATE_SIZE]);

#endif
