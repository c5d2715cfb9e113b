/*
 * control_rig: a control door over hooks that only write down what was asked, and a
 * caller in the same thread.
 */
#ifndef SUPPORT_CONTROL_RIG_H
#define SUPPORT_CONTROL_RIG_H

#include "base/clock.h"
#include "base/mem.h"
#include "control/api.h"
#include "support/folder.h"
#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define RIG_ANSWER_MAX (64 * 1024)
#define RIG_WAIT_MS    8000

struct control_rig {
	struct folder folder;
	char path[128];
	struct event_base *base;
	struct control *control;
	struct clock clock;
	struct buf said; /* "use 414;" for each hook that was called */
	char scenario[64];
	bool refuses; /* the next hook */
	enum err_kind refusal;
};

static inline bool
rig_note(struct control_rig *rig, const char *verb, const char *word, struct err *err)
{
	buf_add_format(&rig->said, "%s %s;", verb, word);
	return !rig->refuses ||
	       err_set(err, rig->refusal, "it will not %s \xff%s", verb, word);
}

static inline bool
rig_use(void *arg, const char *choice, struct err *err)
{
	struct control_rig *rig = arg;

	if (!rig_note(rig, "use", choice, err))
		return false;
	snprintf(rig->scenario, sizeof(rig->scenario), "%s", choice);
	return true;
}

static inline bool
rig_event(void *arg, const char *name, struct err *err)
{
	return rig_note(arg, "event", name, err);
}

static inline bool
rig_advance(void *arg, uint64_t ms, struct err *err)
{
	struct control_rig *rig = arg;
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)ms);
	return rig_note(rig, "advance", text, err) && clock_advance(&rig->clock, ms);
}

static inline bool
rig_challenge(void *arg, char **ret_word, struct err *err)
{
	if (!rig_note(arg, "challenge", "", err))
		return false;
	*ret_word = mem_string("0123456789ABCDEF");
	return true;
}

static inline bool
rig_reset(void *arg, struct err *err)
{
	return rig_note(arg, "reset", "", err);
}

static inline struct control_status
rig_status(void *arg)
{
	const struct control_rig *rig = arg;

	return (struct control_status){
	    .instance = "cafe",
	    .scenario = rig->scenario,
	    .url = "http://127.0.0.1:1/certsrv/mscep/mscep.dll",
	    .now_ms = rig->clock.now_ms,
	    .is_clock_manual = true,
	    .under_way = 3,
	};
}

static inline struct control_hooks
rig_hooks(struct control_rig *rig)
{
	return (struct control_hooks){
	    rig, rig_use, rig_event, rig_advance, rig_challenge, rig_reset, rig_status};
}

/* The time is 2026-11-22 14:00:00. */
static inline void
rig_start(struct control_rig *rig)
{
	struct control_hooks hooks = rig_hooks(rig);
	struct err err = ERR_INIT;

	*rig = (struct control_rig){.folder = folder_new(),
	    .clock = {.is_manual = true, .now_ms = INT64_C(1795356000000)},
	    .scenario = "healthy",
	    .refusal = ERR_FAILED};
	snprintf(rig->path, sizeof(rig->path), "%s/door", rig->folder.path);
	signal(SIGPIPE, SIG_IGN);
	rig->base = event_base_new();
	rig->control = control_open(rig->base, rig->path, &hooks, &err);
	cr_assert(rig->control != NULL, "%s", err.text);
}

static inline void
rig_stop(struct control_rig *rig)
{
	control_close(rig->control);
	event_base_free(rig->base);
	buf_clear(&rig->said);
	folder_remove(&rig->folder);
}

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
