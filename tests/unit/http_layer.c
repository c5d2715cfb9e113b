#include "http/layer.h"
#include "http/refusal.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

/* For each path the layers whose faults touch it, by the letters of "NAHPIMC". */
static const struct {
	const char *path;
	const char *layers;
} paths[] = {
    {"/certsrv/mscep/mscep.dll", "NAHPIM"},
    {"/CERTSRV/MSCEP/mscep.dll/pkiclient.exe", "NAHPIM"},
    {"/certsrv/mscep", "NAHPIM"},
    {"/certsrv/mscep/", "NAHPIM"},
    {"/certsrv/mscep_admin", "NAHPI"},
    {"/certsrv/Mscep_Admin/mscep.dll", "NAHPI"},
    {"/certsrv/mscep_adminx", "NAHI"},
    {"/certsrv/mscepx", "NAHI"},
    {"/certsrv", "NAHI"},
    {"/CertificateRegistrationSvc/Certificate/VerifyRequest", "NAHIC"},
    {"/certificateregistrationsvc", "NAHIC"},
    {"/CertificateRegistrationSvcX", "NAHI"},
    {"/", "NAHI"},
    {"", "NAHI"},
};

Test(layer, touches_only_its_own_paths)
{
	static const char letters[LAYER_COUNT + 1] = "NAHPIMC";

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		for (int layer = 0; layer < LAYER_COUNT; layer++) {
			bool got =
			    layer_touches((enum layer)layer, slice_of(paths[i].path));
			bool want = strchr(paths[i].layers, letters[layer]) != NULL;
			cr_expect(eq(int, got, want), "path %s, layer %s", paths[i].path,
			    layer_names[layer]);
		}
	}
}

Test(layer, decides_the_log)
{
	static const enum log_target want[LAYER_COUNT] = {
	    LOG_TO_NONE,
	    LOG_TO_NONE,
	    LOG_TO_HTTPERR,
	    LOG_TO_HTTPERR,
	    LOG_TO_IIS,
	    LOG_TO_IIS,
	    LOG_TO_IIS,
	};

	for (int layer = 0; layer < LAYER_COUNT; layer++) {
		enum log_target got = layer_log((enum layer)layer);
		cr_expect(
		    eq(int, (int)got, (int)want[layer]), "layer %s", layer_names[layer]);
	}
}

Test(refusal, answers_with_a_page_or_closes_and_always_has_a_reason)
{
	for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
		const struct refusal_entry *entry = refusal_entry((enum refusal)i);
		cr_expect(eq(int, entry->page != NULL, entry->status != 0), "case %d", i);
		cr_assert(
		    entry->reason != NULL && entry->reason[0] != '\0', "case %d", i);
	}
}

static const struct {
	enum refusal refusal;
	unsigned status;
	const char *reason;
} refusals[] = {
    {REFUSAL_URL_LENGTH, 414, "URL_Length"},
    {REFUSAL_REQUEST_LENGTH, 400, "RequestLength"},
    {REFUSAL_FIELD_LENGTH, 400, "FieldLength"},
    {REFUSAL_HOSTNAME, 400, "Hostname"},
    {REFUSAL_VERSION, 505, "Version_N/S"},
    {REFUSAL_CRLF, 400, "Invalid_CR/LF"},
    {REFUSAL_LENGTH_REQUIRED, 411, "LengthRequired"},
    {REFUSAL_ENTITY_TOO_LARGE, 413, "EntityTooLarge"},
    {REFUSAL_IDLE_TIMEOUT, 0, "Timer_ConnectionIdle"},
};

Test(refusal, status_and_reason_belong_together)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		const struct refusal_entry *entry = refusal_entry(refusals[i].refusal);
		cr_expect(eq(uint, entry->status, refusals[i].status), "case %zu", i);
		cr_expect(eq(str, (char *)(uintptr_t)entry->reason,
		              (char *)(uintptr_t)refusals[i].reason),
		    "case %zu", i);
	}
}
