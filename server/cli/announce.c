#include "cli/announce.h"
#include "base/mem.h"
#include "cli/address.h"
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MSCEP_PATH "/certsrv/mscep/mscep.dll"

#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

struct place {
	const char *host;
	unsigned port;
	bool is_tls;
};

static struct place
door_at(const struct announcement *a, size_t index)
{
	struct place door;

	net_door(a->net, index, &door.host, &door.port, &door.is_tls);
	return door;
}

static bool
first_door(const struct announcement *a, bool is_tls, struct place *ret)
{
	for (size_t i = 0; i < net_door_count(a->net); i++) {
		*ret = door_at(a, i);
		if (ret->is_tls == is_tls && i != a->fault_door)
			return true;
	}
	return false;
}

/* What a client on this machine writes to get there. */
static const char *
reachable_host(const struct announcement *a, const struct place *door)
{
	if (a->options->name_count > 0)
		return a->options->names[0];
	if (strcmp(door->host, "0.0.0.0") == 0)
		return "127.0.0.1";
	return strcmp(door->host, "::") == 0 ? "::1" : door->host;
}

static void
add_base(const struct announcement *a, const struct place *door, struct buf *out)
{
	buf_add_text(out, door->is_tls ? "https://" : "http://");
	address_add_host(out, reachable_host(a, door));
	buf_add_format(out, ":%u", door->port);
}

char *
announce_base(const struct announcement *a, bool is_tls)
{
	struct buf out = BUF_INIT;
	struct place door;

	if (!first_door(a, is_tls, &door))
		return NULL;
	add_base(a, &door, &out);
	return buf_string(&out);
}

char *
announce_url(const struct announcement *a, bool is_tls)
{
	char *base = announce_base(a, is_tls);
	char *url;

	if (base == NULL)
		return NULL;
	url = mem_format("%s%s", base, MSCEP_PATH);
	free(base);
	return url;
}

char *
announce_fault_url(const struct announcement *a)
{
	struct buf out = BUF_INIT;

	if (a->fault_door == SIZE_MAX)
		return NULL;
	struct place door = door_at(a, a->fault_door);
	add_base(a, &door, &out);
	buf_add_text(&out, MSCEP_PATH);
	return buf_string(&out);
}

static void
add_row(struct buf *out, const char *label, const char *text)
{
	if (text != NULL)
		buf_add_format(out, "  %-10s %s\n", label, text);
}

void
announce_banner_text(const struct announcement *a, bool coloured, struct buf *out)
{
	char *fault_url = announce_fault_url(a);

	buf_add_format(out, "mockndes: %s%s%s  %s\n", coloured ? BOLD : "", a->scenario,
	    coloured ? PLAIN : "", a->title);
	add_row(out, "fault at", fault_url);
	free(fault_url);
	for (size_t i = 0; i < net_door_count(a->net); i++) {
		struct place door = door_at(a, i);

		if (i == a->fault_door)
			continue;
		buf_add_format(out, "  %-10s ", i == 0 ? "URL" : "");
		add_base(a, &door, out);
		buf_add_text(out, MSCEP_PATH "\n");
	}
	add_row(out, "challenge", a->challenge);
	add_row(out, "CA", a->ca_path);
	add_row(out, "logs", a->options->logs);
	if (a->options->child == NULL)
		buf_add_text(out, "  stop with Ctrl-C\n");
}

void
announce_banner(const struct announcement *a, bool coloured)
{
	struct buf out = BUF_INIT;

	announce_banner_text(a, coloured, &out);
	fwrite(out.data, 1, out.len, stderr);
	buf_clear(&out);
}

static json_t *
json_of(const char *text)
{
	return text == NULL ? json_null() : json_string(text);
}

static json_t *
json_url(const struct announcement *a, bool is_tls)
{
	char *url = announce_url(a, is_tls);
	json_t *json = json_of(url);

	free(url);
	return json;
}

static json_t *
json_fault(const struct announcement *a)
{
	char *url = announce_fault_url(a);
	json_t *json;

	if (url == NULL)
		return json_null();
	struct place door = door_at(a, a->fault_door);
	json = json_pack("{s:s, s:s, s:i, s:b}", "url", url, "host", door.host, "port",
	    (int)door.port, "tls", (int)door.is_tls);
	free(url);
	return json;
}

static json_t *
json_ports(const struct announcement *a)
{
	json_t *ports = json_array();

	for (size_t i = 0; i < net_door_count(a->net); i++) {
		struct place door = door_at(a, i);

		if (i == a->fault_door)
			continue;
		json_array_append_new(
		    ports, json_pack("{s:s, s:i, s:b}", "host", door.host, "port",
		               (int)door.port, "tls", (int)door.is_tls));
	}
	return ports;
}

char *
announce_line(const struct announcement *a)
{
	json_t *line = json_object();
	char *text, *ret;

	json_object_set_new(line, "event", json_string("ready"));
	json_object_set_new(line, "pid", json_integer(getpid()));
	json_object_set_new(line, "instance", json_of(a->instance));
	json_object_set_new(line, "scenario", json_of(a->scenario));
	json_object_set_new(line, "seed", json_integer((json_int_t)a->seed));
	json_object_set_new(line, "url", json_url(a, false));
	json_object_set_new(line, "tls_url", json_url(a, true));
	json_object_set_new(line, "fault", json_fault(a));
	json_object_set_new(line, "ports", json_ports(a));
	json_object_set_new(line, "ca", json_of(a->ca_path));
	json_object_set_new(line, "challenge", json_of(a->challenge));
	json_object_set_new(line, "control", json_of(a->control));
	text = json_dumps(line, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(line);
	ret = mem_format("%s\n", text);
	free(text);
	return ret;
}

static bool
write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		text += n;
		left -= (size_t)n;
	}
	return true;
}

/* A reader sees no file or the whole number: written beside it and renamed. */
static bool
write_port_file(const char *path, unsigned port, struct err *err)
{
	char *beside = mem_format("%s.%ld.tmp", path, (long)getpid());
	char *text = mem_format("%u\n", port);
	int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	bool ok = fd >= 0 && write_all(fd, text);

	if (fd >= 0)
		ok = close(fd) == 0 && ok;
	if (!ok || rename(beside, path) != 0) {
		ok = err_set_errno(err, ERR_FAILED, "cannot write --port-file %s", path);
		unlink(beside);
	}
	free(text);
	free(beside);
	return ok;
}

void
announce_withdraw(const struct options *options)
{
	if (options->port_file != NULL)
		unlink(options->port_file);
}

static bool
announce_port(const struct announcement *a, struct err *err)
{
	struct place door;

	if (a->options->port_file == NULL ||
	    (!first_door(a, false, &door) && !first_door(a, true, &door)))
		return true;
	return write_port_file(a->options->port_file, door.port, err);
}

static bool
announce_fd(const struct announcement *a, const char *line, struct err *err)
{
	int fd = a->options->ready_fd;

	if (fd < 0)
		return true;
	if (!write_all(fd, line))
		return err_set_errno(
		    err, ERR_FAILED, "cannot write the ready line to --ready-fd %d", fd);
	close(fd);
	return true;
}

bool
announce_ready(const struct announcement *a, struct err *err)
{
	/* a person at a terminal has the banner, unless it was to be JSON */
	bool is_for_programs = a->options->is_json || !isatty(STDOUT_FILENO);
	bool to_stdout = a->options->child == NULL && is_for_programs;
	char *line = announce_line(a);
	bool ok = announce_port(a, err) && announce_fd(a, line, err);

	if (ok && to_stdout && !write_all(STDOUT_FILENO, line))
		ok = err_set_errno(
		    err, ERR_FAILED, "cannot write the ready line to stdout");
	if (!ok)
		announce_withdraw(a->options);
	free(line);
	return ok;
}
