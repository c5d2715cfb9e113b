/*
 * control_caller: who calls at a control_rig's door, in the same thread: the loop is
 * turned until it has what it waits for.
 */
#ifndef SUPPORT_CONTROL_CALLER_H
#define SUPPORT_CONTROL_CALLER_H

#include "support/control_rig.h"

/* A connection that waits for nothing. */
static inline int
rig_dial(const struct control_rig *rig)
{
	int fd = control_connect(rig->path, 1000);

	cr_assert(fd >= 0, "%s: %s", rig->path, strerror(errno));
	return fd;
}

/* Turns the loop until the server has closed `fd`; false: it did not in `wait_ms`. */
static inline bool
rig_hear(struct control_rig *rig, int fd, struct buf *answer, int wait_ms)
{
	int64_t end = clock_monotonic_us() + INT64_C(1000) * wait_ms;

	while (clock_monotonic_us() < end) {
		struct pollfd watch = {fd, POLLIN, 0};
		unsigned char chunk[4096];
		ssize_t got;

		event_base_loop(rig->base, EVLOOP_NONBLOCK);
		if (poll(&watch, 1, 1) == 0)
			continue;
		got = recv(fd, chunk, sizeof(chunk), MSG_DONTWAIT);
		if (got == 0 || (got < 0 && errno != EAGAIN))
			return true;
		if (got > 0)
			buf_add(answer, chunk, (size_t)got);
		cr_assert(answer->len < RIG_ANSWER_MAX);
	}
	return false;
}

/* Says `raw` and returns all that came back; yours. */
static inline char *
rig_say(struct control_rig *rig, const char *raw, size_t len)
{
	struct buf answer = BUF_INIT;
	int fd = rig_dial(rig);
	size_t sent = 0;

	while (sent < len) {
		ssize_t n = send(fd, raw + sent, len - sent, MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno != EAGAIN)
			break;
		sent += n < 0 ? 0 : (size_t)n;
		event_base_loop(rig->base, EVLOOP_NONBLOCK);
	}
	cr_expect(rig_hear(rig, fd, &answer, RIG_WAIT_MS), "it closes: %.80s", raw);
	close(fd);
	return buf_string(&answer);
}

/* The answer to a well-formed request; yours. */
static inline char *
rig_ask(struct control_rig *rig, const char *method, const char *path, const char *body)
{
	char *raw =
	    mem_format("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n%s",
	        method, path, strlen(body), body);
	char *answer = rig_say(rig, raw, strlen(raw));

	free(raw);
	return answer;
}

#endif
