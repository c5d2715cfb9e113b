/*
 * workdir: a private folder below TMPDIR (or /tmp) for the length of a run, with
 * the CA's certificate in it. Removed at the end.
 */
#ifndef CLI_WORKDIR_H
#define CLI_WORKDIR_H

#include "base/buf.h"
#include "base/err.h"

struct workdir {
	char *path;    /* NULL: none */
	char *ca_path; /* where the certificate will be */
};

bool workdir_make(struct workdir *workdir, struct err *err);
/* The file appears whole: it is written beside and renamed. */
bool workdir_write_ca(struct workdir *workdir, struct bytes pem, struct err *err);
void workdir_remove(struct workdir *workdir);

#endif
