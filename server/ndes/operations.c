#include "ndes/operations.h"

#define MSCEP_FOLDER "/certsrv/mscep"
#define MSCEP_DLL    "/certsrv/mscep/mscep.dll"

static const struct {
	const char *word; /* as in the query */
	enum operation operation;
} operation_words[] = {
    {"GetCACaps", OPERATION_GET_CA_CAPS},
    {"GetCACert", OPERATION_GET_CA_CERT},
    /* Sent by Microsoft's own Validate-NDESUrl.ps1, which wants 200 and a body;
     * whether NDES takes it for GetCACert is not known. */
    {"GetCACerts", OPERATION_GET_CA_CERT},
    {"GetNextCACert", OPERATION_GET_NEXT_CA_CERT},
    {"PKIOperation", OPERATION_PKI_OPERATION},
};

static enum area
area_of(struct slice path)
{
	if (slice_is_nocase(path, MSCEP_FOLDER))
		return AREA_MSCEP_NO_SLASH;
	/* the default document of the folder is mscep.dll; path info is allowed */
	if (slice_is_nocase(path, MSCEP_FOLDER "/") || slice_is_nocase(path, MSCEP_DLL) ||
	    slice_starts_nocase(path, MSCEP_DLL "/"))
		return AREA_MSCEP;
	return AREA_OTHER;
}

static enum operation
operation_of(const struct request *request, struct slice query)
{
	struct slice word;

	if (!url_query_find(query, "operation", &word) || word.len == 0)
		/* many servers ignore `operation` on POST, so clients forget it (RFC
		 * 8894 4.3) */
		return request_is_method(request, "POST") ? OPERATION_PKI_OPERATION
		                                          : OPERATION_NONE;
	for (size_t i = 0; i < sizeof(operation_words) / sizeof(operation_words[0]); i++)
		if (slice_is_nocase(word, operation_words[i].word))
			return operation_words[i].operation;
	return OPERATION_UNKNOWN;
}

void
target_read(struct target *target, const struct request *request, struct slice path)
{
	struct slice query = request->url.query;

	*target = (struct target){.area = area_of(path), .operation = OPERATION_NONE};
	if (target->area != AREA_MSCEP)
		return;
	target->operation = operation_of(request, query);
	if (!url_query_find(query, "message", &target->message))
		target->message = (struct slice){"", 0};
}

const char *
operation_name(enum operation operation)
{
	static const char *const names[OPERATION_COUNT] = {
	    [OPERATION_NONE] = "none",
	    [OPERATION_GET_CA_CAPS] = "GetCACaps",
	    [OPERATION_GET_CA_CERT] = "GetCACert",
	    [OPERATION_GET_NEXT_CA_CERT] = "GetNextCACert",
	    [OPERATION_PKI_OPERATION] = "PKIOperation",
	    [OPERATION_UNKNOWN] = "unknown",
	};

	return names[operation];
}
