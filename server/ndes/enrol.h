/*
 * enrol: what an honest NDES decides about an opened pkiMessage.
 *
 * Pure decision: the message, what is stored of its transaction, and the policy go in;
 * a certrep comes out (or none: NDES answers something that is no PKI message). What is
 * to be remembered is the caller's, who knows whether a scenario has had its say.
 *
 * Which failInfo for which cause, and how sure that is (A captured, B reported,
 * C remembered, D argued):
 *
 *   challengePassword wrong, used, expired, missing     badMessageCheck   B
 *   key too short                                       badRequest, CERTSRV_E_KEY_LENGTH
 * A GetCRL, or a messageType that is none               badRequest        A renewal with
 * a signer that is not ours              badRequest        B (the FAILURE) CSR not signed
 * with its own key, or unreadable      badMessageCheck, badRequest  D GetCert, CertPoll
 * for what is not there             badCertId         D, RFC 8894 3.2.1.4 digest, cipher
 * or signer's key not usable           badAlg            D, the same cannot be decoded,
 * decrypted or verified            no CertRep        B
 *
 * The HRESULT attribute was captured with E_INVALIDARG and CERTSRV_E_KEY_LENGTH; where
 * nothing is known it is E_INVALIDARG. NDES is not known to read messageType 17
 * (RenewalReq) or 21 (GetCert); both are served, since clients send them.
 */
#ifndef NDES_ENROL_H
#define NDES_ENROL_H

#include "ndes/challenge.h"
#include "scep/certrep.h"
#include "scep/message.h"
#include "store/store.h"

#define ENROL_RSA_BITS_MIN 1024 /* of the requested key; a template would say 2048 */
#define ENROL_SERIAL_SIZE  16

/*
 * What was laid down when the stored CSR was first granted. With it every later answer
 * to that CSR is the same certificate, also when the first is still being sealed.
 */
struct enrol_plan {
	unsigned char serial[ENROL_SERIAL_SIZE];
	time_t now;
};

struct enrol_input {
	struct scep_message *message;     /* its csr is moved into the certrep */
	const struct transaction *stored; /* NULL: the transaction is not known */
	const struct enrol_plan *plan;    /* of the stored CSR; NULL: none is known */
	/* GetCert: DER of the certificate with message_wanted_serial; NULL: none */
	const struct buf *found_cert;
	const struct challenge_policy *challenge;
	enum challenge_fact challenge_fact; /* of enrol_password */
	bool is_rfc8894;
	const unsigned char *chance; /* NONCE_SIZE + ENROL_SERIAL_SIZE bytes: senderNonce,
	                                serial number */
	time_t now;
};

/* Whether mscep.dll gives a CertRep at all for a message with this fate. */
bool enrol_answers(enum message_fate fate);

/*
 * Fills in the honest CertRep: true. False (exactly if not enrol_answers): mscep.dll
 * gives no CertRep for this message (it could not be decoded, decrypted or verified).
 * By the standard's way a wrong signature is answered, too: FAILURE badMessageCheck.
 * `*reason` is a static sentence for the person at the terminal, or NULL when all is
 * well. ret->spends_challenge: the password is to be marked as used at once.
 */
bool
enrol_decide(const struct enrol_input *input, struct certrep *ret, const char **reason);

/*
 * Appends the challengePassword as text. False: the message has none, or none is needed
 * (a renewal).
 */
bool enrol_password(const struct scep_message *message, struct buf *ret);

/*
 * True and *ret filled: a new certificate was granted. Store it with the CSR before
 * anything else of this transaction is decided.
 */
bool enrol_plan_of(const struct certrep *certrep, struct enrol_plan *ret);

#endif
