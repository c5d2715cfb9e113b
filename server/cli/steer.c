#include "base/mem.h"
#include "cli/server.h"
#include "scenarios/catalogue.h"
#include <stdlib.h>
#include <string.h>

static bool
control_use(void *arg, const char *choice, struct err *err)
{
	struct server *server = arg;
	struct scenario *scenario = catalogue_load(choice, err);

	if (scenario == NULL)
		return false;
	if (!flow_use(server->flow, scenario, err))
		return false;
	bool is_open = faultdoor_open(server, err); /* the scenario rules either way */
	free(server->fault_url);
	server->fault_url = server_fault_url(server);
	free(server->scenario_name);
	server->scenario_name = mem_string(choice);
	return is_open;
}

/* "start-pool", or "/s/503@job17/start-pool" for a site by path. */
static bool
control_event(void *arg, const char *name, struct err *err)
{
	struct server *server = arg;
	const char *slash = strrchr(name, '/');
	char *selector;
	bool ok;

	if (strncmp(name, "/s/", 3) != 0 || slash < name + 3)
		return flow_event(server->flow, name, NULL, err);
	selector = mem_format("%.*s", (int)(slash - name - 3), name + 3);
	ok = flow_event(server->flow, slash + 1, selector, err);
	free(selector);
	return ok;
}

static bool
control_advance(void *arg, uint64_t ms, struct err *err)
{
	struct server *server = arg;

	return flow_advance(server->flow, ms, err);
}

static bool
control_challenge(void *arg, char **ret_word, struct err *err)
{
	struct server *server = arg;

	return flow_challenge(server->flow, ret_word, err);
}

static bool
control_reset(void *arg, struct err *err)
{
	struct server *server = arg;

	return flow_reset(server->flow, err);
}

static struct control_status
control_status_of(void *arg)
{
	struct server *server = arg;

	free(server->states);
	server->states = flow_states(server->flow);
	return (struct control_status){
	    .instance = server->instance,
	    .scenario = server->scenario_name,
	    .url = server->url,
	    .tls_url = server->tls_url,
	    .fault_url = server->fault_url,
	    .states = server->states,
	    .now_ms = flow_now_ms(server->flow),
	    .is_clock_manual = server->options->is_clock_manual,
	    .under_way = flow_pending(server->flow),
	};
}

bool
steer_open(struct server *server, struct err *err)
{
	const char *wanted = server->options->control;
	struct control_hooks hooks = {
	    .arg = server,
	    .use = control_use,
	    .event = control_event,
	    .advance = control_advance,
	    .challenge = control_challenge,
	    .reset = control_reset,
	    .status = control_status_of,
	};
	char *usual = wanted == NULL ? control_default_path(server->instance) : NULL;
	const char *path =
	    wanted == NULL ? usual : control_path_of("--control", wanted, err);

	if (path != NULL)
		server->control = control_open(server->base, path, &hooks, err);
	free(usual);
	if (server->control == NULL)
		return false;
	server->address = mem_format("unix:%s", control_path(server->control));
	return true;
}
