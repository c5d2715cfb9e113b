/*
 * types: the words of RFC 8894 section 3.2.1, their wire values and their names.
 * One table a set, used both ways.
 */
#ifndef SCEP_TYPES_H
#define SCEP_TYPES_H

#include "base/buf.h"

/* RFC 8894 3.2.1.2 */
enum message_type {
	MESSAGE_NONE = 0, /* absent or not known */
	MESSAGE_CERT_REP = 3,
	MESSAGE_RENEWAL_REQ = 17,
	MESSAGE_PKCS_REQ = 19,
	MESSAGE_CERT_POLL = 20,
	MESSAGE_GET_CERT = 21,
	MESSAGE_GET_CRL = 22,
};

/* RFC 8894 3.2.1.3 */
enum pki_status { PKI_SUCCESS = 0, PKI_FAILURE = 2, PKI_PENDING = 3 };

/* RFC 8894 3.2.1.4 */
enum fail_info {
	FAIL_BAD_ALG = 0,
	FAIL_BAD_MESSAGE_CHECK = 1,
	FAIL_BAD_REQUEST = 2,
	FAIL_BAD_TIME = 3,
	FAIL_BAD_CERT_ID = 4,
};

/* HRESULTs that NDES puts into attribute 1.3.6.1.4.1.311.21.33 */
#define HRESULT_E_INVALIDARG         0x80070057u
#define HRESULT_CERTSRV_E_KEY_LENGTH 0x80094811u

#define NONCE_SIZE         16
#define TRANSACTION_ID_MAX 1024 /* a longer one is not answered in kind */

/* "PKCSReq", "CertPoll" ..; NULL for a number without a name. */
const char *message_type_name(enum message_type type);
enum message_type message_type_by_name(const char *name); /* MESSAGE_NONE: unknown */
const char *pki_status_name(enum pki_status status);      /* "SUCCESS" .. */
const char *fail_info_name(enum fail_info fail_info);     /* "badAlg" .. */
bool pki_status_by_name(const char *name, enum pki_status *ret);
bool fail_info_by_name(const char *name, enum fail_info *ret);

#endif
