/*
 * scepclient: a SCEP client for tests, on OpenSSL's CMS_* and X509 functions.
 *
 * It shares no code with server/scep, so each checks the other. It can be as odd as
 * real clients are: several recipients, DES, SHA-1, BER, version 1 certificates with
 * long serial numbers, attributes of other string types. It does no I/O: bytes go in
 * and out, and the caller carries them.
 *
 *	client = scep_client_new(&(struct scep_identity){.rsa_bits = 2048});
 *	scep_client_set_ca(client, getcacert_body);
 *	scep_client_request(client, &(struct scep_request){.challenge = "x"}, &der);
 *	... POST der, get body ...
 *	scep_client_read_reply(client, body, &reply);
 *	if (reply.status == 0) ... reply.leaf ...
 *	scep_reply_clear(&reply);
 *
 * Functions that return bool or a pointer leave OpenSSL's error queue filled when
 * they fail. Not thread-safe: one client, one thread.
 */
#ifndef SUPPORT_SCEPCLIENT_H
#define SUPPORT_SCEPCLIENT_H

#include "base/buf.h"
#include <openssl/evp.h>
#include <openssl/x509.h>

#define SCEP_CLIENT_NONCE 16
#define SCEP_CLIENT_TEXT  256 /* room for a short attribute and its NUL */

/* What kind of client. All zero: RSA-2048, version 3 certificate, CN=host1. */
struct scep_identity {
	unsigned rsa_bits;       /* 0: 2048 */
	bool is_ec;              /* a P-256 key, whatever rsa_bits says */
	bool is_v1;              /* signer certificate: version 1, serial of 32 octets */
	bool has_key_id;         /* signer certificate with subjectKeyIdentifier */
	const char *common_name; /* NULL: host1 */
};

struct scep_client {
	EVP_PKEY *key;
	X509 *cert; /* signs the requests: self-signed, or an issued one after adopt */
	X509_NAME *subject;
	STACK_OF(X509) * bag; /* what GetCACert said */
	X509 *ca;             /* these three point into bag */
	X509 *ra_sign;        /* the CA itself, when there is no RA */
	X509 *ra_encrypt;
	char *transaction_id; /* of the last request; NULL: it had none */
	unsigned char sender_nonce[SCEP_CLIENT_NONCE]; /* of the last request */
};

/* Loads OpenSSL's default and legacy providers. NULL: no key or certificate made. */
struct scep_client *scep_client_new(const struct scep_identity *identity);
void scep_client_free(struct scep_client *client);

/*
 * The body of GetCACert: a certs-only SignedData or one certificate. RA certificates
 * are told apart by keyUsage. False: neither, or no CA certificate in it.
 */
bool scep_client_set_ca(struct scep_client *client, struct bytes body);

/* From now on requests are signed with this certificate of ours (a renewal). */
void scep_client_adopt(struct scep_client *client, X509 *leaf);

enum scep_recipients {
	SCEP_TO_RA,       /* the RA encryption certificate, as it should be */
	SCEP_TO_ALL,      /* every certificate of the bag */
	SCEP_TO_RA_SIGN,  /* the wrong one of the two */
	SCEP_TO_STRANGER, /* a certificate that the server never saw */
};

/* Whatever is zero is the well-behaved choice; AES-128-CBC, SHA-256. */
struct scep_request {
	int message_type; /* 0: 19, PKCSReq; -1: attribute left out */
	int cipher_nid;
	int digest_nid;
	bool is_ber; /* indefinite lengths, chunked strings, outside and inside */
	bool has_signer_key_id;    /* signer named by key identifier (needs has_key_id) */
	bool has_recipient_key_id; /* recipient named by key identifier */
	bool no_certificates;      /* signer's certificate left out */
	bool no_nonce;             /* senderNonce left out */
	bool no_envelope;          /* content sent as it is, not encrypted */
	enum scep_recipients recipients;
	const char *challenge; /* challengePassword; NULL: none */
	int challenge_type;    /* 0: V_ASN1_PRINTABLESTRING; BMPString: UCS-2 */
	const char *dns_name;  /* asks for this subjectAltName; NULL: none */
	/* NULL: hexadecimal hash of the key; "": attribute left out */
	const char *transaction_id;
	int text_type; /* of the text attributes; 0: V_ASN1_PRINTABLESTRING */
	/* Sent inside instead of what fits the type (CSR, IssuerAndSubject ..). */
	struct bytes inner;
};

/* Appends the pkiMessage; remembers transactionID and senderNonce for the reply. */
bool scep_client_request(
    struct scep_client *client, const struct scep_request *request, struct buf *ret);
/* The CSR alone, DER. */
bool scep_client_csr(
    struct scep_client *client, const struct scep_request *request, struct buf *ret);

/* What a reply says, each point by itself: read all of it, believe none unchecked. */
struct scep_reply {
	bool is_cms;       /* SignedData with one signer */
	bool signature_ok; /* with the RA signing certificate of the bag */
	int message_type;  /* -1: absent */
	int status;        /* pkiStatus; -1: absent */
	int fail_info;     /* -1: absent */
	/* the same two, of whatever ASN.1 type: INTEGER or any kind of string */
	int any_status;
	int any_fail_info;
	char hresult[SCEP_CLIENT_TEXT];        /* "": absent */
	char transaction_id[SCEP_CLIENT_TEXT]; /* "": absent */
	bool transaction_ok;                   /* the request's own */
	bool recipient_nonce_ok;               /* the request's senderNonce */
	bool has_sender_nonce;                 /* 16 octets */
	bool has_signing_time;
	bool has_trailing_bytes; /* behind the CMS */
	int digest_nid;
	int outer_certs;           /* certificates in the outer SignedData */
	long content_size;         /* eContent's octets; -1: absent */
	bool content_is_zero_byte; /* NDES's way to send nothing */
	int cipher_nid;            /* of the envelope; 0: none */
	int bag_certs;             /* certificates inside; -1: not decrypted */
	X509 *leaf; /* owned; the one with our key, else the first; NULL: none */
	bool leaf_has_our_key;
	bool leaf_from_ca; /* the CA's signature on it holds */
};

/* False: not even CMS. `ret` is filled in any case: scep_reply_clear it. */
bool scep_client_read_reply(
    const struct scep_client *client, struct bytes body, struct scep_reply *ret);
void scep_reply_clear(struct scep_reply *reply);

/*
 * How many certificates OpenSSL finds in an answer to GetCACert, and whether one of them
 * is a CA's; -1: it cannot read it.
 */
int scep_count_certificates(struct bytes body, bool *ret_has_ca);

#endif
