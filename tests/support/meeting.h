/*
 * meeting: a client and a server that know each other, what the client sent as the
 * server opened it, and the honest CertRep to it: where tests of CertReps begin.
 */
#ifndef SUPPORT_MEETING_H
#define SUPPORT_MEETING_H

#include "base/mem.h"
#include "scep/certrep.h"
#include "support/scep_fixture.h"
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <openssl/err.h>

/* A client, what it sent, and its message as the server opened it. */
struct meeting {
	struct pki *pki;
	struct scep_client *client;
	struct scep_message *message;
};

static inline struct meeting
meet(const struct scep_request *request)
{
	struct meeting meeting = {.pki = scep_fixture_pki()};
	struct buf der = BUF_INIT;

	meeting.client = scep_fixture_client(meeting.pki, (struct scep_identity){0});
	cr_assert(scep_client_request(meeting.client, request, &der));
	meeting.message = message_open(buf_bytes(&der), meeting.pki, time(NULL));
	cr_assert(eq(int, (int)meeting.message->fate, MESSAGE_OPENED));
	buf_clear(&der);
	return meeting;
}

static inline void
part(struct meeting *meeting)
{
	message_free(meeting->message);
	scep_client_free(meeting->client);
	pki_release(meeting->pki);
}

/* What the honest server would fill in; the leaf's CSR moves out of the message. */
static inline struct certrep
honest(struct meeting *meeting, enum pki_status status)
{
	struct scep_message *message = meeting->message;
	struct certrep certrep = {.status = status,
	    .transaction_id = mem_string(message->transaction_id),
	    .sender_nonce = {0xaa, 0xbb},
	    .digest_nid = certrep_reply_digest(message->digest_nid),
	    .cipher_nid = certrep_reply_cipher(message->cipher_nid)};
	static const unsigned char serial[16] = {0x11, 0x22};

	buf_add(&certrep.recipient_nonce, message->sender_nonce.data,
	    message->sender_nonce.len);
	if (status != PKI_SUCCESS)
		return certrep;
	buf_add(&certrep.recipient_issuer_serial, message->signer_issuer_serial.data,
	    message->signer_issuer_serial.len);
	buf_add(
	    &certrep.recipient_spki, message->signer_spki.data, message->signer_spki.len);
	certrep.csr = message->csr;
	message->csr = NULL;
	leaf_from_csr(&certrep.leaf, certrep.csr, time(NULL), serial);
	return certrep;
}

static inline struct buf
seal(struct certrep *certrep, const struct pki *pki)
{
	struct buf out = BUF_INIT;
	struct err err = ERR_INIT;

	cr_assert(certrep_seal(certrep, pki, &out, &err), "%s", err.text);
	cr_assert(ERR_peek_error() == 0);
	return out;
}

#endif
