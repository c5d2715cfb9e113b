/*
 * certrep: the answer to a pkiMessage, first as plain data, then sealed.
 *
 * The honest server fills in a struct certrep, a scenario's rule may edit it;
 * certrep_seal makes the bytes (private-key operations: on a worker). Shape of
 * what a real NDES sends:
 *
 *  - ContentInfo signedData v1; one digestAlgorithm {sha1|.., NULL}
 *  - FAILURE and PENDING: eContent is one byte 0x00, no certificates
 *  - SUCCESS: eContent is an EnvelopedData for the requester (issuerAndSerial,
 *    rsaEncryption NULL) holding a certs-only SignedData: the leaf, then the CA;
 *    the outer certificates hold the RA signing certificate
 *  - SignerInfo v1, issuerAndSerial of the RA signing certificate
 *  - signedAttrs in DER SET order: messageType, pkiStatus, [failInfo],
 *    contentType, [HRESULT as signed decimal, 1.3.6.1.4.1.311.21.33],
 *    senderNonce, recipientNonce, messageDigest, transactionID; no signingTime
 *  - signatureAlgorithm rsaEncryption NULL
 *
 * All this may be otherwise by a scenario's forms (forms.h), which touch what is sent
 * alone: the certificate in leaf_der is the honest one with any of them. Forms of the
 * content, such as an odd certificate, hold where there is one: in a SUCCESS, or with the
 * form that sends the payload although it is none.
 *
 * With is_rfc8894 a FAILURE and a PENDING have no eContent at all (3.3.2.2, 3.3.2.3).
 * Signing is deterministic as long as the keys are RSA keys: the same leaf (serial
 * number, times, CSR) sealed twice is the same certificate, byte for byte.
 */
#ifndef SCEP_CERTREP_H
#define SCEP_CERTREP_H

#include "certs/issue.h"
#include "certs/pki.h"
#include "scep/forms.h"
#include "scep/message.h"
#include "scep/types.h"

struct certrep {
	enum pki_status status;
	enum fail_info fail_info; /* FAILURE only */
	bool is_rfc8894;          /* the standard's form instead of NDES's */
	bool has_hresult;         /* FAILURE only; the standard knows no such attribute */
	uint32_t hresult;         /* sent as signed decimal */
	char *transaction_id; /* NULL: attribute left out; yours: certrep_clear frees */
	unsigned char sender_nonce[NONCE_SIZE];
	struct buf recipient_nonce;         /* empty: attribute left out */
	int digest_nid;                     /* outer digest and signature */
	int cipher_nid;                     /* of the envelope */
	struct buf recipient_issuer_serial; /* the requester, as it named itself */
	struct buf recipient_spki;
	EVP_PKEY *recipient_key; /* the same, decoded; NULL: decoded while sealing */
	struct buf recipient_password; /* the envelope is sealed under it instead of the
	                                  key; empty: it is not */
	struct csr *csr;               /* SUCCESS: the leaf points into it; owned */
	struct leaf leaf; /* SUCCESS: issued while sealing, unless leaf_der is set */
	/* SUCCESS: an already issued certificate; filled by sealing */
	struct buf leaf_der;
	bool has_crl;      /* SUCCESS: the CA's CRL instead, made while sealing */
	time_t crl_update; /* its thisUpdate */
	struct certrep_forms forms; /* how it differs from what NDES sends */
	char *hresult_text;         /* behind the HRESULT; NULL: none; yours */
	char *fail_info_text;   /* FAILURE only, RFC 8894 3.2.1.4.1; NULL: none; yours */
	struct buf stale_nonce; /* of the request before, for the form that sends it */
	time_t now;             /* for the form with signingTime; 0: the system's clock */
	/* Not sent: it was granted for a one-time password, which is used up by that. */
	bool spends_challenge;
};

#define CERTREP_INIT            \
	{                       \
		.digest_nid = 0 \
	}

/*
 * Appends the DER of the whole pkiMessage to `out`; when a leaf is issued, its DER
 * goes into certrep->leaf_der. False: OpenSSL would not (err says what).
 */
bool certrep_seal(
    struct certrep *certrep, const struct pki *pki, struct buf *out, struct err *err);
void certrep_clear(struct certrep *certrep);

/*
 * The cipher NDES answers with: the client's own where it is one we can write
 * (3DES, AES, DES with the legacy provider), else 3DES. Digest: the client's own,
 * SHA-1 for anything below it.
 */
int certrep_reply_cipher(int client_cipher_nid);
int certrep_reply_digest(int client_digest_nid);

/*
 * Whether a SUCCESS can be encrypted to this SubjectPublicKeyInfo: an RSA key. Ask
 * before the leaf is promised: for others (EC) the answer is FAILURE badAlg, and
 * certrep_seal would fail without a recipient_password.
 */
bool certrep_can_envelop(struct bytes spki);

#endif
