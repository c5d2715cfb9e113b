/*
 * variant: a CA that is not as NDES setup makes it: expired, of another key, with one RA
 * certificate instead of two, and the like (docs/scenario-format.md, server.pki).
 *
 * It is made of the usual one and shares keys, names and certificates with it wherever
 * the word does not say otherwise, so that a client that knows one can meet the other. A
 * certificate that differs has a serial number of its own; "over" is since a day before
 * `now`, "not yet valid" until a day after.
 *
 * All are good for opening, signing and issuing, with these limits:
 *   ec           pki->encrypt is the CA's certificate and EC key like pki->sign, and
 *                nothing can be encrypted to it: no message is ever opened
 *   swapped-ra   the keys keep their parts: what is encrypted to the certificate whose
 *                usage is keyEncipherment, as a client should, cannot be opened
 *   expired-ca   leaves are issued as if the CA went on (leaf_issue)
 * pki->ca_pem, the trust anchor, is the variant's own CA, but the usual one's with
 * renewed-ca (which it does not fit) and chain (whose root is the usual CA).
 */
#ifndef CERTS_VARIANT_H
#define CERTS_VARIANT_H

#include "certs/pki.h"

bool variant_is_known(const char *word);
/*
 * `base` is borrowed, and a usual one; it may gain an aid. Of the settings only `now`
 * counts: new keys are as long as those whose place they take. Private-key operations,
 * and for some words a new key: on a worker. `is_stopping` as for pki_key. NULL and err.
 */
struct pki *
variant_make(struct pki *base, const char *word, const struct pki_settings *settings,
    bool (*is_stopping)(void *), void *arg, struct err *err);

#endif
