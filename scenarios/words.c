#include "scenarios/words.h"

#define WORDS(name, text)                                            \
	const struct words words_##name = {                          \
	    .what = text,                                            \
	    .items = name##_items,                                   \
	    .count = sizeof(name##_items) / sizeof(name##_items[0]), \
	}

static const char *const outcome_items[] = {"must-enrol", "must-fail", "either"};
WORDS(outcome, "an outcome");

static const char *const provenance_items[] = {"captured", "documented", "inferred"};
WORDS(provenance, "a provenance");

static const char *const count_by_items[] = {
    "site", "client", "connection", "transaction"};
WORDS(count_by, "what to count by");

static const char *const layer_items[] = {"http.sys", "iis", "mscep"};
WORDS(layer, "a layer that answers by respond");

static const char *const operation_items[] = {
    "GetCACaps", "GetCACert", "GetNextCACert", "PKIOperation", "none", "unknown"};
WORDS(operation, "an operation");

static const char *const method_items[] = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
WORDS(method, "a method");

static const char *const message_type_items[] = {
    "PKCSReq", "RenewalReq", "CertPoll", "GetCert", "GetCRL"};
WORDS(message_type, "a message type");

static const char *const pki_status_items[] = {"SUCCESS", "FAILURE", "PENDING"};
WORDS(pki_status, "a pkiStatus");

static const char *const fail_info_items[] = {
    "badAlg", "badMessageCheck", "badRequest", "badTime", "badCertId"};
WORDS(fail_info, "a failInfo");

static const char *const capability_items[] = {"AES", "DES3", "GetNextCACert",
    "POSTPKIOperation", "Renewal", "SCEPStandard", "SHA-1", "SHA-256", "SHA-384",
    "SHA-512", "Update"};
WORDS(capability, "a capability");

static const char *const page_items[] = {"400-bad-request", "400-content-length",
    "400-header-too-long", "400-invalid-header", "400-invalid-hostname",
    "400-invalid-url", "400-invalid-verb", "400-request-too-long", "404-not-found",
    "411-length-required", "413-entity-too-large", "414-url-too-long", "503-unavailable",
    "505-version"};
WORDS(page, "a page of HTTP.sys");

static const char *const httperr_items[] = {"AppOffline", "AppPoolTimer", "AppShutdown",
    "BadRequest", "Client_Reset", "Connection_Abandoned_By_AppPool",
    "Connection_Abandoned_By_ReqQueue", "Connection_Dropped",
    "Connection_Dropped_List_Full", "ConnLimit", "Connections_Refused", "Disabled",
    "EntityTooLarge", "FieldLength", "Forbidden", "Header", "Hostname", "Internal",
    "Invalid_CR/LF", "LengthRequired", "N/A", "N/I", "Number", "Precondition",
    "QueueFull", "RequestLength", "Timer_AppPool", "Timer_ConnectionIdle",
    "Timer_EntityBody", "Timer_HeaderWait", "Timer_MinBytesPerSecond", "Timer_ReqQueue",
    "Timer_Response", "Timer_SslRenegotiation", "URL", "URL_Length", "Verb",
    "Version_N/S"};
WORDS(httperr, "a reason of the HTTPERR log");
