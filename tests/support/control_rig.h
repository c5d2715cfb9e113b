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

#endif
