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
    {"GET", "/certsrv/mscep?operation=GetCACaps", AREA_MSCEP_NO_SLASH,
        OPERATION_GET_CA_CAPS, ""},
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
    {"GET", "/certsrv", AREA_OTHER, OPERATION_NONE, ""},
    {"GET", "/certsrv/mscep/MSCEP.DLL/any/path", AREA_MSCEP, OPERATION_NONE, ""},
    /* words: case does not matter, the first one counts, an empty one is none */
    {"GET", "/certsrv/mscep/mscep.dll?OPERATION=getcacaps&MESSAGE=ca", AREA_MSCEP,
        OPERATION_GET_CA_CAPS, "ca"},
    {"GET", "/certsrv/mscep/mscep.dll?operation=GetCACaps&operation=GetCACert",
        AREA_MSCEP, OPERATION_GET_CA_CAPS, ""},
    {"GET", "/certsrv/mscep/mscep.dll?operation=", AREA_MSCEP, OPERATION_NONE, ""},
    {"GET", "/certsrv/mscep/mscep.dll?operation", AREA_MSCEP, OPERATION_NONE, ""},
    {"GET", "/certsrv/mscep/mscep.dll?operation=GetCACert&message=&message=x", AREA_MSCEP,
        OPERATION_GET_CA_CERT, ""},
    {"GET", "/certsrv/mscep/mscep.dll?operation=GetCACert&message=%00%FF%2", AREA_MSCEP,
        OPERATION_GET_CA_CERT, "%00%FF%2"},
    {"GET", "/certsrv/mscep/mscep.dll?&&=&operation=PKIOperation", AREA_MSCEP,
        OPERATION_PKI_OPERATION, ""},
    /* any verb reaches mscep.dll, as GET does; only POST may leave the word out */
    {"PUT", "/certsrv/mscep/mscep.dll?operation=PKIOperation&message=x", AREA_MSCEP,
        OPERATION_PKI_OPERATION, "x"},
    {"FOO", "/certsrv/mscep/mscep.dll?operation=GetCACaps", AREA_MSCEP,
        OPERATION_GET_CA_CAPS, ""},
    {"PUT", "/certsrv/mscep/mscep.dll", AREA_MSCEP, OPERATION_NONE, ""},
    {"post", "/certsrv/mscep/mscep.dll", AREA_MSCEP, OPERATION_NONE, ""},
    /* mscep_admin has the same DLL; it is no mscep with something behind */
    {"GET", "/certsrv/mscep_admin", AREA_ADMIN_NO_SLASH, OPERATION_NONE, ""},
    {"GET", "/CertSrv/mscep_admin/", AREA_ADMIN, OPERATION_NONE, ""},
    {"GET", "/certsrv/MSCEP_ADMIN/mscep.dll", AREA_ADMIN, OPERATION_NONE, ""},
    {"GET", "/certsrv/mscep_admin/mscep.dll/x?operation=GetCACaps&message=x", AREA_ADMIN,
        OPERATION_NONE, ""},
    {"GET", "/certsrv/mscep_admin/other", AREA_OTHER, OPERATION_NONE, ""},
    {"GET", "/certsrv/mscep_administration", AREA_OTHER, OPERATION_NONE, ""},
    {"POST", "/CertificateRegistrationSvc/Certificate/VerifyRequest", AREA_CRP_VERIFY,
        OPERATION_NONE, ""},
    {"POST", "/certificateregistrationsvc/certificate/notify", AREA_CRP_NOTIFY,
        OPERATION_NONE, ""},
    {"POST", "/CertificateRegistrationSvc/Certificate/Notify/", AREA_OTHER,
        OPERATION_NONE, ""},
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

Test(operations, a_missing_message_differs_from_an_empty_one)
{
	struct request request = {.line = {.method = SLICE("GET")}};
	struct target target;

	request.url.query = SLICE("operation=GetCACert");
	target_read(&target, &request, SLICE("/certsrv/mscep/mscep.dll"));
	cr_expect(not(target.has_message));
	request.url.query = SLICE("operation=GetCACert&message=");
	target_read(&target, &request, SLICE("/certsrv/mscep/mscep.dll"));
	cr_expect(target.has_message);
}

#define DLL "/certsrv/mscep/mscep.dll"
#define CRP "/CertificateRegistrationSvc/Certificate/"

static const struct {
	const char *method;
	const char *target;
	enum answer intune;
	enum answer ndes;
} answers[] = {
    {"GET", DLL, ANSWER_FORBIDDEN, ANSWER_GENERAL_PAGE},
    {"HEAD", DLL "/pkiclient.exe", ANSWER_FORBIDDEN, ANSWER_GENERAL_PAGE},
    {"GET", DLL "?operation=Dance", ANSWER_FORBIDDEN, ANSWER_GENERAL_PAGE},
    {"GET", DLL "?operation=GetNextCACert&message=ca", ANSWER_FORBIDDEN,
        ANSWER_GENERAL_PAGE},
    {"GET", DLL "?operation=GetCACaps", ANSWER_CA_CAPS, ANSWER_CA_CAPS},
    {"GET", DLL "?operation=GetCACerts", ANSWER_CA_CERT, ANSWER_CA_CERT},
    {"POST", DLL, ANSWER_MESSAGE, ANSWER_MESSAGE},
    {"GET", "/certsrv/mscep", ANSWER_REDIRECT, ANSWER_REDIRECT},
    {"GET", "/certsrv/mscep_admin", ANSWER_REDIRECT, ANSWER_REDIRECT},
    {"GET", "/certsrv/mscep_admin/", ANSWER_ADMIN_PAGE, ANSWER_ADMIN_PAGE},
    {"POST", CRP "VerifyRequest", ANSWER_CRP, ANSWER_NOT_FOUND},
    {"POST", CRP "Notify", ANSWER_CRP, ANSWER_NOT_FOUND},
    {"GET", CRP "Notify", ANSWER_BAD_METHOD_CRP, ANSWER_NOT_FOUND},
    {"GET", "/", ANSWER_NOT_FOUND, ANSWER_NOT_FOUND},
};

static enum answer
answer_of(const char *method, const char *text, const struct ndes_settings *settings)
{
	struct request request = {.line = {.method = slice_of(method)}};
	struct target target;

	url_split(slice_of(text), &request.url);
	target_read(&target, &request, request.url.path);
	return target_answer(&target, &request, settings);
}

Test(operations, the_profile_decides_the_bare_url_and_the_registration_point)
{
	struct ndes_settings intune = {.profile = PROFILE_INTUNE};
	struct ndes_settings ndes = {.profile = PROFILE_NDES};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		cr_expect(answer_of(answers[i].method, answers[i].target, &intune) ==
		              answers[i].intune,
		    "case %s %s", answers[i].method, answers[i].target);
		cr_expect(answer_of(answers[i].method, answers[i].target, &ndes) ==
		              answers[i].ndes,
		    "case %s %s, ndes", answers[i].method, answers[i].target);
	}
}

Test(operations, only_the_standard_knows_get_next_ca_cert)
{
	struct ndes_settings settings = {.is_rfc8894 = true};

	cr_expect(answer_of("GET", DLL "?operation=GetNextCACert", &settings) ==
	          ANSWER_NEXT_CA_CERT);
}
