#include "scep/certrep_inner.h"

#include "base/mem.h"
#include "scep/attributes.h"
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_SIZE 16 /* a signed 32-bit number in decimal */

#define NONCE_SHORT    8
#define NONCE_CONSTANT 0x11
#define NONCE_WRONG    0x22 /* where there is none that could be falsified */
#define FLIPPED        0xff

#define STATUS_ODD    7 /* RFC 8894 3.2.1.3 knows 0, 2 and 3 */
#define FAIL_INFO_ODD 99

/* Whatever is not sent is a success. */
typedef bool push_function(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs);

/* A UTF8String takes what a string of that type cannot hold. */
static int
fitting_type(const char *text, int type)
{
	int found = ASN1_mbstring_copy(
	    NULL, (const unsigned char *)text, -1, MBSTRING_UTF8, ASN1_tag2bit(type));

	return found == type ? type : V_ASN1_UTF8STRING;
}

static int
text_type(const struct certrep *certrep, int usual, const char *text)
{
	static const int types[] = {[FORM_STRING_UTF8] = V_ASN1_UTF8STRING,
	    [FORM_STRING_IA5] = V_ASN1_IA5STRING,
	    [FORM_STRING_BMP] = V_ASN1_BMPSTRING};
	unsigned form = certrep->forms.string_type;

	return form == FORM_STRING_PRINTABLE ? usual : fitting_type(text, types[form]);
}

static bool
push_bmp(STACK_OF(ASN1_TYPE) * *attrs, const char *oid, const char *text)
{
	ASN1_STRING *string = NULL;
	bool ok = ASN1_mbstring_copy(&string, (const unsigned char *)text, -1,
	              MBSTRING_UTF8, B_ASN1_BMPSTRING) == V_ASN1_BMPSTRING &&
	          attribute_push(attrs, oid, V_ASN1_BMPSTRING, string_bytes(string));

	ASN1_STRING_free(string);
	return ok;
}

/* `type` is what it has unless a form says otherwise. */
static bool
push_text(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs, const char *oid,
    int type, const char *text)
{
	struct bytes octets = {(const unsigned char *)text, strlen(text)};

	type = text_type(certrep, type, text);
	return type == V_ASN1_BMPSTRING ? push_bmp(attrs, oid, text)
	                                : attribute_push(attrs, oid, type, octets);
}

/* RFC 8894 3.2.1 has numbers as texts. `number` is below 128: one octet. */
static bool
push_number(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs, const char *oid,
    int number)
{
	unsigned char octet = (unsigned char)number;
	char text[NUMBER_SIZE];

	if (certrep->forms.number_type == FORM_NUMBER_INTEGER)
		return attribute_push(
		    attrs, oid, V_ASN1_INTEGER, (struct bytes){&octet, 1});
	snprintf(text, sizeof(text), "%d", number);
	return push_text(certrep, attrs, oid, V_ASN1_PRINTABLESTRING, text);
}

static bool
push_message_type(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	unsigned form = certrep->forms.message_type;

	if (form == FORM_TYPE_MISSING)
		return true;
	return push_number(certrep, attrs, OID_MESSAGE_TYPE,
	    form == FORM_TYPE_PKCS_REQ ? MESSAGE_PKCS_REQ : MESSAGE_CERT_REP);
}

static bool
push_status(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	unsigned form = certrep->forms.status;

	if (form == FORM_STATUS_MISSING)
		return true;
	return push_number(certrep, attrs, OID_PKI_STATUS,
	    form == FORM_STATUS_7 ? STATUS_ODD : (int)certrep->status);
}

static bool
push_fail_info(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	unsigned form = certrep->forms.fail_info;

	if (certrep->status != PKI_FAILURE || form == FORM_FAIL_INFO_MISSING)
		return true;
	return push_number(certrep, attrs, OID_FAIL_INFO,
	    form == FORM_FAIL_INFO_99 ? FAIL_INFO_ODD : (int)certrep->fail_info);
}

static bool
push_fail_info_text(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	if (certrep->status != PKI_FAILURE || certrep->fail_info_text == NULL)
		return true;
	return push_text(certrep, attrs, OID_FAIL_INFO_TEXT, V_ASN1_UTF8STRING,
	    certrep->fail_info_text);
}

/*
 * The HRESULT that NDES adds, as a signed number. That a denial of the CA comes with a
 * text is known, for Windows shows it; how it is encoded is not. Argued here: there is
 * one attribute for both, it begins with the number as without a text, and a blank is
 * between them. The attribute is a PrintableString as far as that has all the characters.
 */
static bool
push_hresult(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	const char *behind = certrep->hresult_text != NULL ? certrep->hresult_text : "";
	char *text;
	bool ok;

	if (certrep->status != PKI_FAILURE || !certrep->has_hresult)
		return true;
	text = mem_format(
	    "%d%s%s", (int)certrep->hresult, behind[0] != '\0' ? " " : "", behind);
	ok = push_text(certrep, attrs, OID_HRESULT,
	    fitting_type(text, V_ASN1_PRINTABLESTRING), text);
	free(text);
	return ok;
}

static bool
push_sender_nonce(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	unsigned char constant[NONCE_SIZE];
	struct bytes nonce = {certrep->sender_nonce, NONCE_SIZE};

	switch ((enum form_sender_nonce)certrep->forms.sender_nonce) {
	case FORM_SENDER_NONCE_FRESH:
		break;
	case FORM_SENDER_NONCE_CONSTANT:
		memset(constant, NONCE_CONSTANT, sizeof(constant));
		nonce.data = constant;
		break;
	case FORM_SENDER_NONCE_MISSING:
		return true;
	case FORM_SENDER_NONCE_SHORT:
		nonce.len = NONCE_SHORT;
		break;
	}
	return attribute_push(attrs, OID_SENDER_NONCE, V_ASN1_OCTET_STRING, nonce);
}

static void
add_wrong_nonce(const struct buf *usual, struct buf *ret)
{
	size_t len = usual->len > 0 ? usual->len : NONCE_SIZE;

	for (size_t i = 0; i < len; i++)
		buf_add_char(
		    ret, (char)(usual->len > 0 ? usual->data[i] ^ FLIPPED : NONCE_WRONG));
}

/* False: there is none. */
static bool
recipient_nonce(const struct certrep *certrep, struct buf *ret)
{
	const struct buf *usual = &certrep->recipient_nonce;
	const struct buf *stale = &certrep->stale_nonce;

	switch ((enum form_recipient_nonce)certrep->forms.recipient_nonce) {
	case FORM_RECIPIENT_NONCE_USUAL:
		buf_add(ret, usual->data, usual->len);
		break;
	case FORM_RECIPIENT_NONCE_SHORT:
		buf_add(ret, usual->data,
		    usual->len < NONCE_SHORT ? usual->len : NONCE_SHORT);
		break;
	case FORM_RECIPIENT_NONCE_STALE:
		buf_add(ret, stale->data, stale->len);
		if (stale->len == 0)
			add_wrong_nonce(usual, ret);
		break;
	case FORM_RECIPIENT_NONCE_WRONG:
		add_wrong_nonce(usual, ret);
		break;
	case FORM_RECIPIENT_NONCE_EMPTY:
		return true;
	case FORM_RECIPIENT_NONCE_MISSING:
		return false;
	}
	return ret->len > 0;
}

static bool
push_recipient_nonce(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	struct buf nonce = BUF_INIT;
	bool ok = !recipient_nonce(certrep, &nonce) ||
	          attribute_push(
	              attrs, OID_RECIPIENT_NONCE, V_ASN1_OCTET_STRING, buf_bytes(&nonce));

	buf_clear(&nonce);
	return ok;
}

static void
change_transaction_id(enum form_transaction form, char *id)
{
	size_t len = strlen(id);

	if (form == FORM_TRANSACTION_WRONG && len > 0)
		id[len - 1] = id[len - 1] == '0' ? '1' : '0';
	for (size_t i = 0; form == FORM_TRANSACTION_LOWER && i < len; i++)
		id[i] = (char)tolower((unsigned char)id[i]);
}

static bool
push_transaction_id(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	enum form_transaction form = (enum form_transaction)certrep->forms.transaction_id;
	char *id;
	bool ok;

	if (certrep->transaction_id == NULL || form == FORM_TRANSACTION_MISSING)
		return true;
	id = mem_string(certrep->transaction_id);
	change_transaction_id(form, id);
	ok = push_text(certrep, attrs, OID_TRANSACTION_ID, V_ASN1_PRINTABLESTRING, id);
	free(id);
	return ok;
}

/* RFC 5652 11.3; NDES sends none. */
static bool
push_signing_time(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	ASN1_TIME *at;
	bool ok;

	if (certrep->forms.signing_time == FORM_TIME_NONE)
		return true;
	at = ASN1_TIME_adj(NULL, certrep->now != 0 ? certrep->now : time(NULL), 0, 0);
	ok = at != NULL && attribute_push(attrs, OID_SIGNING_TIME, ASN1_STRING_type(at),
	                       string_bytes(at));
	ASN1_TIME_free(at);
	return ok;
}

/* RFC 8894 3.2.1; their order is that of their encodings, which signing sees to. */
bool
certrep_attributes(const struct certrep *certrep, STACK_OF(ASN1_TYPE) * *attrs)
{
	static push_function *const all[] = {push_message_type, push_status,
	    push_fail_info, push_fail_info_text, push_hresult, push_sender_nonce,
	    push_recipient_nonce, push_transaction_id, push_signing_time};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (!all[i](certrep, attrs))
			return false;
	return true;
}
