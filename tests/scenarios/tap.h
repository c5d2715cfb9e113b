/*
 * tap: the output of a test program that is not Criterion's: TAP version 12, one line
 * a check, flushed at once so that a program that dies shows how far it came.
 */
#ifndef SCENARIOS_TAP_H
#define SCENARIOS_TAP_H

#include <stdbool.h>
#include <stddef.h>

struct tap {
	size_t planned;
	size_t count;
	size_t failed;
};

void tap_plan(struct tap *tap, size_t count);
/* "ok 3 - description". Returns `ok`. */
bool tap_check(struct tap *tap, bool ok, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "# text", a line of its own for each line of it. */
void tap_note(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "Bail out! why": what was planned cannot be done at all. Returns an exit code. */
int tap_bail_out(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The exit code: 0, when all that was planned was checked and held. */
int tap_end(const struct tap *tap);

#endif
