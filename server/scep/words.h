/*
 * words: algorithms and names of a pkiMessage as texts: those that a scenario's match
 * names, and a Name as "CN=a,O=b".
 */
#ifndef SCEP_WORDS_H
#define SCEP_WORDS_H

#include "base/buf.h"

const char *digest_word(int nid); /* "sha256"; NULL: none of md5, sha1, sha256 .. */
const char *cipher_word(int nid); /* "des3"; NULL: none of des, des3, aes128 .. */
/* Of a challengePassword, by its universal tag: "utf8"; "other": none of the strings that
   have a word; NULL for 0, no challenge. */
const char *challenge_type_word(int tag);
/* Appends a Name (DER) in its own order, RFC 2253 escapes; nothing when it is none. */
void subject_text(struct bytes name_der, struct buf *out);

#endif
