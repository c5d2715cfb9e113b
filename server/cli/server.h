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
	struct pki *kept; /* of --state, until the keys are "made" */
	uint64_t seed;
	size_t fault_door;   /* of the scenario in force, net's number; DOOR_NONE */
	char *scenario_name; /* as it was chosen */
	char *url;           /* NULL: no such door */
	char *tls_url;
	char *fault_url; /* of the fault's own door; NULL: it has none */
	char *states;    /* of the machines, as ctl status shows them */
	char *challenge; /* one that is accepted */
	char *address;   /* "unix:PATH" of the control channel */
	char instance[INSTANCE_SIZE];
	bool is_stopping;
	bool is_announced;
	struct buf sentence; /* whose exit code it is; empty: 0 */
	int exit_code;
	struct err err; /* why it ended by itself */
};

/* The scenario in force. */
const struct scenario *server_scenario(const struct server *server);
char *server_fault_url(const struct server *server); /* yours; NULL: no such door */
/* Colours on stderr: on a terminal, and never with NO_COLOR set. */
bool is_coloured(void);

/* setup.c: server->flow, and server->kept where --state has a CA already. */
bool setup_flow(struct server *server, struct err *err);
/* The names that the HTTPS certificate is good for; how many. */
size_t setup_names(const struct options *options, const char *names[TLS_NAMES_MAX]);

/*
 * faultdoor.c: a port of its own for a scenario whose fault is below HTTP. Opens the door
 * of the scenario in force (flow's) and shuts the last one's; the URLs follow.
 */
#define DOOR_NONE SIZE_MAX
bool faultdoor_open(struct server *server, struct err *err);

/*
 * judge.c: tells on stderr which expectations did not hold; 3 and the sentence of the
 * first of level error, 4 when a path chose what there is not, else 0.
 */
int judge_expectations(const struct server *server, struct buf *sentence);

/* steer.c: server->control and its address. */
bool steer_open(struct server *server, struct err *err);

#endif
