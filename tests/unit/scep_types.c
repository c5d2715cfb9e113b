#include "scep/types.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

static bool
is_text(const char *got, const char *want)
{
	return got != NULL && strcmp(got, want) == 0;
}

Test(types, message_types_have_the_numbers_and_names_of_the_rfc)
{
	static const struct {
		int number;
		const char *name;
	} rows[] = {
	    {3, "CertRep"},
	    {17, "RenewalReq"},
	    {19, "PKCSReq"},
	    {20, "CertPoll"},
	    {21, "GetCert"},
	    {22, "GetCRL"},
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum message_type type = (enum message_type)rows[i].number;

		cr_expect(is_text(message_type_name(type), rows[i].name), "case %s",
		    rows[i].name);
		cr_expect(
		    message_type_by_name(rows[i].name) == type, "case %s", rows[i].name);
	}
}

Test(types, unknown_message_types_have_no_name)
{
	static const int numbers[] = {-1, 0, 1, 4, 18, 23, 41, 99};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		cr_expect(message_type_name((enum message_type)numbers[i]) == NULL,
		    "case %d", numbers[i]);
	cr_expect(message_type_by_name("pkcsreq") == MESSAGE_NONE, "names have a case");
	cr_expect(message_type_by_name("") == MESSAGE_NONE);
}

Test(types, pki_status_has_three_words)
{
	static const struct {
		int number;
		const char *name;
	} rows[] = {{0, "SUCCESS"}, {2, "FAILURE"}, {3, "PENDING"}};
	enum pki_status status = PKI_PENDING;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		cr_expect(is_text(pki_status_name((enum pki_status)rows[i].number),
		              rows[i].name),
		    "case %s", rows[i].name);
		cr_expect(
		    pki_status_by_name(rows[i].name, &status), "case %s", rows[i].name);
		cr_expect(rows[i].number == (int)status, "case %s", rows[i].name);
	}
	cr_expect(pki_status_name((enum pki_status)1) == NULL);
	cr_expect(pki_status_by_name("success", &status) == false);
	cr_expect(PKI_PENDING == (int)status, "touched on failure");
}

Test(types, fail_info_has_five_words)
{
	static const char *const names[] = {
	    "badAlg", "badMessageCheck", "badRequest", "badTime", "badCertId"};
	enum fail_info fail_info = FAIL_BAD_ALG;
	int i;

	for (i = 0; i < 5; i++) {
		cr_expect(is_text(fail_info_name((enum fail_info)i), names[i]), "case %s",
		    names[i]);
		cr_expect(fail_info_by_name(names[i], &fail_info), "case %s", names[i]);
		cr_expect(i == (int)fail_info, "case %s", names[i]);
	}
	cr_expect(fail_info_name((enum fail_info)5) == NULL);
	cr_expect(fail_info_by_name("badalg", &fail_info) == false);
	cr_expect(fail_info == FAIL_BAD_CERT_ID, "touched on failure");
}
