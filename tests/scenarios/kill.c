/*
 * kill: the server is killed (SIGKILL) at random moments while clients enrol, and
 * started again on the same --state:
 *
 *	kill MOCKNDES [any|one-time [SEED [KILLS]]]
 *
 * Each new server has to be the same CA and to know every certificate that a client
 * was answered: the same request gets it again to the byte. No serial number comes
 * twice, and with `one-time` no password lets two requests in. A first start that is
 * killed at any moment must not leave half a CA behind.
 */
#include "base/clock.h"
#include "base/mem.h"
#include "base/parse.h"
#include "certs/ossl.h"
#include "scenarios/mutate.h"
#include "scenarios/ordeal.h"
#include "scenarios/tap.h"
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SEED_DEFAULT  20170808
#define KILLS_DEFAULT 100
#define KILLS_MAX     100000
#define EARLY_KILLS   10 /* of a first start */
#define SAMPLE        4  /* enrolments of long ago that each new server is asked about */
#define WARM_STORMS   2  /* what is loaded late is loaded; the last one is measured */
#define LAST_CHECKS   7

struct killer {
	pthread_t thread;
	pid_t pid;
	int64_t delay_us;
};

struct trial {
	struct ordeal ordeal;
	struct dice dice;
	struct tap tap;
	char root[64];
	char *state;
	int64_t start_us;                      /* how long a first start takes */
	int64_t storm_us;                      /* how long a storm takes */
	size_t by_answers[ORDEAL_CLIENTS + 1]; /* storms that were cut after so many */
};

static void
wait_us(int64_t us)
{
	struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	nanosleep(&time, NULL);
}

static void *
kill_later(void *arg)
{
	const struct killer *killer = arg;

	wait_us(killer->delay_us);
	kill(killer->pid, SIGKILL);
	return NULL;
}

static bool
all_hold(struct trial *trial, size_t first, size_t count)
{
	for (size_t i = first; i < first + count; i++)
		if (!ordeal_ask_again(&trial->ordeal, &trial->ordeal.attempts[i]))
			return false;
	return true;
}

/* The newest enrolments, and a few older ones. */
static bool
memory_holds(struct trial *trial)
{
	size_t count = trial->ordeal.count;

	if (!all_hold(trial, count - ORDEAL_CLIENTS, ORDEAL_CLIENTS))
		return false;
	for (size_t i = 0; i < SAMPLE; i++)
		if (!all_hold(trial, dice_below(&trial->dice, count), 1))
			return false;
	return true;
}

static bool
warm_up(struct trial *trial)
{
	int64_t begin = clock_monotonic_us();
	size_t answered = ORDEAL_CLIENTS;
	bool ok = ordeal_start(&trial->ordeal);

	trial->start_us = clock_monotonic_us() - begin;
	for (size_t i = 0; ok && i < WARM_STORMS; i++) {
		ok = ordeal_prepare(&trial->ordeal);
		begin = clock_monotonic_us();
		ok = ok && ordeal_storm(&trial->ordeal, &answered) &&
		     answered == ORDEAL_CLIENTS;
		trial->storm_us = clock_monotonic_us() - begin;
	}
	return ok && memory_holds(trial);
}

/* A storm that the server does not live through; then the next server. */
static bool
play_kill(struct trial *trial)
{
	struct ordeal *ordeal = &trial->ordeal;
	/* a little longer than a storm, so that its end is met as well */
	size_t span = (size_t)(trial->storm_us + trial->storm_us / 4);
	struct killer killer = {.delay_us = (int64_t)dice_below(&trial->dice, span)};
	size_t answered = 0;
	int64_t begin;
	bool ok;

	if (!ordeal_prepare(ordeal))
		return false;
	killer.pid = ordeal->server.pid;
	if (pthread_create(&killer.thread, NULL, kill_later, &killer) != 0)
		return false;
	begin = clock_monotonic_us();
	ok = ordeal_storm(ordeal, &answered);
	/* the machine has others to serve, too: the span follows what it can do */
	if (answered == ORDEAL_CLIENTS)
		trial->storm_us = (trial->storm_us + clock_monotonic_us() - begin) / 2;
	pthread_join(killer.thread, NULL);
	trial->by_answers[answered]++;
	if (server_process_stop(&ordeal->server) != 128 + SIGKILL)
		return false;
	return ok && ordeal_start(ordeal) && memory_holds(trial);
}

/* Two servers on one directory: the second has to go, the first to stay. */
static bool
second_is_refused(const struct trial *trial)
{
	const char *args[] = {
	    "--state", trial->state, "--listen", "127.0.0.1:0", "--quiet", NULL};
	struct server_process second;
	struct err err = ERR_INIT;
	bool is_refused =
	    !server_process_start(&second, trial->ordeal.program, args, &err);

	if (!is_refused)
		server_process_stop(&second);
	return is_refused && strstr(err.text, "exit code 1") != NULL &&
	       server_process_is_running(&trial->ordeal.server);
}

/* Starts a server on `state` and kills it after a while, ready or not. */
static bool
kill_early(struct trial *trial, const char *state, int64_t delay_us)
{
	char *argv[] = {mem_string(trial->ordeal.program),
	    mem_string("--exit-with-parent"), mem_string("--quiet"),
	    mem_string("--listen"), mem_string("127.0.0.1:0"), mem_string("--state"),
	    mem_string(state), NULL};
	posix_spawn_file_actions_t files;
	int status = 0;
	pid_t pid;
	bool ok;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	ok = posix_spawn(&pid, argv[0], &files, NULL, argv, environ) == 0;
	posix_spawn_file_actions_destroy(&files);
	if (ok) {
		wait_us(delay_us);
		kill(pid, SIGKILL);
		ok = waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
		     WTERMSIG(status) == SIGKILL;
	}
	for (size_t i = 0; argv[i] != NULL; i++)
		free(argv[i]);
	return ok;
}

/* False: a server of a state whose first starts were killed is no good one. */
static bool
early_kills_leave_no_half_ca(struct trial *trial, char *state)
{
	struct ordeal ordeal;
	struct err err = ERR_INIT;
	size_t answered = 0;
	bool ok = true;

	for (size_t i = 0; ok && i < EARLY_KILLS; i++)
		ok = kill_early(trial, state,
		    (int64_t)dice_below(&trial->dice, (size_t)trial->start_us));
	ok = ok && ordeal_init(&ordeal, trial->ordeal.program, state, false, &err);
	if (!ok)
		return false;
	for (size_t i = 0; ok && i < 2; i++) {
		ok = ordeal_start(&ordeal) && ordeal_prepare(&ordeal) &&
		     ordeal_storm(&ordeal, &answered) && answered == ORDEAL_CLIENTS;
		ok = server_process_stop(&ordeal.server) == 0 && ok;
	}
	if (!ok)
		memcpy(trial->ordeal.trouble, ordeal.trouble, sizeof(ordeal.trouble));
	ordeal_clear(&ordeal);
	return ok;
}

static void
check(struct trial *trial, bool ok, const char *what)
{
	if (!tap_check(&trial->tap, ok, "%s", what))
		tap_note("%s", trial->ordeal.trouble);
	trial->ordeal.trouble[0] = '\0';
}

static void
tell(const struct trial *trial)
{
	const struct ordeal *ordeal = &trial->ordeal;
	size_t issued = 0;
	size_t refused = 0;

	for (size_t i = 0; i < ordeal->count; i++) {
		issued += ordeal->attempts[i].leaf.len > 0;
		refused += ordeal->attempts[i].is_refused;
	}
	for (size_t i = 0; i <= ORDEAL_CLIENTS; i++)
		tap_note("%3zu kills after %zu answers", trial->by_answers[i], i);
	tap_note(
	    "%zu certificates; %zu passwords went with a killed server", issued, refused);
}

static void
check_end(struct trial *trial)
{
	struct ordeal *ordeal = &trial->ordeal;
	char *early = mem_format("%s/early", trial->root);

	check(trial, all_hold(trial, 0, ordeal->count), "no certificate is lost");
	check(trial, ordeal_serials_differ(ordeal), "no serial number repeats");
	check(trial, second_is_refused(trial), "a second server is refused");
	check(trial, server_process_stop(&ordeal->server) == 0, "SIGTERM ends with 0");
	check(trial, ordeal_start(ordeal) && memory_holds(trial),
	    "after an orderly end all is there as well");
	check(trial, server_process_stop(&ordeal->server) == 0, "and again");
	check(trial, early_kills_leave_no_half_ca(trial, early),
	    "a first start that is killed leaves no half CA");
	free(early);
	tell(trial);
}

static int
remove_one(const char *path, const struct stat *stat, int type, struct FTW *where)
{
	return remove(path);
}

/* Killed servers leave their own temporary folders: they go with ours. */
static bool
make_root(struct trial *trial)
{
	snprintf(trial->root, sizeof(trial->root), "/tmp/mockndes-kill-XXXXXX");
	if (mkdtemp(trial->root) == NULL)
		return false;
	trial->state = mem_format("%s/state", trial->root);
	return setenv("TMPDIR", trial->root, 1) == 0;
}

static void
end(struct trial *trial)
{
	server_process_stop(&trial->ordeal.server);
	if (trial->tap.failed > 0)
		tap_note("the state is kept in %s", trial->root);
	else
		nftw(trial->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	ordeal_clear(&trial->ordeal);
	free(trial->state);
}

static int
play(const char *program, bool is_one_time, size_t seed, size_t kills)
{
	struct trial *trial = mem_alloc(sizeof(*trial));
	struct err err = ERR_INIT;
	int code;

	trial->dice.state = seed;
	if (!make_root(trial) ||
	    !ordeal_init(&trial->ordeal, program, trial->state, is_one_time, &err))
		return tap_bail_out("cannot begin: %s", err.text);
	tap_plan(&trial->tap, kills + 1 + LAST_CHECKS);
	tap_note("seed %zu", seed);
	check(trial, warm_up(trial), "two rounds of enrolments pass");
	for (size_t i = 0; i < kills && trial->tap.failed == 0; i++)
		check(trial, play_kill(trial), "all is there after a kill");
	if (trial->tap.failed == 0)
		check_end(trial);
	end(trial);
	code = tap_end(&trial->tap);
	free(trial);
	return code;
}

int
main(int argc, char **argv)
{
	const char *challenge = argc > 2 ? argv[2] : "any";
	bool is_one_time = strcmp(challenge, "one-time") == 0;
	size_t seed = SEED_DEFAULT;
	size_t kills = KILLS_DEFAULT;

	if (argc < 2 || argc > 5 || (!is_one_time && strcmp(challenge, "any") != 0) ||
	    (argc > 3 && !parse_size(slice_of(argv[3]), SIZE_MAX, &seed)) ||
	    (argc > 4 && !parse_size(slice_of(argv[4]), KILLS_MAX, &kills)))
		return tap_bail_out(
		    "usage: %s MOCKNDES [any|one-time [SEED [KILLS]]]", argv[0]);
	ossl_init(); /* providers stay: nothing is cleaned up behind them at exit */
	return play(argv[1], is_one_time, seed, kills);
}
