#include "http/refusal.h"
#include <stddef.h>

/* Which reason goes with which page is documented for the lengths, the host name
   and 411; the others follow from the names of the reasons. */
static const struct refusal_entry entries[REFUSAL_COUNT] = {
    [REFUSAL_NONE] = {0, NULL, "-"},
    [REFUSAL_BAD_REQUEST] = {400, "400-bad-request", "BadRequest"},
    [REFUSAL_URL] = {400, "400-invalid-url", "URL"},
    [REFUSAL_HOSTNAME] = {400, "400-invalid-hostname", "Hostname"},
    [REFUSAL_VERB] = {400, "400-invalid-verb", "Verb"},
    [REFUSAL_VERSION] = {505, "505-version", "Version_N/S"},
    [REFUSAL_CRLF] = {400, "400-bad-request", "Invalid_CR/LF"},
    [REFUSAL_HEADER] = {400, "400-invalid-header", "Header"},
    [REFUSAL_FIELD_LENGTH] = {400, "400-header-too-long", "FieldLength"},
    [REFUSAL_REQUEST_LENGTH] = {400, "400-request-too-long", "RequestLength"},
    [REFUSAL_URL_LENGTH] = {414, "414-url-too-long", "URL_Length"},
    [REFUSAL_NUMBER] = {400, "400-content-length", "Number"},
    [REFUSAL_LENGTH_REQUIRED] = {411, "411-length-required", "LengthRequired"},
    [REFUSAL_ENTITY_TOO_LARGE] = {413, "413-entity-too-large", "EntityTooLarge"},
    [REFUSAL_IDLE_TIMEOUT] = {0, NULL, "Timer_ConnectionIdle"},
    [REFUSAL_HEAD_TIMEOUT] = {0, NULL, "Timer_HeaderWait"},
    [REFUSAL_BODY_TIMEOUT] = {0, NULL, "Timer_EntityBody"},
};

const struct refusal_entry *
refusal_entry(enum refusal refusal)
{
	return &entries[refusal];
}
