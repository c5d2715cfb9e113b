/*
 * enrol: what an honest NDES decides about an opened pkiMessage.
 *
 * Pure decision: the message, what is stored of its transaction, and the policy
 * go in; a certrep comes out (or none: NDES answers something that is no PKI
 * message). What is to be remembered is decided after a scenario has had its say,
 * by enrol_outcome.
 */
#ifndef NDES_ENROL_H
#define NDES_ENROL_H

#include "ndes/challenge.h"
#include "scep/certrep.h"
#include "scep/message.h"
#include "store/store.h"

struct enrol_input {
	struct scep_message *message;     /* its csr is moved into the certrep */
	const struct transaction *stored; /* NULL: the transaction is not known */
	const struct challenge_policy *challenge;
	const unsigned char
	    *chance; /* NONCE_SIZE + 16 bytes: senderNonce, serial number */
	time_t now;
};

/* Whether mscep.dll gives a CertRep at all for a message with this fate. */
bool enrol_answers(enum message_fate fate);

/*
 * Fills in the honest CertRep: true. False (exactly if not enrol_answers): mscep.dll
 * gives no CertRep for this message (it could not be decoded, decrypted or verified).
 * `*reason` is a static sentence for the person at the terminal, or NULL when all is
 * well.
 */
bool
enrol_decide(const struct enrol_input *input, struct certrep *ret, const char **reason);

#endif
