/*
 * pki: the certificates and keys of one CA as NDES setup makes them. Immutable
 * once made (but for its aids, which have a lock) and counted atomically: jobs on any
 * thread share it by reference.
 *
 * What NDES has (as its GetCACert answer was seen, in this order):
 *   sign     RA signing certificate, template EnrollmentAgentOffline,
 *            keyUsage digitalSignature
 *   encrypt  RA encryption certificate, template CEPEncryption,
 *            keyUsage keyEncipherment
 *   ca       the issuing CA, keyUsage keyCertSign cRLSign digitalSignature
 * Both RA certificates have the EKU Certificate Request Agent
 * (1.3.6.1.4.1.311.20.2.1) and the V1 template extension (1.3.6.1.4.1.311.20.2,
 * BMPString of the template's name); serial numbers are consecutive.
 * The CA's name says that it is a test CA and must not be trusted.
 */
#ifndef CERTS_PKI_H
#define CERTS_PKI_H

#include "base/buf.h"
#include "base/err.h"
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdatomic.h>
#include <time.h>

#define PKI_CA_NAME     "mockndes test CA - DO NOT TRUST"
#define PKI_CA_DAYS     365
#define PKI_RA_DAYS     180
#define PKI_LEAF_DAYS   7     /* issued certificates are short-lived */
#define PKI_BACKDATE_S  600   /* notBefore lies this far back, as on an AD CS */
#define PKI_CA_AGE_S    86400 /* the CA is older than anything that it issues */
#define PKI_KEY_ID_SIZE 20    /* SHA-1 of the key, RFC 5280 4.2.1.2 (1) */
#define PKI_SERIAL_SIZE 16

struct aids;
struct asn1_certificate;

enum pki_which { PKI_CA, PKI_SIGN, PKI_ENCRYPT, PKI_COUNT };

/* A certificate that exists, and its key. */
struct pki_part {
	EVP_PKEY *key;
	X509 *cert;
};

/* The slices point into memory of the pki_cert. */
struct pki_cert {
	EVP_PKEY *key;
	struct buf der;               /* the certificate */
	struct bytes name;            /* its subject's Name, DER */
	struct bytes issuer;          /* its issuer's Name, DER */
	struct bytes serial;          /* its serialNumber, content octets */
	struct bytes spki;            /* SubjectPublicKeyInfo, DER */
	struct buf issuer_and_serial; /* IssuerAndSerialNumber, DER */
	time_t not_before;
	time_t not_after;
	unsigned char key_id[PKI_KEY_ID_SIZE]; /* subjectKeyIdentifier */
	struct asn1_certificate *asn1;         /* what the slices point to */
};

/*
 * The usual one has RA certificates, no root, SHA-256 and its own CA as the anchor;
 * others are made by certs/variant.
 */
struct pki {
	atomic_uint references;
	struct pki_cert ca;      /* issues */
	struct pki_cert sign;    /* signs CertReps */
	struct pki_cert encrypt; /* requests are encrypted to it */
	struct pki_cert root;    /* above the CA; empty unless has_root */
	bool has_root;
	bool has_ra; /* false: sign and encrypt are the CA's own certificate and key, and
	                GetCACert is that one certificate */
	const EVP_MD *digest; /* of the signatures on certificates and CRLs */
	time_t setup_at;      /* when NDES setup ran, as far as the certificates tell */
	struct aids *aids;    /* certs/aids: made when asked for */
	struct buf ca_pem;    /* the one trust anchor for TLS and SCEP */
};

/* What keys to make; NULL host is "localhost". */
struct pki_settings {
	const char *host;  /* for the RA's default subject CN=<HOST>-MSCEP-RA, C=US: in
	                      upper case, cut where the CN would be too long */
	unsigned rsa_bits; /* of all three keys: 2048 */
	time_t now;
};

/*
 * The three key pairs are made apart, so that workers can share the work:
 * pki_key makes one (it may take a second; `is_stopping` is asked now and then
 * and ends it early: NULL and err then), pki_new takes the three and makes the
 * certificates.
 */
EVP_PKEY *
pki_key(unsigned rsa_bits, bool (*is_stopping)(void *), void *arg, struct err *err);
/* Takes the keys, also on failure. */
struct pki *pki_new(const struct pki_settings *settings, EVP_PKEY *ca, EVP_PKEY *sign,
    EVP_PKEY *encrypt, struct err *err);
/* The same of certificates that were made before: takes the keys, also on failure. */
struct pki *pki_of(const struct pki_part parts[PKI_COUNT], struct err *err);
/* A random serial number: positive, no leading zero octet. False: no random to be had. */
bool pki_serial(unsigned char ret[PKI_SERIAL_SIZE]);
/* With a reference, no certificate, and all else as usual: for certs/variant to fill. */
struct pki *pki_blank(void);
struct pki *pki_reference(struct pki *pki); /* returns pki */
void pki_release(struct pki *pki); /* NULL is fine; frees with the last reference */

#endif
