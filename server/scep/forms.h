/*
 * forms: the ways in which a CertRep may differ from the one that NDES sends, each a
 * key and a word as a scenario file has them (docs/scenario-format.md, scep).
 *
 * Value 0 of each is the honest form: a zeroed struct is NDES. The table in forms.c is
 * the one place where the words stand. Carried out by certrep_attributes (the signed
 * attributes), certrep_content (what is inside), certrep (who signs), signing and
 * envelope.
 */
#ifndef SCEP_FORMS_H
#define SCEP_FORMS_H

#include <stdbool.h>
#include <stddef.h>

/* An enum a key, its words in their order. digest and cipher have NIDs instead. */
/* clang-format off */
enum form_status { FORM_STATUS_USUAL, FORM_STATUS_7, FORM_STATUS_MISSING };
enum form_fail_info { FORM_FAIL_INFO_USUAL, FORM_FAIL_INFO_99, FORM_FAIL_INFO_MISSING };
enum form_message_type { FORM_TYPE_USUAL, FORM_TYPE_MISSING, FORM_TYPE_PKCS_REQ };
enum form_number { FORM_NUMBER_PRINTABLE, FORM_NUMBER_INTEGER };
enum form_string { FORM_STRING_PRINTABLE, FORM_STRING_UTF8, FORM_STRING_IA5, FORM_STRING_BMP };
enum form_recipient_nonce {
	FORM_RECIPIENT_NONCE_USUAL, FORM_RECIPIENT_NONCE_WRONG, FORM_RECIPIENT_NONCE_MISSING,
	FORM_RECIPIENT_NONCE_SHORT, FORM_RECIPIENT_NONCE_EMPTY, FORM_RECIPIENT_NONCE_STALE
};
enum form_sender_nonce {
	FORM_SENDER_NONCE_FRESH, FORM_SENDER_NONCE_CONSTANT, FORM_SENDER_NONCE_MISSING,
	FORM_SENDER_NONCE_SHORT
};
enum form_transaction {
	FORM_TRANSACTION_USUAL, FORM_TRANSACTION_WRONG, FORM_TRANSACTION_MISSING,
	FORM_TRANSACTION_LOWER
};
enum form_content_type { FORM_CONTENT_TYPE_USUAL, FORM_CONTENT_TYPE_MISSING };
enum form_order { FORM_ORDER_SORTED, FORM_ORDER_REVERSED };
enum form_signing_time { FORM_TIME_NONE, FORM_TIME_NOW };
enum form_content {
	FORM_CONTENT_USUAL, FORM_CONTENT_ABSENT, FORM_CONTENT_EMPTY, FORM_CONTENT_ZERO_BYTE,
	FORM_CONTENT_GARBAGE, FORM_CONTENT_PAYLOAD
};
enum form_signer {
	FORM_SIGNER_RA, FORM_SIGNER_CA, FORM_SIGNER_EXPIRED_RA, FORM_SIGNER_FOREIGN,
	FORM_SIGNER_SELF
};
enum form_id { FORM_ID_ISSUER_SERIAL, FORM_ID_KEY_ID };
enum form_algorithm { FORM_ALGORITHM_RSA, FORM_ALGORITHM_SHA_RSA, FORM_ALGORITHM_PSS };
enum form_signature { FORM_SIGNATURE_GOOD, FORM_SIGNATURE_CORRUPT };
enum form_message_digest { FORM_DIGEST_RIGHT, FORM_DIGEST_WRONG };
enum form_certificates {
	FORM_CERTIFICATES_USUAL, FORM_CERTIFICATES_NONE, FORM_CERTIFICATES_SIGNER,
	FORM_CERTIFICATES_ALL, FORM_CERTIFICATES_CA_FIRST
};
enum form_recipient {
	FORM_RECIPIENT_REQUESTER, FORM_RECIPIENT_OTHER, FORM_RECIPIENT_NEW_CERTIFICATE,
	FORM_RECIPIENT_KEY_ID
};
enum form_transport { FORM_TRANSPORT_RSA, FORM_TRANSPORT_OAEP, FORM_TRANSPORT_NO_NULL };
enum form_leaf {
	FORM_LEAF_USUAL, FORM_LEAF_MISSING, FORM_LEAF_WRONG_KEY, FORM_LEAF_WRONG_SUBJECT,
	FORM_LEAF_EXPIRED, FORM_LEAF_NOT_YET_VALID, FORM_LEAF_FOREIGN, FORM_LEAF_BARE
};
enum form_bag {
	FORM_BAG_LEAF_CA, FORM_BAG_LEAF, FORM_BAG_CA_LEAF, FORM_BAG_WITH_CRL, FORM_BAG_WITH_RA
};
enum form_encoding { FORM_ENCODING_DER, FORM_ENCODING_BER, FORM_ENCODING_BER_INNER };
/* clang-format on */

struct certrep_forms {
	unsigned status;              /* enum form_status: the attribute alone */
	unsigned fail_info;           /* enum form_fail_info; of a FAILURE */
	unsigned message_type;        /* enum form_message_type */
	unsigned number_type;         /* enum form_number */
	unsigned string_type;         /* enum form_string */
	unsigned recipient_nonce;     /* enum form_recipient_nonce */
	unsigned sender_nonce;        /* enum form_sender_nonce */
	unsigned transaction_id;      /* enum form_transaction */
	unsigned content_type;        /* enum form_content_type */
	unsigned attribute_order;     /* enum form_order */
	unsigned signing_time;        /* enum form_signing_time */
	unsigned content;             /* enum form_content */
	unsigned signer;              /* enum form_signer */
	unsigned signer_id;           /* enum form_id */
	unsigned signature_algorithm; /* enum form_algorithm; of RSA keys */
	unsigned signature;           /* enum form_signature */
	unsigned message_digest;      /* enum form_message_digest */
	unsigned digest;              /* certrep_form_digest */
	unsigned certificates;        /* enum form_certificates: beside the signature */
	unsigned recipient;           /* enum form_recipient */
	unsigned key_transport;       /* enum form_transport */
	unsigned cipher;              /* certrep_form_cipher */
	unsigned leaf;                /* enum form_leaf: of what is sent */
	unsigned bag;                 /* enum form_bag */
	unsigned encoding;            /* enum form_encoding */
};

/* False: no such key, or no such word of it; `forms` is as before. */
bool certrep_form_set(struct certrep_forms *forms, const char *key, const char *word);

/* The n-th word of all keys, in the order of the table; false: there are no more. */
bool certrep_form_word(size_t n, const char **ret_key, const char **ret_word);

/* The NID that the form says, or the usual one. */
int certrep_form_digest(const struct certrep_forms *forms, int usual);
int certrep_form_cipher(const struct certrep_forms *forms, int usual);

#endif
