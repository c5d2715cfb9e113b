#include "cli/ctl.h"
#include "support/control_caller.h"
#include "support/text.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/un.h>

/* A server whose loop runs in a thread of its own while ctl is called in this one. */
struct server {
	struct control_rig rig;
	pthread_t thread;
	int stop[2];
	struct event *on_stop;
	char *control; /* "unix:PATH" */
};

static void
on_stop(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	event_base_loopbreak(server->rig.base);
}

static void *
run_loop(void *arg)
{
	struct server *server = arg;

	event_base_dispatch(server->rig.base);
	return NULL;
}

static void
server_start(struct server *server)
{
	rig_start(&server->rig);
	server->control = mem_format("unix:%s", server->rig.path);
	cr_assert(pipe(server->stop) == 0);
	server->on_stop =
	    event_new(server->rig.base, server->stop[0], EV_READ, on_stop, server);
	event_add(server->on_stop, NULL);
	cr_assert(pthread_create(&server->thread, NULL, run_loop, server) == 0);
}

static void
server_halt(struct server *server)
{
	close(server->stop[1]);
	pthread_join(server->thread, NULL);
}

/* After server_halt. */
static void
server_clear(struct server *server)
{
	close(server->stop[0]);
	event_free(server->on_stop);
	rig_stop(&server->rig);
	free(server->control);
}

/* Runs ctl with words that a NULL ends; `ret_out` is what it prints, yours. */
static bool
run_ctl(
    struct ctl_options options, const char *const *words, char **ret_out, struct err *err)
{
	struct folder folder = folder_new();
	char *path = mem_format("%s/out", folder.path);
	int before = dup(STDOUT_FILENO);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	bool ok;

	cr_assert(fd >= 0 && before >= 0);
	fflush(stdout);
	dup2(fd, STDOUT_FILENO);
	options.words = words;
	while (words[options.word_count] != NULL)
		options.word_count++;
	ok = ctl_run(&options, err);
	dup2(before, STDOUT_FILENO);
	close(before);
	close(fd);
	*ret_out = folder_read(&folder, "/out");
	folder_remove(&folder);
	free(path);
	return ok;
}

#define WORDS_MAX 4

Test(cli_ctl, each_verb_is_done_and_told_in_a_line, .timeout = 10)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *said, *line, *json;
	} cases[] = {
	    {{"use", "414:limit=10"}, "use 414:limit=10;", "414:limit=10 rules now\n",
	        "{\"ok\":true,\"scenario\":\"414:limit=10\"}\n"},
	    {{"event", "repärt \"x\""}, "event repärt \"x\";",
	        "repärt \"x\" has happened\n",
	        "{\"ok\":true,\"event\":\"repärt \\\"x\\\"\"}\n"},
	    {{"advance", "0ms"}, "advance 0;", "it is now 2026-11-22T14:00:00Z\n",
	        "{\"ok\":true,\"by_ms\":0,\"now\":\"2026-11-22T14:00:00Z\"}\n"},
	    {{"challenge"}, "challenge ;", "0123456789ABCDEF\n",
	        "{\"ok\":true,\"challenge\":\"0123456789ABCDEF\"}\n"},
	    {{"reset"}, "reset ;", "counters, passwords and transactions are forgotten\n",
	        "{\"ok\":true}\n"},
	};
	struct server server;
	struct buf want = BUF_INIT;

	server_start(&server);
	for (size_t i = 0; i < 2 * sizeof(cases) / sizeof(cases[0]); i++) {
		struct ctl_options options = {
		    .control = server.control, .is_json = i % 2 == 1};
		struct err err = ERR_INIT;
		char *out;
		bool ok = run_ctl(options, cases[i / 2].words, &out, &err);

		cr_expect(ok, "case %s: %s", cases[i / 2].words[0], err.text);
		expect_string(out, i % 2 == 1 ? cases[i / 2].json : cases[i / 2].line);
		buf_add_text(&want, cases[i / 2].said);
		free(out);
	}
	server_halt(&server);
	char *wanted = buf_string(&want), *said = buf_string(&server.rig.said);
	expect_string(said, wanted);
	free(wanted);
	free(said);
	server_clear(&server);
}

Test(cli_ctl, status_is_a_table, .timeout = 10)
{
	static const char *const words[] = {"status", NULL};
	struct server server;
	struct err err = ERR_INIT;
	char *out;
	bool ok;

	server_start(&server);
	ok = run_ctl((struct ctl_options){.control = server.control}, words, &out, &err);
	cr_expect(ok, "%s", err.text);
	cr_expect(strstr(out, "scenario  healthy\n") != NULL, "%s", out);
	cr_expect(strstr(out, "tls_url   -\n") != NULL, "%s", out);
	cr_expect(strstr(out, "under way 3\n") != NULL, "%s", out);
	free(out);
	server_halt(&server);
	server_clear(&server);
}

Test(cli_ctl, what_the_server_will_not_do_is_its_own_sentence, .timeout = 10)
{
	static const char *const words[] = {"use", "nonsense", NULL};
	struct server server;
	struct ctl_options options;
	struct err err = ERR_INIT;
	char *out;
	bool ok;

	server_start(&server);
	server.rig.refuses = true;
	options = (struct ctl_options){.control = server.control};
	ok = run_ctl(options, words, &out, &err);
	cr_expect(not(ok));
	expect_string(err.text, "it will not use ?nonsense");
	cr_expect(eq(int, err.kind, ERR_FAILED));
	expect_string(out, "");
	free(out);
	options.is_json = true;
	ok = run_ctl(options, words, &out, &err);
	cr_expect(not(ok));
	expect_string(out, "{\"ok\":false,\"error\":\"it will not use ?nonsense\"}\n");
	free(out);
	server_halt(&server);
	server_clear(&server);
}

Test(cli_ctl, words_that_make_no_sense_are_usage_and_need_no_server)
{
	static const struct {
		const char *words[WORDS_MAX];
		const char *part;
	} cases[] = {
	    {{NULL}, "ctl needs a verb; the verbs are use, event, advance"},
	    {{"chalenge"}, "there is no ctl chalenge; did you mean challenge?"},
	    {{"frobnicate"}, "there is no ctl frobnicate; the verbs are use"},
	    {{""}, "there is no ctl ; the verbs are"},
	    {{"use"}, "needs the id of a scenario: mockndes ctl use 414:limit=4096"},
	    {{"use", ""}, "ctl use needs"},
	    {{"use", "a", "b"}, "so 'b' is too much"},
	    {{"use", "\xff"}, "not UTF-8"},
	    {{"event"}, "ctl event needs the name of an event"},
	    {{"advance"}, "ctl advance needs a time: mockndes ctl advance 6m"},
	    {{"advance", "6"}, "a time like 90s, 6m or 1.5h, at most 8784h, not '6'"},
	    {{"advance", "-6m"}, "not '-6m'"},
	    {{"challenge", "x"}, "ctl challenge takes nothing, so 'x' is too much"},
	    {{"reset", "now"}, "ctl reset takes nothing"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct err err = ERR_INIT;
		char *out;
		bool ok = run_ctl((struct ctl_options){.control = "unix:/nonexistent"},
		    cases[i].words, &out, &err);

		cr_expect(not(ok), "case %zu", i);
		cr_expect(eq(int, err.kind, ERR_USAGE), "case %zu", i);
		cr_expect(
		    strstr(err.text, cases[i].part) != NULL, "case %zu: %s", i, err.text);
		expect_string(out, "");
		free(out);
	}
}

Test(cli_ctl, it_finds_the_server_by_option_then_variable_then_folder, .timeout = 10)
{
	static const char *const words[] = {"reset", NULL};
	struct server server;
	struct ctl_options options = {.control = NULL};
	struct folder world = folder_new();
	struct control_door doors[2] = {CONTROL_DOOR_INIT, CONTROL_DOOR_INIT};
	char *paths[2], *out;
	struct err err = ERR_INIT;
	bool ok;

	setenv("TMPDIR", world.path, 1);
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv(CTL_VARIABLE);
	server_start(&server);
	ok = run_ctl(options, words, &out, &err);
	cr_expect(not(ok));
	cr_expect(strstr(err.text, "no server is running") != NULL &&
	              strstr(err.text, world.path) != NULL,
	    "%s", err.text);
	free(out);

	setenv(CTL_VARIABLE, server.control, 1);
	ok = run_ctl(options, words, &out, &err);
	cr_expect(ok, "variable: %s", err.text);
	free(out);

	options.control = "unix:/nonexistent";
	ok = run_ctl(options, words, &out, &err);
	cr_expect(not(ok), "the option wins");
	cr_expect(strstr(err.text, "no server is running at the control socket") != NULL,
	    "%s", err.text);
	free(out);

	options.control = "localhost:1";
	ok = run_ctl(options, words, &out, &err);
	cr_expect(not(ok));
	cr_expect(eq(int, err.kind, ERR_USAGE));
	free(out);

	options.control = NULL;
	setenv(CTL_VARIABLE, "", 1);
	for (size_t i = 0; i < 2; i++) {
		paths[i] = control_default_path(i == 0 ? "aa" : "bb");
		cr_assert(control_door_open(&doors[i], paths[i], &err), "%s", err.text);
	}
	ok = run_ctl(options, words, &out, &err);
	cr_expect(not(ok));
	cr_expect(strstr(err.text, "2 servers are running") != NULL &&
	              strstr(err.text, paths[0]) != NULL &&
	              strstr(err.text, paths[1]) != NULL,
	    "%s", err.text);
	free(out);
	for (size_t i = 0; i < 2; i++) {
		control_door_close(&doors[i]);
		free(paths[i]);
	}
	server_halt(&server);
	server_clear(&server);
	folder_remove(&world);
}

Test(cli_ctl, the_only_server_of_the_folder_is_taken, .timeout = 10)
{
	static const char *const words[] = {"challenge", NULL};
	struct folder world = folder_new();
	struct server server;
	struct err err = ERR_INIT;
	char *path, *folder, *out;
	bool ok;

	setenv("TMPDIR", world.path, 1);
	unsetenv("XDG_RUNTIME_DIR");
	unsetenv(CTL_VARIABLE);
	path = control_default_path("only");
	folder = control_default_folder();
	server_start(&server);
	cr_assert(mkdir(folder, 0700) == 0 && rename(server.rig.path, path) == 0);
	ok = run_ctl((struct ctl_options){.control = NULL}, words, &out, &err);
	cr_expect(ok, "%s", err.text);
	expect_string(out, "0123456789ABCDEF\n");
	free(out);
	server_halt(&server);
	server_clear(&server);
	free(path);
	free(folder);
	folder_remove(&world);
}

/* Answers the first caller with `answer` and hangs up. */
struct impostor {
	int fd;
	const char *answer;
};

static void *
run_impostor(void *arg)
{
	struct impostor *impostor = arg;
	int caller = accept(impostor->fd, NULL, NULL);
	char heard[4096];

	if (recv(caller, heard, sizeof(heard), 0) > 0)
		send(caller, impostor->answer, strlen(impostor->answer), MSG_NOSIGNAL);
	close(caller);
	return NULL;
}

Test(cli_ctl, an_answer_of_somebody_else_is_no_success, .timeout = 10)
{
	static const char *const answers[] = {"", "SSH-2.0-x\r\n\r\n",
	    "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n<html>",
	    "HTTP/1.1 200 OK\r\n\r\n{}", "HTTP/1.1 200 OK\r\n\r\n{\"ok\":1}",
	    "HTTP/1.1 200 OK\r\n\r\n{\"ok\":true"};
	static const char *const words[] = {"reset", NULL};
	struct folder folder = folder_new();
	char *address = mem_format("unix:%s/door", folder.path);

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct control_door door = CONTROL_DOOR_INIT;
		struct err err = ERR_INIT;
		struct impostor impostor;
		pthread_t thread;
		char *out;
		bool ok;

		cr_assert(control_door_open(&door, address + 5, &err), "%s", err.text);
		fcntl(door.fd, F_SETFL, 0); /* accept waits */
		impostor = (struct impostor){door.fd, answers[i]};
		cr_assert(pthread_create(&thread, NULL, run_impostor, &impostor) == 0);
		ok = run_ctl((struct ctl_options){.control = address}, words, &out, &err);
		pthread_join(thread, NULL);
		cr_expect(not(ok), "case %zu", i);
		cr_expect(strstr(err.text, "not mockndes") != NULL, "case %zu: %s", i,
		    err.text);
		free(out);
		control_door_close(&door);
	}
	free(address);
	folder_remove(&folder);
}
