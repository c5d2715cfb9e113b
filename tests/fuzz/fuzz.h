/*
 * fuzz: what the fuzz targets share. A target is one LLVMFuzzerTestOneInput, run by
 * libFuzzer (tools/fuzz) and, on the files of tests/data/fuzz-NAME, by replay.c.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "base/buf.h"
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Optional; called once before the first input. */
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A broken promise ends the run: libFuzzer keeps the input. */
#define must(promise) must_hold((promise), __FILE__, __LINE__, #promise)

static inline void
must_hold(bool holds, const char *file, int line, const char *promise)
{
	if (holds)
		return;
	fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, promise);
	abort();
}

/* Nothing is anywhere. */
static inline bool
is_within(const void *part, size_t part_len, const void *whole, size_t whole_len)
{
	const char *from = part;
	const char *start = whole;

	return part_len == 0 || (from >= start && part_len <= whole_len &&
	                            (size_t)(from - start) <= whole_len - part_len);
}

#endif
