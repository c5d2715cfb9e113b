#include "scep/types.h"

#include <string.h>

struct word {
	int value;
	const char *name;
};

/* RFC 8894 3.2.1.2 */
static const struct word message_types[] = {
    {MESSAGE_CERT_REP, "CertRep"},
    {MESSAGE_RENEWAL_REQ, "RenewalReq"},
    {MESSAGE_PKCS_REQ, "PKCSReq"},
    {MESSAGE_CERT_POLL, "CertPoll"},
    {MESSAGE_GET_CERT, "GetCert"},
    {MESSAGE_GET_CRL, "GetCRL"},
    {0, NULL},
};

/* RFC 8894 3.2.1.3 */
static const struct word pki_statuses[] = {
    {PKI_SUCCESS, "SUCCESS"},
    {PKI_FAILURE, "FAILURE"},
    {PKI_PENDING, "PENDING"},
    {0, NULL},
};

/* RFC 8894 3.2.1.4 */
static const struct word fail_infos[] = {
    {FAIL_BAD_ALG, "badAlg"},
    {FAIL_BAD_MESSAGE_CHECK, "badMessageCheck"},
    {FAIL_BAD_REQUEST, "badRequest"},
    {FAIL_BAD_TIME, "badTime"},
    {FAIL_BAD_CERT_ID, "badCertId"},
    {0, NULL},
};

static const char *
name_of(const struct word words[], int value)
{
	for (; words->name != NULL; words++)
		if (words->value == value)
			return words->name;
	return NULL;
}

static const struct word *
word_of(const struct word words[], const char *name)
{
	for (; words->name != NULL; words++)
		if (strcmp(words->name, name) == 0)
			return words;
	return NULL;
}

const char *
message_type_name(enum message_type type)
{
	return name_of(message_types, (int)type);
}

enum message_type
message_type_by_name(const char *name)
{
	const struct word *word = word_of(message_types, name);

	return word == NULL ? MESSAGE_NONE : (enum message_type)word->value;
}

const char *
pki_status_name(enum pki_status status)
{
	return name_of(pki_statuses, (int)status);
}

const char *
fail_info_name(enum fail_info fail_info)
{
	return name_of(fail_infos, (int)fail_info);
}

bool
pki_status_by_name(const char *name, enum pki_status *ret)
{
	const struct word *word = word_of(pki_statuses, name);

	if (word == NULL)
		return false;
	*ret = (enum pki_status)word->value;
	return true;
}

bool
fail_info_by_name(const char *name, enum fail_info *ret)
{
	const struct word *word = word_of(fail_infos, name);

	if (word == NULL)
		return false;
	*ret = (enum fail_info)word->value;
	return true;
}
