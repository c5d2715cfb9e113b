/*
 * material: the certificates that an exchange needs before it can be answered, made on
 * the pool when they are first needed: the server's own CA (which others make, keys.h),
 * the other CA that a scenario's `server: pki:` wants, the GetCACert that a rule's `ca`
 * wants.
 */
#ifndef FLOW_MATERIAL_H
#define FLOW_MATERIAL_H

#include "flow/exchange.h"

/*
 * False: it is not there; it is being made, and the exchange belongs among
 * flow->waiting until flow_material_came.
 */
bool material_is_there(struct exchange *exchange);
/* What GetCACert holds for it; false: it could not be made. */
bool material_served(
    const struct exchange *exchange, const struct buf **body, const char **content_type);

#endif
