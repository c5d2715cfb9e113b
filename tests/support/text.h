/*
 * text: compares strings and shows both. (Criterion's eq(str, ..) takes no string
 * literal when those are const, as -Wwrite-strings makes them.)
 */
#ifndef SUPPORT_TEXT_H
#define SUPPORT_TEXT_H

#include <criterion/criterion.h>
#include <string.h>

static inline void
expect_string(const char *got, const char *want)
{
	cr_expect(
	    got != NULL && strcmp(got, want) == 0, "got:  %s\n  want: %s", got, want);
}

#endif
