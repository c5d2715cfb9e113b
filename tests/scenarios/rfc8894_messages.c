#include "scenarios/rfc8894.h"
#include "scep/attributes.h"
#include <openssl/x509v3.h>
#include <string.h>

#define SUCCESS 0
#define FAILURE 2
#define PENDING 3
#define NONE    (-1)

#define BAD_ALG           0
#define BAD_MESSAGE_CHECK 1
#define BAD_REQUEST       2
#define BAD_CERT_ID       4

#define RENEWAL   17
#define CERT_POLL 20
#define GET_CERT  21
#define GET_CRL   22

/* An ordinary PKCSReq; `id` is the transactionID. */
static struct scep_request
request(const struct talk *talk, const char *id)
{
	return (struct scep_request){
	    .challenge = talk->server.challenge, .transaction_id = id};
}

static struct scep_request
request_of_type(const struct talk *talk, const char *id, int type)
{
	struct scep_request ret = request(talk, id);

	ret.message_type = type;
	return ret;
}

static bool
enrols(struct talk *talk, const char *id)
{
	struct scep_request ask = request(talk, id);

	return talk_expect(talk, &ask, SUCCESS, NONE) &&
	       ((talk->reply.leaf_has_our_key && talk->reply.leaf_from_ca) ||
	           talk_fails(talk, "the certificate is not for the client's key"));
}

static bool
is_refused(struct talk *talk, const char *id)
{
	struct scep_request ask = {.transaction_id = id}; /* no challenge */

	return talk_expect(talk, &ask, FAILURE, BAD_MESSAGE_CHECK);
}

static bool
is_made_to_wait(struct stage *stage, const char *id)
{
	struct scep_request ask = request(&stage->pending, id);

	stage->failed = &stage->pending;
	return talk_expect(&stage->pending, &ask, PENDING, NONE);
}

/* What holds nothing: one zero byte with NDES, no content by the standard. */
static bool
is_empty(struct talk *talk, bool is_rfc8894)
{
	const struct scep_reply *reply = &talk->reply;

	if (is_rfc8894 ? reply->content_size == -1 : reply->content_is_zero_byte)
		return true;
	return talk_fails(talk, "eContent has %ld octets", reply->content_size);
}

static bool
s03(struct stage *stage)
{
	return is_refused(&stage->healthy, "S-03");
}

static bool
s04(struct stage *stage)
{
	struct scep_request poll = request_of_type(&stage->healthy, "S-04", CERT_POLL);

	return is_refused(&stage->healthy, "S-04") &&
	       talk_expect(&stage->healthy, &poll, FAILURE, BAD_CERT_ID);
}

static bool
s07(struct stage *stage)
{
	static const struct {
		int cipher;
		int digest;
	} weak[] = {{NID_des_cbc, NID_sha256}, {NID_aes_128_cbc, NID_md5}};
	struct talk *talk = &stage->healthy;

	for (size_t i = 0; i < 2; i++) {
		struct scep_request ask = request(talk, "S-07");

		ask.cipher_nid = weak[i].cipher;
		ask.digest_nid = weak[i].digest;
		if (!talk_expect(talk, &ask, stage->is_rfc8894 ? FAILURE : SUCCESS,
		        stage->is_rfc8894 ? BAD_ALG : NONE))
			return false;
	}
	return true;
}

static bool
s08(struct stage *stage)
{
	if (!is_refused(&stage->healthy, "S-08") ||
	    !is_empty(&stage->healthy, stage->is_rfc8894))
		return false;
	return is_made_to_wait(stage, "S-08") &&
	       is_empty(&stage->pending, stage->is_rfc8894);
}

static bool
s09(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	STACK_OF(CMS_SignerInfo) * signers;

	if (!enrols(talk, "S-09"))
		return false;
	signers = CMS_get0_SignerInfos(talk->cms);
	if (OBJ_obj2nid(CMS_get0_eContentType(talk->cms)) != NID_pkcs7_data)
		return talk_fails(talk, "eContentType is not data");
	if (CMS_signed_get_attr_count(sk_CMS_SignerInfo_value(signers, 0)) <= 0)
		return talk_fails(talk, "there are no signed attributes");
	return talk->reply.bag_certs > 0 || talk_fails(talk, "no certificate inside");
}

static bool
has_attributes(struct talk *talk, bool is_failure)
{
	static const char *const always[] = {OID_MESSAGE_TYPE, OID_PKI_STATUS,
	    OID_TRANSACTION_ID, OID_SENDER_NONCE, OID_RECIPIENT_NONCE};
	bool has_fail_info = talk_attribute(talk, OID_FAIL_INFO) != NULL;

	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (talk_attribute(talk, always[i]) == NULL)
			return talk_fails(talk, "attribute %s is not there", always[i]);
	if (has_fail_info != is_failure)
		return talk_fails(
		    talk, "failInfo is %sthere", has_fail_info ? "" : "not ");
	return true;
}

static bool
s10(struct stage *stage)
{
	if (!enrols(&stage->healthy, "S-10") || !has_attributes(&stage->healthy, false) ||
	    !is_refused(&stage->healthy, "S-10b") ||
	    !has_attributes(&stage->healthy, true))
		return false;
	return is_made_to_wait(stage, "S-10") && has_attributes(&stage->pending, false);
}

static bool
has_types(struct talk *talk)
{
	static const struct {
		const char *oid;
		int type;
	} types[] = {
	    {OID_MESSAGE_TYPE, V_ASN1_PRINTABLESTRING},
	    {OID_PKI_STATUS, V_ASN1_PRINTABLESTRING},
	    {OID_FAIL_INFO, V_ASN1_PRINTABLESTRING},
	    {OID_TRANSACTION_ID, V_ASN1_PRINTABLESTRING},
	    {"1.3.6.1.5.5.7.24.1", V_ASN1_UTF8STRING},
	    {OID_SENDER_NONCE, V_ASN1_OCTET_STRING},
	    {OID_RECIPIENT_NONCE, V_ASN1_OCTET_STRING},
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const ASN1_TYPE *value = talk_attribute(talk, types[i].oid);

		if (value == NULL)
			continue; /* S-10 knows which have to be there */
		if (ASN1_TYPE_get(value) != types[i].type)
			return talk_fails(talk, "attribute %s has type %d", types[i].oid,
			    ASN1_TYPE_get(value));
		if (types[i].type == V_ASN1_OCTET_STRING &&
		    ASN1_STRING_length(value->value.octet_string) != 16)
			return talk_fails(talk, "nonce %s has %d octets", types[i].oid,
			    ASN1_STRING_length(value->value.octet_string));
	}
	return true;
}

static bool
s11(struct stage *stage)
{
	return enrols(&stage->healthy, "S-11") && has_types(&stage->healthy) &&
	       is_refused(&stage->healthy, "S-11b") && has_types(&stage->healthy);
}

static bool
s12(struct stage *stage)
{
	static const int no_types[] = {1, 2, 3, 18, 41, 99, NONE};
	struct talk *talk = &stage->healthy;

	for (size_t i = 0; i < sizeof(no_types) / sizeof(no_types[0]); i++) {
		struct scep_request ask = request_of_type(talk, "S-12", no_types[i]);

		if (!talk_expect(talk, &ask, FAILURE, BAD_REQUEST))
			return false;
	}
	return true;
}

static bool
s13(struct stage *stage)
{
	return enrols(&stage->healthy, "S-13") && is_refused(&stage->healthy, "S-13b") &&
	       is_made_to_wait(stage, "S-13");
}

static bool
s14(struct stage *stage)
{
	static const unsigned char no_csr[] = {0x30, 0x03, 0x02, 0x01, 0x00};
	struct talk *talk = &stage->healthy;
	struct scep_request garbage = request(talk, "S-14");
	struct scep_request foreign = request_of_type(talk, "S-14b", RENEWAL);
	struct scep_request early = request_of_type(talk, "S-14c", CERT_POLL);

	garbage.inner = (struct bytes){no_csr, sizeof(no_csr)};
	return talk_expect(talk, &garbage, FAILURE, BAD_REQUEST) &&
	       talk_expect(talk, &foreign, FAILURE, BAD_REQUEST) &&
	       talk_expect(talk, &early, FAILURE, BAD_CERT_ID) &&
	       is_refused(talk, "S-14d");
}

static bool
s15(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	unsigned char first[16];

	for (int i = 0; i < 3; i++) { /* talk_expect looks at recipientNonce */
		const ASN1_TYPE *nonce;

		if (!enrols(talk, "S-15"))
			return false;
		nonce = talk_attribute(talk, OID_SENDER_NONCE);
		if (nonce == NULL || ASN1_STRING_length(nonce->value.octet_string) != 16)
			return talk_fails(talk, "no senderNonce of 16 octets");
		if (i > 0 && memcmp(ASN1_STRING_get0_data(nonce->value.octet_string),
		                 first, 16) == 0)
			return talk_fails(talk, "one senderNonce came twice");
		memcpy(first, ASN1_STRING_get0_data(nonce->value.octet_string), 16);
	}
	return true;
}

/* CMS_RECIPINFO_TRANS .. of the one recipient; -1: not exactly one. */
static int
recipient_type(const struct talk *talk)
{
	CMS_ContentInfo *envelope = talk_envelope(talk);
	STACK_OF(CMS_RecipientInfo) *all =
	    envelope != NULL ? CMS_get0_RecipientInfos(envelope) : NULL;
	int ret = -1;

	if (sk_CMS_RecipientInfo_num(all) == 1)
		ret = CMS_RecipientInfo_type(sk_CMS_RecipientInfo_value(all, 0));
	CMS_ContentInfo_free(envelope);
	return ret;
}

/* A signer with an EC key: by the standard the challengePassword opens the answer. */
static bool
is_sealed_under_password(struct talk *talk)
{
	struct scep_request ask = request(talk, "S-16b");
	CMS_ContentInfo *bag;

	if (!talk_expect(talk, &ask, SUCCESS, NONE))
		return false;
	if (recipient_type(talk) != CMS_RECIPINFO_PASS)
		return talk_fails(talk, "an EC key gets no PasswordRecipientInfo");
	bag = talk_bag(talk, talk->server.challenge);
	CMS_ContentInfo_free(bag);
	return bag != NULL || talk_fails(talk, "challengePassword opens no bag");
}

static bool
s16(struct stage *stage)
{
	static const struct scep_identity ec = {.is_ec = true};
	static const struct scep_identity rsa = {.rsa_bits = 1024};
	struct talk *talk = &stage->healthy;
	struct scep_request refused = request(talk, "S-16c");
	bool ok;

	if (!enrols(talk, "S-16"))
		return false;
	if (recipient_type(talk) != CMS_RECIPINFO_TRANS)
		return talk_fails(talk, "an RSA key gets no KeyTransRecipientInfo");
	ok = talk_meet(talk, &ec) &&
	     (stage->is_rfc8894 ? is_sealed_under_password(talk)
	                        : talk_expect(talk, &refused, FAILURE, BAD_ALG));
	return talk_meet(talk, &rsa) && ok;
}

static bool
holds_crl(struct talk *talk)
{
	CMS_ContentInfo *bag = talk_bag(talk, NULL);
	STACK_OF(X509_CRL) *crls = bag != NULL ? CMS_get1_crls(bag) : NULL;
	bool ok =
	    sk_X509_CRL_num(crls) == 1 && X509_CRL_verify(sk_X509_CRL_value(crls, 0),
	                                      X509_get0_pubkey(talk->client->ca)) == 1;

	sk_X509_CRL_pop_free(crls, X509_CRL_free);
	CMS_ContentInfo_free(bag);
	return ok || talk_fails(talk, "there is no CRL of the CA inside");
}

static bool
s31(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	struct scep_request ask = request_of_type(talk, "S-31", GET_CRL);

	if (stage->is_rfc8894)
		return talk_expect(talk, &ask, SUCCESS, NONE) && holds_crl(talk);
	return talk_expect(talk, &ask, FAILURE, BAD_REQUEST) &&
	       (strcmp(talk->reply.hresult, "-2147024809") == 0 ||
	           talk_fails(talk, "HRESULT is \"%s\"", talk->reply.hresult));
}

static bool
is_leaf(struct talk *talk, const struct scep_request *ask)
{
	return talk_expect(talk, ask, SUCCESS, NONE) &&
	       ((talk->reply.leaf_has_our_key && talk->reply.leaf_from_ca) ||
	           talk_fails(talk, "the certificate is not for the client's key"));
}

static bool
s17(struct stage *stage)
{
	static const struct scep_identity rsa = {.rsa_bits = 1024};
	struct talk *talk = &stage->healthy;
	struct scep_request poll = request_of_type(&stage->pending, "S-17", CERT_POLL);
	struct scep_request get = request_of_type(talk, "S-17b", GET_CERT);
	struct scep_request renewal = request_of_type(talk, "S-17c", RENEWAL);
	bool ok;

	if (!enrols(talk, "S-17"))
		return false;
	scep_client_adopt(talk->client, talk->reply.leaf);
	renewal.challenge = NULL;
	ok = is_leaf(talk, &get) && is_leaf(talk, &renewal);
	ok = talk_meet(talk, &rsa) && ok;
	if (!ok || !is_made_to_wait(stage, "S-17") || !is_leaf(&stage->pending, &poll))
		return false;
	stage->failed = talk;
	return !stage->is_rfc8894 || s31(stage);
}

static bool
s18(struct stage *stage)
{
	return is_refused(&stage->healthy, "S-18") &&
	       (stage->healthy.reply.cipher_nid == 0 ||
	           talk_fails(&stage->healthy, "there is an envelope"));
}

static bool
s19(struct stage *stage)
{
	return is_made_to_wait(stage, "S-19") &&
	       (stage->pending.reply.cipher_nid == 0 ||
	           talk_fails(&stage->pending, "there is an envelope"));
}

static bool
s20(struct stage *stage)
{
	static const unsigned char others[] = {0x30, 0x04, 0x30, 0x00, 0x30, 0x00};
	struct talk *talk = &stage->pending;
	struct scep_request poll = request_of_type(talk, "S-20", CERT_POLL);
	struct scep_request lost = poll;

	poll.inner = (struct bytes){others, sizeof(others)};
	lost.recipients = SCEP_TO_STRANGER;
	if (!is_made_to_wait(stage, "S-20") || !talk_send(talk, &lost, TALK_POST))
		return false;
	if (talk->cms != NULL)
		return talk_fails(talk, "a poll for another recipient gets a CertRep");
	return is_leaf(talk, &poll);
}

static bool
s29(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	struct scep_request poll = request_of_type(talk, "S-29", CERT_POLL);

	return talk_expect(talk, &poll, FAILURE, BAD_CERT_ID);
}

static bool
s30(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	struct scep_request get = request_of_type(talk, "S-30", GET_CERT);
	struct scep_request other = request_of_type(&stage->pending, "S-30", GET_CERT);

	/* the client's own certificate, which the CA has not issued */
	if (!talk_expect(talk, &get, FAILURE, BAD_CERT_ID))
		return false;
	stage->failed = &stage->pending;
	return talk_expect(&stage->pending, &other, FAILURE, BAD_CERT_ID);
}

const struct rule rfc8894_messages[] = {
    {"S-03", "a self-signed certificate alone authenticates nobody", s03},
    {"S-04", "a PKCSReq without authorisation is rejected", s04},
    {"S-07", "DES and MD5 are read, and refused by the standard", s07},
    {"S-08", "FAILURE and PENDING have no messageData", s08},
    {"S-09", "eContentType data, signed attributes, content as the type says", s09},
    {"S-10", "the attributes that each CertRep has", s10},
    {"S-11", "the ASN.1 types of the attributes", s11},
    {"S-12", "a messageType that is no request is an error", s12},
    {"S-13", "pkiStatus is 0, 2 or 3", s13},
    {"S-14", "failInfo is one of five, by its cause", s14},
    {"S-15", "a fresh senderNonce, the client's as recipientNonce", s15},
    {"S-16", "RSA: KeyTransRecipientInfo; EC: badAlg, by the standard a password", s16},
    {"S-17", "SUCCESS holds the certificate as leaf, or the CRL", s17},
    {"S-18", "FAILURE has failInfo and no envelope", s18},
    {"S-19", "PENDING has no envelope", s19},
    {"S-20", "a poll is found by recipient and transactionID", s20},
    {"S-29", "a CertPoll without a request is refused", s29},
    {"S-30", "GetCert is answered SUCCESS or FAILURE", s30},
    {"S-31", "GetCRL: refused as captured, by the standard the newest CRL", s31},
};
const size_t rfc8894_message_count =
    sizeof(rfc8894_messages) / sizeof(rfc8894_messages[0]);
