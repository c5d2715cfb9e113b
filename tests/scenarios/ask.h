/*
 * ask: the bytes of the request that a probe of a scenario describes.
 */
#ifndef SCENARIOS_ASK_H
#define SCENARIOS_ASK_H

#include "base/err.h"
#include "scenarios/model.h"

#define ASK_PATH       "/certsrv/mscep/mscep.dll"
#define ASK_ADMIN_PATH "/certsrv/mscep_admin/"

/* What is sent where a pkiMessage should be; not even base64 of one. */
#define ASK_GARBAGE "NoPkiMessage"

/*
 * Appends the whole request. `message` is the pkiMessage; empty: garbage, of the length
 * that query_bytes asks for. A query that is longer than query_bytes, or cannot be made
 * that long, gives false and err, and so does a body that is longer than body_bytes.
 *
 * Host, Content-Type and Content-Length are the usual ones unless the probe has its own;
 * there is no User-Agent but the probe's.
 */
bool ask_request(
    const struct probe *probe, struct bytes message, struct buf *out, struct err *err);
/* True: the method carries the pkiMessage in its body. */
bool ask_has_body(const struct probe *probe);

/* Appends what may stand in a query: percent-encoded where RFC 3986 wants it. */
void ask_escape(struct slice text, struct buf *out);

#endif
