/*
 * layer: which part of a Windows deployment answers a request.
 *
 * The layer of an answer decides its Server header, its page family, the log
 * that gets the line, and which paths a fault of that layer touches:
 *
 *   network, app-proxy, http.sys   every path
 *   pool                           all below /certsrv/mscep and /certsrv/mscep_admin
 *   iis                            every path (request filtering, static errors)
 *   mscep                          /certsrv/mscep, not mscep_admin
 *   crp                            /CertificateRegistrationSvc
 */
#ifndef HTTP_LAYER_H
#define HTTP_LAYER_H

#include "base/buf.h"

enum layer {
	LAYER_NETWORK,
	LAYER_APP_PROXY,
	LAYER_HTTP_SYS,
	LAYER_POOL,
	LAYER_IIS,
	LAYER_MSCEP,
	LAYER_CRP,
};
#define LAYER_COUNT 7

extern const char *const layer_names[LAYER_COUNT]; /* "network" .. "crp" */

enum log_target { LOG_TO_NONE, LOG_TO_HTTPERR, LOG_TO_IIS };

/* The Windows log that gets the line of an answer given by this layer. */
enum log_target layer_log(enum layer layer);

/* Whether a fault of this layer touches this decoded path. */
bool layer_touches(enum layer layer, struct slice path);

#endif
