#include "base/mem.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The one place where the program gives up: nothing useful can be done without memory. */
static void *
mem_need(void *memory)
{
	if (memory == NULL) {
		fputs("mockndes: out of memory\n", stderr);
		abort();
	}
	return memory;
}

void *
mem_alloc(size_t size)
{
	return mem_need(calloc(1, size > 0 ? size : 1));
}

void *
mem_array(size_t count, size_t size)
{
	/* calloc checks the product; a result of size 0 may be NULL, so ask for one byte.
	 */
	if (count == 0 || size == 0)
		return mem_alloc(1);
	return mem_need(calloc(count, size));
}

void *
mem_grow(void *old, size_t count, size_t size)
{
	/* A size of 0 would free `old`, which is not growing. */
	if (count == 0 || size == 0)
		count = size = 1;
	return mem_need(reallocarray(old, count, size));
}

void *
mem_copy(const void *from, size_t len)
{
	void *copy;

	copy = mem_need(malloc(len > 0 ? len : 1));
	if (len > 0)
		memcpy(copy, from, len);
	return copy;
}

char *
mem_text(const char *text, size_t len)
{
	char *copy;

	/* len + 1 is 0 for SIZE_MAX; nobody owns that many bytes, but stay exact. */
	copy = mem_need(len < SIZE_MAX ? malloc(len + 1) : NULL);
	if (len > 0)
		memcpy(copy, text, len);
	copy[len] = '\0';
	return copy;
}

char *
mem_string(const char *text)
{
	return text != NULL ? mem_text(text, strlen(text)) : NULL;
}

char *
mem_format(const char *format, ...)
{
	va_list args;
	char *text;
	int len;

	va_start(args, format);
	len = vasprintf(&text, format, args);
	va_end(args);
	return mem_need(len >= 0 ? text : NULL);
}
