/*
 * clock: the two times a server needs, and Windows log time stamps.
 *
 * Pure code never asks for the time: it is given. The loop takes the time once
 * a turn and hands it down. All wall times are UTC.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

int64_t clock_wall_ms(void);      /* since 1970, UTC */
int64_t clock_monotonic_us(void); /* for durations only */

#define CLOCK_HTTP_DATE_SIZE 30 /* "Sun, 22 Nov 2026 14:00:00 GMT" and NUL */
#define CLOCK_LOG_DATE_SIZE  20 /* "2026-11-22 14:00:00" and NUL */

/* RFC 9110 5.6.7, English whatever the locale. */
void clock_http_date(time_t t, char out[CLOCK_HTTP_DATE_SIZE]);
/* W3C extended log format: date, blank, time. */
void clock_log_date(time_t t, char out[CLOCK_LOG_DATE_SIZE]);

#endif
