#include "support/meeting.h"
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <string.h>

Test(certrep, by_the_standard_what_holds_nothing_has_no_content, .timeout = 20)
{
	static const enum pki_status statuses[] = {PKI_FAILURE, PKI_PENDING};
	static const struct scep_request request = {.challenge = "x"};
	struct meeting meeting = meet(&request);

	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct certrep certrep = honest(&meeting, statuses[i]);
		struct scep_reply reply;
		struct buf der;

		certrep.is_rfc8894 = true;
		der = seal(&certrep, meeting.pki);
		cr_expect(scep_client_read_reply(meeting.client, buf_bytes(&der), &reply),
		    "case %zu", i);
		cr_expect(reply.signature_ok && reply.transaction_ok, "case %zu", i);
		cr_expect(eq(int, reply.status, (int)statuses[i]), "case %zu", i);
		cr_expect(eq(long, reply.content_size, -1L), "case %zu", i);
		scep_reply_clear(&reply);
		buf_clear(&der);
		certrep_clear(&certrep);
	}
	part(&meeting);
}

Test(certrep, a_crl_takes_the_place_of_the_certificate, .timeout = 20)
{
	static const struct scep_request request = {.message_type = 22};
	struct meeting meeting = meet(&request);
	struct certrep certrep = {.status = PKI_SUCCESS,
	    .is_rfc8894 = true,
	    .transaction_id = mem_string(meeting.message->transaction_id),
	    .digest_nid = NID_sha256,
	    .cipher_nid = NID_aes_128_cbc,
	    .has_crl = true,
	    .crl_update = time(NULL)};
	struct scep_message *message = meeting.message;
	struct scep_reply reply;
	struct buf der;

	buf_add(&certrep.recipient_issuer_serial, message->signer_issuer_serial.data,
	    message->signer_issuer_serial.len);
	buf_add(
	    &certrep.recipient_spki, message->signer_spki.data, message->signer_spki.len);
	der = seal(&certrep, meeting.pki);
	cr_expect(scep_client_read_reply(meeting.client, buf_bytes(&der), &reply));
	cr_expect(reply.signature_ok && reply.status == 0);
	cr_expect(eq(int, reply.bag_certs, 0), "a CRL and no certificate");
	scep_reply_clear(&reply);
	buf_clear(&der);
	certrep_clear(&certrep);
	part(&meeting);
}
