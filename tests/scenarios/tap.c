#include "scenarios/tap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
tap_plan(struct tap *tap, size_t count)
{
	*tap = (struct tap){.planned = count};
	printf("1..%zu\n", count);
	fflush(stdout);
}

bool
tap_check(struct tap *tap, bool ok, const char *format, ...)
{
	va_list args;

	tap->count++;
	tap->failed += !ok;
	printf("%sok %zu - ", ok ? "" : "not ", tap->count);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return ok;
}

void
tap_note(const char *format, ...)
{
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	if (text == NULL)
		return;
	for (char *line = text; line != NULL;) {
		char *end = strchr(line, '\n');

		if (end != NULL)
			*end++ = '\0';
		printf("# %s\n", line);
		line = end;
	}
	fflush(stdout);
	free(text);
}

int
tap_bail_out(const char *format, ...)
{
	va_list args;

	fputs("Bail out! ", stdout);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	fflush(stdout);
	return EXIT_FAILURE;
}

int
tap_end(const struct tap *tap)
{
	return tap->failed == 0 && tap->count == tap->planned ? EXIT_SUCCESS
	                                                      : EXIT_FAILURE;
}
