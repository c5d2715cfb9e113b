#include "base/chance.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>

void
chance_fresh(void *out, size_t len)
{
	unsigned char *at = out;

	while (len > 0) {
		ssize_t got = getrandom(at, len, 0);

		if (got < 0 && errno != EINTR)
			abort(); /* no Linux that this program runs on is without it */
		if (got > 0) {
			at += got;
			len -= (size_t)got;
		}
	}
}
