#include "base/mem.h"
#include "logs/httperr.h"
#include "support/folder.h"
#include "support/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#define TIME 1519708568 /* 2018-02-27 05:16:08 */
#define PATH "/Windows/System32/LogFiles/HTTPERR/httperr1.log"

static const struct httperr_record pool_down = {
    .time = TIME,
    .client_ip = {"10.0.0.9", 8},
    .client_port = 51234,
    .server_ip = {"10.0.0.5", 8},
    .server_port = 443,
    .version = {"HTTP/1.1", 8},
    .method = {"GET", 3},
    .uri = {"/certsrv/mscep/mscep.dll?operation=GetCACaps&message=ca", 55},
    .status = 503,
    .has_site = true,
    .reason = "AppOffline",
    .queue = "SCEP",
};

static void
expect_line(
    const struct httperr_record *record, enum httperr_fields fields, const char *want)
{
	struct buf out = BUF_INIT;
	char *got;

	httperr_line(&out, record, fields);
	got = buf_string(&out);
	expect_string(got, want);
	free(got);
}

Test(logs_httperr, a_line_has_the_fields_of_its_windows)
{
#define START                                                           \
	"2018-02-27 05:16:08 10.0.0.9 51234 10.0.0.5 443 HTTP/1.1 GET " \
	"/certsrv/mscep/mscep.dll?operation=GetCACaps&message=ca "
	expect_line(&pool_down, HTTPERR_2012R2, START "503 1 AppOffline SCEP\r\n");
	expect_line(&pool_down, HTTPERR_2016, START "- 503 1 AppOffline SCEP\r\n");
	expect_line(&pool_down, HTTPERR_2022, START "- - 503 1 AppOffline SCEP TCP\r\n");
}

Test(logs_httperr, what_is_missing_is_a_dash)
{
	struct httperr_record record = {.time = TIME,
	    .client_ip = SLICE("::1%0"),
	    .client_port = 1,
	    .server_ip = SLICE("::1%0"),
	    .server_port = 80,
	    .reason = "Timer_ConnectionIdle"};

	expect_line(&record, HTTPERR_2012R2,
	    "2018-02-27 05:16:08 ::1%0 1 ::1%0 80 - - - - - Timer_ConnectionIdle -\r\n");
	record.reason = NULL;
	expect_line(&record, HTTPERR_2012R2,
	    "2018-02-27 05:16:08 ::1%0 1 ::1%0 80 - - - - - - -\r\n");
}

Test(logs_httperr, the_head_names_the_fields)
{
	static const struct {
		enum httperr_fields fields;
		const char *want;
	} cases[] = {
	    {HTTPERR_2012R2, " cs-uri sc-status s-siteid s-reason s-queuename\r\n"},
	    {HTTPERR_2016,
	        " cs-uri streamid sc-status s-siteid s-reason s-queuename\r\n"},
	    {HTTPERR_2022, " cs-uri streamid streamid_ex sc-status s-siteid s-reason"
	                   " s-queuename transport\r\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out = BUF_INIT;
		char *got, *want = mem_format("#Software: Microsoft HTTP API 2.0\r\n"
		                              "#Version: 1.0\r\n"
		                              "#Date: 2018-02-27 05:16:08\r\n"
		                              "#Fields: date time c-ip c-port s-ip s-port"
		                              " cs-version cs-method%s",
		               cases[i].want);

		httperr_head(&out, TIME, cases[i].fields);
		got = buf_string(&out);
		expect_string(got, want);
		free(got);
		free(want);
	}
}

/* As many names in the head as fields in a line, whatever comes from the wire. */
Test(logs_httperr, nothing_from_the_wire_breaks_the_line)
{
	static const char bad[] = "G E\tT\r\n\0\x1b\xff\xe2\x80\xa8z";
	struct slice wire = {bad, sizeof(bad) - 1};
	struct httperr_record record = pool_down;

	record.version = record.method = record.uri = wire;
	for (enum httperr_fields fields = HTTPERR_2012R2; fields <= HTTPERR_2022;
	     fields++) {
		struct buf line = BUF_INIT, head = BUF_INIT;
		char *line_text, *head_text;

		httperr_line(&line, &record, fields);
		httperr_head(&head, TIME, fields);
		line_text = buf_string(&line);
		head_text = buf_string(&head);
		cr_expect(eq(sz, folder_count(line_text, " ") + 1,
		    folder_count(strstr(head_text, "#Fields:"), " ")));
		cr_expect(eq(sz, strcspn(line_text, "\r\n"), strlen(line_text) - 2));
		cr_expect(eq(sz, folder_count(line_text, " G+E+T++++++z "), 2));
		free(line_text);
		free(head_text);
	}
}

Test(logs_httperr, a_long_uri_is_cut_at_4096)
{
	struct httperr_record record = pool_down;
	char *uri = mem_alloc(20001);
	struct buf out = BUF_INIT;
	char *line;

	memset(uri, 'A', 20000);
	record.uri = slice_of(uri);
	record.status = 414;
	record.has_site = false;
	record.reason = "URL_Length";
	record.queue = NULL;
	httperr_line(&out, &record, HTTPERR_2016);
	line = buf_string(&out);
	cr_expect(eq(sz, strspn(strstr(line, " AAAA") + 1, "A"), 4096));
	cr_expect(ne(ptr, strstr(line, "A - 414 - URL_Length -\r\n"), NULL));
	free(uri);
	free(line);
}

Test(logs_httperr, each_opening_writes_a_head_and_appends)
{
	struct folder folder = folder_new();
	struct err err = ERR_INIT;
	char *text;

	for (int i = 0; i < 2; i++) {
		struct httperr_log *log =
		    httperr_open(folder.path, HTTPERR_2022, TIME, &err);

		cr_assert(ne(ptr, log, NULL), "%s", err.text);
		cr_expect(httperr_write(log, &pool_down, &err), "%s", err.text);
		httperr_close(log);
	}
	httperr_close(NULL);
	text = folder_read(&folder, PATH);
	cr_expect(eq(sz, folder_count(text, "#Fields"), 2));
	cr_expect(eq(sz, folder_count(text, " AppOffline SCEP TCP\r\n"), 2));
	cr_expect(eq(sz, folder_count(text, "\r\n"), 10));
	free(text);
	folder_remove(&folder);
}

Test(logs_httperr, a_path_that_cannot_be_used_is_told)
{
	struct err err = ERR_INIT;

	cr_expect(eq(ptr, httperr_open("/dev/null", HTTPERR_2022, TIME, &err), NULL));
	cr_expect(eq(int, err.kind, ERR_FAILED));
	cr_expect(ne(ptr, strstr(err.text, "--logs"), NULL), "%s", err.text);
}
