/*
 * talk: one run of the program, one client that knows its CA, and what they say to each
 * other, down to the parts of a CertRep that a client would not look at.
 */
#ifndef SCENARIOS_TALK_H
#define SCENARIOS_TALK_H

#include "support/peer.h"
#include "support/scepclient.h"
#include "support/server_process.h"
#include <openssl/cms.h>

#define TALK_PATH     "/certsrv/mscep/mscep.dll"
#define TALK_PASSWORD 16 /* hexadecimal digits of a one-time password */

enum talk_way {
	TALK_POST,
	TALK_POST_BARE, /* no operation, no Content-Type */
	TALK_GET,
};

struct talk {
	struct server_process server;
	struct scep_client *client;
	struct peer_answer answer; /* the last one */
	struct scep_reply reply;   /* what the client reads in it */
	CMS_ContentInfo *cms;      /* the last CertRep; NULL: it was none */
	char why[256];             /* of the last function that gave false */
};

/* `args`: as for server_process_start. False and err: nothing is left over. */
bool talk_open(
    struct talk *talk, const char *program, const char *const args[], struct err *err);
void talk_close(struct talk *talk);
/* A client of another kind, who has asked for GetCACert. */
bool talk_meet(struct talk *talk, const struct scep_identity *identity);

/* Sets why; returns false. */
bool talk_fails(struct talk *talk, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* False: no whole answer came. `target` is path and query. */
bool talk_get(struct talk *talk, const char *target);
/* The same, and the answer is 200. */
bool talk_operation(struct talk *talk, const char *operation);
/* True: the last answer has this Content-Type. */
bool talk_is_type(const struct talk *talk, const char *type);

/* The password on mscep_admin's page, which is UTF-16LE. False: it shows none. */
bool talk_password(struct talk *talk, char ret[TALK_PASSWORD + 1]);

/* Appends the HTTP request with this pkiMessage. */
void talk_write(struct bytes message, enum talk_way way, struct buf *out);
/* Sends the request and takes the answer; false: not even that. */
bool talk_send(struct talk *talk, const struct scep_request *request, enum talk_way way);
/*
 * The same by POST; the answer has to be a CertRep with a good signature, for this
 * request, with this pkiStatus and (-1: none) failInfo.
 */
bool talk_expect(
    struct talk *talk, const struct scep_request *request, int status, int fail_info);

/* The EnvelopedData inside the last CertRep, yours; NULL: there is none. */
CMS_ContentInfo *talk_envelope(const struct talk *talk);
/* The SignedData inside that, yours; a password opens what the key does not. */
CMS_ContentInfo *talk_bag(const struct talk *talk, const char *password);
/* First value of a signed attribute of the last CertRep; NULL: absent. Borrowed. */
const ASN1_TYPE *talk_attribute(const struct talk *talk, const char *oid);

#endif
