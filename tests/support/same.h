/*
 * same: strings compared inside cr_expect, where a case needs a name of its own;
 * both are shown when they differ. Without a name: text.h.
 */
#ifndef SUPPORT_SAME_H
#define SUPPORT_SAME_H

#include <criterion/logging.h>
#include <stdbool.h>
#include <string.h>

static inline bool
same(const char *got, const char *want)
{
	if (got != NULL && strcmp(got, want) == 0)
		return true;
	cr_log_error("got \"%s\", want \"%s\"", got != NULL ? got : "(nothing)", want);
	return false;
}

#endif
