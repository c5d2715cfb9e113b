#include "base/mem.h"
#include "cli/announce.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <fcntl.h>
#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Criterion's str takes no const char. */
static void
same(const char *got, const char *want)
{
	cr_expect(got != NULL && strcmp(got, want) == 0, "got %s, want %s",
	    got == NULL ? "nothing" : got, want);
}

#define DOORS_MAX 4

/* The doors of a server, without one. */
struct net {
	struct door doors[DOORS_MAX];
	size_t count;
};

size_t
net_door_count(const struct net *net)
{
	return net->count;
}

void
net_door(
    const struct net *net, size_t index, const char **host, unsigned *port, bool *is_tls)
{
	*host = net->doors[index].host;
	*port = net->doors[index].port;
	*is_tls = net->doors[index].is_tls;
}

struct scene {
	struct net net;
	struct options options;
	struct announcement a;
};

static void
scene_make(struct scene *scene)
{
	static char four[] = "127.0.0.1", six[] = "::1";

	*scene = (struct scene){.options = {.ready_fd = -1}};
	scene->net.doors[0] = (struct door){four, 8080, false};
	scene->net.doors[1] = (struct door){six, 8443, true};
	scene->net.count = 2;
	scene->a = (struct announcement){&scene->options, &scene->net, "i-1",
	    "pending:polls=1", "Waits", "/tmp/ca.pem", "word", "unix:/run/mockndes.sock",
	    .seed = 42, .fault_door = SIZE_MAX};
}

static void
base_is(const struct announcement *a, bool is_tls, const char *want)
{
	char *base = announce_base(a, is_tls);

	if (want == NULL)
		cr_expect(base == NULL);
	else
		cr_expect(
		    base != NULL && strcmp(base, want) == 0, "%s, want %s", base, want);
	free(base);
}

Test(announce, a_url_is_what_a_client_here_can_use)
{
	static char any_four[] = "0.0.0.0", any_six[] = "::";
	struct scene scene;
	char *url;

	scene_make(&scene);
	base_is(&scene.a, false, "http://127.0.0.1:8080");
	base_is(&scene.a, true, "https://[::1]:8443");
	url = announce_url(&scene.a, true);
	same(url, "https://[::1]:8443/certsrv/mscep/mscep.dll");
	free(url);
	scene.net.doors[0].host = any_four;
	scene.net.doors[1].host = any_six;
	base_is(&scene.a, false, "http://127.0.0.1:8080");
	base_is(&scene.a, true, "https://[::1]:8443");
	scene.options.names[0] = "ndes.example";
	scene.options.name_count = 1;
	base_is(&scene.a, false, "http://ndes.example:8080");
	scene.net.count = 1;
	base_is(&scene.a, true, NULL);
	cr_expect(announce_url(&scene.a, true) == NULL);
}

Test(announce, the_ready_line_is_one_json_object)
{
	struct scene scene;
	json_t *json;
	char *line;
	const char *event, *instance, *scenario, *url, *tls_url, *host, *ca, *challenge,
	    *control;
	int pid, port, is_tls, seed;

	scene_make(&scene);
	line = announce_line(&scene.a);
	cr_expect(strchr(line, '\n') == line + strlen(line) - 1);
	json = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
	cr_assert(eq(int,
	    json_unpack_ex(json, NULL, 0,
	        "{s:s, s:i, s:s, s:s, s:i, s:s, s:s, s:n, s:[o, {s:s, s:i, s:b}!], s:s, "
	        "s:s, s:s!}",
	        "event", &event, "pid", &pid, "instance", &instance, "scenario",
	        &scenario, "seed", &seed, "url", &url, "tls_url", &tls_url, "fault",
	        "ports", &(json_t *){NULL}, "host", &host, "port", &port, "tls", &is_tls,
	        "ca", &ca, "challenge", &challenge, "control", &control),
	    0));
	same(control, "unix:/run/mockndes.sock");
	cr_expect(eq(int, seed, 42));
	same(event, "ready");
	cr_expect(eq(int, pid, (int)getpid()));
	same(instance, "i-1");
	same(scenario, "pending:polls=1");
	same(url, "http://127.0.0.1:8080/certsrv/mscep/mscep.dll");
	same(tls_url, "https://[::1]:8443/certsrv/mscep/mscep.dll");
	same(host, "::1");
	cr_expect(eq(int, port, 8443));
	cr_expect(is_tls);
	same(ca, "/tmp/ca.pem");
	same(challenge, "word");
	json_decref(json);
	free(line);
	scene.net.count = 1;
	line = announce_line(&scene.a);
	cr_expect(strstr(line, "\"tls_url\":null") != NULL);
	free(line);
}

Test(announce, the_banner_shows_every_door_and_what_a_client_needs)
{
	struct scene scene;
	struct buf out = BUF_INIT;
	char *text;

	scene_make(&scene);
	scene.options.logs = "logs";
	announce_banner_text(&scene.a, false, &out);
	text = buf_string(&out);
	same(text, "mockndes: pending:polls=1  Waits\n"
	           "  URL        http://127.0.0.1:8080/certsrv/mscep/mscep.dll\n"
	           "             https://[::1]:8443/certsrv/mscep/mscep.dll\n"
	           "  challenge  word\n"
	           "  CA         /tmp/ca.pem\n"
	           "  logs       logs\n"
	           "  stop with Ctrl-C\n");
	free(text);
	scene.options.child = &(char *){NULL};
	scene.options.logs = NULL;
	announce_banner_text(&scene.a, true, &out);
	text = buf_string(&out);
	cr_expect(strstr(text, "Ctrl-C") == NULL && strstr(text, "logs") == NULL);
	cr_expect(strstr(text, "\033[1mpending:polls=1\033[0m") != NULL);
	free(text);
}

static void
read_all(int fd, char *text, size_t size)
{
	ssize_t n = read(fd, text, size - 1);

	text[n < 0 ? 0 : n] = '\0';
}

Test(announce, port_file_and_descriptor_are_written, .timeout = 10)
{
	char folder[] = "/tmp/mockndes-announce-XXXXXX", text[4096], *path, *line;
	struct scene scene;
	struct err err = ERR_INIT;
	int ends[2], fd;

	scene_make(&scene);
	cr_assert(mkdtemp(folder) != NULL && pipe(ends) == 0);
	path = mem_format("%s/port", folder);
	scene.options.port_file = path;
	scene.options.ready_fd = ends[1];
	scene.options.child = &(char *){NULL}; /* so stdout is not ours */
	cr_assert(announce_ready(&scene.a, &err), "%s", err.text);
	line = announce_line(&scene.a);
	read_all(ends[0], text, sizeof(text));
	same(text, line);
	cr_expect(eq(int, (int)read(ends[0], text, 1), 0)); /* closed */
	fd = open(path, O_RDONLY);
	read_all(fd, text, sizeof(text));
	same(text, "8080\n");
	close(fd);
	scene.options.ready_fd = -1;
	scene.net.doors[0].is_tls = true; /* over an older file; HTTPS alone */
	cr_assert(announce_ready(&scene.a, &err), "%s", err.text);
	fd = open(path, O_RDONLY);
	read_all(fd, text, sizeof(text));
	same(text, "8080\n");
	close(fd);
	cr_expect(eq(int, unlink(path), 0));
	cr_expect(eq(int, rmdir(folder), 0), "something is left beside the file");
	close(ends[0]);
	free(line);
	free(path);
}

/* What announce_ready puts on stdout. */
static void
ready_stdout(struct scene *scene, char *text, size_t size)
{
	struct err err = ERR_INIT;
	int ends[2], keep = dup(STDOUT_FILENO);
	bool ok;

	cr_assert(eq(int, pipe(ends), 0));
	fflush(stdout);
	dup2(ends[1], STDOUT_FILENO);
	ok = announce_ready(&scene->a, &err);
	dup2(keep, STDOUT_FILENO);
	close(ends[1]);
	close(keep);
	cr_expect(ok, "%s", err.text);
	read_all(ends[0], text, size);
	close(ends[0]);
}

Test(announce, stdout_has_the_line_unless_it_is_commands, .timeout = 10)
{
	struct scene scene;
	char text[4096], *line;

	scene_make(&scene);
	line = announce_line(&scene.a);
	ready_stdout(&scene, text, sizeof(text));
	same(text, line);
	scene.options.child = &(char *){NULL};
	ready_stdout(&scene, text, sizeof(text));
	same(text, "");
	free(line);
}

Test(announce, what_cannot_be_written_is_a_sentence, .timeout = 10)
{
	struct scene scene;
	struct err err = ERR_INIT;

	scene_make(&scene);
	scene.options.child = &(char *){NULL};
	scene.options.port_file = "/nonexistent/folder/port";
	cr_expect(not(announce_ready(&scene.a, &err)));
	same(err.text,
	    "cannot write --port-file /nonexistent/folder/port: No such file or directory");
	cr_expect(eq(int, err.kind, ERR_FAILED));
	scene.options.port_file = NULL;
	scene.options.ready_fd = 987;
	cr_expect(not(announce_ready(&scene.a, &err)));
	same(err.text,
	    "cannot write the ready line to --ready-fd 987: Bad file descriptor");
}

Test(announce, a_fault_below_http_has_a_url_of_its_own)
{
	struct scene scene;
	struct buf banner = BUF_INIT;
	char *url, *line;

	scene_make(&scene);
	scene.net.doors[2] = scene.net.doors[1];
	scene.net.doors[2].port = 9443;
	scene.net.count = 3;
	scene.a.fault_door = 2;
	url = announce_fault_url(&scene.a);
	same(url, "https://[::1]:9443/certsrv/mscep/mscep.dll");
	line = announce_line(&scene.a);
	cr_expect(
	    strstr(line, "\"fault\":{\"url\":\"https://[::1]:9443/") != NULL, "%s", line);
	cr_expect(strstr(line, "\"port\":8443") != NULL, "%s", line);
	announce_banner_text(&scene.a, false, &banner);
	buf_add_char(&banner, '\0');
	cr_expect(strstr((char *)banner.data, "fault at   https://[::1]:9443/") != NULL,
	    "%s", (char *)banner.data);
	buf_clear(&banner);
	free(line);
	free(url);
}
