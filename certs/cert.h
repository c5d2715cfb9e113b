/*
 * cert: a pki_cert filled from an encoding, and one certificate made anew from another:
 * the parts that pki, variant and aids are built of.
 */
#ifndef CERTS_CERT_H
#define CERTS_CERT_H

#include "certs/pki.h"

/*
 * Takes the key, also on failure. False: `der` is not one certificate; `ret` is as
 * cert_clear leaves it.
 */
bool cert_fill(struct pki_cert *ret, EVP_PKEY *key, struct bytes der);
/* Another of the same, with the same key. */
bool cert_copy(struct pki_cert *ret, const struct pki_cert *from);
void cert_clear(struct pki_cert *cert); /* a zeroed one is fine */
/* Appends the certificate as PEM. */
bool cert_write_pem(struct bytes der, struct buf *out);

/* A certificate that is as `from`, but for what is said. */
struct cert_remake {
	const struct pki_cert *from;
	const struct pki_cert *issuer; /* NULL: self-signed */
	EVP_PKEY *key;                 /* NULL: that of `from`; borrowed */
	const char *common_name;       /* a PrintableString; NULL: as it was */
	const char *key_usage;         /* in OpenSSL's words; NULL: as it was; "": none */
	time_t not_before;             /* 0: as it was */
	time_t not_after;              /* 0: as it was */
	unsigned char serial[PKI_SERIAL_SIZE];
	const EVP_MD *digest; /* of the signature */
};

/*
 * The key identifiers follow the keys, and the extensions keep their order. A
 * private-key operation. False and err; `ret` is as cert_clear leaves it.
 */
bool cert_remake(const struct cert_remake *remake, struct pki_cert *ret, struct err *err);

/*
 * A new key of the kind of `model`: RSA of its size, yet of `bits_max` at most, or
 * EC P-256 for all else. `is_stopping` as for pki_key. NULL and err.
 */
EVP_PKEY *cert_key_like(EVP_PKEY *model, unsigned bits_max, bool (*is_stopping)(void *),
    void *arg, struct err *err);

#endif
