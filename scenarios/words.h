/*
 * words: the closed sets of words that a scenario file may use. One table a set;
 * what is in none of them is refused with the nearest word of its set.
 */
#ifndef SCENARIOS_WORDS_H
#define SCENARIOS_WORDS_H

#include <stddef.h>

struct words {
	const char *what; /* "a page of HTTP.sys", for messages */
	const char *const *items;
	size_t count;
};

/* The top */
extern const struct words words_outcome;    /* in the order of enum outcome */
extern const struct words words_provenance; /* in the order of enum provenance */
extern const struct words words_profile;    /* of `needs`, as --profile has it */
extern const struct words words_level;      /* in the order of enum level */

/* server */
extern const struct words words_capability; /* lines of GetCACaps */
extern const struct words words_pki;        /* other CAs */

/* match */
extern const struct words words_operation; /* what GET ?operation= may name */
extern const struct words words_method;
extern const struct words words_platform; /* told by User-Agent */
extern const struct words words_client_cert;
extern const struct words words_message_type; /* RFC 8894 3.2.1.2, requests */
extern const struct words words_digest;
extern const struct words words_cipher;
extern const struct words words_challenge;
extern const struct words words_challenge_type; /* ASN.1 string types */
extern const struct words words_count_by;       /* in the order of enum count_by */

/* respond; the pages of a layer: words_pages */
extern const struct words words_layer;    /* in the order of enum layer */
extern const struct words words_redirect; /* in the order of enum redirect, from 1 */
extern const struct words words_page;     /* the pages of HTTP.sys */
extern const struct words
    words_page_iis; /* besides the error pages, which have no name */
extern const struct words words_page_proxy;

/* connection */
extern const struct words words_fate; /* in the order of enum fate */
extern const struct words words_at;   /* the stage: "accept" */

/* tls */
extern const struct words words_tls;

/* What leaves */
extern const struct words words_delay_at;  /* in the order of enum delay_at */
extern const struct words words_cut_end;   /* in the order of enum cut_end */
extern const struct words words_framing;   /* in the order of enum framing */
extern const struct words words_version;   /* of the status line */
extern const struct words words_transform; /* what becomes of a body */
extern const struct words words_forget;

/* The CertRep: what is told in texts of struct scep; forms: words_scep_forms */
extern const struct words words_pki_status; /* RFC 8894 3.2.1.3 */
extern const struct words words_fail_info;  /* RFC 8894 3.2.1.4 */
extern const struct words words_ca_certificate;

/* evidence and probes */
extern const struct words words_httperr;    /* s-reason of HTTPERR, as documented */
extern const struct words words_probe_fate; /* in the order of enum probe_fate */

/*
 * The forms of `scep` and `ca`: a key and its words, the usual one first. Only for
 * `status` and `fail_info` no word here is the usual one: those that a CertRep may have
 * are in words_pki_status and words_fail_info.
 */
struct form_words {
	const char *key;
	struct words words;
};

#define SCEP_FORM_COUNT 25
#define CA_FORM_COUNT   7
extern const struct form_words words_scep_forms[SCEP_FORM_COUNT];
extern const struct form_words words_ca_forms[CA_FORM_COUNT];

#endif
