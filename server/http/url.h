/*
 * url: request targets as IIS reads them.
 *
 * Origin-form, absolute-form ("http://host/path?query") and a bare query are
 * split; nothing is copied. Paths are compared without regard to case after
 * percent-decoding. In a query '+' stays '+': turning it into a blank would
 * destroy the base64 of a SCEP message, so a caller who wants blanks asks.
 */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "base/buf.h"

struct url {
	struct slice path;  /* as received: "/certsrv/mscep/mscep.dll" */
	struct slice query; /* as received, without '?' */
	bool has_query;
};

/* A target that is neither form ("certsrv/x") is taken as a path. */
void url_split(struct slice target, struct url *ret);

/* Appends `text` with %XX decoded; a broken escape stays as it is. */
void url_decode(struct slice text, struct buf *out);

/*
 * Finds a parameter by name (case folded, the first one wins). The value is as
 * received. False: the query has no such parameter; "name" without '=' is found
 * with an empty value.
 */
bool url_query_find(struct slice query, const char *name, struct slice *ret);

#endif
