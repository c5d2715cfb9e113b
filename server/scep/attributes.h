/*
 * attributes: the OIDs of a pkiMessage's signed attributes (RFC 8894 3.2.1), and
 * the one that NDES adds.
 */
#ifndef SCEP_ATTRIBUTES_H
#define SCEP_ATTRIBUTES_H

#define OID_CONTENT_TYPE    "1.2.840.113549.1.9.3"
#define OID_MESSAGE_DIGEST  "1.2.840.113549.1.9.4"
#define OID_SIGNING_TIME    "1.2.840.113549.1.9.5"
#define OID_MESSAGE_TYPE    "2.16.840.1.113733.1.9.2"
#define OID_PKI_STATUS      "2.16.840.1.113733.1.9.3"
#define OID_FAIL_INFO       "2.16.840.1.113733.1.9.4"
#define OID_SENDER_NONCE    "2.16.840.1.113733.1.9.5"
#define OID_RECIPIENT_NONCE "2.16.840.1.113733.1.9.6"
#define OID_TRANSACTION_ID  "2.16.840.1.113733.1.9.7"
#define OID_FAIL_INFO_TEXT  "1.3.6.1.5.5.7.24.1"    /* UTF8String, 3.2.1.4.1 */
#define OID_HRESULT         "1.3.6.1.4.1.311.21.33" /* PrintableString, signed decimal */

#endif
