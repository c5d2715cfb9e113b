/*
 * capabilities: the lines of GetCACaps (RFC 8894 3.5.2).
 */
#ifndef SCEP_CAPABILITIES_H
#define SCEP_CAPABILITIES_H

#include "base/buf.h"

#define CAPABILITIES_MAX 32

/* With --rfc8894: every word of RFC 8894 3.5.2; comma-separated as capabilities_parse
 * takes it. What NDES lists depends on the Windows version (ndes/version.h). */
extern const char capabilities_rfc8894[];

struct capabilities {
	struct slice lines[CAPABILITIES_MAX]; /* borrowed */
	size_t count;
};

/* "A,B,C" into lines; blanks around a word are dropped. False: too many or an empty one.
 */
bool capabilities_parse(struct slice text, struct capabilities *ret);
/* Takes the words of `without` out; what is not there is not missed. */
void capabilities_remove(
    struct capabilities *capabilities, const struct capabilities *without);
/* The body: LF between lines, none behind the last (the fit to NDES's 186 bytes). */
void capabilities_body(const struct capabilities *capabilities, struct buf *out);

#endif
