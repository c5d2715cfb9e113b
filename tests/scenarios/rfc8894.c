/*
 * rfc8894: plays the server rules of RFC 8894 against the program over sockets:
 *
 *	rfc8894 MOCKNDES [ID]
 *
 * Once as NDES is known to be, where a rule that NDES breaks has to be broken, and once
 * with --rfc8894, where every rule has to hold.
 */
#include "scenarios/rfc8894.h"
#include "base/mem.h"
#include "certs/ossl.h"
#include "scenarios/tap.h"
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

static bool
open_one(struct talk *talk, const char *program, const struct stage *stage,
    const char *const more[], struct err *err)
{
	const char *args[16] = {"--listen", "127.0.0.1:0", "--quiet"};
	size_t count = 3;

	if (stage->is_rfc8894)
		args[count++] = "--rfc8894";
	for (size_t i = 0; more[i] != NULL; i++)
		args[count++] = more[i];
	args[count] = NULL;
	return talk_open(talk, program, args, err);
}

static bool
open_stage(struct stage *stage, const char *program, struct err *err)
{
	static const char *const healthy[] = {NULL};
	static const char *const pending[] = {"--scenario", "pending:polls=1", NULL};
	static const char *const one_time[] = {"--profile", "ndes", NULL};

	return open_one(&stage->healthy, program, stage, healthy, err) &&
	       open_one(&stage->pending, program, stage, pending, err) &&
	       open_one(&stage->one_time, program, stage, one_time, err);
}

static void
close_stage(struct stage *stage)
{
	talk_close(&stage->healthy);
	talk_close(&stage->pending);
	talk_close(&stage->one_time);
}

static void
play_rules(struct stage *stage, struct tap *tap, const struct rule rules[], size_t count,
    const char *id)
{
	for (size_t i = 0; i < count; i++) {
		bool holds;

		if (id != NULL && strcmp(id, rules[i].id) != 0)
			continue;
		stage->failed = &stage->healthy;
		holds = rules[i].holds(stage);
		if (!tap_check(tap, holds, "%s %s: %s", rules[i].id,
		        stage->is_rfc8894 ? "--rfc8894" : "NDES", rules[i].title))
			tap_note("%s", stage->failed->why);
		ERR_clear_error();
	}
}

static size_t
count_rules(const struct rule rules[], size_t count, const char *id)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += id == NULL || strcmp(id, rules[i].id) == 0;
	return found;
}

int
main(int argc, char **argv)
{
	const char *id = argc > 2 ? argv[2] : NULL;
	struct err err = ERR_INIT;
	struct tap tap;

	if (argc < 2 || argc > 3)
		return tap_bail_out("usage: %s MOCKNDES [ID]", argv[0]);
	ossl_init(); /* providers stay: nothing is cleaned up behind them at exit */
	tap_plan(
	    &tap, 2 * (count_rules(rfc8894_messages, rfc8894_message_count, id) +
	                  count_rules(rfc8894_operations, rfc8894_operation_count, id)));
	for (int is_rfc8894 = 0; is_rfc8894 < 2; is_rfc8894++) {
		struct stage stage = {.is_rfc8894 = is_rfc8894 == 1};

		if (!open_stage(&stage, argv[1], &err)) {
			close_stage(&stage);
			return tap_bail_out("%s", err.text);
		}
		play_rules(&stage, &tap, rfc8894_messages, rfc8894_message_count, id);
		play_rules(&stage, &tap, rfc8894_operations, rfc8894_operation_count, id);
		close_stage(&stage);
	}
	return tap_end(&tap);
}
