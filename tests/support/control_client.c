#include "support/control_client.h"

#include "base/buf.h"
#include "base/mem.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static int
dial(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval bound = {.tv_sec = CONTROL_CLIENT_MS / 1000};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
		close(fd);
		return -1;
	}
	strncpy(address.sun_path, path, sizeof(address.sun_path) - 1);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &bound, sizeof(bound));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bound, sizeof(bound));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static char *
request_text(const char *verb, const char *key, const char *value)
{
	json_t *body = json_object();
	char *text;
	char *ret;

	if (key != NULL)
		json_object_set_new(body, key, json_string(value));
	text = json_dumps(body, JSON_COMPACT);
	ret = mem_format("%s /v1/%s HTTP/1.1\r\nHost: localhost\r\n"
	                 "Content-Length: %zu\r\n\r\n%s",
	    strcmp(verb, "status") == 0 ? "GET" : "POST", verb, strlen(text), text);
	free(text);
	json_decref(body);
	return ret;
}

/* Says all of it and reads to the end. */
static bool
talk(int fd, const char *request, struct buf *answer)
{
	unsigned char bytes[4096];
	size_t len = strlen(request);
	ssize_t n;

	if (send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
		return false;
	while ((n = recv(fd, bytes, sizeof(bytes), 0)) > 0)
		buf_add(answer, bytes, (size_t)n);
	return n == 0;
}

/* The body of the answer; NULL and err: it is no {"ok": true}. */
static json_t *
read_answer(const struct buf *answer, const char *verb, struct err *err)
{
	const unsigned char *end =
	    answer->len > 0 ? memmem(answer->data, answer->len, "\r\n\r\n", 4) : NULL;
	json_t *json = NULL;
	const char *why;

	if (end != NULL)
		json = json_loadb((const char *)end + 4,
		    answer->len - (size_t)(end + 4 - answer->data), 0, NULL);
	if (json_is_true(json_object_get(json, "ok")))
		return json;
	why = json_string_value(json_object_get(json, "error"));
	err_set(err, ERR_FAILED, "control, %s: %s", verb,
	    why != NULL ? why : "no answer that can be read");
	json_decref(json);
	return NULL;
}

json_t *
control_client_say(const struct server_process *server, const char *verb, const char *key,
    const char *value, struct err *err)
{
	char *request = request_text(verb, key, value);
	struct buf answer = BUF_INIT;
	json_t *json = NULL;
	int fd = dial(server->control);

	if (fd < 0 || !talk(fd, request, &answer))
		err_set_errno(err, ERR_FAILED, "control, %s: no answer from %s", verb,
		    server->control);
	else
		json = read_answer(&answer, verb, err);
	if (fd >= 0)
		close(fd);
	buf_clear(&answer);
	free(request);
	return json;
}

static bool
order(const struct server_process *server, const char *verb, const char *key,
    const char *value, struct err *err)
{
	json_t *answer = control_client_say(server, verb, key, value, err);

	json_decref(answer);
	return answer != NULL;
}

bool
control_client_use(
    const struct server_process *server, const char *choice, struct err *err)
{
	return order(server, "use", "scenario", choice, err);
}

bool
control_client_event(
    const struct server_process *server, const char *name, struct err *err)
{
	return order(server, "event", "name", name, err);
}

bool
control_client_advance(const struct server_process *server, uint64_t ms, struct err *err)
{
	char *by = mem_format("%llums", (unsigned long long)ms);
	bool ok = order(server, "advance", "by", by, err);

	free(by);
	return ok;
}

char *
control_client_challenge(const struct server_process *server, struct err *err)
{
	json_t *answer = control_client_say(server, "challenge", NULL, NULL, err);
	char *word = mem_string(json_string_value(json_object_get(answer, "challenge")));

	json_decref(answer);
	return word;
}
