#include "certs/variant.h"
#include "support/formed.h"
#include "support/same.h"
#include <openssl/cms.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* Several forms together: "key=word key=word". */
static void
set_forms(struct certrep_forms *forms, const char *words)
{
	char *copy = mem_string(words);
	char *rest = copy;
	char *pair;

	while ((pair = strsep(&rest, " ")) != NULL) {
		char *word = strchr(pair, '=');

		cr_assert(word != NULL, "%s", words);
		*word++ = '\0';
		cr_assert(certrep_form_set(forms, pair, word), "%s=%s", pair, word);
	}
	free(copy);
}

/* What OpenSSL reads in the odd one that it does not read in the honest one. Yours. */
static char *
changed_by(struct meeting *meeting, const struct certrep_known *known,
    enum pki_status status, const char *words, void (*edit)(struct certrep *))
{
	struct buf usual = formed_lines(meeting, known, status, NULL, NULL);
	struct certrep certrep = formed_certrep(meeting, status);
	struct buf odd = BUF_INIT;
	struct buf der;
	char *changed;

	set_forms(&certrep.forms, words);
	if (edit != NULL)
		edit(&certrep);
	der = seal(&certrep, meeting->pki);
	certrep_lines(known, buf_bytes(&der), &odd);
	changed = certrep_lines_changed(buf_slice(&usual), buf_slice(&odd));
	buf_clear(&der);
	buf_clear(&usual);
	buf_clear(&odd);
	formed_clear(meeting, &certrep);
	return changed;
}

static void
without_nonces(struct certrep *certrep)
{
	buf_clear(&certrep->recipient_nonce);
	buf_clear(&certrep->stale_nonce);
}

static void
without_stale(struct certrep *certrep)
{
	buf_clear(&certrep->stale_nonce);
}

static void
set_text(char **text, const char *to)
{
	free(*text);
	*text = mem_string(to);
}

static void
with_texts_beyond_ascii(struct certrep *certrep)
{
	set_text(&certrep->hresult_text, "N\xc3\xb6");
	set_text(&certrep->fail_info_text, "\xf0\x9f\x94\x92");
}

static void
without_hresult_text(struct certrep *certrep)
{
	set_text(&certrep->hresult_text, NULL);
}

static void
with_a_zero_at_the_end(struct certrep *certrep)
{
	set_text(&certrep->transaction_id, "aB0");
}

static void
without_transaction(struct certrep *certrep)
{
	set_text(&certrep->transaction_id, NULL);
}

static void
with_a_crl(struct certrep *certrep)
{
	certrep->has_crl = true;
	certrep->crl_update = FORMED_NOW;
}

static void
with_a_password(struct certrep *certrep)
{
	buf_add_text(&certrep->recipient_password, "secret");
}

static const struct row {
	const char *words;
	enum pki_status status;
	void (*edit)(struct certrep *);
	const char *changed;
} rows[] = {
    /* RFC 8017 9.1.1: a key of 1024 bits has no room for 64 octets of salt. */
    {"signature_algorithm=pss digest=sha512", PKI_FAILURE, NULL,
        "digest: SHA512 NULL; signature: RSASSA-PSS SEQUENCE"},
    {"signature_algorithm=pss digest=sha1", PKI_FAILURE, NULL,
        "digest: SHA1 NULL; signature: RSASSA-PSS SEQUENCE"},
    {"signature_algorithm=pss digest=md5", PKI_FAILURE, NULL,
        "digest: MD5 NULL; signature: RSASSA-PSS SEQUENCE"},
    {"signature_algorithm=sha-rsa digest=md5", PKI_FAILURE, NULL,
        "digest: MD5 NULL; signature: RSA-MD5 NULL"},
    {"signer=self signer_id=key-id", PKI_FAILURE, NULL,
        "version: 3; signer's version: 3; signer: key-id of requester"},
    {"signer=foreign signer_id=key-id certificates=all", PKI_SUCCESS, NULL,
        "version: 3; beside: foreign RA RA encrypt CA; signer: key-id of foreign RA; "
        "signed by: foreign RA"},
    {"signer=ca certificates=ca-first", PKI_SUCCESS, NULL,
        "beside: CA RA encrypt; signer: issuer and serial of CA; signed by: CA"},
    {"number_type=integer string_type=utf8", PKI_FAILURE, without_hresult_text,
        "messageType: INTEGER 3; pkiStatus: INTEGER 2; failInfo: INTEGER 1; "
        "HRESULT: UTF8STRING -2146875375; transactionID: UTF8STRING 0123456789ABCDEF"},
    {"status=7 number_type=integer", PKI_SUCCESS, NULL,
        "messageType: INTEGER 3; pkiStatus: INTEGER 7"},
    {"number_type=integer", PKI_SUCCESS, NULL,
        "messageType: INTEGER 3; pkiStatus: INTEGER 0"},
    /* failInfo goes with a FAILURE alone */
    {"fail_info=99", PKI_SUCCESS, NULL, ""},
    {"fail_info=99", PKI_PENDING, NULL, ""},
    {"string_type=printable", PKI_FAILURE, with_texts_beyond_ascii,
        "failInfoText: UTF8STRING \xf0\x9f\x94\x92; "
        "HRESULT: UTF8STRING -2146875375 N\xc3\xb6"},
    {"string_type=bmp message_type=missing status=missing fail_info=missing "
     "transaction_id=missing",
        PKI_FAILURE, with_texts_beyond_ascii,
        "messageType: absent; pkiStatus: absent; failInfo: absent; "
        "failInfoText: UTF8STRING \xf0\x9f\x94\x92; "
        "HRESULT: BMPSTRING -2146875375 N\xc3\xb6; transactionID: absent"},
    {"string_type=ia5 number_type=integer transaction_id=missing", PKI_FAILURE,
        with_texts_beyond_ascii,
        "messageType: INTEGER 3; pkiStatus: INTEGER 2; failInfo: INTEGER 1; "
        "failInfoText: UTF8STRING \xf0\x9f\x94\x92; "
        "HRESULT: UTF8STRING -2146875375 N\xc3\xb6; transactionID: absent"},
    {"transaction_id=wrong", PKI_FAILURE, with_a_zero_at_the_end,
        "transactionID: PRINTABLESTRING aB1"},
    {"transaction_id=wrong", PKI_FAILURE, without_transaction, "transactionID: absent"},
    {"recipient_nonce=wrong", PKI_FAILURE, without_nonces,
        "recipientNonce: OCTET STRING 16, from 22"},
    {"recipient_nonce=stale", PKI_FAILURE, without_nonces,
        "recipientNonce: OCTET STRING 16, from 22"},
    {"recipient_nonce=stale", PKI_FAILURE, without_stale,
        "recipientNonce: OCTET STRING 16, from 8b"},
    {"recipient_nonce=short", PKI_FAILURE, without_nonces, "recipientNonce: absent"},
    {"recipient_nonce=empty", PKI_FAILURE, without_nonces,
        "recipientNonce: OCTET STRING 0, from 00"},
    {"attribute_order=reversed signing_time=now encoding=ber", PKI_FAILURE, NULL,
        "outside: ber; signingTime: UTCTIME 231114221320Z; order: reversed"},
    {"content=empty encoding=ber", PKI_FAILURE, NULL, "outside: ber; content: 0 octets"},
    {"content=absent encoding=ber", PKI_SUCCESS, NULL, "outside: ber; content: absent"},
    {"leaf=bare encoding=ber-inner", PKI_SUCCESS, NULL,
        "inside: a certificate; bag: leaf"},
    {"leaf=missing bag=with-crl", PKI_SUCCESS, NULL, "bag:; crls: 1"},
    {"leaf=foreign bag=ca-leaf", PKI_SUCCESS, NULL,
        "bag: CA leaf; leaf's issuer: foreign CA"},
    /* the certificate's forms are not those of a CRL */
    {"leaf=wrong-key bag=with-ra recipient=new-certificate", PKI_SUCCESS, with_a_crl,
        "bag:; crls: 1"},
    {"recipient=other", PKI_SUCCESS, with_a_password,
        "recipient: issuer and serial of stranger; opened by: stranger"},
    {"recipient=key-id key_transport=oaep cipher=aes256", PKI_SUCCESS, NULL,
        "envelope's version: 2; recipient's version: 2; "
        "recipient: key-id of requester; transport: RSAES-OAEP SEQUENCE; "
        "cipher: AES-256-CBC"},
};

Test(certrep_content, forms_go_together, .timeout = 60)
{
	struct meeting meeting = formed_meet();
	struct certrep_known known = formed_known(&meeting);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *changed = changed_by(
		    &meeting, &known, rows[i].status, rows[i].words, rows[i].edit);

		cr_expect(
		    same(changed, rows[i].changed), "case %zu, %s", i, rows[i].words);
		free(changed);
	}
	formed_forget(&known);
	part(&meeting);
}

/* The DER of the certificate that the client finds in it; yours. */
static struct buf
sent_leaf(struct meeting *meeting, struct certrep *certrep)
{
	struct buf der = seal(certrep, meeting->pki);
	struct buf leaf = BUF_INIT;
	struct scep_reply reply;

	cr_assert(scep_client_read_reply(meeting->client, buf_bytes(&der), &reply));
	if (reply.leaf != NULL)
		cr_assert(OSSL_DER(&leaf, reply.leaf, i2d_X509));
	scep_reply_clear(&reply);
	buf_clear(&der);
	return leaf;
}

static bool
same_buf(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}

Test(certrep_content, what_is_stored_is_the_honest_certificate, .timeout = 30)
{
	static const char *const words[] = {"leaf=usual", "leaf=missing",
	    "leaf=wrong-key bag=leaf", "leaf=wrong-subject bag=leaf",
	    "leaf=expired bag=leaf", "leaf=not-yet-valid bag=leaf",
	    "leaf=foreign bag=leaf", "leaf=bare", "content=absent", "content=garbage",
	    "recipient=other", "status=missing"};
	struct meeting meeting = formed_meet();
	struct certrep usual = formed_certrep(&meeting, PKI_SUCCESS);
	struct leaf plan = usual.leaf;
	struct buf honest_sent = sent_leaf(&meeting, &usual);
	struct buf stored = buf_move(&usual.leaf_der);

	cr_assert(same_buf(&honest_sent, &stored));
	formed_clear(&meeting, &usual);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		struct certrep first = formed_certrep(&meeting, PKI_SUCCESS);
		struct certrep again = {.status = PKI_SUCCESS};
		struct buf sent, sent_again;

		first.leaf = plan;
		set_forms(&first.forms, words[i]);
		sent = sent_leaf(&meeting, &first);
		cr_expect(same_buf(&first.leaf_der, &stored), "case %s", words[i]);
		if (strstr(words[i], "bag=leaf") != NULL)
			cr_expect(not(same_buf(&sent, &stored)), "case %s", words[i]);
		formed_clear(&meeting, &first);

		/* out of the store, where there is no CSR */
		again = formed_certrep(&meeting, PKI_SUCCESS);
		meeting.message->csr = again.csr;
		again.csr = NULL;
		again.leaf = (struct leaf){.not_before = 0};
		buf_add(&again.leaf_der, stored.data, stored.len);
		set_forms(&again.forms, words[i]);
		sent_again = sent_leaf(&meeting, &again);
		cr_expect(same_buf(&sent, &sent_again), "case %s", words[i]);
		cr_expect(same_buf(&again.leaf_der, &stored), "case %s", words[i]);
		certrep_clear(&again);
		buf_clear(&sent);
		buf_clear(&sent_again);
	}
	buf_clear(&honest_sent);
	buf_clear(&stored);
	part(&meeting);
}

Test(certrep_content, without_a_certificate_there_is_no_payload, .timeout = 20)
{
	struct meeting meeting = formed_meet();
	struct certrep_known known = formed_known(&meeting);
	struct certrep certrep = honest(&meeting, PKI_FAILURE);
	struct buf lines = BUF_INIT;
	struct buf der;

	set_forms(&certrep.forms, "content=payload");
	der = seal(&certrep, meeting.pki);
	certrep_lines(&known, buf_bytes(&der), &lines);
	buf_add_char(&lines, '\0');
	cr_expect(strstr((char *)lines.data, "content: 1 octets\n") != NULL);
	buf_clear(&der);
	buf_clear(&lines);
	certrep_clear(&certrep);
	formed_forget(&known);
	part(&meeting);
}

/* The envelope names the certificate that lies in it; the key is the requester's. */
Test(certrep_content, new_certificate_is_named_by_issuer_and_serial, .timeout = 20)
{
	struct meeting meeting = formed_meet();
	struct certrep certrep = formed_certrep(&meeting, PKI_SUCCESS);
	struct buf der;
	const unsigned char *p;
	CMS_ContentInfo *outer, *inner;
	ASN1_INTEGER *serial = NULL;
	X509_NAME *issuer = NULL;
	ASN1_OCTET_STRING *content;
	X509 *leaf;

	set_forms(&certrep.forms, "recipient=new-certificate");
	der = seal(&certrep, meeting.pki);
	p = certrep.leaf_der.data;
	leaf = d2i_X509(NULL, &p, (long)certrep.leaf_der.len);
	p = der.data;
	outer = d2i_CMS_ContentInfo(NULL, &p, (long)der.len);
	content = *CMS_get0_content(outer);
	p = ASN1_STRING_get0_data(content);
	inner = d2i_CMS_ContentInfo(NULL, &p, ASN1_STRING_length(content));
	cr_assert(inner != NULL && leaf != NULL);
	CMS_RecipientInfo_ktri_get0_signer_id(
	    sk_CMS_RecipientInfo_value(CMS_get0_RecipientInfos(inner), 0), NULL, &issuer,
	    &serial);
	cr_expect(X509_NAME_cmp(issuer, X509_get_issuer_name(leaf)) == 0);
	cr_expect(ASN1_INTEGER_cmp(serial, X509_get0_serialNumber(leaf)) == 0);
	CMS_ContentInfo_free(inner);
	CMS_ContentInfo_free(outer);
	X509_free(leaf);
	buf_clear(&der);
	formed_clear(&meeting, &certrep);
	part(&meeting);
}

Test(certrep_content, ber_has_its_content_in_pieces_and_clients_read_it, .timeout = 20)
{
	/* [0] and the octet string in it without lengths, then 1000 octets */
	static const unsigned char outer[] = {
	    0xa0, 0x80, 0x24, 0x80, 0x04, 0x82, 0x03, 0xe8};
	static const unsigned char inner[] = {0xa0, 0x80, 0x04, 0x82, 0x03, 0xe8};
	struct meeting meeting = formed_meet();
	struct certrep certrep = formed_certrep(&meeting, PKI_SUCCESS);
	struct scep_reply reply;
	struct buf der;

	set_forms(&certrep.forms, "encoding=ber");
	buf_clear(&certrep.recipient_nonce);
	buf_add(&certrep.recipient_nonce, meeting.client->sender_nonce, NONCE_SIZE);
	der = seal(&certrep, meeting.pki);
	cr_expect(memmem(der.data, der.len, outer, sizeof(outer)) != NULL);
	cr_expect(memmem(der.data, der.len, inner, sizeof(inner)) != NULL);
	cr_expect(scep_client_read_reply(meeting.client, buf_bytes(&der), &reply));
	cr_expect(reply.signature_ok && reply.transaction_ok && reply.recipient_nonce_ok);
	cr_expect(reply.leaf_has_our_key && reply.leaf_from_ca);
	cr_expect(not(reply.has_trailing_bytes));
	scep_reply_clear(&reply);
	buf_clear(&der);
	formed_clear(&meeting, &certrep);
	part(&meeting);
}

/* A CA without RA is all three certificates: each list has it once. */
Test(certrep_content, a_certificate_is_sent_once, .timeout = 30)
{
	struct meeting meeting = formed_meet();
	struct certrep_known known = {.now = time(NULL)};
	struct pki_settings settings = {.now = time(NULL)};
	struct err err = ERR_INIT;
	struct pki *single =
	    variant_make(meeting.pki, "single", &settings, NULL, NULL, &err);
	struct certrep certrep = formed_certrep(&meeting, PKI_SUCCESS);
	struct buf lines = BUF_INIT;
	struct buf der;

	cr_assert(single != NULL, "%s", err.text);
	formed_know(&known, "single", &single->ca);
	known.certs[known.count++] =
	    (struct known_cert){"requester", meeting.client->cert, meeting.client->key};
	set_forms(&certrep.forms, "certificates=all bag=with-ra");
	der = seal(&certrep, single);
	certrep_lines(&known, buf_bytes(&der), &lines);
	buf_add_char(&lines, '\0');
	cr_expect(strstr((char *)lines.data, "\nbeside: single\n") != NULL);
	cr_expect(strstr((char *)lines.data, "\nbag: leaf single\n") != NULL);
	X509_free(known.certs[0].cert);
	buf_clear(&lines);
	buf_clear(&der);
	formed_clear(&meeting, &certrep);
	pki_release(single);
	part(&meeting);
}
