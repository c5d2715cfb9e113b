#include "scenarios/words.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define WORDS(name, text)                   \
	const struct words words_##name = { \
	    .what = text,                   \
	    .items = name##_items,          \
	    .count = COUNT(name##_items),   \
	}

static const char *const outcome_items[] = {"must-enrol", "must-fail", "either"};
WORDS(outcome, "an outcome");

static const char *const provenance_items[] = {"captured", "documented", "inferred"};
WORDS(provenance, "a provenance");

static const char *const profile_items[] = {"intune", "ndes"};
WORDS(profile, "a profile");

static const char *const level_items[] = {"error", "warning", "note"};
WORDS(level, "a level");

static const char *const capability_items[] = {"AES", "DES3", "GetNextCACert",
    "POSTPKIOperation", "Renewal", "SCEPStandard", "SHA-1", "SHA-256", "SHA-384",
    "SHA-512", "Update"};
WORDS(capability, "a capability");

static const char *const pki_items[] = {"one-ra", "single", "single-no-usage", "ec",
    "expired-ra", "not-yet-valid-ra", "expired-ca", "renewed-ca", "chain", "foreign-ra",
    "no-usage-ra", "any-usage-ra", "swapped-ra", "sha1", "rsa1024"};
WORDS(pki, "another CA");

static const char *const operation_items[] = {"GetCACaps", "GetCACert", "GetNextCACert",
    "PKIOperation", "none", "unknown", "admin-page"};
WORDS(operation, "an operation");

static const char *const method_items[] = {
    "GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
WORDS(method, "a method");

static const char *const platform_items[] = {"ios", "macos", "android", "windows",
    "cisco", "curl", "go", "python", "none", "other"};
WORDS(platform, "a platform");

static const char *const client_cert_items[] = {"none", "untrusted", "trusted"};
WORDS(client_cert, "what a client may show over TLS");

static const char *const message_type_items[] = {
    "PKCSReq", "RenewalReq", "CertPoll", "GetCert", "GetCRL"};
WORDS(message_type, "a message type");

static const char *const digest_items[] = {"md5", "sha1", "sha256", "sha384", "sha512"};
WORDS(digest, "a digest");

static const char *const cipher_items[] = {"des", "des3", "aes128", "aes192", "aes256"};
WORDS(cipher, "a cipher");

static const char *const challenge_items[] = {
    "valid", "missing", "wrong", "used", "expired"};
WORDS(challenge, "what a challengePassword may be");

static const char *const challenge_type_items[] = {
    "printable", "utf8", "ia5", "bmp", "teletex", "other"};
WORDS(challenge_type, "an ASN.1 type of a challengePassword");

static const char *const count_by_items[] = {
    "site", "client", "connection", "transaction"};
WORDS(count_by, "what to count by");

static const char *const layer_items[] = {
    "network", "app-proxy", "http.sys", "pool", "iis", "mscep", "crp"};
WORDS(layer, "a layer");

static const char *const redirect_items[] = {"loop", "moved", "https", "elsewhere"};
WORDS(redirect, "a redirect");

static const char *const page_items[] = {"400-bad-request", "400-content-length",
    "400-header-too-long", "400-invalid-header", "400-invalid-hostname",
    "400-invalid-url", "400-invalid-verb", "400-request-too-long", "404-not-found",
    "411-length-required", "413-entity-too-large", "414-url-too-long", "503-unavailable",
    "505-version"};
WORDS(page, "a page of HTTP.sys");

static const char *const page_iis_items[] = {
    "general", "admin-password", "admin-cache-full", "admin-no-permission"};
WORDS(page_iis, "a page of IIS");

static const char *const page_proxy_items[] = {
    "gateway-timeout", "bad-gateway", "forbidden", "sign-in"};
WORDS(page_proxy, "a page of the application proxy");

static const char *const fate_items[] = {"reset", "close", "close-before-response",
    "garbage", "stall", "half-close", "refuse", "no-accept"};
WORDS(fate, "what may become of a connection");

static const char *const at_items[] = {"accept"};
WORDS(at, "a stage of a connection");

static const char *const tls_items[] = {"expired", "not-yet-valid", "wrong-name",
    "self-signed", "unknown-issuer", "incomplete-chain", "reversed-chain", "sha1",
    "weak-key", "old-protocol", "no-common-cipher", "client-cert-required",
    "client-cert-asked", "alert", "close-after-hello", "reset-after-hello",
    "no-close-notify"};
WORDS(tls, "a fault of TLS");

static const char *const delay_at_items[] = {"head", "body", "accept"};
WORDS(delay_at, "a place of a delay");

static const char *const cut_end_items[] = {"close", "reset", "stall"};
WORDS(cut_end, "an end of a cut answer");

static const char *const framing_items[] = {"usual", "chunked", "until-close",
    "length-short", "length-long", "length-twice", "bad-chunk"};
WORDS(framing, "a framing");

static const char *const version_items[] = {"1.0"};
WORDS(version, "a version of the status line");

static const char *const transform_items[] = {"empty", "base64", "pem", "half",
    "trailing-crlf", "trailing-byte", "leading-crlf", "gzip", "html", "utf-8",
    "utf-16-bom"};
WORDS(transform, "what may become of a body");

static const char *const forget_items[] = {"passwords"};
WORDS(forget, "what NDES can forget");

static const char *const pki_status_items[] = {"SUCCESS", "FAILURE", "PENDING"};
WORDS(pki_status, "a pkiStatus");

static const char *const fail_info_items[] = {
    "badAlg", "badMessageCheck", "badRequest", "badTime", "badCertId"};
WORDS(fail_info, "a failInfo");

static const char *const ca_certificate_items[] = {
    "sign", "encrypt", "ca", "root", "expired-sign", "expired-encrypt", "foreign-ca"};
WORDS(ca_certificate, "a certificate of GetCACert");

static const char *const probe_fate_items[] = {"answered", "closed", "reset", "refused",
    "silent", "unreachable", "cut", "cut-reset", "cut-silent", "garbage", "tls-failed",
    "tls-cut"};
WORDS(probe_fate, "what may become of a connection");

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

#define LIST(...) ((const char *const[]){__VA_ARGS__})
#define FORM(name, ...)                                   \
	{                                                 \
		.key = name,                              \
		.words = {.what = "a word of '" name "'", \
		    .items = LIST(__VA_ARGS__),           \
		    .count = COUNT(LIST(__VA_ARGS__))},   \
	}

const struct form_words words_scep_forms[SCEP_FORM_COUNT] = {
    FORM("status", "7", "missing"),
    FORM("fail_info", "99", "missing"),
    FORM("message_type", "usual", "missing", "PKCSReq"),
    FORM("number_type", "printable", "integer"),
    FORM("string_type", "printable", "utf8", "ia5", "bmp"),
    FORM("recipient_nonce", "usual", "wrong", "missing", "short", "empty", "stale"),
    FORM("sender_nonce", "fresh", "constant", "missing", "short"),
    FORM("transaction_id", "usual", "wrong", "missing", "lower-case"),
    FORM("content_type", "usual", "missing"),
    FORM("attribute_order", "sorted", "reversed"),
    FORM("signing_time", "none", "now"),
    FORM("content", "usual", "absent", "empty", "zero-byte", "garbage", "payload"),
    FORM("signer", "ra", "ca", "expired-ra", "foreign", "self"),
    FORM("signer_id", "issuer-serial", "key-id"),
    FORM("signature_algorithm", "rsa", "sha-rsa", "pss"),
    FORM("signature", "good", "corrupt"),
    FORM("message_digest", "right", "wrong"),
    FORM("digest", "usual", "md5", "sha1", "sha256", "sha384", "sha512"),
    FORM("certificates", "usual", "none", "signer", "all", "ca-first"),
    FORM("recipient", "requester", "other", "new-certificate", "key-id"),
    FORM("key_transport", "rsa", "oaep", "no-null"),
    FORM("cipher", "usual", "des", "des3", "aes128", "aes192", "aes256"),
    FORM("leaf", "usual", "missing", "wrong-key", "wrong-subject", "expired",
        "not-yet-valid", "foreign", "bare"),
    FORM("bag", "leaf-ca", "leaf", "ca-leaf", "with-crl", "with-ra"),
    FORM("encoding", "der", "ber", "ber-inner"),
};

const struct form_words words_ca_forms[CA_FORM_COUNT] = {
    FORM("bag", "pkcs7", "der", "pem", "empty"),
    FORM("crl", "none", "with"),
    FORM("encoding", "der", "ber"),
    FORM("caps_end", "lf", "crlf", "comma", "blank-lf"),
    FORM("caps_last", "none", "end"),
    FORM("caps_case", "usual", "lower", "upper"),
    FORM("caps_mark", "none", "utf-8"),
};
