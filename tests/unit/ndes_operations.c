#include "ndes/operations.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

static const struct {
	const char *method;
	const char *target;
	enum area area;
	enum operation operation;
	const char *message;
} cases[] = {
    {"GET", "/certsrv/mscep/mscep.dll?operation=GetCACaps&message=ca", AREA_MSCEP,
        OPERATION_GET_CA_CAPS, "ca"},
    {"GET", "/CertSrv/MSCEP/mscep.DLL?operation=GetCACert", AREA_MSCEP,
        OPERATION_GET_CA_CERT, ""},
    {"GET", "/certsrv/mscep/mscep.dll/pkiclient.exe?operation=GetCACert&message=default",
        AREA_MSCEP, OPERATION_GET_CA_CERT, "default"},
    {"GET", "/certsrv/mscep/?operation=GetCACaps", AREA_MSCEP, OPERATION_GET_CA_CAPS, ""},
    {"GET", "/certsrv/mscep?operation=GetCACaps", AREA_MSCEP_NO_SLASH, OPERATION_NONE,
        ""},
    {"GET", "/certsrv/mscep/mscep.dll?operation=GetCACerts&message=x", AREA_MSCEP,
        OPERATION_GET_CA_CERT, "x"},
    {"GET", "/certsrv/mscep/mscep.dll?message=a+b/c=&operation=PKIOperation", AREA_MSCEP,
        OPERATION_PKI_OPERATION, "a+b/c="},
    {"POST", "/certsrv/mscep/mscep.dll?operation=PKIOperation", AREA_MSCEP,
        OPERATION_PKI_OPERATION, ""},
    {"POST", "/certsrv/mscep/mscep.dll", AREA_MSCEP, OPERATION_PKI_OPERATION, ""},
    {"GET", "/certsrv/mscep/mscep.dll", AREA_MSCEP, OPERATION_NONE, ""},
    {"GET", "/certsrv/mscep/mscep.dll?operation=GetNextCACert", AREA_MSCEP,
        OPERATION_GET_NEXT_CA_CERT, ""},
    {"GET", "/certsrv/mscep/mscep.dll?operation=Dance", AREA_MSCEP, OPERATION_UNKNOWN,
        ""},
    {"GET", "/certsrv/mscep/other", AREA_OTHER, OPERATION_NONE, ""},
    {"GET", "/certsrv/mscep/mscep.dllx?operation=GetCACaps", AREA_OTHER, OPERATION_NONE,
        ""},
    {"GET", "/?operation=GetCACaps", AREA_OTHER, OPERATION_NONE, ""},
};

Test(operations, paths_and_queries_are_read_as_iis_and_mscep_do)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct request request = {.line = {.method = slice_of(cases[i].method)}};
		struct target target;

		url_split(slice_of(cases[i].target), &request.url);
		target_read(&target, &request, request.url.path);
		cr_expect(target.area == cases[i].area, "case %s", cases[i].target);
		cr_expect(target.operation == cases[i].operation, "case %s: %s",
		    cases[i].target, operation_name(target.operation));
		cr_expect(slice_is(target.message, cases[i].message), "case %s",
		    cases[i].target);
	}
}
