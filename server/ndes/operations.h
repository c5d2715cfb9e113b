/*
 * operations: where a request goes below a Windows web site, and what it asks for.
 * Pure: a request in, a target out. Paths are compared without regard to case.
 */
#ifndef NDES_OPERATIONS_H
#define NDES_OPERATIONS_H

#include "http/request.h"

enum area {
	AREA_OTHER,          /* IIS answers 404 */
	AREA_MSCEP,          /* runs mscep.dll: /certsrv/mscep/, .../mscep.dll,
	                        .../mscep.dll/anything */
	AREA_MSCEP_NO_SLASH, /* /certsrv/mscep: 301 */
};

enum operation {
	OPERATION_NONE, /* bare URL */
	OPERATION_GET_CA_CAPS,
	OPERATION_GET_CA_CERT,
	OPERATION_GET_NEXT_CA_CERT,
	OPERATION_PKI_OPERATION,
	OPERATION_UNKNOWN,
};
#define OPERATION_COUNT 6

struct target {
	enum area area;
	enum operation operation;
	struct slice message; /* `message=` as received; empty: none */
};

/* `path` is the decoded path of the request. */
void target_read(struct target *target, const struct request *request, struct slice path);
const char *
operation_name(enum operation operation); /* "GetCACaps" .. "none", "unknown" */

#endif
