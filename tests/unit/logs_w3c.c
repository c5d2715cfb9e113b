#include "base/mem.h"
#include "logs/w3c.h"
#include "support/folder.h"
#include "support/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IP      "fe80::f53d:89b8:c3e8:5fec%13"
#define MSCEP   "/certsrv/mscep/mscep.dll"
#define CRP     "/CertificateRegistrationSvc/Certificate/VerifyRequest"
#define NOTIFY  "/CertificateRegistrationSvc/Certificate/Notify"
#define DATE    "2017-08-08 20:22:16 "
#define TIME    1502223736 /* DATE */
#define LAST    1502236799 /* 2017-08-08 23:59:59 */
#define NDES_UA "Mozilla/4.0 (compatible; Win32; NDES client)"
#define FOLDER  "/inetpub/logs/LogFiles/W3SVC1/"

/* Lines of real servers, as Microsoft's articles show them. */
static const struct golden {
	const char *method, *stem, *query;
	unsigned port;
	const char *ip, *client, *agent;
	unsigned status, substatus;
	uint32_t win32;
	unsigned bytes, taken;
	enum w3c_fields fields;
	const char *want;
} golden[] = {
    {"GET", MSCEP "/pkiclient.exe", "operation=GetCACaps&message=default", 80, IP, IP,
        NDES_UA, 200, 0, 0, 186, 0, W3C_WITH_BYTES,
        IP " GET " MSCEP "/pkiclient.exe operation=GetCACaps&message=default 80 - " IP
           " Mozilla/4.0+(compatible;+Win32;+NDES+client) - 200 0 0 186 0\r\n"},
    {"GET", MSCEP "/pkiclient.exe", "operation=GetCACert&message=default", 80, IP, IP,
        NDES_UA, 200, 0, 0, 3567, 0, W3C_WITH_BYTES,
        IP " GET " MSCEP "/pkiclient.exe operation=GetCACert&message=default 80 - " IP
           " Mozilla/4.0+(compatible;+Win32;+NDES+client) - 200 0 0 3567 0\r\n"},
    {"GET", MSCEP, "operation=GetCACert&message=ca", 443, IP, IP,
        "Dalvik/2.1.0 (Linux; U; Android 5.0; P01M Build/LRX21V)", 200, 0, 0, 3909, 0,
        W3C_WITH_BYTES,
        IP
        " GET " MSCEP " operation=GetCACert&message=ca 443 - " IP
        " Dalvik/2.1.0+(Linux;+U;+Android+5.0;+P01M+Build/LRX21V) - 200 0 0 3909 0\r\n"},
    {"GET", MSCEP, "operation=GetCACert&message=SCEP%20Authority", 443, "10.0.0.5",
        "10.5.14.22", "profiled/1.0 CFNetwork/811.5.4 Darwin/16.6.0", 500, 0, 1346, 1208,
        31, W3C_DEFAULT,
        "10.0.0.5 GET " MSCEP " operation=GetCACert&message=SCEP%20Authority 443 -"
        " 10.5.14.22 profiled/1.0+CFNetwork/811.5.4+Darwin/16.6.0 - 500 0 1346 31\r\n"},
    {"POST", CRP, NULL, 443, IP, IP, "NDES_Plugin", 201, 0, 0, 341, 875, W3C_WITH_BYTES,
        IP " POST " CRP " - 443 - " IP " NDES_Plugin - 201 0 0 341 875\r\n"},
    {"POST", NOTIFY, NULL, 443, IP, IP, "NDES_Plugin", 204, 0, 0, 277, 62, W3C_WITH_BYTES,
        IP " POST " NOTIFY " - 443 - " IP " NDES_Plugin - 204 0 0 277 62\r\n"},
    {"POST", CRP, NULL, 443, IP, IP, "NDES_Plugin", 403, 16, 2148204809U, 1233, 453,
        W3C_DEFAULT,
        IP " POST " CRP " - 443 - " IP " NDES_Plugin - 403 16 2148204809 453\r\n"},
    {"POST", CRP, NULL, 443, IP, IP, "NDES_Plugin", 500, 0, 0, 1208, 359, W3C_DEFAULT,
        IP " POST " CRP " - 443 - " IP " NDES_Plugin - 500 0 0 359\r\n"},
};

static struct w3c_record
golden_record(const struct golden *row)
{
	return (struct w3c_record){
	    .time = TIME,
	    .server_ip = slice_of(row->ip),
	    .method = slice_of(row->method),
	    .uri_stem = slice_of(row->stem),
	    .uri_query = slice_of(row->query),
	    .server_port = row->port,
	    .client_ip = slice_of(row->client),
	    .user_agent = slice_of(row->agent),
	    .status = row->status,
	    .substatus = row->substatus,
	    .win32 = row->win32,
	    .bytes_sent = row->bytes,
	    .time_taken_ms = row->taken,
	};
}

static struct w3c_record
record_at(time_t time)
{
	struct w3c_record record = golden_record(&golden[0]);

	record.time = time;
	return record;
}

Test(logs_w3c, documented_lines_come_out_letter_by_letter)
{
	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
		struct w3c_record record = golden_record(&golden[i]);
		struct buf out = BUF_INIT;
		char *want = mem_format("%s%s", DATE, golden[i].want), *got;

		w3c_line(&out, &record, golden[i].fields);
		got = buf_string(&out);
		expect_string(got, want);
		free(want);
		free(got);
	}
}

Test(logs_w3c, the_head_names_the_fields_of_the_lines)
{
	struct buf out = BUF_INIT;
	char *plain, *bytes;

	w3c_head(&out, "8.5", TIME, W3C_DEFAULT);
	plain = buf_string(&out);
	expect_string(plain,
	    "#Software: Microsoft Internet Information Services 8.5\r\n"
	    "#Version: 1.0\r\n"
	    "#Date: 2017-08-08 20:22:16\r\n"
	    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username"
	    " c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status"
	    " time-taken\r\n");
	w3c_head(&out, "10.0", TIME, W3C_WITH_BYTES);
	bytes = buf_string(&out);
	cr_expect(ne(ptr, strstr(bytes, "Services 10.0\r\n"), NULL));
	cr_expect(
	    ne(ptr, strstr(bytes, " sc-win32-status sc-bytes time-taken\r\n"), NULL));
	free(plain);
	free(bytes);
}

/* Whatever a client sends, a line has 15 fields (16 with sc-bytes) and one line break. */
Test(logs_w3c, nothing_from_the_wire_breaks_the_line)
{
	static const char bad[] = "a b\tc\r\nd\0e\x1b\xff\xc2\x85\xe2\x80\xa8z";
	struct slice wire = {bad, sizeof(bad) - 1};
	struct w3c_record record = {.time = TIME,
	    .server_ip = SLICE("::1"),
	    .method = wire,
	    .uri_stem = wire,
	    .uri_query = wire,
	    .username = wire,
	    .client_ip = SLICE("::1"),
	    .user_agent = wire,
	    .referer = wire};
	struct buf out = BUF_INIT;
	char *line;
	size_t blanks = 0;

	w3c_line(&out, &record, W3C_DEFAULT);
	for (size_t i = 0; i < out.len; i++)
		blanks += out.data[i] == ' ';
	cr_expect(eq(sz, blanks, 14));
	cr_expect(ne(ptr, memmem(out.data, out.len, " a+b+c++d+e++++z ", 17), NULL));
	line = buf_string(&out);
	cr_expect(eq(sz, strcspn(line, "\r\n"), strlen(line) - 2),
	    "one line break, at its end");
	free(line);
}

Test(logs_w3c, a_long_query_is_logged_whole)
{
	char *query = mem_alloc(60001);
	struct w3c_record record = record_at(TIME);
	struct buf out = BUF_INIT;

	memset(query, 'A', 60000);
	record.uri_query = slice_of(query);
	w3c_line(&out, &record, W3C_DEFAULT);
	cr_expect(ne(ptr, memmem(out.data, out.len, query, 60000), NULL));
	free(query);
	buf_clear(&out);
}

Test(logs_w3c, utf8_stays_utf8)
{
	static const char stem[] = "/r\xc3\xa4ksm\xc3\xb6rg\xc3\xa5s";
	struct w3c_record record = record_at(TIME);
	struct buf out = BUF_INIT;

	record.uri_stem = slice_of(stem);
	w3c_line(&out, &record, W3C_DEFAULT);
	cr_expect(ne(ptr, memmem(out.data, out.len, stem, sizeof(stem) - 1), NULL));
	buf_clear(&out);
}

Test(logs_w3c, each_opening_writes_a_head_and_appends)
{
	struct folder folder = folder_new();
	struct w3c_record record = record_at(TIME);
	struct err err = ERR_INIT;
	char *text;

	for (int i = 0; i < 2; i++) {
		struct w3c_log *log =
		    w3c_open(folder.path, "10.0", W3C_WITH_BYTES, TIME, &err);

		cr_assert(ne(ptr, log, NULL), "%s", err.text);
		cr_expect(w3c_write(log, &record, &err));
		w3c_close(log);
	}
	text = folder_read(&folder, FOLDER "u_ex170808.log");
	cr_expect(eq(sz, folder_count(text, "#Software"), 2));
	cr_expect(eq(sz, folder_count(text, "200 0 0 186 0\r\n"), 2));
	cr_expect(eq(sz, folder_count(text, "\n"), 10));
	free(text);
	folder_remove(&folder);
}

Test(logs_w3c, a_new_day_by_the_record_begins_a_new_file)
{
	struct folder folder = folder_new();
	struct err err = ERR_INIT;
	struct w3c_log *log = w3c_open(folder.path, "10.0", W3C_DEFAULT, LAST, &err);
	static const time_t times[] = {LAST, LAST + 1, LAST, LAST + 2};
	char *old, *new;

	cr_assert(ne(ptr, log, NULL), "%s", err.text);
	for (size_t i = 0; i < 4; i++) {
		struct w3c_record record = record_at(times[i]);

		cr_expect(w3c_write(log, &record, &err), "%s", err.text);
	}
	w3c_close(log);
	old = folder_read(&folder, FOLDER "u_ex170808.log");
	new = folder_read(&folder, FOLDER "u_ex170809.log");
	cr_expect(
	    eq(sz, folder_count(old, "\n"), 5), "head and the last line of the day");
	cr_expect(
	    eq(sz, folder_count(new, "\n"), 7), "head, and a late one goes here too");
	cr_expect(eq(sz, folder_count(new, "#Date: 2017-08-09 00:00:00\r\n"), 1));
	free(old);
	free(new);
	folder_remove(&folder);
}

Test(logs_w3c, a_removed_file_is_made_anew)
{
	struct folder folder = folder_new();
	struct err err = ERR_INIT;
	struct w3c_log *log = w3c_open(folder.path, "10.0", W3C_DEFAULT, TIME, &err);
	struct w3c_record record = record_at(TIME + 1);
	char *path = mem_format("%s%s", folder.path, FOLDER "u_ex170808.log");
	char *text;

	cr_assert(ne(ptr, log, NULL), "%s", err.text);
	cr_assert(eq(int, unlink(path), 0));
	cr_expect(w3c_write(log, &record, &err), "%s", err.text);
	w3c_close(log);
	text = folder_read(&folder, FOLDER "u_ex170808.log");
	cr_expect(eq(sz, folder_count(text, "\n"), 5));
	free(text);
	free(path);
	folder_remove(&folder);
}

Test(logs_w3c, a_path_that_cannot_be_used_is_told_with_reason_and_cure)
{
	struct err err = ERR_INIT;

	cr_expect(
	    eq(ptr, w3c_open("/dev/null/logs", "10.0", W3C_DEFAULT, TIME, &err), NULL));
	cr_expect(eq(int, err.kind, ERR_FAILED));
	expect_string(err.text, "cannot make the folder /dev/null/logs: Not a directory;"
	                        " choose another directory with --logs");
}

/* A full disk, as /dev/full plays it. */
Test(logs_w3c, a_failure_is_told_once)
{
	struct folder folder = folder_new();
	struct err err = ERR_INIT;
	struct w3c_log *log = w3c_open(folder.path, "10.0", W3C_DEFAULT, TIME, &err);
	struct w3c_record record = record_at(TIME + 1);
	char *path = mem_format("%s%s", folder.path, FOLDER "u_ex170808.log");

	cr_assert(ne(ptr, log, NULL), "%s", err.text);
	cr_assert(eq(int, unlink(path), 0));
	cr_assert(eq(int, symlink("/dev/full", path), 0));
	cr_expect(not(w3c_write(log, &record, &err)));
	cr_expect(
	    ne(ptr, strstr(err.text, "No space left on device"), NULL), "%s", err.text);
	cr_expect(w3c_write(log, &record, &err), "the second failure is not told");
	cr_assert(eq(int, unlink(path), 0));
	record.time++;
	cr_expect(w3c_write(log, &record, &err), "it works again");
	cr_assert(eq(int, unlink(path), 0));
	cr_assert(eq(int, symlink("/dev/full", path), 0));
	record.time++;
	cr_expect(not(w3c_write(log, &record, &err)), "a new failure is told again");
	w3c_close(log);
	w3c_close(NULL);
	free(path);
	folder_remove(&folder);
}
