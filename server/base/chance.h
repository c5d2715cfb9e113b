/*
 * chance: fresh random bytes for nonces, serial numbers and names of runs. What
 * must be the same on every run does not come from here.
 */
#ifndef BASE_CHANCE_H
#define BASE_CHANCE_H

#include <stddef.h>

void chance_fresh(void *out, size_t len); /* from the kernel; cannot fail */

#endif
