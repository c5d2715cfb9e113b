/*
 * fuzz: what the fuzz targets share. A target is one LLVMFuzzerTestOneInput, run by
 * libFuzzer (tools/fuzz) and, on the files of tests/data/fuzz-NAME, by replay.c.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include "base/buf.h"
#include <stdint.h>
#include <stdlib.h>

/* Optional; called once before the first input. */
int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* A broken promise ends the run: libFuzzer keeps the input. */
static inline void
must(bool holds)
{
	if (!holds)
		abort();
}

static inline void
must_be_within(const void *part, size_t part_len, const void *whole, size_t whole_len)
{
	const char *from = part;
	const char *start = whole;

	if (part_len > 0)
		must(from >= start && part_len <= whole_len &&
		     (size_t)(from - start) <= whole_len - part_len);
}

#endif
