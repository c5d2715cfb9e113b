#include "ndes/version.h"

#include <string.h>

/*
 * GetCACaps: six lines are reported of NDES behind IIS 10. The servers of
 * Microsoft's own articles are 2012 R2; their clients use GET, and the logged size
 * of the answer fits exactly when POSTPKIOperation is not listed (derived, not
 * captured). HTTPERR: field sets as documented by Microsoft.
 */
#define CAPS_IIS10 "POSTPKIOperation,Renewal,SHA-512,SHA-256,SHA-1,DES3"
#define CAPS_IIS85 "Renewal,SHA-512,SHA-256,SHA-1,DES3"

const struct server_version server_versions[] = {
    {"2012r2", "Microsoft-IIS/8.5", "8.5", CAPS_IIS85, 2012},
    {"2016", "Microsoft-IIS/10.0", "10.0", CAPS_IIS10, 2016},
    {"2019", "Microsoft-IIS/10.0", "10.0", CAPS_IIS10, 2016},
    {"2022", "Microsoft-IIS/10.0", "10.0", CAPS_IIS10, 2022},
};
const size_t server_version_count = sizeof(server_versions) / sizeof(server_versions[0]);

const struct server_version *
server_version_find(const char *name)
{
	for (size_t i = 0; i < server_version_count; i++)
		if (strcmp(server_versions[i].name, name) == 0)
			return &server_versions[i];
	return NULL;
}
