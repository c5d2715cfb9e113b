#include "cli/serve.h"

#include "base/chance.h"
#include "base/mem.h"
#include "cli/announce.h"
#include "cli/child.h"
#include "cli/choose.h"
#include "cli/workdir.h"
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

#define RSA_BITS      2048 /* of the CA and RA keys, as NDES setup makes them */
#define INSTANCE_SIZE 17   /* 16 hex digits and NUL */
#define TLS_NAMES_MAX (OPTIONS_NAMES_MAX + OPTIONS_DOORS_MAX + 3)

struct server {
	const struct options *options;
	struct scenario *scenario;
	struct event_base *base;
	struct event *on_term;
	struct event *on_int;
	struct event *on_job;
	struct event *on_orphaned; /* --exit-with-parent */
	int parent_fd;             /* pidfd; -1: none */
	struct pool *pool;
	struct net *net;
	struct flow *flow;
	struct child *child;
	struct workdir workdir;
	char instance[INSTANCE_SIZE];
	bool is_stopping;
	int exit_code;
	struct err err; /* why it ended by itself */
};

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

static bool
has_fired(const struct server *server)
{
	const struct run *run = flow_run(server->flow);

	for (size_t i = 0; i < server->scenario->rule_count; i++)
		if (run_fired(run, i) > 0)
			return true;
	return server->scenario->rule_count == 0;
}

/* "uri-too-long/long-get waits for GET, query over 2048 bytes"; yours. */
static char *
unfired_hint(const struct server *server)
{
	struct buf hint = BUF_INIT;

	for (size_t i = 0; i < server->scenario->rule_count; i++) {
		buf_add_format(&hint, "%s%s/%s waits for ", i == 0 ? "" : "; or ",
		    server->scenario->id, server->scenario->rules[i].id);
		rule_describe(&server->scenario->rules[i], &hint);
	}
	return buf_string(&hint);
}

static void
on_child_ended(void *arg, const struct child_end *end)
{
	struct server *server = arg;
	struct buf sentence = BUF_INIT;
	char *hint = unfired_hint(server);
	struct verdict_terms terms = {
	    .must = server->options->child_must,
	    .fired = has_fired(server),
	    .allow_unfired = server->options->allow_unfired,
	    .hint = hint,
	};

	child_free(server->child);
	server->child = NULL;
	server->exit_code = child_verdict(end, &terms, &sentence);
	if (server->exit_code != 0)
		fprintf(stderr, "mockndes: %.*s\n", (int)sentence.len,
		    (const char *)sentence.data);
	buf_clear(&sentence);
	free(hint);
	stop(server);
}

static struct announcement
announcement_of(const struct server *server)
{
	const struct options *options = server->options;
	struct challenge_policy policy = challenge_policy_of(options->challenge);

	return (struct announcement){
	    .options = options,
	    .net = server->net,
	    .instance = server->instance,
	    .scenario =
	        options->scenario_file != NULL ? server->scenario->id : options->scenario,
	    .title = server->scenario->title,
	    .ca_path = server->workdir.ca_path,
	    .challenge = challenge_example(&policy),
	};
}

static void
start_child(struct server *server, const struct announcement *announcement)
{
	char *base = announce_base(announcement, false);
	char *url = announce_url(announcement, false);
	char *tls_url = announce_url(announcement, true);
	const struct child_variable variables[] = {
	    {"MOCKNDES_URL", url != NULL ? url : tls_url},
	    {"MOCKNDES_TLS_URL", tls_url},
	    {"MOCKNDES_BASE", base},
	    {"MOCKNDES_CA", announcement->ca_path},
	    {"MOCKNDES_CHALLENGE", announcement->challenge},
	    {"MOCKNDES_RUNNING", server->scenario->id},
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
	free(url);
	free(tls_url);
}

static bool
is_coloured(void)
{
	return isatty(STDERR_FILENO) && getenv("NO_COLOR") == NULL;
}

static void
announce(struct server *server)
{
	struct announcement announcement = announcement_of(server);
	struct err err = ERR_INIT;

	if (!announce_ready(&announcement, &err)) {
		fail(server, &err);
		return;
	}
	if (!server->options->quiet && !server->options->is_json)
		announce_banner(&announcement, is_coloured());
	if (server->options->child != NULL)
		start_child(server, &announcement);
}

/* The CA is made: whoever waited for it is served, and the world is told. */
static void
on_keys(void *arg, struct keys_made *made)
{
	struct server *server = arg;
	struct err err = ERR_INIT;

	if (server->is_stopping)
		return;
	if (made->pki == NULL) {
		fail(server, &made->err);
		return;
	}
	if (!workdir_write_ca(&server->workdir, buf_bytes(&made->pki->ca_pem), &err) ||
	    !net_start_tls(
	        server->net, &made->tls, buf_bytes(&made->pki->ca.der), &err)) {
		fail(server, &err);
		return;
	}
	flow_pki_ready(server->flow, pki_reference(made->pki));
	announce(server);
}

static bool
open_logs(const struct options *options, struct ledger *ledger, struct err *err)
{
	static const struct {
		unsigned version;
		enum httperr_fields fields;
	} sets[] = {{2012, HTTPERR_2012R2}, {2016, HTTPERR_2016}, {2022, HTTPERR_2022}};
	enum httperr_fields fields = HTTPERR_2022;
	time_t now = time(NULL);

	if (options->logs == NULL)
		return true;
	for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++)
		if (sets[i].version == options->version->httperr)
			fields = sets[i].fields;
	ledger->w3c =
	    w3c_open(options->logs, options->version->iis, options->log_fields, now, err);
	if (ledger->w3c == NULL)
		return false;
	ledger->httperr = httperr_open(options->logs, fields, now, err);
	return ledger->httperr != NULL;
}

static bool
make_flow(struct server *server, struct err *err)
{
	const struct options *options = server->options;
	const char *caps = options->caps != NULL ? options->caps : options->version->caps;
	struct flow_settings settings = {
	    .iis = {.version = options->version, .is_aspnet = true},
	    .challenge = challenge_policy_of(options->challenge),
	    .scenario = server->scenario,
	    .ledger =
	        {
	            .console = options->quiet ? NULL : stderr,
	            .format = options->is_json ? CONSOLE_JSON : CONSOLE_TEXT,
	            .coloured = is_coloured() && !options->is_json,
	        },
	};

	if (!capabilities_parse(slice_of(caps), &settings.caps))
		return err_set(err, ERR_USAGE,
		    "--caps '%s' is not a list of capabilities: separate the words by commas",
		    caps);
	if (open_logs(options, &settings.ledger, err))
		server->flow =
		    flow_new(&settings, server->pool, net_answer, server->net, err);
	if (server->flow == NULL)
		ledger_close(&settings.ledger);
	return server->flow != NULL;
}

static bool
open_doors(struct server *server, struct err *err)
{
	for (size_t i = 0; i < server->options->door_count; i++) {
		const struct door *door = &server->options->doors[i];

		if (!net_listen(server->net, door->host, door->port, door->is_tls, err))
			return false;
	}
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
	signal(SIGPIPE, SIG_IGN);
	server->on_term = evsignal_new(server->base, SIGTERM, on_signal, server);
	server->on_int = evsignal_new(server->base, SIGINT, on_signal, server);
	server->on_job = event_new(server->base, pool_fd(server->pool),
	    EV_READ | EV_PERSIST, on_job_finished, server);
	event_add(server->on_term, NULL);
	event_add(server->on_int, NULL);
	event_add(server->on_job, NULL);
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

static bool
set_up(struct server *server, struct err *err)
{
	const struct options *options = server->options;

	if (!check_ready_fd(options, err))
		return false;
	name_instance(server);
	server->scenario = choose_scenario(options, err);
	if (server->scenario == NULL)
		return false;
	server->pool = pool_new(options->workers, err);
	if (server->pool == NULL)
		return false;
	server->base = event_base_new();
	if (server->base == NULL)
		return err_set(err, ERR_FAILED, "the event loop cannot be made");
	server->net = net_new(server->base, &options->net);
	if (!make_flow(server, err))
		return false;
	net_set_flow(server->net, server->flow);
	watch_events(server); /* from here on a signal takes the folder away */
	return workdir_make(&server->workdir, err) && open_doors(server, err) &&
	       watch_parent(server, err);
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
	pool_free(server->pool);
	child_free(server->child);
	net_free(server->net);
	flow_free(server->flow);
	free_event(server->on_term);
	free_event(server->on_int);
	free_event(server->on_job);
	free_event(server->on_orphaned);
	if (server->parent_fd >= 0)
		close(server->parent_fd);
	if (server->base != NULL)
		event_base_free(server->base);
	workdir_remove(&server->workdir);
	scenario_free(server->scenario);
}

static void
add_name(const char *names[TLS_NAMES_MAX], size_t *count, const char *name)
{
	for (size_t i = 0; i < *count; i++)
		if (strcmp(names[i], name) == 0)
			return;
	if (*count < TLS_NAMES_MAX)
		names[(*count)++] = name;
}

/* The HTTPS certificate is good for every name and address a client may use. */
static size_t
collect_names(const struct options *options, const char *names[TLS_NAMES_MAX])
{
	size_t count = 0;

	for (size_t i = 0; i < options->name_count; i++)
		add_name(names, &count, options->names[i]);
	add_name(names, &count, "localhost");
	add_name(names, &count, "127.0.0.1");
	add_name(names, &count, "::1");
	for (size_t i = 0; i < options->door_count; i++)
		add_name(names, &count, options->doors[i].host);
	return count;
}

int
serve(const struct options *options, struct err *err)
{
	struct server server = {.options = options, .parent_fd = -1};
	const char *names[TLS_NAMES_MAX];
	struct keys_wish wish = {
	    .names = names,
	    .name_count = collect_names(options, names),
	};

	wish.pki = (struct pki_settings){
	    .host = names[0],
	    .rsa_bits = RSA_BITS,
	    .now = time(NULL),
	};

	if (set_up(&server, err)) {
		keys_start(server.pool, &wish, on_keys, &server);
		event_base_dispatch(server.base);
	}
	take_down(&server);
	if (server.err.kind != ERR_NONE) {
		*err = server.err;
		return server.exit_code != 0 ? server.exit_code : (int)err->kind;
	}
	return err->kind != ERR_NONE ? (int)err->kind : server.exit_code;
}
