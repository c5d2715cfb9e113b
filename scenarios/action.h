/*
 * action: what a rule does, as plain data: exactly one action, and the shaping of what
 * leaves.
 *
 * Edits that a codec below knows by name (a form of the CertRep, of the CA's
 * certificates, of the TLS handshake) are carried as pairs of words, key and value as
 * they stand in the file; words.c knows the sets. Whoever carries them out has a table
 * of the same words: scep/forms (scep), scep/served (ca), net/tlsfault (tls).
 */
#ifndef SCENARIOS_ACTION_H
#define SCENARIOS_ACTION_H

#include "http/layer.h"
#include "http/plan.h"
#include "scenarios/texts.h"

enum action_kind {
	ACTION_RESPOND,
	ACTION_SCEP,
	ACTION_CA,
	ACTION_CONNECTION,
	ACTION_TLS,
	ACTION_PASS,
};

struct header_edit {
	const char *name;
	const char *value; /* NULL: the header is left out */
	bool is_further;   /* a second one of the same name is sent */
};

enum redirect {
	REDIRECT_NONE,
	REDIRECT_LOOP,      /* to itself */
	REDIRECT_MOVED,     /* to the same with /pkiclient.exe behind the path */
	REDIRECT_HTTPS,     /* to the same on the first TLS door */
	REDIRECT_ELSEWHERE, /* to a host that does not exist */
};

struct respond {
	unsigned status;
	const char *reason; /* NULL: the usual phrase */
	enum layer layer;
	const char *page; /* name of a page; NULL: the layer's page for the status */
	const char *body; /* instead of a page; NULL: none */
	enum redirect redirect; /* a Location header */
	struct header_edit *headers;
	size_t header_count;
};

struct form {
	const char *key;  /* "recipient_nonce" */
	const char *word; /* "wrong" */
};

struct forms {
	struct form *items;
	size_t count;
};

/* What of the honest CertRep is edited. */
struct scep {
	const char *status;    /* "SUCCESS" "FAILURE" "PENDING"; NULL: as it is */
	const char *fail_info; /* "badAlg" ..; NULL: as it is */
	bool has_hresult;
	uint32_t hresult;
	const char *hresult_text;   /* NULL: none */
	const char *fail_info_text; /* NULL: none */
	struct forms forms;
};

/* What of the honest GetCACert or GetCACaps is edited. */
struct ca {
	struct texts
	    certificates; /* words_ca_certificate in the order wanted; 0: usual */
	struct forms forms;
};

enum fate {
	FATE_RESET,            /* RST instead of an answer */
	FATE_CLOSE,            /* answered, then closed although more was promised */
	FATE_CLOSE_UNANSWERED, /* "close-before-response": FIN instead of an answer */
	FATE_GARBAGE,          /* bytes that are no HTTP, then FIN */
	FATE_STALL,            /* read, never answered */
	FATE_HALF_CLOSE,       /* FIN at once, and never another byte; reads on */
	FATE_REFUSE,           /* a door: connect() is refused */
	FATE_NO_ACCEPT,        /* a door: connect() never ends */
};

struct connection {
	enum fate fate;
	enum layer layer; /* LAYER_NETWORK unless said */
	bool
	    is_at_accept; /* RESET, CLOSE_UNANSWERED and STALL: before any byte is read */
};

struct action {
	enum action_kind kind;
	struct respond respond;
	struct scep scep;
	struct ca ca;
	struct connection connection;
	const char *tls; /* a word of words_tls */
};

enum delay_at { DELAY_HEAD, DELAY_BODY, DELAY_ACCEPT };

/* FIXED: min_ms; RANGE: even chance from min_ms to max_ms; LOGNORMAL: exp(N) around
   median_ms. Drawn when the rule fires: decision.delay_ms. */
enum delay_kind { DELAY_NONE, DELAY_FIXED, DELAY_RANGE, DELAY_LOGNORMAL };

struct delay {
	enum delay_kind kind;
	enum delay_at at;
	uint64_t min_ms, max_ms;
	uint64_t median_ms;
	double sigma;
};

struct shaping_wish {
	struct delay delay;
	size_t drip_bytes; /* 0: in one piece */
	uint64_t drip_ms;
	struct cut cut; /* http/plan.h */
};

/* What leaves is edited, whoever has made it. */
struct reply_edit {
	unsigned status; /* 0: as it is */
	enum framing framing;
	bool is_http10;   /* the status line says HTTP/1.0 */
	const char *body; /* a word of words_transform; NULL: as it is */
	struct header_edit *headers;
	size_t header_count;
};

#endif
