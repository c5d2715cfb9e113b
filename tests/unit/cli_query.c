#include "cli/query.h"
#include "support/text.h"
#include <criterion/criterion.h>
#include <string.h>

static struct query
read_text(const char *text)
{
	struct query query;

	cr_assert(query_read(&query, &text, 1), "case %s", text);
	return query;
}

#define W3C                                                              \
	"2017-08-08 20:22:16 10.0.0.5 GET /certsrv/mscep/mscep.dll "     \
	"operation=GetCACert&message=SCEP%20Authority 443 - 10.5.14.22 " \
	"profiled/1.0+CFNetwork/811.5.4+Darwin/16.6.0 - "
#define CRP                                                                         \
	"fe80::f53d%13 POST /CertificateRegistrationSvc/Certificate/VerifyRequest " \
	"- 443 - fe80::f53d%13 NDES_Plugin - "

Test(query, finds_the_triple_of_a_log_line)
{
	static const struct {
		const char *text;
		unsigned status, substatus;
		uint32_t win32;
		bool is_crp;
	} rows[] = {
	    {"500 0 1346", 500, 0, 1346, false},
	    {"500 0 1346 31", 500, 0, 1346, false},
	    {"  500\t0 1346\r\n", 500, 0, 1346, false},
	    {W3C "500 0 1346 31", 500, 0, 1346, false},
	    {W3C "200 0 0 3567 0", 200, 0, 0, false},
	    {W3C "200 0 0 3567 2713 0", 200, 0, 0, false},
	    {"/certsrv/mscep/mscep.dll - 500 0 1346", 500, 0, 1346, false},
	    {W3C "404 15 0 3 10.1.1.1", 404, 15, 0, false},
	    {CRP "403 16 2148204809 453", 403, 16, 2148204809, true},
	    {CRP "500 0 0 359", 500, 0, 0, true},
	    {CRP "201 0 0 341 875", 201, 0, 0, true},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct query query = read_text(rows[i].text);

		cr_expect(query.is_line && query.has_win32 && query.has_substatus &&
		              query.status == rows[i].status &&
		              query.substatus == rows[i].substatus &&
		              query.win32 == rows[i].win32 &&
		              query.is_crp == rows[i].is_crp,
		    "case %s", rows[i].text);
		query_clear(&query);
	}
}

#define HTTPERR                                                         \
	"2018-02-27 05:16:08 10.0.0.9 51234 10.0.0.5 443 HTTP/1.1 GET " \
	"/certsrv/mscep/mscep.dll?operation=GetCACaps&message=ca "

Test(query, finds_status_and_reason_of_an_httperr_line)
{
	static const struct {
		const char *text;
		const char *reason;
		unsigned status; /* 0: none */
	} rows[] = {
	    {HTTPERR "503 1 AppOffline SCEP", "AppOffline", 503},
	    {HTTPERR "- 503 1 Disabled SCEP", "Disabled", 503},
	    {HTTPERR "- - 414 - URL_Length - -", "URL_Length", 414},
	    {HTTPERR "7 0 414 - URL_Length - TCP", "URL_Length", 414},
	    {HTTPERR "- 1 Connection_Abandoned_By_ReqQueue SCEP",
	        "Connection_Abandoned_By_ReqQueue", 0},
	    {"- - Timer_ConnectionIdle -", "Timer_ConnectionIdle", 0},
	    {"503 1 appoffline SCEP", "AppOffline", 503},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct query query = read_text(rows[i].text);

		cr_expect(query.is_line, "case %s", rows[i].text);
		expect_string(query.httperr, rows[i].reason);
		cr_expect(query.has_status == (rows[i].status != 0) &&
		              query.status == rows[i].status,
		    "case %s", rows[i].text);
		query_clear(&query);
	}
}

Test(query, reads_a_status_alone_or_with_its_substatus)
{
	static const struct {
		const char *text;
		unsigned status;
		int substatus; /* -1: none */
	} rows[] = {
	    {"503", 503, -1},
	    {"404.15", 404, 15},
	    {"403.0", 403, 0},
	    {"403 16", 403, 16},
	    {"HTTP 503", 503, -1},
	    {"status 403.16", 403, 16},
	    {"HTTP/1.1 503 Service Unavailable", 503, -1},
	    {"HTTP Error 414", 414, -1},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct query query = read_text(rows[i].text);

		cr_expect(query.has_status && !query.has_win32 &&
		              query.status == rows[i].status &&
		              query.has_substatus == (rows[i].substatus >= 0) &&
		              (rows[i].substatus < 0 ||
		                  query.substatus == (unsigned)rows[i].substatus),
		    "case %s", rows[i].text);
		query_clear(&query);
	}
}

Test(query, reads_an_hresult_in_every_form)
{
	static const struct {
		const char *text;
		uint32_t hresult;
	} rows[] = {
	    {"0x80094800", 0x80094800},
	    {"0X80094800", 0x80094800},
	    {"80094800", 0x80094800},
	    {"800B0109", 0x800b0109},
	    {"-2146875392", 0x80094800},
	    {"2148091904", 0x80094800},
	    {"2148204809", 0x800b0109},
	    {"0x801901F7", 0x801901f7},
	    {"0x2f8f", 0x2f8f},
	    {"-1", 0xffffffff},
	};
	static const char *const others[] = {"0x", "0x8009480g", "0x180094800", "1346",
	    "2147483647", "-2147483649", "4294967296", "12345678", "-0", "", "-",
	    "8009480"};
	uint32_t hresult = 0;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct query query = read_text(rows[i].text);

		cr_expect(query.has_hresult && query.hresult == rows[i].hresult,
		    "case %s", rows[i].text);
		query_clear(&query);
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		cr_expect(
		    !query_hresult(slice_of(others[i]), &hresult), "case %s", others[i]);
}

Test(query, reads_an_event_with_and_without_its_source)
{
	static const struct {
		const char *text;
		unsigned event;
		const char *source;
	} rows[] = {
	    {"event 5009", 5009, NULL},
	    {"Event ID 29", 29, NULL},
	    {"eventid 1000", 1000, NULL},
	    {"Application Error 1000", 1000, "Application Error"},
	    {"event Application  Error 1000", 1000, "Application Error"},
	    {"1000", 1000, NULL},
	    {"29", 29, NULL},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct query query = read_text(rows[i].text);

		cr_expect(query.has_event && query.event == rows[i].event, "case %s",
		    rows[i].text);
		if (rows[i].source != NULL)
			expect_string(query.source, rows[i].source);
		else
			cr_expect(query.source == NULL, "case %s", rows[i].text);
		query_clear(&query);
	}
}

Test(query, a_number_is_all_that_it_may_be)
{
	struct query query = read_text("500");

	cr_expect(query.is_number && query.number == 500 && query.has_status &&
	          query.has_event && !query.has_hresult);
	query_clear(&query);
	query = read_text("12175");
	cr_expect(query.is_number && query.number == 12175 && !query.has_status);
	query_clear(&query);
}

Test(query, knows_the_words_of_the_field)
{
	struct query query = read_text("appoffline");

	expect_string(query.httperr, "AppOffline");
	cr_expect(!query.is_line);
	query_clear(&query);
	query = read_text("badmessagecheck");
	expect_string(query.fail_info, "badMessageCheck");
	query_clear(&query);
	query = read_text("badRequest"); /* a reason and a failInfo */
	expect_string(query.httperr, "BadRequest");
	expect_string(query.fail_info, "badRequest");
	query_clear(&query);
}

Test(query, words_are_one_phrase_with_single_blanks)
{
	static const char *const words[] = {" The service", "is\n\nunavailable. ", ""};
	struct query query;

	cr_assert(query_read(&query, words, 3));
	expect_string(query.text, "The service is unavailable.");
	cr_expect(!query.is_line && !query.has_status && !query.has_event);
	query_clear(&query);
}

Test(query, refuses_what_has_no_letter_or_is_too_long)
{
	static char much[QUERY_BYTES_MAX + 2];
	static const char *const blank[] = {" ", "\t\n", ""};
	const char *const one[] = {much};
	struct query query;

	memset(much, 'a', sizeof(much) - 1);
	cr_expect(!query_read(&query, NULL, 0));
	cr_expect(!query_read(&query, blank, 3));
	cr_expect(!query_read(&query, one, 1));
}

Test(query, odd_text_is_a_phrase)
{
	static const char *const rows[] = {"-", ".", "404.", "404.x", "403.9999", "a b",
	    "/", "99 0 0", "600 0 0", "-  - -", "503 x AppOffline SCEP", "event", "0x"};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct query query = read_text(rows[i]);

		cr_expect(!query.is_line && !query.has_status && !query.has_hresult &&
		              !query.has_event,
		    "case %s", rows[i]);
		query_clear(&query);
	}
}
