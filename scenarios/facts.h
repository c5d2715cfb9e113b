/*
 * facts: what is known about a request when rules are matched, stage by stage.
 *
 * ACCEPT: a connection is there (only rules of that stage are asked then). HEAD: the
 * request line and headers. BODY: its length. MESSAGE: the opened pkiMessage. A
 * predicate on what is not known yet makes match say "later". For a request that will
 * never have a message (no PKIOperation) flow sets stage MESSAGE at once with
 * message_type NULL: then predicates on messages simply do not hold.
 */
#ifndef SCENARIOS_FACTS_H
#define SCENARIOS_FACTS_H

#include "base/buf.h"
#include <stdint.h>

enum stage { STAGE_ACCEPT, STAGE_HEAD, STAGE_BODY, STAGE_MESSAGE };

struct facts {
	enum stage stage;
	int64_t now_ms;   /* the played server's time: machines, rates, `within` */
	uint64_t arrival; /* number of the request in its run, from 1; 0 at ACCEPT */
	/* accept */
	uint64_t connection; /* id, for count_by */
	struct slice client; /* address in numbers, for count_by */
	bool is_tls;
	const char *client_cert; /* words_client_cert: "none" "untrusted" "trusted" */
	/* head */
	const char *operation; /* "GetCACaps" .. "PKIOperation", "none", "unknown",
	                          "admin-page" */
	struct slice method;
	struct slice path;  /* decoded */
	size_t query_bytes; /* as received, without '?' */
	size_t uri_bytes;   /* the whole request target, as received */
	struct slice user_agent;
	/* a header's value; false: there is none. NULL: no headers at all */
	bool (*header)(const void *arg, const char *name, struct slice *ret);
	const void *header_arg;
	/* body */
	size_t body_bytes;
	/* message */
	const char *message_type;    /* "PKCSReq"; NULL: none */
	struct slice transaction_id; /* for count_by; empty: none */
	size_t key_bits;             /* of the key to be certified; 0: none */
	const char *digest;          /* words_digest; NULL: none, or another */
	const char *cipher;          /* words_cipher */
	struct slice subject;        /* of the CSR, "CN=a,O=b" */
	const char *challenge;       /* words_challenge; NULL: not asked for, or no CSR */
	const char *challenge_type;  /* words_challenge_type; NULL: no challenge */
};

#endif
