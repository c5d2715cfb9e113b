/*
 * hostile: thousands of bad requests against one server, which has to stay in good
 * health:
 *
 *	hostile MOCKNDES [SCENARIO [SEED [INPUTS]]]
 *
 * After every hundred inputs a good GetCACaps has to be answered; what is good HTTP has
 *to be answered whatever is in it; every connection has to end when its client ends it.
 *At the end a real enrolment succeeds, no descriptor is left open, and SIGTERM gives exit
 * code 0 with half a request still under way. The last input before a failure is kept in
 * a file, which is named.
 */
#include "scenarios/siege.h"

#include "base/mem.h"
#include "base/parse.h"
#include "certs/ossl.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEED_DEFAULT   20170808
#define INPUTS_DEFAULT 3200
#define INPUTS_MAX     10000000
#define BLOCK          100
#define SLOW_COUNT     8
#define LAST_CHECKS    3

static const char *const half_requests[SLOW_COUNT] = {
    "G",
    "GET /certsrv/mscep/mscep.dll?operation=GetCACaps HTTP/1.1",
    "GET /certsrv/mscep/mscep.dll HTTP/1.1\r\nHost: localhost\r\n",
    "GET /certsrv/mscep/mscep.dll HTTP/1.1\r\nHost: localhost\r\nX-Half: of a",
    "POST /certsrv/mscep/mscep.dll?operation=PKIOperation HTTP/1.1\r\nHost: "
    "localhost\r\nContent-Length: 5000\r\n\r\nMII",
    "POST /certsrv/mscep/mscep.dll?operation=PKIOperation HTTP/1.1\r\nHost: "
    "localhost\r\nTransfer-Encoding: chunked\r\n\r\n10",
    "POST /certsrv/mscep/mscep.dll?operation=PKIOperation HTTP/1.1\r\nHost: "
    "localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
    "\r\n\r\n\r\n",
};

static void
open_half_requests(const struct siege *siege, struct peer peers[SLOW_COUNT])
{
	for (size_t i = 0; i < SLOW_COUNT; i++) {
		struct bytes half = {
		    (const unsigned char *)half_requests[i], strlen(half_requests[i])};

		if (peer_open(&peers[i], siege->server.port, NULL))
			peer_send(&peers[i], half);
	}
}

static void
close_half_requests(struct peer peers[SLOW_COUNT])
{
	for (size_t i = 0; i < SLOW_COUNT; i++)
		peer_close(&peers[i]);
}

/* False: the server cannot go on. */
static bool
play_block(struct siege *siege, struct tap *tap)
{
	size_t until = siege->inputs + BLOCK;
	bool ok = true;

	while (ok && siege->inputs < until)
		ok = siege_attack(siege);
	ok = siege_is_answered(siege) && ok;
	tap_check(tap, ok, "after %zu inputs all is well", siege->inputs);
	if (!ok)
		tap_note("%s", siege->trouble);
	return ok && server_process_is_running(&siege->server);
}

static void
check_end(struct siege *siege, struct tap *tap)
{
	struct peer half;
	struct bytes request = {
	    (const unsigned char *)half_requests[4], strlen(half_requests[4])};
	int code;

	if (!tap_check(tap, siege_enrols(siege), "a real enrolment succeeds"))
		tap_note("%s", siege->trouble);
	if (!tap_check(tap, siege_has_no_leak(siege), "no descriptor is left open"))
		tap_note("%s", siege->trouble);
	if (peer_open(&half, siege->server.port, NULL))
		peer_send(&half, request);
	code = server_process_stop(&siege->server);
	peer_close(&half);
	if (!tap_check(tap, code == 0, "SIGTERM ends it with code 0"))
		tap_note("the code is %d", code);
}

static int
play(const char *program, const char *scenario, size_t seed, size_t inputs)
{
	const size_t blocks = (inputs + BLOCK - 1) / BLOCK;
	struct siege *siege = mem_alloc(sizeof(*siege));
	struct peer slow[SLOW_COUNT];
	struct err err = ERR_INIT;
	struct tap tap;

	tap_plan(&tap, blocks + LAST_CHECKS);
	tap_note("scenario %s, seed %zu", scenario, seed);
	if (!siege_begin(siege, program, scenario, seed, &err)) {
		free(siege);
		return tap_bail_out("%s", err.text);
	}
	open_half_requests(siege, slow);
	for (size_t i = 0; i < blocks; i++)
		if (!play_block(siege, &tap))
			break;
	close_half_requests(slow);
	siege_tell(siege);
	if (tap.failed > 0)
		siege_keep_last(siege);
	check_end(siege, &tap);
	siege_end(siege);
	free(siege);
	return tap_end(&tap);
}

int
main(int argc, char **argv)
{
	size_t seed = SEED_DEFAULT;
	size_t inputs = INPUTS_DEFAULT;

	if (argc < 2 || argc > 5 ||
	    (argc > 3 && !parse_size(slice_of(argv[3]), SIZE_MAX, &seed)) ||
	    (argc > 4 && !parse_size(slice_of(argv[4]), INPUTS_MAX, &inputs)))
		return tap_bail_out(
		    "usage: %s MOCKNDES [SCENARIO [SEED [INPUTS]]]", argv[0]);
	ossl_init(); /* providers stay: nothing is cleaned up behind them at exit */
	return play(argv[1], argc > 2 ? argv[2] : "healthy", seed, inputs);
}
