#include "support/formed.h"
#include "support/same.h"
#include <stdlib.h>
#include <string.h>

#define FAILED PKI_FAILURE
#define GAVE   PKI_SUCCESS

/* A word, and all that differs by it from the honest answer of that status. */
static const struct row {
	const char *key;
	const char *word;
	enum pki_status status;
	const char *changed;
} rows[] = {
    {"status", "7", GAVE, "pkiStatus: PRINTABLESTRING 7"},
    {"status", "7", FAILED, "pkiStatus: PRINTABLESTRING 7"},
    {"status", "missing", GAVE, "pkiStatus: absent"},
    {"status", "missing", FAILED, "pkiStatus: absent"},
    {"fail_info", "99", FAILED, "failInfo: PRINTABLESTRING 99"},
    {"fail_info", "missing", FAILED, "failInfo: absent"},
    {"message_type", "usual", GAVE, ""},
    {"message_type", "usual", FAILED, ""},
    {"message_type", "missing", GAVE, "messageType: absent"},
    {"message_type", "missing", FAILED, "messageType: absent"},
    {"message_type", "PKCSReq", GAVE, "messageType: PRINTABLESTRING 19"},
    {"message_type", "PKCSReq", FAILED, "messageType: PRINTABLESTRING 19"},
    {"number_type", "printable", FAILED, ""},
    {"number_type", "integer", FAILED,
        "messageType: INTEGER 3; pkiStatus: INTEGER 2; failInfo: INTEGER 1"},
    {"string_type", "printable", FAILED, ""},
    {"string_type", "utf8", FAILED,
        "messageType: UTF8STRING 3; pkiStatus: UTF8STRING 2; "
        "failInfo: UTF8STRING 1; "
        "HRESULT: UTF8STRING -2146875375 Denied by Policy Module; "
        "transactionID: UTF8STRING 0123456789ABCDEF"},
    {"string_type", "ia5", FAILED,
        "messageType: IA5STRING 3; pkiStatus: IA5STRING 2; "
        "failInfo: IA5STRING 1; failInfoText: IA5STRING No; "
        "HRESULT: IA5STRING -2146875375 Denied by Policy Module; "
        "transactionID: IA5STRING 0123456789ABCDEF"},
    {"string_type", "bmp", FAILED,
        "messageType: BMPSTRING 3; pkiStatus: BMPSTRING 2; "
        "failInfo: BMPSTRING 1; failInfoText: BMPSTRING No; "
        "HRESULT: BMPSTRING -2146875375 Denied by Policy Module; "
        "transactionID: BMPSTRING 0123456789ABCDEF"},
    {"recipient_nonce", "usual", FAILED, ""},
    {"recipient_nonce", "wrong", FAILED, "recipientNonce: OCTET STRING 16, from 8b"},
    {"recipient_nonce", "missing", FAILED, "recipientNonce: absent"},
    {"recipient_nonce", "short", FAILED,
        "recipientNonce: OCTET STRING the first 8 of the client's"},
    {"recipient_nonce", "empty", FAILED, "recipientNonce: OCTET STRING 0, from 00"},
    {"recipient_nonce", "stale", FAILED, "recipientNonce: OCTET STRING the stale one"},
    {"sender_nonce", "fresh", FAILED, ""},
    {"sender_nonce", "constant", FAILED, "senderNonce: OCTET STRING 16, from 11"},
    {"sender_nonce", "missing", FAILED, "senderNonce: absent"},
    {"sender_nonce", "short", FAILED, "senderNonce: OCTET STRING 8, from aa"},
    {"transaction_id", "usual", FAILED, ""},
    {"transaction_id", "wrong", FAILED,
        "transactionID: PRINTABLESTRING 0123456789ABCDE0"},
    {"transaction_id", "missing", FAILED, "transactionID: absent"},
    {"transaction_id", "lower-case", FAILED,
        "transactionID: PRINTABLESTRING 0123456789abcdef"},
    {"content_type", "usual", FAILED, ""},
    {"content_type", "missing", FAILED, "contentType: absent; OpenSSL's verdict: bad"},
    {"attribute_order", "sorted", FAILED, ""},
    {"attribute_order", "reversed", FAILED, "order: reversed"},
    {"signing_time", "none", FAILED, ""},
    {"signing_time", "now", FAILED, "signingTime: UTCTIME 231114221320Z"},
    {"content", "usual", GAVE, ""},
    {"content", "usual", FAILED, ""},
    {"content", "absent", GAVE, "content: absent"},
    {"content", "absent", FAILED, "content: absent"},
    {"content", "empty", GAVE, "content: 0 octets"},
    {"content", "empty", FAILED, "content: 0 octets"},
    {"content", "zero-byte", GAVE, "content: 1 octets"},
    {"content", "zero-byte", FAILED, ""},
    {"content", "garbage", GAVE, "content: 64 octets"},
    {"content", "garbage", FAILED, "content: 64 octets"},
    {"content", "payload", GAVE, ""},
    {"content", "payload", FAILED,
        "content: CMS; envelope: der; envelope's version: 0; "
        "recipient's version: 0; recipient: issuer and serial of requester; "
        "transport: rsaEncryption NULL; cipher: AES-128-CBC; "
        "opened by: requester; inside: der; bag: leaf CA; crls: 0; "
        "leaf's key: requester; leaf's subject: requester; leaf's issuer: CA; "
        "leaf is: valid; leaf's serial: 22"},
    {"signer", "ra", GAVE, ""},
    {"signer", "ra", FAILED, ""},
    {"signer", "ca", GAVE, "beside: CA; signer: issuer and serial of CA; signed by: CA"},
    {"signer", "ca", FAILED, "signer: issuer and serial of CA; signed by: CA"},
    {"signer", "expired-ra", GAVE,
        "beside: expired RA; signer: issuer and serial of expired RA"},
    {"signer", "expired-ra", FAILED, "signer: issuer and serial of expired RA"},
    {"signer", "foreign", GAVE,
        "beside: foreign RA; signer: issuer and serial of foreign RA; "
        "signed by: foreign RA"},
    {"signer", "foreign", FAILED,
        "signer: issuer and serial of foreign RA; signed by: foreign RA"},
    {"signer", "self", GAVE, "signer: issuer and serial of requester"},
    {"signer", "self", FAILED, "signer: issuer and serial of requester"},
    {"signer_id", "issuer-serial", GAVE, ""},
    {"signer_id", "issuer-serial", FAILED, ""},
    {"signer_id", "key-id", GAVE, "version: 3; signer: key-id of RA"},
    {"signer_id", "key-id", FAILED,
        "version: 3; signer's version: 3; signer: key-id of RA"},
    {"signature_algorithm", "rsa", GAVE, ""},
    {"signature_algorithm", "rsa", FAILED, ""},
    {"signature_algorithm", "sha-rsa", GAVE, "signature: RSA-SHA256 NULL"},
    {"signature_algorithm", "sha-rsa", FAILED, "signature: RSA-SHA256 NULL"},
    {"signature_algorithm", "pss", GAVE, "signature: RSASSA-PSS SEQUENCE"},
    {"signature_algorithm", "pss", FAILED, "signature: RSASSA-PSS SEQUENCE"},
    {"signature", "good", GAVE, ""},
    {"signature", "corrupt", GAVE, "signed by: nobody; OpenSSL's verdict: bad"},
    {"message_digest", "right", GAVE, ""},
    {"message_digest", "wrong", GAVE, "messageDigest: wrong"},
    {"digest", "usual", GAVE, ""},
    {"digest", "md5", GAVE, "digest: MD5 NULL"},
    {"digest", "sha1", GAVE, "digest: SHA1 NULL"},
    {"digest", "sha256", GAVE, ""},
    {"digest", "sha384", GAVE, "digest: SHA384 NULL"},
    {"digest", "sha512", GAVE, "digest: SHA512 NULL"},
    {"certificates", "usual", GAVE, ""},
    {"certificates", "usual", FAILED, ""},
    {"certificates", "none", GAVE, "signer's version: 1; beside:"},
    {"certificates", "none", FAILED, ""},
    {"certificates", "signer", GAVE, ""},
    {"certificates", "signer", FAILED, "beside: RA"},
    {"certificates", "all", GAVE, "beside: RA encrypt CA"},
    {"certificates", "all", FAILED, "beside: RA encrypt CA"},
    {"certificates", "ca-first", GAVE, "beside: CA RA encrypt"},
    {"certificates", "ca-first", FAILED, "beside: CA RA encrypt"},
    {"recipient", "requester", GAVE, ""},
    {"recipient", "other", GAVE,
        "recipient: issuer and serial of stranger; opened by: stranger"},
    {"recipient", "new-certificate", GAVE, "recipient: issuer and serial of nobody"},
    {"recipient", "key-id", GAVE,
        "envelope's version: 2; recipient's version: 2; recipient: key-id of requester"},
    {"key_transport", "rsa", GAVE, ""},
    {"key_transport", "oaep", GAVE, "transport: RSAES-OAEP SEQUENCE"},
    {"key_transport", "no-null", GAVE, "transport: rsaEncryption without parameters"},
    {"cipher", "usual", GAVE, ""},
    {"cipher", "des", GAVE, "cipher: DES-CBC"},
    {"cipher", "des3", GAVE, "cipher: DES-EDE3-CBC"},
    {"cipher", "aes128", GAVE, ""},
    {"cipher", "aes192", GAVE, "cipher: AES-192-CBC"},
    {"cipher", "aes256", GAVE, "cipher: AES-256-CBC"},
    {"leaf", "usual", GAVE, ""},
    {"leaf", "missing", GAVE, "bag:"},
    {"leaf", "wrong-key", GAVE, "leaf's key: stranger"},
    {"leaf", "wrong-subject", GAVE, "leaf's subject: stranger"},
    {"leaf", "expired", GAVE, "leaf is: over"},
    {"leaf", "not-yet-valid", GAVE, "leaf is: not yet valid"},
    {"leaf", "foreign", GAVE, "leaf's issuer: foreign CA"},
    {"leaf", "bare", GAVE, "inside: a certificate; bag: leaf"},
    {"bag", "leaf-ca", GAVE, ""},
    {"bag", "leaf", GAVE, "bag: leaf"},
    {"bag", "ca-leaf", GAVE, "bag: CA leaf"},
    {"bag", "with-crl", GAVE, "crls: 1"},
    {"bag", "with-ra", GAVE, "bag: leaf CA RA encrypt"},
    {"encoding", "der", GAVE, ""},
    {"encoding", "der", FAILED, ""},
    {"encoding", "ber", GAVE, "outside: ber; envelope: ber"},
    {"encoding", "ber", FAILED, "outside: ber"},
    {"encoding", "ber-inner", GAVE, "inside: ber"},
    {"encoding", "ber-inner", FAILED, ""},
};

/* All lines there are; what a form changes is told by them. */
static const char honest_success[] = "outside: der\n"
                                     "version: 1\n"
                                     "beside: RA\n"
                                     "signer: issuer and serial of RA\n"
                                     "digest: SHA256 NULL\n"
                                     "signature: rsaEncryption NULL\n"
                                     "messageDigest: right\n"
                                     "messageType: PRINTABLESTRING 3\n"
                                     "pkiStatus: PRINTABLESTRING 0\n"
                                     "failInfo: absent\n"
                                     "failInfoText: absent\n"
                                     "HRESULT: absent\n"
                                     "transactionID: PRINTABLESTRING 0123456789ABCDEF\n"
                                     "senderNonce: OCTET STRING 16, from aa\n"
                                     "recipientNonce: OCTET STRING the client's\n"
                                     "contentType: OBJECT pkcs7-data\n"
                                     "signingTime: absent\n"
                                     "order: sorted\n"
                                     "signed by: RA\n"
                                     "OpenSSL's verdict: good\n"
                                     "content: CMS\n"
                                     "envelope: der\n"
                                     "envelope's version: 0\n"
                                     "recipient's version: 0\n"
                                     "recipient: issuer and serial of requester\n"
                                     "transport: rsaEncryption NULL\n"
                                     "cipher: AES-128-CBC\n"
                                     "opened by: requester\n"
                                     "inside: der\n"
                                     "bag: leaf CA\n"
                                     "crls: 0\n"
                                     "leaf's key: requester\n"
                                     "leaf's subject: requester\n"
                                     "leaf's issuer: CA\n"
                                     "leaf is: valid\n"
                                     "leaf's serial: 22\n";

static const char honest_failure[] =
    "outside: der\n"
    "version: 1\n"
    "signer's version: 1\n"
    "beside:\n"
    "signer: issuer and serial of RA\n"
    "digest: SHA256 NULL\n"
    "signature: rsaEncryption NULL\n"
    "messageDigest: right\n"
    "messageType: PRINTABLESTRING 3\n"
    "pkiStatus: PRINTABLESTRING 2\n"
    "failInfo: PRINTABLESTRING 1\n"
    "failInfoText: UTF8STRING No\n"
    "HRESULT: PRINTABLESTRING -2146875375 Denied by Policy Module\n"
    "transactionID: PRINTABLESTRING 0123456789ABCDEF\n"
    "senderNonce: OCTET STRING 16, from aa\n"
    "recipientNonce: OCTET STRING the client's\n"
    "contentType: OBJECT pkcs7-data\n"
    "signingTime: absent\n"
    "order: sorted\n"
    "signed by: RA\n"
    "OpenSSL's verdict: good\n"
    "content: 1 octets\n";

Test(certrep_words, an_honest_answer_reads_as_ndes_sends_it, .timeout = 30)
{
	struct meeting meeting = formed_meet();
	struct certrep_known known = formed_known(&meeting);
	struct buf gave = formed_lines(&meeting, &known, PKI_SUCCESS, NULL, NULL);
	struct buf failed = formed_lines(&meeting, &known, PKI_FAILURE, NULL, NULL);

	buf_add_char(&gave, '\0');
	buf_add_char(&failed, '\0');
	cr_expect(same((char *)gave.data, honest_success));
	cr_expect(same((char *)failed.data, honest_failure));
	buf_clear(&gave);
	buf_clear(&failed);
	formed_forget(&known);
	part(&meeting);
}

Test(certrep_words, a_word_changes_what_it_says_and_nothing_else, .timeout = 60)
{
	struct meeting meeting = formed_meet();
	struct certrep_known known = formed_known(&meeting);
	struct buf gave = formed_lines(&meeting, &known, PKI_SUCCESS, NULL, NULL);
	struct buf failed = formed_lines(&meeting, &known, PKI_FAILURE, NULL, NULL);

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		struct buf *usual = row->status == PKI_SUCCESS ? &gave : &failed;
		struct buf odd =
		    formed_lines(&meeting, &known, row->status, row->key, row->word);
		char *changed = certrep_lines_changed(buf_slice(usual), buf_slice(&odd));

		cr_expect(strcmp(changed, row->changed) == 0,
		    "%s: %s (%s)\n got %s\nwant %s", row->key, row->word,
		    pki_status_name(row->status), changed, row->changed);
		free(changed);
		buf_clear(&odd);
	}
	buf_clear(&gave);
	buf_clear(&failed);
	formed_forget(&known);
	part(&meeting);
}

Test(certrep_words, each_word_has_a_row)
{
	const char *key, *word;

	for (size_t n = 0; certrep_form_word(n, &key, &word); n++) {
		size_t i = 0;

		while (i < sizeof(rows) / sizeof(rows[0]) &&
		       (strcmp(rows[i].key, key) != 0 || strcmp(rows[i].word, word) != 0))
			i++;
		cr_expect(lt(sz, i, sizeof(rows) / sizeof(rows[0])), "%s: %s", key, word);
	}
}
