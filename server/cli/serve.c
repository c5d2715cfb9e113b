#include "cli/serve.h"

#include "base/chance.h"
#include "base/mem.h"
#include "cli/announce.h"
#include "cli/child.h"
#include "cli/choose.h"
#include "cli/server.h"
#include "cli/unfired.h"
#include "flow/keys.h"
#include "scenarios/load.h"
#include <event2/event.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RSA_BITS     2048 /* of the CA and RA keys, as NDES setup makes them */
#define SIGNAL_BASE  128
#define EXIT_UNFIRED 4

static void
on_drained(void *arg)
{
	struct server *server = arg;

	event_base_loopbreak(server->base);
}

static void
stop(struct server *server)
{
	if (server->is_stopping)
		return;
	server->is_stopping = true;
	net_drain(server->net, on_drained, server);
}

/* The server cannot go on: exit code 1, with the sentence. */
static void
fail(struct server *server, const struct err *err)
{
	if (server->err.kind == ERR_NONE)
		server->err = *err;
	stop(server);
}

/* COMMAND was not yet begun, and never will be: that proves nothing, and is no 0. */
static void
refuse_to_begin(struct server *server, int number)
{
	server->exit_code = SIGNAL_BASE + number;
	err_set(&server->err, ERR_FAILED,
	    "exit %d: signal %d (%s) came before COMMAND was run", server->exit_code,
	    number, strsignal(number));
}

static void
on_signal(evutil_socket_t number, short what, void *arg)
{
	struct server *server = arg;

	if (server->child != NULL) {
		child_signal(server->child, (int)number);
		return;
	}
	if (server->is_stopping) /* asked twice: at once */
		event_base_loopbreak(server->base);
	else if (server->options->child != NULL)
		refuse_to_begin(server, (int)number);
	stop(server);
}

static void
on_parent_gone(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	event_del(server->on_orphaned);
	if (server->child != NULL)
		child_signal(server->child, SIGTERM);
	else
		stop(server);
}

static void
on_job_finished(evutil_socket_t fd, short what, void *arg)
{
	struct server *server = arg;

	pool_collect(server->pool);
}

static void
on_child_ended(void *arg, const struct child_end *end)
{
	struct server *server = arg;
	const struct scenario *scenario = server_scenario(server);
	char *hint = unfired_hint(scenario);
	struct verdict_terms terms = {
	    .must = server->options->child_must,
	    .fired = flow_has_fired(server->flow) || !unfired_can_fire(scenario),
	    .allow_unfired = server->options->allow_unfired,
	    .hint = hint,
	};

	child_free(server->child);
	server->child = NULL;
	server->exit_code = child_verdict(end, &terms, &server->sentence);
	free(hint);
	stop(server);
}

const struct scenario *
server_scenario(const struct server *server)
{
	return run_scenario(flow_run(server->flow));
}

bool
is_coloured(void)
{
	return isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL;
}

static struct announcement
announcement_of(const struct server *server)
{
	return (struct announcement){
	    .options = server->options,
	    .net = server->net,
	    .instance = server->instance,
	    .scenario = server->scenario_name,
	    .title = server_scenario(server)->title,
	    .ca_path = server->workdir.ca_path,
	    .challenge = server->challenge,
	    .control = server->address,
	    .seed = server->seed,
	    .fault_door = server->fault_door,
	};
}

char *
server_fault_url(const struct server *server)
{
	struct announcement announcement = announcement_of(server);

	return announce_fault_url(&announcement);
}

static void
start_child(struct server *server, const struct announcement *announcement)
{
	char *base = announce_base(announcement, false);
	const struct child_variable variables[] = {
	    {"MOCKNDES_URL", server->fault_url != NULL ? server->fault_url
	                     : server->url != NULL     ? server->url
	                                               : server->tls_url},
	    {"MOCKNDES_TLS_URL", server->tls_url},
	    {"MOCKNDES_BASE", base},
	    {"MOCKNDES_CA", announcement->ca_path},
	    {"MOCKNDES_CHALLENGE", announcement->challenge},
	    {"MOCKNDES_RUNNING", server_scenario(server)->id},
	    {"MOCKNDES_CONTROL", announcement->control},
	};
	struct child_order order = {
	    .argv = server->options->child,
	    .variables = variables,
	    .variable_count = sizeof(variables) / sizeof(variables[0]),
	    .timeout_ms = server->options->timeout_ms,
	    .ended = on_child_ended,
	    .arg = server,
	};

	server->child =
	    child_start(server->base, &order, &server->exit_code, &server->err);
	if (server->child == NULL)
		stop(server);
	free(base);
}

static void
announce(struct server *server)
{
	struct announcement announcement = announcement_of(server);
	struct err err = ERR_INIT;

	server->url = announce_url(&announcement, false);
	server->tls_url = announce_url(&announcement, true);
	server->fault_url = announce_fault_url(&announcement);
	if (!announce_ready(&announcement, &err)) {
		fail(server, &err);
		return;
	}
	if (!server->options->quiet && !server->options->is_json)
		announce_banner(&announcement, is_coloured());
	server->is_announced = true;
	if (server->options->child != NULL)
		start_child(server, &announcement);
}

/* The CA is made: whoever waited for it is served, and the world is told. */
static void
on_keys(void *arg, struct keys_made *made)
{
	struct server *server = arg;
	struct err err = ERR_INIT;

	if (server->is_stopping) {
		/* who waits for the CA is an open exchange */
		if (made->pki != NULL && !pool_is_stopping(server->pool))
			flow_pki_ready(
			    server->flow, pki_reference(made->pki), &made->next_ca);
		return;
	}
	if (made->pki == NULL) {
		fail(server, &made->err);
		return;
	}
	if (!workdir_write_ca(&server->workdir, buf_bytes(&made->pki->ca_pem), &err) ||
	    !net_start_tls(server->net, &made->tls, made->pki, &err) ||
	    !flow_challenge(server->flow, &server->challenge, &err) ||
	    !faultdoor_open(server, &err) || !steer_open(server, &err)) {
		fail(server, &err);
		return;
	}
	flow_pki_ready(server->flow, pki_reference(made->pki), &made->next_ca);
	announce(server);
}

/* Where redirects to HTTPS lead. */
static void
tell_tls_port(struct server *server)
{
	const char *host;
	unsigned port;
	bool is_tls;

	for (size_t i = net_door_count(server->net); i-- > 0;) {
		net_door(server->net, i, &host, &port, &is_tls);
		if (is_tls)
			flow_set_tls_port(server->flow, port);
	}
}

static bool
open_doors(struct server *server, struct err *err)
{
	for (size_t i = 0; i < server->options->door_count; i++) {
		const struct door *door = &server->options->doors[i];

		if (!net_listen(server->net, door->host, door->port, door->is_tls, err))
			return false;
	}
	tell_tls_port(server);
	return true;
}

static bool
watch_parent(struct server *server, struct err *err)
{
	pid_t parent = getppid();

	if (!server->options->exit_with_parent)
		return true;
	server->parent_fd = (int)syscall(SYS_pidfd_open, parent, 0);
	if (server->parent_fd < 0)
		return err_set_errno(err, ERR_FAILED,
		    "--exit-with-parent: cannot watch process %d", (int)parent);
	server->on_orphaned =
	    event_new(server->base, server->parent_fd, EV_READ, on_parent_gone, server);
	event_add(server->on_orphaned, NULL);
	return true;
}

static void
watch_events(struct server *server)
{
	struct sigaction hup;

	signal(SIGPIPE, SIG_IGN);
	server->on_term = evsignal_new(server->base, SIGTERM, on_signal, server);
	server->on_int = evsignal_new(server->base, SIGINT, on_signal, server);
	server->on_job = event_new(server->base, pool_fd(server->pool),
	    EV_READ | EV_PERSIST, on_job_finished, server);
	event_add(server->on_term, NULL);
	event_add(server->on_int, NULL);
	event_add(server->on_job, NULL);
	if (sigaction(SIGHUP, NULL, &hup) != 0 || hup.sa_handler == SIG_IGN)
		return;
	server->on_hup = evsignal_new(server->base, SIGHUP, on_signal, server);
	event_add(server->on_hup, NULL);
}

static void
name_instance(struct server *server)
{
	unsigned char id[(INSTANCE_SIZE - 1) / 2];

	chance_fresh(id, sizeof(id));
	for (size_t i = 0; i < sizeof(id); i++)
		snprintf(server->instance + 2 * i, 3, "%02x", id[i]);
}

/* Before anything is opened that would get its number. */
static bool
check_ready_fd(const struct options *options, struct err *err)
{
	if (options->ready_fd < 0 || fcntl(options->ready_fd, F_GETFD) >= 0)
		return true;
	return err_set_errno(err, ERR_FAILED,
	    "the shell has to open --ready-fd %d, like %d>FILE or %d>&1",
	    options->ready_fd, options->ready_fd, options->ready_fd);
}

/* Short enough to be typed again. */
static uint64_t
draw_seed(void)
{
	uint32_t seed;

	chance_fresh(&seed, sizeof(seed));
	return seed;
}

static bool
set_up(struct server *server, struct err *err)
{
	const struct options *options = server->options;

	if (!check_ready_fd(options, err))
		return false;
	name_instance(server);
	server->seed = options->has_seed ? options->seed : draw_seed();
	server->scenario = choose_scenario(options, err);
	if (server->scenario == NULL)
		return false;
	server->scenario_name = mem_string(
	    options->scenario_file != NULL ? server->scenario->id : options->scenario);
	server->pool = pool_new(options->workers, err);
	if (server->pool == NULL)
		return false;
	server->base = event_base_new();
	if (server->base == NULL)
		return err_set(err, ERR_FAILED, "the event loop cannot be made");
	server->net = net_new(server->base, &options->net);
	if (!setup_flow(server, err))
		return false;
	net_set_flow(server->net, server->flow);
	watch_events(server); /* from here on a signal takes the folder away */
	if (!workdir_make(&server->workdir, err) || !open_doors(server, err) ||
	    !watch_parent(server, err))
		return false;
	announce_withdraw(options);
	return true;
}

static void
free_event(struct event *event)
{
	if (event != NULL)
		event_free(event);
}

/* Jobs first: none of them may find what it reports to gone. */
static void
take_down(struct server *server)
{
	server->is_stopping = true;
	if (server->is_announced)
		announce_withdraw(server->options);
	pool_free(server->pool);
	child_free(server->child);
	control_close(server->control);
	net_free(server->net);
	flow_free(server->flow);
	free_event(server->on_term);
	free_event(server->on_int);
	free_event(server->on_hup);
	free_event(server->on_job);
	free_event(server->on_orphaned);
	if (server->parent_fd >= 0)
		close(server->parent_fd);
	if (server->base != NULL)
		event_base_free(server->base);
	workdir_remove(&server->workdir);
	scenario_free(server->scenario);
	pki_release(server->kept);
	auth_user_clear(&server->user);
	free(server->scenario_name);
	free(server->url);
	free(server->tls_url);
	free(server->fault_url);
	free(server->states);
	buf_clear(&server->sentence);
	free(server->challenge);
	free(server->address);
}

/* Expectations come behind COMMAND's own code, before a fault that never fired. */
static void
conclude(struct server *server)
{
	struct buf sentence = BUF_INIT;
	int code = judge_expectations(server, &sentence);

	if (code != 0 && (server->exit_code == 0 || (server->exit_code == EXIT_UNFIRED &&
	                                                code < EXIT_UNFIRED))) {
		server->exit_code = code;
		buf_clear(&server->sentence);
		server->sentence = buf_move(&sentence);
	}
	buf_clear(&sentence);
	if (server->sentence.len > 0)
		fprintf(stderr, "mockndes: %.*s\n", (int)server->sentence.len,
		    (const char *)server->sentence.data);
}

int
serve(const struct options *options, struct err *err)
{
	struct server server = {
	    .options = options, .parent_fd = -1, .fault_door = DOOR_NONE};
	const char *names[TLS_NAMES_MAX];
	struct keys_wish wish = {
	    .names = names,
	    .name_count = setup_names(options, names),
	    .keep = options->state,
	    .has_next_ca = options->is_rfc8894,
	};

	wish.pki = (struct pki_settings){
	    .host = names[0],
	    .rsa_bits = RSA_BITS,
	    .now = time(NULL),
	};

	if (set_up(&server, err)) {
		wish.kept = server.kept;
		server.kept = NULL;
		keys_start(server.pool, &wish, on_keys, &server);
		event_base_dispatch(server.base);
		if (server.err.kind == ERR_NONE)
			conclude(&server);
	}
	take_down(&server);
	if (server.err.kind != ERR_NONE) {
		*err = server.err;
		return server.exit_code != 0 ? server.exit_code : (int)err->kind;
	}
	return err->kind != ERR_NONE ? (int)err->kind : server.exit_code;
}
