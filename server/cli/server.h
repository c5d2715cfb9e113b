/*
 * server: a running mock, as the files that set it up and drive it share it: serve.c
 * (its life), setup.c (from options to settings), steer.c (the control channel).
 */
#ifndef CLI_SERVER_H
#define CLI_SERVER_H

#include "auth/user.h"
#include "cli/options.h"
#include "cli/workdir.h"
#include "control/api.h"
#include "flow/flow.h"
#include <event2/event.h>

#define INSTANCE_SIZE 17 /* 16 hex digits and NUL */
#define TLS_NAMES_MAX (OPTIONS_NAMES_MAX + OPTIONS_DOORS_MAX + 3)

struct server {
	const struct options *options;
	struct scenario *scenario;
	struct event_base *base;
	struct event *on_term;
	struct event *on_int;
	struct event *on_hup; /* NULL under nohup */
	struct event *on_job;
	struct event *on_orphaned; /* --exit-with-parent */
	int parent_fd;             /* pidfd; -1: none */
	struct pool *pool;
	struct net *net;
	struct flow *flow;
	struct child *child;
	struct workdir workdir;
	struct control *control;
	struct auth_user user;
	struct pki *kept;    /* of --state, until the keys are "made" */
	char *scenario_name; /* as it was chosen */
	char *url;           /* NULL: no such door */
	char *tls_url;
	char *challenge; /* one that is accepted */
	char *address;   /* "unix:PATH" of the control channel */
	char instance[INSTANCE_SIZE];
	bool is_stopping;
	bool is_announced;
	int exit_code;
	struct err err; /* why it ended by itself */
};

/* The scenario in force. */
const struct scenario *server_scenario(const struct server *server);
/* Colours on stderr: on a terminal, and never with NO_COLOR set. */
bool is_coloured(void);

/* setup.c: server->flow, and server->kept where --state has a CA already. */
bool setup_flow(struct server *server, struct err *err);
/* The names that the HTTPS certificate is good for; how many. */
size_t setup_names(const struct options *options, const char *names[TLS_NAMES_MAX]);

/* steer.c: server->control and its address. */
bool steer_open(struct server *server, struct err *err);

#endif
