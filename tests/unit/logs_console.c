#include "logs/console.h"
#include "support/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define TIME  1795356003 /* 2026-11-22 14:00:03 */
#define MSCEP "/certsrv/mscep/mscep.dll"

static char *
line_of(const struct console_record *record, enum console_format format, bool coloured)
{
	struct buf out = BUF_INIT;

	console_line(&out, record, format, coloured);
	return buf_string(&out);
}

static void
expect_text(const struct console_record *record, bool coloured, const char *want)
{
	char *got = line_of(record, CONSOLE_TEXT, coloured);

	expect_string(got, want);
	free(got);
}

static const struct console_record caps = {
    .time = TIME,
    .client_ip = {"127.0.0.1", 9},
    .method = {"GET", 3},
    .path = {MSCEP, sizeof(MSCEP) - 1},
    .operation = "GetCACaps",
    .status = 200,
    .bytes_sent = 58,
    .time_taken_us = 100,
};

static const struct console_record too_long = {
    .time = TIME + 2,
    .client_ip = {"127.0.0.1", 9},
    .method = {"GET", 3},
    .path = {MSCEP, sizeof(MSCEP) - 1},
    .operation = "PKIOperation",
    .status = 414,
    .bytes_sent = 329,
    .time_taken_us = 149,
    .scenario = "uri-too-long",
    .rule = "long-get",
    .why = "query 3643 > 2048",
    .hint = "mockndes --help scenarios",
};

/* The picture in logs/console.h. */
Test(logs_console, lines_are_aligned_as_in_the_manual)
{
	struct console_record enrol = caps;

	enrol.time = TIME + 1;
	enrol.method = SLICE("POST");
	enrol.operation = "PKIOperation";
	enrol.message_type = "PKCSReq";
	enrol.bytes_sent = 1949;
	enrol.time_taken_us = 2400;
	enrol.pki_status = "SUCCESS";
	expect_text(&caps, false,
	    "14:00:03 127.0.0.1 GET  " MSCEP
	    " GetCACaps            200    58 B   0.1 ms\n");
	expect_text(&enrol, false,
	    "14:00:04 127.0.0.1 POST " MSCEP " PKIOperation PKCSReq 200  1.9 kB   2.4 ms"
	    " SUCCESS\n");
	expect_text(&too_long, false,
	    "14:00:05 127.0.0.1 GET  " MSCEP
	    " PKIOperation         414   329 B   0.1 ms\n"
	    "         uri-too-long/long-get  query 3643 > 2048; mockndes --help scenarios\n");
}

Test(logs_console, an_honest_answer_may_carry_a_hint)
{
	struct console_record record = caps;

	record.path = SLICE("/");
	record.operation = NULL;
	record.status = 404;
	record.hint = "NDES is at " MSCEP;
	expect_text(&record, false,
	    "14:00:03 127.0.0.1 GET  /                                             404"
	    "    58 B   0.1 ms\n"
	    "         hint: NDES is at " MSCEP "\n");
}

Test(logs_console, a_request_without_an_answer_shows_a_dash)
{
	struct console_record record = caps;

	record.status = 0;
	record.bytes_sent = 0;
	record.time_taken_us = 12345678;
	record.scenario = "reset";
	expect_text(&record, false,
	    "14:00:03 127.0.0.1 GET  " MSCEP " GetCACaps              -     0 B  12.3 s\n"
	    "         reset\n");
}

Test(logs_console, sizes_and_times_keep_their_columns)
{
	static const struct {
		uint64_t bytes, us;
		const char *want;
	} cases[] = {
	    {0, 0, " 200     0 B   0.0 ms\n"},
	    {999, 999999, " 200   999 B 999.9 ms\n"},
	    {1000, 1000000, " 200  1.0 kB   1.0 s\n"},
	    {999999, 59999999, " 200  999 kB  59.9 s\n"},
	    {99999, 1, " 200 99.9 kB   0.0 ms\n"},
	    {1000000, 1, " 200  1.0 MB   0.0 ms\n"},
	    {5000000000, 1, " 200  5.0 GB   0.0 ms\n"},
	    {UINT64_MAX, 1, " 200 18.4 EB   0.0 ms\n"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct console_record record = caps;
		char *got;

		record.bytes_sent = cases[i].bytes;
		record.time_taken_us = cases[i].us;
		got = line_of(&record, CONSOLE_TEXT, false);
		cr_expect(ne(ptr, strstr(got, cases[i].want), NULL), "case %s got %s",
		    cases[i].want, got);
		free(got);
	}
}

Test(logs_console, colours_only_when_asked)
{
	static const struct {
		unsigned status;
		const char *want;
	} cases[] = {
	    {200, " \033[32m200\033[0m "},
	    {302, " 302 "},
	    {404, " \033[33m404\033[0m "},
	    {503, " \033[31m503\033[0m "},
	    {0, " \033[31m  -\033[0m "},
	};
	char *plain = line_of(&too_long, CONSOLE_TEXT, false);
	char *coloured = line_of(&too_long, CONSOLE_TEXT, true);

	cr_expect(eq(ptr, strchr(plain, '\033'), NULL));
	cr_expect(ne(ptr, strstr(coloured, "\n         \033[2muri-too-long/"), NULL));
	cr_expect(ne(ptr, strstr(coloured, "scenarios\033[0m\n"), NULL));
	free(plain);
	free(coloured);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct console_record record = caps;
		char *got;

		record.status = cases[i].status;
		got = line_of(&record, CONSOLE_TEXT, true);
		cr_expect(ne(ptr, strstr(got, cases[i].want), NULL), "status %u",
		    cases[i].status);
		free(got);
	}
}

static struct console_record
hostile_record(void)
{
	static const char bad[] = "/\033[2J\r\n\xff\xc2\x9bz\0y";
	struct console_record record = caps;

	record.method = SLICE("\033]0;x\a");
	record.path = (struct slice){bad, sizeof(bad) - 1};
	record.transaction_id = "\xed\xa0\x80\"\\";
	record.operation = "a\033b\n\xffz";
	record.message_type = "\x7f";
	return record;
}

Test(logs_console, a_client_cannot_write_to_the_terminal)
{
	struct console_record record = hostile_record();
	struct buf out = BUF_INIT;

	console_line(&out, &record, CONSOLE_TEXT, false);
	for (size_t i = 0; i + 1 < out.len; i++)
		cr_assert(out.data[i] >= 0x20 && out.data[i] < 0x7f, "byte %zu is 0x%02x",
		    i, out.data[i]);
	cr_expect(eq(int, out.data[out.len - 1], '\n'));
	cr_expect(ne(ptr, memmem(out.data, out.len, " /?[2J????z?y ", 14), NULL));
	buf_clear(&out);
}

Test(logs_console, a_long_path_is_cut_with_dots)
{
	struct console_record record = caps;
	char path[5000];
	char *got;

	memset(path, 'p', sizeof(path));
	record.path = (struct slice){path, sizeof(path)};
	got = line_of(&record, CONSOLE_TEXT, false);
	cr_expect(lt(sz, strlen(got), 400));
	cr_expect(ne(ptr, strstr(got, "ppp... GetCACaps"), NULL));
	free(got);
}

Test(logs_console, json_is_one_object_a_line_with_the_same_facts)
{
	char *got = line_of(&too_long, CONSOLE_JSON, true);

	expect_string(got,
	    "{\"time\":\"2026-11-22T14:00:05Z\",\"status\":414,\"bytes_sent\":329,"
	    "\"time_taken_us\":149,\"client_ip\":\"127.0.0.1\",\"method\":\"GET\","
	    "\"path\":\"/certsrv/mscep/mscep.dll\",\"operation\":\"PKIOperation\","
	    "\"message_type\":null,\"transaction_id\":null,\"pki_status\":null,"
	    "\"scenario\":\"uri-too-long\",\"rule\":\"long-get\","
	    "\"why\":\"query 3643 > 2048\",\"hint\":\"mockndes --help scenarios\"}\n");
	free(got);
}

Test(logs_console, json_takes_anything_from_the_wire)
{
	struct console_record record = hostile_record();
	char *got;
	json_t *object;

	record.status = 0;
	record.why = "";
	got = line_of(&record, CONSOLE_JSON, false);
	cr_expect(eq(sz, strcspn(got, "\n"), strlen(got) - 1));
	object = json_loads(got, 0, NULL);
	cr_assert(ne(ptr, object, NULL), "%s", got);
	cr_expect(eq(sz, json_object_size(object), 15));
	cr_expect(eq(int, json_typeof(json_object_get(object, "status")), JSON_NULL));
	expect_string(json_string_value(json_object_get(object, "path")), "/?[2J????z?y");
	expect_string(
	    json_string_value(json_object_get(object, "transaction_id")), "???\"\\");
	expect_string(json_string_value(json_object_get(object, "why")), "");
	json_decref(object);
	free(got);
}
