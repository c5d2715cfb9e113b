/*
 * fuzz_pki: a CA and clients with keys made for one run. Inputs do not depend on the
 * keys: they say what is to be changed in a message, or are bytes of their own.
 */
#ifndef FUZZ_FUZZ_PKI_H
#define FUZZ_FUZZ_PKI_H

#include "certs/pki.h"
#include "support/scepclient.h"

#define FUZZ_NOW 1700000000 /* 2023-11-14 22:13:20 UTC, as is the pki */

struct pki *fuzz_pki_new(void); /* 1024 bits: signing is most of the time */
/* Has a small key, whatever rsa_bits says, and knows the pki. */
struct scep_client *
fuzz_client_new(const struct pki *pki, const struct scep_identity *identity);
/* From now on it signs with a certificate that this CA issued. */
void fuzz_client_enrol(struct scep_client *client, const struct pki *pki);

#endif
