/*
 * decode: `mockndes decode`, prints what some bytes of SCEP are, fact by fact, for
 * people (aligned) and for machines (--json). What is read is up to cli/unwrap, what is
 * found out up to scep/describe; here are files, stdout and the two forms.
 */
#ifndef CLI_DECODE_H
#define CLI_DECODE_H

#include "base/err.h"
#include "scep/fact.h"

#define DECODE_INPUT_MAX (16 * 1024 * 1024) /* octets of a file: it may be a log */

struct decode_options {
	const char *file; /* NULL or "-": stdin */
	bool is_json;
	/* PEM or DER files of private keys and certificates, or folders with *.pem and
	 *.key (pki of a --state folder) */
	const char *const *keys;
	size_t key_count;
};

/*
 * Prints to stdout. ERR_FAILED: it cannot be read or decoded, and nothing is printed.
 * ERR_USAGE: a key file is of no use.
 */
bool decode_print(const struct decode_options *options, struct err *err);

/* The two forms, appended. */
void decode_text(const struct fact *root, struct buf *out);
void decode_json(const struct fact *root, struct buf *out);

#endif
