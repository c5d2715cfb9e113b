#include "support/control_caller.h"
#include "support/text.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <sys/stat.h>
#include <sys/time.h>

static void
expect_answer(const char *answer, unsigned status, const char *body, const char *name)
{
	char line[32];
	const char *end = strstr(answer, "\r\n\r\n");

	snprintf(line, sizeof(line), "HTTP/1.1 %u ", status);
	cr_expect(strncmp(answer, line, strlen(line)) == 0, "case %s: %s", name, answer);
	cr_expect(end != NULL && strcmp(end + 4, body) == 0, "case %s: %s\n  want: %s",
	    name, answer, body);
}

Test(control_api, each_verb_calls_its_hook_and_tells_what_came_of_it, .timeout = 10)
{
	static const struct {
		const char *path, *body, *said, *answer;
	} cases[] = {
	    {"/v1/use", "{\"scenario\":\"414:limit=10\"}", "use 414:limit=10;",
	        "{\"ok\":true,\"scenario\":\"414:limit=10\"}\n"},
	    {"/v1/event?x=1", " {\"name\": \"rep\\u00e4rt\"} ", "event repärt;",
	        "{\"ok\":true,\"event\":\"repärt\"}\n"},
	    {"/v1/advance", "{\"by\":\"6m\"}", "advance 360000;",
	        "{\"ok\":true,\"by_ms\":360000,\"now\":\"2026-11-22T14:06:00Z\"}\n"},
	    {"/v1/challenge", "{}", "challenge ;",
	        "{\"ok\":true,\"challenge\":\"0123456789ABCDEF\"}\n"},
	    {"/v1/reset", "", "reset ;", "{\"ok\":true}\n"},
	};
	struct control_rig rig;

	rig_start(&rig);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *answer = rig_ask(&rig, "POST", cases[i].path, cases[i].body);
		char *said = buf_string(&rig.said);

		expect_answer(answer, 200, cases[i].answer, cases[i].path);
		cr_expect(
		    strstr(answer, "\r\nContent-Type: application/json\r\n") != NULL);
		expect_string(said, cases[i].said);
		free(said);
		free(answer);
	}
	rig_stop(&rig);
}

Test(control_api, status_tells_what_runs, .timeout = 10)
{
	struct control_rig rig;
	char *answer, *want;

	rig_start(&rig);
	want = mem_format(
	    "{\"ok\":true,\"instance\":\"cafe\",\"pid\":%d,\"scenario\":"
	    "\"healthy\",\"url\":\"http://127.0.0.1:1/certsrv/mscep/mscep.dll\","
	    "\"tls_url\":null,\"fault_url\":null,\"states\":null,\"clock\":\"manual\",\"now\":"
	    "\"2026-11-22T14:00:00Z\",\"under_way\":3}\n",
	    (int)getpid());
	answer = rig_ask(&rig, "GET", "/v1/status", "");
	expect_answer(answer, 200, want, "status");
	free(answer);
	free(want);
	rig_stop(&rig);
}

Test(
    control_api, what_is_asked_wrongly_gets_a_sentence_and_changes_nothing, .timeout = 10)
{
	static const struct {
		const char *method, *path, *body;
		unsigned status;
		const char *part; /* of the answer */
	} cases[] = {
	    {"POST", "/v1/use", "", 400, "use needs {\\\"scenario\\\": "},
	    {"POST", "/v1/use", "{\"scenario\":414}", 400, "use needs"},
	    {"POST", "/v1/use", "{\"scenario\":\"\"}", 400, "use needs"},
	    {"POST", "/v1/use", "{\"id\":\"414\"}", 400, "\\\"id\\\" is not part of it"},
	    {"POST", "/v1/use", "{\"scenario\":\"a\",\"scenario\":\"b\"}", 400,
	        "not JSON"},
	    {"POST", "/v1/use", "{\"scenario\":\"a\\u0000b\"}", 400, "not JSON"},
	    {"POST", "/v1/use", "{\"scenario\":", 400, "the body is not JSON: line 1"},
	    {"POST", "/v1/use", "[]", 400, "not an object"},
	    {"POST", "/v1/advance", "{\"by\":\"6\"}", 400, "'6' is not a time"},
	    {"POST", "/v1/advance", "{\"by\":\"8785h\"}", 400, "at most 8784h"},
	    {"POST", "/v1/reset", "{\"all\":true}", 400, "reset takes no \\\"all\\\""},
	    {"POST", "/v1/rest", "", 404, "did you mean reset?"},
	    {"POST", "/", "", 404, "there is no / here"},
	    {"POST", "/v2/use", "", 404, "it knows /v1/use"},
	    {"GET", "/v1/use", "", 405, "\r\nAllow: POST\r\n"},
	    {"PUT", "/v1/use", "", 405, "/v1/use is asked with POST"},
	    {"POST", "/v1/status", "", 405, "\r\nAllow: GET\r\n"},
	};
	struct control_rig rig;

	rig_start(&rig);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *answer =
		    rig_ask(&rig, cases[i].method, cases[i].path, cases[i].body);

		cr_expect(eq(uint, (unsigned)atoi(answer + strlen("HTTP/1.1 ")),
		              cases[i].status),
		    "case %zu", i);
		cr_expect(
		    strstr(answer, cases[i].part) != NULL, "case %zu: %s", i, answer);
		cr_expect(strstr(answer, "{\"ok\":false,\"error\":\"") != NULL,
		    "case %zu: %s", i, answer);
		free(answer);
	}
	cr_expect(eq(sz, rig.said.len, 0), "no hook was called");
	rig_stop(&rig);
}

Test(control_api, a_hook_that_will_not_is_409_and_one_that_does_not_understand_400,
    .timeout = 10)
{
	static const char *const verbs[] = {
	    "use", "event", "advance", "challenge", "reset"};
	static const char *const bodies[] = {
	    "{\"scenario\":\"a\"}", "{\"name\":\"a\"}", "{\"by\":\"1s\"}", "", ""};
	struct control_rig rig;

	rig_start(&rig);
	rig.refuses = true;
	for (size_t i = 0; i < 10; i++) {
		char *path = mem_format("/v1/%s", verbs[i / 2]), *answer;

		rig.refusal = i % 2 == 0 ? ERR_FAILED : ERR_USAGE;
		answer = rig_ask(&rig, "POST", path, bodies[i / 2]);
		cr_expect(strncmp(answer, i % 2 == 0 ? "HTTP/1.1 409 " : "HTTP/1.1 400 ",
		              13) == 0,
		    "case %s: %s", path, answer);
		cr_expect(
		    strstr(answer, "it will not ") != NULL, "case %s: %s", path, answer);
		cr_expect(
		    strstr(answer, " ?") != NULL, "case %s is UTF-8: %s", path, answer);
		free(answer);
		free(path);
	}
	rig_stop(&rig);
}

Test(control_api, a_body_that_is_too_long_is_refused, .timeout = 20)
{
	struct control_rig rig;
	char *body = mem_alloc(CONTROL_READ_MAX + 2), *answer;

	rig_start(&rig);
	memset(body, ' ', CONTROL_BODY_MAX + 1);
	answer = rig_ask(&rig, "POST", "/v1/reset", body);
	expect_answer(
	    answer, 413, "{\"ok\":false,\"error\":\"the body is too long\"}\n", "413");
	free(answer);
	body[CONTROL_BODY_MAX] = '\0';
	answer = rig_ask(&rig, "POST", "/v1/reset", body);
	expect_answer(answer, 200, "{\"ok\":true}\n", "as long as it may be");
	free(answer);
	buf_reset(&rig.said);
	memset(body, ' ', CONTROL_READ_MAX + 1);
	answer = rig_ask(&rig, "POST", "/v1/reset", body);
	cr_expect(strncmp(answer, "HTTP/1.1 200", 12) != 0, "%s", answer);
	cr_expect(eq(sz, rig.said.len, 0));
	free(answer);
	free(body);
	rig_stop(&rig);
}

Test(control_api, garbage_ends_the_connection_and_nothing_else, .timeout = 20)
{
	struct control_rig rig;
	size_t len = 200000;
	char *noise = mem_alloc(len), *answer;
	uint32_t state = 1;

	rig_start(&rig);
	for (size_t i = 0; i < len; i++) {
		state = state * 1664525 + 1013904223;
		noise[i] = (char)(state >> 24);
	}
	free(rig_say(&rig, noise, len));
	memset(noise, 'A', len);
	free(rig_say(&rig, noise, len)); /* a head without an end */
	free(rig_say(&rig, "POST /v1/reset HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 47));
	free(rig_say(&rig, "BREW /v1/reset HTTP/1.1\r\n\r\n", 27));
	free(rig_say(&rig, "\r\n\r\n\r\n", 6));
	cr_expect(eq(sz, rig.said.len, 0), "no hook was called");
	answer = rig_ask(&rig, "POST", "/v1/reset", "");
	expect_answer(answer, 200, "{\"ok\":true}\n", "afterwards");
	free(answer);
	free(noise);
	rig_stop(&rig);
}

Test(control_api, one_request_a_connection, .timeout = 10)
{
	static const char twice[] = "POST /v1/reset HTTP/1.1\r\nHost: x\r\n\r\n"
	                            "POST /v1/reset HTTP/1.1\r\nHost: x\r\n\r\n";
	struct control_rig rig;
	char *answer, *said;

	rig_start(&rig);
	answer = rig_say(&rig, twice, strlen(twice));
	said = buf_string(&rig.said);
	expect_string(said, "reset ;");
	free(said);
	free(answer);
	rig_stop(&rig);
}

Test(control_api, callers_who_stay_silent_are_put_out_and_keep_nobody_waiting,
    .timeout = 25)
{
	struct control_rig rig;
	int silent[CONTROL_CALLERS_MAX + 4];
	size_t count = sizeof(silent) / sizeof(silent[0]);
	int64_t start = clock_monotonic_us(), took_ms;
	struct buf none = BUF_INIT;
	char *answer;

	rig_start(&rig);
	for (size_t i = 0; i < count; i++) {
		silent[i] = rig_dial(&rig);
		cr_assert(eq(int, (int)send(silent[i], "POST ", 5, MSG_NOSIGNAL), 5));
		event_base_loop(rig.base, EVLOOP_NONBLOCK);
	}
	answer = rig_ask(&rig, "POST", "/v1/reset", "");
	took_ms = (clock_monotonic_us() - start) / 1000;
	expect_answer(answer, 200, "{\"ok\":true}\n", "behind them all");
	cr_expect(took_ms >= CONTROL_SILENCE_MS / 2, "the cap held it back: %d ms",
	    (int)took_ms);
	for (size_t i = 0; i < CONTROL_CALLERS_MAX; i++) {
		cr_expect(rig_hear(&rig, silent[i], &none, 2000), "caller %zu", i);
	}
	for (size_t i = 0; i < count; i++)
		close(silent[i]);
	cr_expect(eq(sz, none.len, 0), "they get no answer");
	free(answer);
	buf_clear(&none);
	rig_stop(&rig);
}

Test(control_api, a_caller_who_drips_is_put_out_when_its_time_is_up, .timeout = 25)
{
	static const char head[] = "POST /v1/reset HTTP/1.1\r\nX-Slow: ";
	struct control_rig rig;
	struct buf none = BUF_INIT;
	int64_t start = clock_monotonic_us(), took_ms = 0;
	bool is_over = false;
	int fd;

	rig_start(&rig);
	fd = rig_dial(&rig);
	cr_assert(send(fd, head, strlen(head), MSG_NOSIGNAL) > 0);
	while (!is_over && took_ms < 2 * CONTROL_CALL_MS) {
		is_over = rig_hear(&rig, fd, &none, 100) ||
		          send(fd, "a", 1, MSG_NOSIGNAL | MSG_DONTWAIT) != 1;
		took_ms = (clock_monotonic_us() - start) / 1000;
	}
	cr_expect(took_ms >= CONTROL_CALL_MS && took_ms < CONTROL_CALL_MS + 3000,
	    "after %d ms", (int)took_ms);
	close(fd);
	buf_clear(&none);
	rig_stop(&rig);
}

Test(control_api, it_closes_with_callers_inside, .timeout = 10)
{
	struct control_rig rig;
	int fds[3];

	rig_start(&rig);
	for (size_t i = 0; i < 3; i++) {
		fds[i] = rig_dial(&rig);
		cr_assert(send(fds[i], "GET /v1/st", 10 * i / 2, MSG_NOSIGNAL) >= 0);
		event_base_loop(rig.base, EVLOOP_NONBLOCK);
	}
	rig_stop(&rig);
	for (size_t i = 0; i < 3; i++)
		close(fds[i]);
}
