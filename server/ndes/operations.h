/*
 * operations: where a request goes below a Windows web site, what it asks for, and
 * what the site in its settings gives for it.
 *
 * Pure: a request in, a target out; a target and the settings in, an answer out. Paths
 * are compared without regard to case. The applications mscep and mscep_admin share
 * one physical folder whose only default document is mscep.dll, and its handler is
 * "*.dll" with verb "*" and path info: so any verb, and any suffix such as
 * /pkiclient.exe, reach the same DLL.
 */
#ifndef NDES_OPERATIONS_H
#define NDES_OPERATIONS_H

#include "http/request.h"
#include "ndes/settings.h"

enum area {
	AREA_OTHER,          /* IIS answers 404 */
	AREA_MSCEP,          /* runs mscep.dll: /certsrv/mscep/, .../mscep.dll,
	                        .../mscep.dll/anything */
	AREA_MSCEP_NO_SLASH, /* /certsrv/mscep: 301 */
	AREA_ADMIN,          /* mscep.dll again, in /certsrv/mscep_admin/ */
	AREA_ADMIN_NO_SLASH, /* /certsrv/mscep_admin: 301 */
	AREA_CRP_VERIFY,     /* /CertificateRegistrationSvc/Certificate/VerifyRequest */
	AREA_CRP_NOTIFY,     /* .../Notify */
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
	struct slice message; /* `message=` as received; empty: none, or empty */
	bool has_message;     /* the query has `message`, perhaps empty */
};

/* What is given, by whom. */
enum answer {
	ANSWER_NOT_FOUND, /* IIS: 404 0 2 */
	ANSWER_REDIRECT,  /* IIS: 301 to the same path with a slash */
	ANSWER_CA_CAPS,
	ANSWER_CA_CERT,
	ANSWER_NEXT_CA_CERT,
	ANSWER_MESSAGE,        /* a CertRep, if the message can be opened */
	ANSWER_FORBIDDEN,      /* mscep.dll: 403 0 0, with a policy module */
	ANSWER_GENERAL_PAGE,   /* mscep.dll: "This URL is used by network devices ..." */
	ANSWER_ADMIN_PAGE,     /* mscep.dll: password, cache full, no permission */
	ANSWER_CRP,            /* see ndes/crp */
	ANSWER_BAD_METHOD_CRP, /* 405 of the registration point */
};
/* `path` is the decoded path of the request. */
void target_read(struct target *target, const struct request *request, struct slice path);
const char *
operation_name(enum operation operation); /* "GetCACaps" .. "none", "unknown" */

/*
 * mscep.dll's answer to what it does not know is not recorded: here it is that to the
 * bare URL (grade D). The registration point is installed by the Intune connector,
 * so only that profile has it.
 */
enum answer target_answer(const struct target *target, const struct request *request,
    const struct ndes_settings *settings);

#endif
