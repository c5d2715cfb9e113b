/*
 * keep: the CA of a run kept in a folder, for the next run.
 *
 * Six PEM files in DIR/pki: ca.pem, ra-sign.pem, ra-encrypt.pem, and beside each its
 * private key (ca.key ..), readable by the owner alone. They can be given to openssl
 * as they are. The set is written whole or not at all: into a folder beside, to disk,
 * then renamed. What is read must be whole and fit together, for a server that made
 * new keys silently would deny the certificates that it issued before.
 */
#ifndef CERTS_KEEP_H
#define CERTS_KEEP_H

#include "certs/pki.h"

#define KEEP_FILE_MAX 65536 /* of one PEM file */

/*
 * Makes `dir`/pki, and `dir` where it is not there. False and err: not written, or
 * there is a set already.
 */
bool pki_save(const struct pki *pki, const char *dir, struct err *err);
/*
 * NULL with err->kind ERR_NONE: no set was kept yet. NULL and err: it cannot be read,
 * a file is missing or damaged, or keys and certificates do not fit. Needs
 * ossl_load_providers.
 */
struct pki *pki_load(const char *dir, struct err *err);

#endif
