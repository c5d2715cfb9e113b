#include "certs/keep.h"
#include "cli/server.h"
#include <string.h>
#include <time.h>

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

/* Which password is accepted: as asked, else as the profile has it. */
static struct challenge_policy
policy_of(const struct options *options)
{
	if (options->has_challenge)
		return challenge_policy_of(options->challenge);
	if (options->single_password != NULL)
		return challenge_policy_of(options->single_password);
	return challenge_policy_of(
	    options->profile == PROFILE_NDES ? "one-time" : options->challenge);
}

static const char *
capabilities_of(const struct options *options)
{
	if (options->caps != NULL)
		return options->caps;
	return options->is_rfc8894 ? capabilities_rfc8894 : options->version->caps;
}

static bool
make_settings(struct server *server, struct flow_settings *settings, struct err *err)
{
	const struct options *options = server->options;
	const char *caps = capabilities_of(options);
	bool is_intune = options->profile == PROFILE_INTUNE;

	*settings = (struct flow_settings){
	    .ndes =
	        {
	            .version = options->version,
	            .profile = options->profile,
	            .error_pages = options->error_pages,
	            .is_rfc8894 = options->is_rfc8894,
	            .host = options->name_count > 0 ? options->names[0] : "localhost",
	            .challenge = policy_of(options),
	        },
	    .iis = {.version = options->version, .is_aspnet = is_intune},
	    .scenario = server->scenario,
	    .state = options->state,
	    .is_clock_manual = options->is_clock_manual,
	    .single_password = options->single_password,
	    .seed = server->seed,
	    .has_own_challenge =
	        options->has_challenge || options->single_password != NULL,
	    .has_crp_lines = is_intune && !options->no_crp_lines,
	    .ledger =
	        {
	            .console = options->quiet ? NULL : stderr,
	            .format = options->is_json ? CONSOLE_JSON : CONSOLE_TEXT,
	            .coloured = is_coloured() && !options->is_json,
	        },
	};
	if (!capabilities_parse(slice_of(caps), &settings->caps))
		return err_set(err, ERR_USAGE,
		    "--caps '%s' is not a list of capabilities: separate the words by commas",
		    caps);
	if (options->mscep_user == NULL)
		return true;
	settings->user = &server->user;
	return auth_user_parse(options->mscep_user, &server->user, err);
}

bool
setup_flow(struct server *server, struct err *err)
{
	struct flow_settings settings;

	if (!make_settings(server, &settings, err))
		return false;
	if (open_logs(server->options, &settings.ledger, err))
		server->flow =
		    flow_new(&settings, server->pool, net_answer, server->net, err);
	if (server->flow == NULL) {
		ledger_close(&settings.ledger);
		return false;
	}
	server->scenario = NULL; /* flow's now */
	if (server->options->state == NULL)
		return true;
	server->kept = pki_load(server->options->state, err);
	return server->kept != NULL || err->kind == ERR_NONE;
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
size_t
setup_names(const struct options *options, const char *names[TLS_NAMES_MAX])
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
