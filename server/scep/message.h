/*
 * message: a client's pkiMessage (RFC 8894 section 3), opened.
 *
 * Opening verifies the signature, reads the attributes, decrypts the envelope
 * with the RA's encryption key (a private-key operation: run it on a worker) and
 * reads what is inside. Whatever a client sends gives a fate, never an err.
 *
 * Taken although RFC 8894 would not have them: indefinite-length BER, version 1
 * signer certificates, serial numbers of any length, several recipients, attributes
 * of any string type, signed attributes that are not sorted, DES and MD5.
 * Hurdles are taken in this order: SignedData, signature, recipient, cipher, content.
 * ossl_load_providers comes before the first call, or DES is MESSAGE_BAD_ALG.
 */
#ifndef SCEP_MESSAGE_H
#define SCEP_MESSAGE_H

#include "certs/csr.h"
#include "certs/pki.h"
#include "scep/types.h"

struct asn1_issuer_serial; /* certs/templates.h */

/* How far the message could be opened; the first hurdle it fell at. */
enum message_fate {
	MESSAGE_OPENED,  /* inner content matches the type; with MESSAGE_NONE and CertRep
	                    it is read and not looked at: nothing says what it should be */
	MESSAGE_NOT_CMS, /* not ASN.1, not SignedData, no signer: nothing to answer to */
	MESSAGE_NOT_ADDRESSED, /* no recipient names our RA encryption certificate, or no
	                          EnvelopedData at all (recipient_count 0) */
	MESSAGE_NOT_DECRYPTED, /* addressed to us, but RSA, padding or cipher do not fit
	                        */
	MESSAGE_BAD_SIGNATURE, /* digest or signature wrong, or the signer's certificate
	                          missing */
	MESSAGE_BAD_ALG,       /* cipher or digest not known or not to be had (DES without
	                          legacy) */
	MESSAGE_BAD_CONTENT,   /* decrypted, but not what the messageType says */
};

/*
 * Everything that is known about it. Bytes and strings are owned by the message.
 * The fields up to `signer_spki` are filled whenever the outer SignedData could
 * be read, whatever the fate, so that a FAILURE can be addressed.
 */
struct scep_message {
	enum message_fate fate;
	enum message_type type;  /* MESSAGE_NONE: absent or a number without a name */
	int type_number;         /* as sent; -1: absent or not a number */
	char *transaction_id;    /* NULL: absent, too long or not printable ASCII */
	struct buf sender_nonce; /* empty: absent or longer than MESSAGE_NONCE_MAX */
	int digest_nid;          /* of the SignerInfo: NID_sha1 .. */
	int cipher_nid;          /* of the envelope: NID_des_cbc ..; NID_undef: none */
	unsigned recipient_count;
	struct buf signer_issuer_serial; /* IssuerAndSerialNumber, DER: whom to answer */
	struct buf signer_spki; /* SubjectPublicKeyInfo, DER: whom to encrypt to */
	EVP_PKEY *signer_key;   /* the same, decoded; NULL: not a key OpenSSL knows */
	struct buf signer_cert; /* as sent */
	bool signer_is_ours; /* the signer's certificate was issued by this CA, is valid
	                        at `now` and its CA signature holds: a renewal */
	struct csr *csr;     /* PKCSReq, RenewalReq */
	bool csr_signature_ok;
	struct buf inner; /* decrypted content made DER: CSR; IssuerAndSubject for
	                     CertPoll; IssuerAndSerialNumber for GetCert and GetCRL */
	/* GetCert, GetCRL: which certificate, and whether its issuer is this CA */
	struct asn1_issuer_serial *wanted;
	bool wanted_is_ours;
};

#define MESSAGE_BYTES_MAX (1024 * 1024) /* larger: MESSAGE_NOT_CMS */
#define MESSAGE_NONCE_MAX 64 /* RFC 8894 3.2.1.5 says 16; NDES copies what it gets */

struct scep_message *message_open(struct bytes der, const struct pki *pki, time_t now);
void message_free(struct scep_message *message);

/* DES or MD5, which RFC 8894 2.9 forbids. */
bool message_is_weak(const struct scep_message *message);

/*
 * The serial number that a GetCert asks for, in the form of pki_cert.serial; borrowed.
 * False: it asks for none that this CA could have issued, or is no GetCert.
 */
bool message_wanted_serial(const struct scep_message *message, struct bytes *ret);

#endif
