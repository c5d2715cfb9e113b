/*
 * formed: CertReps sealed with a form, and what certreplines has to know to read them.
 */
#ifndef SUPPORT_FORMED_H
#define SUPPORT_FORMED_H

#include "certs/aids.h"
#include "support/certreplines.h"
#include "support/meeting.h"

#define FORMED_NOW  1700000000 /* 2023-11-14 22:13:20 UTC, of the signingTime */
#define FORMED_ID   "0123456789ABCDEF"
#define FORMED_TEXT "Denied by Policy Module"

static const unsigned char formed_nonce[NONCE_SIZE] = "the one of now..";
static const unsigned char formed_stale[NONCE_SIZE] = "one before that.";

static inline struct meeting
formed_meet(void)
{
	static const struct scep_request request = {
	    .challenge = "x", .transaction_id = FORMED_ID, .dns_name = "host1.example"};

	return meet(&request);
}

/* A certificate is at hand, whatever the status: formed_clear gives the CSR back. */
static inline struct certrep
formed_certrep(struct meeting *meeting, enum pki_status status)
{
	struct certrep certrep = honest(meeting, PKI_SUCCESS);

	certrep.status = status;
	certrep.fail_info = FAIL_BAD_MESSAGE_CHECK;
	certrep.has_hresult = true;
	certrep.hresult = HRESULT_CERTSRV_E_KEY_LENGTH;
	certrep.hresult_text = mem_string(FORMED_TEXT);
	certrep.fail_info_text = mem_string("No");
	certrep.now = FORMED_NOW;
	buf_reset(&certrep.recipient_nonce);
	buf_add(&certrep.recipient_nonce, formed_nonce, sizeof(formed_nonce));
	buf_add(&certrep.stale_nonce, formed_stale, sizeof(formed_stale));
	return certrep;
}

static inline void
formed_clear(struct meeting *meeting, struct certrep *certrep)
{
	meeting->message->csr = certrep->csr;
	certrep->csr = NULL;
	certrep_clear(certrep);
}

static inline void
formed_know(struct certrep_known *known, const char *name, const struct pki_cert *cert)
{
	const unsigned char *p = cert->der.data;
	X509 *x509 = d2i_X509(NULL, &p, (long)cert->der.len);

	cr_assert(x509 != NULL);
	known->certs[known->count++] =
	    (struct known_cert){.name = name, .cert = x509, .private_key = cert->key};
}

static inline struct certrep_known
formed_known(const struct meeting *meeting)
{
	static const struct {
		const char *name;
		enum aid aid;
	} aids[] = {
	    {"foreign RA", AID_FOREIGN_RA},
	    {"foreign CA", AID_FOREIGN_CA},
	    {"expired RA", AID_EXPIRED_SIGN},
	    {"stranger", AID_STRANGER},
	};
	struct certrep_known known = {.now = time(NULL),
	    .nonce = {formed_nonce, sizeof(formed_nonce)},
	    .stale = {formed_stale, sizeof(formed_stale)}};
	struct err err = ERR_INIT;

	formed_know(&known, "RA", &meeting->pki->sign);
	formed_know(&known, "encrypt", &meeting->pki->encrypt);
	formed_know(&known, "CA", &meeting->pki->ca);
	for (size_t i = 0; i < sizeof(aids) / sizeof(aids[0]); i++) {
		const struct pki_cert *cert = pki_aid(meeting->pki, aids[i].aid, &err);

		cr_assert(cert != NULL, "%s", err.text);
		formed_know(&known, aids[i].name, cert);
	}
	X509_up_ref(meeting->client->cert);
	known.certs[known.count++] =
	    (struct known_cert){"requester", meeting->client->cert, meeting->client->key};
	return known;
}

static inline void
formed_forget(struct certrep_known *known)
{
	for (size_t i = 0; i < known->count; i++)
		X509_free(known->certs[i].cert);
}

/* The lines of the CertRep with a form; key NULL: with none. */
static inline struct buf
formed_lines(struct meeting *meeting, const struct certrep_known *known,
    enum pki_status status, const char *key, const char *word)
{
	struct certrep certrep = formed_certrep(meeting, status);
	struct buf lines = BUF_INIT;
	struct buf der;

	if (key != NULL)
		cr_assert(certrep_form_set(&certrep.forms, key, word), "%s", word);
	der = seal(&certrep, meeting->pki);
	certrep_lines(known, buf_bytes(&der), &lines);
	buf_clear(&der);
	formed_clear(meeting, &certrep);
	return lines;
}

#endif
