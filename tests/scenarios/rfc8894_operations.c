#include "base/mem.h"
#include "scenarios/rfc8894.h"
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define CAPS_TEXT_MAX 512

static bool
allows(X509 *cert, uint32_t usage)
{
	return (X509_get_key_usage(cert) & usage) == usage;
}

static bool
s01(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	const struct scep_client *client = talk->client;

	if (client->ra_sign == client->ca || client->ra_encrypt == client->ca)
		return talk_fails(talk, "there is no RA");
	if (!allows(client->ra_sign, KU_DIGITAL_SIGNATURE) ||
	    !allows(client->ra_encrypt, KU_KEY_ENCIPHERMENT))
		return talk_fails(talk, "the RA may not sign, or not be encrypted to");
	return allows(client->ca, KU_KEY_CERT_SIGN | KU_CRL_SIGN) ||
	       talk_fails(talk, "the CA may not sign certificates and CRLs");
}

static CMS_ContentInfo *
body_cms(const struct talk *talk)
{
	const unsigned char *p = talk->answer.body.data;

	return d2i_CMS_ContentInfo(NULL, &p, (long)talk->answer.body.len);
}

/* A degenerate SignedData: no signer, no content. */
static bool
is_certs_only(CMS_ContentInfo *cms)
{
	ASN1_OCTET_STRING **content =
	    cms != NULL && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed
	        ? CMS_get0_content(cms)
	        : NULL;

	return content != NULL && *content == NULL &&
	       sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)) <= 0;
}

static bool
s02(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	CMS_ContentInfo *cms;
	STACK_OF(X509) * certs;
	bool ok;

	if (!talk_operation(talk, "GetCACert"))
		return false;
	cms = body_cms(talk);
	certs = cms != NULL ? CMS_get1_certs(cms) : NULL;
	ok = talk_is_type(talk, "application/x-x509-ca-ra-cert") && is_certs_only(cms) &&
	     sk_X509_num(certs) == 3 && X509_check_ca(sk_X509_value(certs, 0)) == 0 &&
	     X509_check_ca(sk_X509_value(certs, 2)) > 0;
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(cms);
	return ok || talk_fails(talk, "not a bag with the RA first and the CA last");
}

/* GetCACaps as text with '\n' before and behind each word; false: no answer. */
static bool
read_caps(struct talk *talk, char ret[CAPS_TEXT_MAX])
{
	size_t len = 0;

	if (!talk_operation(talk, "GetCACaps"))
		return false;
	ret[len++] = '\n';
	for (size_t i = 0; i < talk->answer.body.len && len < CAPS_TEXT_MAX - 2; i++) {
		char c = (char)talk->answer.body.data[i];

		if (c != '\r')
			ret[len++] = c;
	}
	if (ret[len - 1] != '\n')
		ret[len++] = '\n';
	ret[len] = '\0';
	return true;
}

static bool
has_cap(const char *caps, const char *word)
{
	char *line = mem_format("\n%s\n", word);
	bool has = strstr(caps, line) != NULL;

	free(line);
	return has;
}

static bool
enrols(struct talk *talk, const struct scep_request *request, enum talk_way way)
{
	if (!talk_send(talk, request, way))
		return false;
	return (talk->answer.status == 200 && talk->reply.signature_ok &&
	           talk->reply.status == 0 && talk->reply.leaf_has_our_key) ||
	       talk_fails(talk, "HTTP %u, pkiStatus %d", talk->answer.status,
	           talk->reply.status);
}

static struct scep_request
request(const struct talk *talk, const char *id)
{
	return (struct scep_request){
	    .challenge = talk->server.challenge, .transaction_id = id};
}

static bool
s05(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	struct scep_request ask = request(talk, "S-05");
	char caps[CAPS_TEXT_MAX];

	ask.cipher_nid = NID_aes_128_cbc;
	ask.digest_nid = NID_sha256;
	if (!read_caps(talk, caps) || !talk_operation(talk, "GetCACert") ||
	    !enrols(talk, &ask, TALK_POST))
		return false;
	if (talk->reply.cipher_nid != NID_aes_128_cbc ||
	    talk->reply.digest_nid != NID_sha256)
		return talk_fails(talk, "not answered in AES and SHA-256");
	if (has_cap(caps, "AES") != stage->is_rfc8894)
		return talk_fails(
		    talk, "AES is %slisted", stage->is_rfc8894 ? "not " : "");
	return (has_cap(caps, "SHA-256") && has_cap(caps, "POSTPKIOperation")) ||
	       talk_fails(talk, "SHA-256 or POSTPKIOperation is not listed");
}

static bool
s06(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	struct scep_request ask = request(talk, "S-06");

	ask.cipher_nid = NID_des_ede3_cbc;
	ask.digest_nid = NID_sha1;
	return enrols(talk, &ask, TALK_GET) &&
	       ((talk->reply.cipher_nid == NID_des_ede3_cbc &&
	            talk->reply.digest_nid == NID_sha1) ||
	           talk_fails(talk, "not answered in 3DES and SHA-1"));
}

static bool
s21(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	struct scep_request ask = request(talk, "S-21");
	CMS_ContentInfo *outside;
	CMS_ContentInfo *inside;
	bool ok;

	if (!enrols(talk, &ask, TALK_POST))
		return false;
	inside = talk_bag(talk, NULL);
	ok = is_certs_only(inside);
	CMS_ContentInfo_free(inside);
	if (!ok || !talk_operation(talk, "GetCACert"))
		return talk_fails(talk, "the bag in a SUCCESS has content");
	outside = body_cms(talk);
	ok = is_certs_only(outside);
	CMS_ContentInfo_free(outside);
	return ok || talk_fails(talk, "the bag of GetCACert has content");
}

static bool
s22(struct stage *stage)
{
	char caps[CAPS_TEXT_MAX];

	return read_caps(&stage->healthy, caps) &&
	       (has_cap(caps, "Renewal") ||
	           talk_fails(&stage->healthy, "Renewal is not listed"));
}

static bool
s23(struct stage *stage)
{
	/* clang-format off */
	static const char *const words[] = {"AES", "DES3", "GetNextCACert",
	    "POSTPKIOperation", "Renewal", "SHA-1", "SHA-256", "SHA-512", "SCEPStandard"};
	/* clang-format on */
	struct talk *talk = &stage->healthy;
	char caps[CAPS_TEXT_MAX];
	size_t lines = 0;
	size_t known = 0;

	if (!read_caps(talk, caps))
		return false;
	for (const char *p = caps; *p != '\0'; p++)
		lines += *p == '\n';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		known += has_cap(caps, words[i]);
	if (known != lines - 1)
		return talk_fails(talk, "%zu of %zu lines are words of RFC 8894 3.5.2",
		    known, lines - 1);
	return !stage->is_rfc8894 || known == sizeof(words) / sizeof(words[0]) ||
	       talk_fails(talk, "only %zu words are listed", known);
}

static bool
s24(struct stage *stage)
{
	return talk_operation(&stage->healthy, "GetCACaps") &&
	       (talk_is_type(&stage->healthy, "text/plain") ||
	           talk_fails(&stage->healthy, "GetCACaps is not text/plain"));
}

static bool
s25(struct stage *stage)
{
	static const char *const paths[] = {TALK_PATH "/pkiclient.exe", TALK_PATH "/x/y",
	    "/certsrv/mscep/", "/CertSrv/mscep/mscep.dll"};
	struct talk *talk = &stage->healthy;

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		char *target = mem_format("%s?operation=GetCACert&message=ca", paths[i]);
		bool ok = talk_get(talk, target) && talk->answer.status == 200 &&
		          talk_is_type(talk, "application/x-x509-ca-ra-cert");

		free(target);
		if (!ok)
			return talk_fails(
			    talk, "%s is answered %u", paths[i], talk->answer.status);
	}
	return true;
}

static bool
s26(struct stage *stage)
{
	struct scep_request ask = request(&stage->healthy, "S-26");

	return enrols(&stage->healthy, &ask, TALK_GET);
}

static bool
s27(struct stage *stage)
{
	static const char next[] = "application/x-x509-next-ca-cert";
	struct talk *talk = &stage->healthy;
	struct scep_request ask = request(talk, "S-27");

	if (!enrols(talk, &ask, TALK_POST))
		return false;
	if (!talk_is_type(talk, "application/x-pki-message"))
		return talk_fails(talk, "a CertRep is not x-pki-message");
	if (!talk_operation(talk, "GetCACert") ||
	    !talk_is_type(talk, "application/x-x509-ca-ra-cert"))
		return talk_fails(talk, "GetCACert is not x-x509-ca-ra-cert");
	return talk_get(talk, TALK_PATH "?operation=GetNextCACert&message=ca") &&
	       (talk_is_type(talk, next) == stage->is_rfc8894 ||
	           talk_fails(talk, "GetNextCACert is answered %u", talk->answer.status));
}

static bool
s28(struct stage *stage)
{
	struct scep_request ask = request(&stage->healthy, "S-28");

	return enrols(&stage->healthy, &ask, TALK_POST_BARE);
}

/* The content that the current CA has signed, as a bag; yours, NULL: it has not. */
static CMS_ContentInfo *
signed_by_ca(const struct talk *talk)
{
	CMS_ContentInfo *cms = body_cms(talk);
	STACK_OF(X509) *signers = sk_X509_new_null();
	BIO *content = BIO_new(BIO_s_mem());
	CMS_ContentInfo *bag = NULL;

	sk_X509_push(signers, talk->client->ca);
	if (cms != NULL &&
	    CMS_verify(cms, signers, NULL, NULL, content,
	        CMS_BINARY | CMS_NO_SIGNER_CERT_VERIFY | CMS_NOINTERN) == 1)
		bag = d2i_CMS_bio(content, NULL);
	sk_X509_free(signers);
	BIO_free(content);
	CMS_ContentInfo_free(cms);
	return bag;
}

static bool
s32(struct stage *stage)
{
	struct talk *talk = &stage->healthy;
	CMS_ContentInfo *bag;
	STACK_OF(X509) * certs;
	bool ok;

	if (!talk_get(talk, TALK_PATH "?operation=GetNextCACert&message=ca"))
		return false;
	if (!stage->is_rfc8894)
		return !talk_is_type(talk, "application/x-x509-next-ca-cert") ||
		       talk_fails(talk, "NDES does not know GetNextCACert");
	bag = signed_by_ca(talk);
	certs = bag != NULL ? CMS_get1_certs(bag) : NULL;
	ok = sk_X509_num(certs) > 0 &&
	     ASN1_TIME_compare(X509_get0_notAfter(sk_X509_value(certs, 0)),
	         X509_get0_notAfter(talk->client->ca)) > 0;
	sk_X509_pop_free(certs, X509_free);
	CMS_ContentInfo_free(bag);
	return ok || talk_fails(talk, "the current CA has not signed a later one");
}

static bool
s33(struct stage *stage)
{
	static const char server[] = "Microsoft-IIS/";
	struct talk *talk = &stage->healthy;
	struct scep_request ask = request(talk, "S-33");

	ask.cipher_nid = NID_aes_256_cbc;
	ask.digest_nid = NID_sha512;
	if (!talk_operation(talk, "GetCACaps"))
		return false;
	if (!slice_starts_nocase(peer_header(&talk->answer, "Server"), server))
		return talk_fails(talk, "the Server header is not IIS's");
	return enrols(talk, &ask, TALK_POST);
}

static bool
s34(struct stage *stage)
{
	static const struct scep_identity rsa = {.rsa_bits = 1024};
	struct talk *talk = &stage->one_time;
	char password[TALK_PASSWORD + 1];
	char other[TALK_PASSWORD + 1];
	struct scep_request ask = {.challenge = password, .transaction_id = "S-34"};

	stage->failed = talk;
	if (!talk_password(talk, password) || !talk_password(talk, other))
		return false;
	if (strcmp(password, other) == 0)
		return talk_fails(talk, "one password was given out twice");
	if (!enrols(talk, &ask, TALK_POST) || !enrols(talk, &ask, TALK_POST))
		return false; /* the second time: the same request, sent again */
	ask.transaction_id = "S-34b";
	if (!talk_meet(talk, &rsa) || !talk_expect(talk, &ask, 2, 1))
		return false;
	ask.challenge = other;
	return enrols(talk, &ask, TALK_POST);
}

const struct rule rfc8894_operations[] = {
    {"S-01", "certificates of the protocol may sign and be encrypted to", s01},
    {"S-02", "GetCACert is a degenerate bag, the RA as leaf", s02},
    {"S-05", "GetCACaps, GetCACert, PKCSReq, POST, AES-128, SHA-256", s05},
    {"S-06", "GET, 3DES and SHA-1 work", s06},
    {"S-21", "a certs-only CMS has no content", s21},
    {"S-22", "GetCACaps is there", s22},
    {"S-23", "capabilities in exact case, one a line", s23},
    {"S-24", "GetCACaps is text/plain", s24},
    {"S-25", "what stands behind the path is ignored", s25},
    {"S-26", "the message of a GET is base64, percent-encoded", s26},
    {"S-27", "the Content-Types of answers", s27},
    {"S-28", "a POST without operation is a PKIOperation", s28},
    {"S-32", "GetNextCACert is signed by the current CA, NDES has none", s32},
    {"S-33", "IIS is named, AES and SHA-2 are answered in kind", s33},
    {"S-34", "passwords are many, and each enrols once", s34},
};
const size_t rfc8894_operation_count =
    sizeof(rfc8894_operations) / sizeof(rfc8894_operations[0]);
