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

extern const struct words words_outcome;    /* in the order of enum outcome */
extern const struct words words_provenance; /* in the order of enum provenance */
extern const struct words words_count_by;   /* in the order of enum count_by */
extern const struct words words_layer;      /* those that can answer by respond */
extern const struct words words_operation;  /* what GET ?operation= may name */
extern const struct words words_method;
extern const struct words words_message_type; /* RFC 8894 3.2.1.2, requests */
extern const struct words words_pki_status;   /* RFC 8894 3.2.1.3 */
extern const struct words words_fail_info;    /* RFC 8894 3.2.1.4 */
extern const struct words words_capability;   /* lines of GetCACaps */
extern const struct words words_page;         /* the pages of HTTP.sys (ndes/pages) */
extern const struct words words_httperr;      /* s-reason of HTTPERR, as documented */

#endif
