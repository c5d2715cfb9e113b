/*
 * flow_rig: flow without a socket: requests are read from text, answers land in
 * `answer`; jobs run at once. For Criterion's tests.
 */
#ifndef SUPPORT_FLOW_RIG_H
#define SUPPORT_FLOW_RIG_H

#include "certs/ossl.h"
#include "flow/inner.h"
#include "scenarios/catalogue.h"
#include "scenarios/load.h"
#include "scep/types.h"
#include "support/scepclient.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#define MSCEP "/certsrv/mscep/mscep.dll"

struct rig {
	struct pool *pool;
	struct flow *flow;
	struct pki *pki;
	struct request request;
	struct reader reader;
	struct endpoints endpoints;
	exchange_id exchange;
	struct buf answer; /* whole, with a final NUL; empty: none yet */
	unsigned answers;
	bool closes;
};

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

/* Takes the scenario. */
void rig_open_with(struct rig *rig, struct scenario *scenario);
void rig_open(struct rig *rig, const char *choice);
void rig_make_ca(struct rig *rig);
void rig_close(struct rig *rig);
/* Sends a request; returns the answer, or NULL while flow keeps it. */
const char *ask(struct rig *rig, struct bytes request);
const char *ask_text(struct rig *rig, const char *text);
struct bytes body_of(const struct rig *rig);
/* Posts a pkiMessage to a site ("" or "/s/..") and reads the CertRep. */
void enrol_at(struct rig *rig, const char *site, struct scep_client *client,
    const struct scep_request *what, struct scep_reply *ret);
void enrol(struct rig *rig, struct scep_client *client, const struct scep_request *what,
    struct scep_reply *ret);
struct scep_client *client_of(struct rig *rig);

#endif
