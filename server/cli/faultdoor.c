#include "cli/announce.h"
#include "cli/server.h"
#include "scenarios/load.h"
#include <stdlib.h>

#define HOST "127.0.0.1" /* where the options name no door of that kind */

/* What door the scenario needs; false: none. */
static bool
wish_of(const struct scenario *scenario, struct door_wish *ret)
{
	*ret = (struct door_wish){.host = HOST, .fault = DOOR_SOUND};
	for (size_t i = 0; i < scenario->rule_count; i++) {
		const struct action *action = &scenario->rules[i].action;

		if (action->kind == ACTION_TLS) {
			ret->is_tls = true;
			ret->tls_fault = action->tls;
			ret->fault = DOOR_ASKS;
		} else if (action->kind == ACTION_CONNECTION &&
		           action->connection.fate == FATE_REFUSE) {
			ret->fault = DOOR_REFUSES;
		} else if (action->kind == ACTION_CONNECTION &&
		           action->connection.fate == FATE_NO_ACCEPT) {
			ret->fault = DOOR_NO_ACCEPT;
		} else if (rule_is_at_accept(&scenario->rules[i])) {
			ret->fault = DOOR_ASKS;
		}
	}
	return ret->fault != DOOR_SOUND;
}

/* On the address of the first door that the options have of the kind. */
static const char *
host_of(const struct options *options, bool is_tls)
{
	for (size_t i = 0; i < options->door_count; i++)
		if (options->doors[i].is_tls == is_tls)
			return options->doors[i].host;
	return options->door_count > 0 ? options->doors[0].host : HOST;
}

bool
faultdoor_open(struct server *server, struct err *err)
{
	struct door_wish wish;

	if (server->fault_door != DOOR_NONE)
		net_shut(server->net, server->fault_door);
	server->fault_door = DOOR_NONE;
	if (!wish_of(server_scenario(server), &wish))
		return true;
	wish.host = host_of(server->options, wish.is_tls);
	return net_listen_faulty(server->net, &wish, &server->fault_door, err);
}
