#include "bench/link.h"

#include "base/parse.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#define BODY_MAX (1024 * 1024)

void
die(const char *format, ...)
{
	va_list args;

	fputs("bench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

unsigned
link_port(const char *text)
{
	size_t port = 0;

	if (!parse_size(slice_of(text), 65535, &port) || port == 0)
		die("%s is not a port", text);
	return (unsigned)port;
}

/*
 * A socket that connects to a free port of the range for outgoing connections can
 * meet itself (RFC 9293 3.5, simultaneous open): that is nobody listening, too.
 */
static bool
is_self(int fd)
{
	struct sockaddr_in here = {0};
	struct sockaddr_in there = {0};
	socklen_t here_len = sizeof(here);
	socklen_t there_len = sizeof(there);

	return getsockname(fd, (struct sockaddr *)&here, &here_len) == 0 &&
	       getpeername(fd, (struct sockaddr *)&there, &there_len) == 0 &&
	       here.sin_port == there.sin_port;
}

int
link_open(unsigned port)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct timeval wait = {.tv_sec = LINK_WAIT_S};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int one = 1;

	if (fd < 0)
		die("no socket: %s", strerror(errno));
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    is_self(fd)) {
		close(fd);
		return -1;
	}
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	return fd;
}

void
link_send(int fd, const struct buf *request)
{
	size_t sent = 0;

	while (sent < request->len) {
		ssize_t n =
		    send(fd, request->data + sent, request->len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			die("sending failed: %s", strerror(errno));
		sent += (size_t)n;
	}
}

static size_t
receive_some(int fd, char *at, size_t room)
{
	ssize_t n = recv(fd, at, room, 0);

	if (n < 0)
		die("no answer: %s", strerror(errno));
	if (n == 0)
		die("the server closed the connection before its answer was complete");
	return (size_t)n;
}

/* The value of a field of `head`, without blanks; empty: it is not there. */
static struct slice
field(const char *head, const char *name)
{
	const char *at = strcasestr(head, name);
	struct slice value = {"", 0};

	if (at != NULL) {
		value.text = at + strlen(name);
		value.len = strcspn(value.text, "\r");
	}
	return slice_trim(value);
}

static size_t
read_head(const char *head, struct answer *ret)
{
	struct slice type = field(head, "\r\nContent-Type:");
	size_t status = 0;
	size_t len = 0;

	if (strncmp(head, "HTTP/1.1 ", 9) != 0 ||
	    !parse_size((struct slice){head + 9, 3}, 999, &status))
		die("this is no HTTP answer: %.40s", head);
	if (!parse_size(field(head, "\r\nContent-Length:"), BODY_MAX, &len))
		die("the answer has no Content-Length that can be read");
	ret->status = (unsigned)status;
	snprintf(ret->type, sizeof(ret->type), "%.*s", (int)type.len, type.text);
	return len;
}

void
link_receive(int fd, struct answer *ret)
{
	char head[LINK_HEAD_MAX + 1] = "";
	size_t have = 0;
	char *end = NULL;

	while (end == NULL) {
		if (have == LINK_HEAD_MAX)
			die("the head of the answer is longer than %d bytes",
			    LINK_HEAD_MAX);
		have += receive_some(fd, head + have, LINK_HEAD_MAX - have);
		head[have] = '\0';
		end = strstr(head, "\r\n\r\n");
	}
	size_t head_len = (size_t)(end - head) + 4;
	size_t len = read_head(head, ret);

	buf_add(&ret->body, head + head_len, have - head_len);
	while (ret->body.len < len) {
		buf_reserve(&ret->body, len - ret->body.len);
		ret->body.len += receive_some(
		    fd, (char *)ret->body.data + ret->body.len, len - ret->body.len);
	}
}
