/*
 * platforms: enrolment and renewal as the documented devices do it, over real sockets:
 *
 *	platforms MOCKNDES
 *
 * Each row is one kind of device: the order of its operations, its `message`, path,
 * version of HTTP and headers, GET or POST, how it writes base64 into a URL, and the
 * algorithms and encoding of its pkiMessage. All of them get a certificate, and another
 * one when they renew by a PKCSReq that is signed with the first; the IIS log has it all.
 */
#include "base/base64.h"
#include "certs/ossl.h"
#include "scenarios/ask.h"
#include "scenarios/tap.h"
#include "scenarios/winlogs.h"
#include "support/peer.h"
#include "support/scepclient.h"
#include "support/server_process.h"
#include <openssl/obj_mac.h>
#include <stdio.h>
#include <string.h>

#define MSCEP   "/certsrv/mscep/mscep.dll"
#define CLIENT  MSCEP "/pkiclient.exe"
#define IOS     "profiled/1.0 CFNetwork/975.0.3 Darwin/18.2.0"
#define ANDROID "Dalvik/2.1.0 (Linux; U; Android 5.0; P01M Build/LRX21V)"
#define WINDOWS "Mozilla/4.0 (compatible; Win32; NDES client)"
#define CISCO   "Mozilla/4.0 (compatible; MSIE 5.0; Cisco PKI)"
#define WINDOWS_HEADERS                                         \
	"Cache-Control: no-cache\r\nConnection: Keep-Alive\r\n" \
	"Pragma: no-cache\r\n"

/* What each PKCSReq leaves in the profile intune besides. */
#define PLUGIN_LINES  2
#define PLUGIN_VERIFY " POST /CertificateRegistrationSvc/Certificate/VerifyRequest - "
#define PLUGIN_NOTIFY " POST /CertificateRegistrationSvc/Certificate/Notify - "

#define LOG_WAIT_MS   5000
#define STEPS_MAX     3
#define BASE64_LINE   64
#define PLATFORM_ARGS 16

enum carriage {
	BY_POST,
	BY_GET_ESCAPED, /* base64, percent-encoded as RFC 3986 wants */
	BY_GET_RAW,     /* '+', '/' and '=' as they are */
	BY_GET_LINES,   /* %0A behind every 64 letters, and at the end */
};

struct platform {
	const char *name;
	const char *version; /* --server-version */
	bool is_tls;
	bool is_http10; /* a connection each, and no Host header */
	const char *path;
	const char *message;          /* as in the query */
	const char *steps[STEPS_MAX]; /* operations ahead of PKIOperation */
	const char *user_agent;       /* NULL: none */
	const char *headers;          /* further ones; NULL: none */
	enum carriage carriage;
	struct scep_identity identity;
	struct scep_request request; /* but for the challenge */
};

static const struct platform platforms[] = {
    {
        .name = "iOS, GET",
        .version = "2012r2",
        .is_tls = true,
        .path = MSCEP,
        .message = "SCEP%20Authority",
        .steps = {"GetCACert", "GetCACaps"},
        .user_agent = IOS,
        .carriage = BY_GET_RAW,
        .request = {.is_ber = true,
            .digest_nid = NID_sha512,
            .cipher_nid = NID_des_ede3_cbc},
    },
    {
        .name = "iOS, POST",
        .version = "2022",
        .is_tls = true,
        .path = MSCEP,
        .message = "SCEP%20Authority",
        .steps = {"GetCACert", "GetCACaps"},
        .user_agent = IOS,
        .headers = "Content-Type: application/x-pki-message\r\n",
        .carriage = BY_POST,
        .request = {.is_ber = true,
            .digest_nid = NID_sha512,
            .cipher_nid = NID_des_ede3_cbc},
    },
    {
        .name = "Android (jscep), GET",
        .version = "2012r2",
        .is_tls = true,
        .path = MSCEP,
        .message = "ca",
        .steps = {"GetCACaps", "GetCACert", "GetCACaps"},
        .user_agent = ANDROID,
        .carriage = BY_GET_ESCAPED,
        .request = {.is_ber = true, .cipher_nid = NID_des_ede3_cbc},
    },
    {
        .name = "Android (jscep), POST",
        .version = "2016",
        .is_tls = true,
        .path = MSCEP,
        .message = "ca",
        .steps = {"GetCACaps", "GetCACert", "GetCACaps"},
        .user_agent = ANDROID,
        .headers = "Content-Type: application/octet-stream\r\n",
        .carriage = BY_POST,
        .request = {.is_ber = true, .cipher_nid = NID_des_ede3_cbc},
    },
    {
        .name = "Windows, GET",
        .version = "2012r2",
        .path = CLIENT,
        .message = "default",
        .steps = {"GetCACaps", "GetCACert"},
        .user_agent = WINDOWS,
        .headers = WINDOWS_HEADERS,
        .carriage = BY_GET_ESCAPED,
        .request = {.digest_nid = NID_sha512, .cipher_nid = NID_des_ede3_cbc},
    },
    {
        .name = "Windows, POST",
        .version = "2022",
        .path = CLIENT,
        .message = "default",
        .steps = {"GetCACaps", "GetCACert"},
        .user_agent = WINDOWS,
        .headers = WINDOWS_HEADERS,
        .carriage = BY_POST,
        .request = {.digest_nid = NID_sha512, .cipher_nid = NID_des_ede3_cbc},
    },
    {
        .name = "Cisco, old: DES and MD5",
        .version = "2012r2",
        .is_http10 = true,
        .path = CLIENT,
        .message = "CA01",
        .steps = {"GetCACert"},
        .user_agent = CISCO,
        .carriage = BY_GET_LINES,
        .identity = {.rsa_bits = 1024},
        .request = {.digest_nid = NID_md5, .cipher_nid = NID_des_cbc},
    },
    {
        .name = "Cisco, newer: 3DES and SHA-1",
        .version = "2016",
        .is_http10 = true,
        .path = CLIENT,
        .message = "CA01",
        .steps = {"GetCACaps", "GetCACert"},
        .user_agent = CISCO,
        .carriage = BY_GET_LINES,
        .request = {.digest_nid = NID_sha1, .cipher_nid = NID_des_ede3_cbc},
    },
    {
        .name = "sscep",
        .version = "2019",
        .path = MSCEP,
        .message = "CAIdentifier",
        .steps = {"GetCACaps", "GetCACert"},
        .carriage = BY_POST,
        .request = {.digest_nid = NID_sha256, .cipher_nid = NID_des_ede3_cbc},
    },
};

#define PLATFORMS (sizeof(platforms) / sizeof(platforms[0]))

/* One device at work. */
struct device {
	const struct platform *platform;
	const struct server_process *server;
	SSL_CTX *tls;
	struct scep_client *client;
	struct peer peer;
	bool is_open;
	struct peer_answer answer;
	size_t asked;
};

/* Letters of base64 as this device writes them into a URL. */
static void
add_base64(struct bytes der, enum carriage carriage, struct buf *out)
{
	struct buf text = BUF_INIT;

	base64_encode(der, &text);
	for (size_t at = 0; at < text.len; at += BASE64_LINE) {
		size_t rest = text.len - at;
		struct slice line = {(const char *)text.data + at,
		    rest < BASE64_LINE ? rest : BASE64_LINE};

		if (carriage == BY_GET_RAW)
			buf_add_slice(out, line);
		else
			ask_escape(line, out);
		if (carriage == BY_GET_LINES)
			buf_add_text(out, "%0A");
	}
	buf_clear(&text);
}

/* `der` is empty for all but PKIOperation. */
static void
write_request(
    const struct device *device, const char *operation, struct bytes der, struct buf *out)
{
	const struct platform *platform = device->platform;
	bool is_post = der.len > 0 && platform->carriage == BY_POST;

	buf_add_format(out, "%s %s?operation=%s", is_post ? "POST" : "GET",
	    platform->path, operation);
	if (der.len == 0)
		buf_add_format(out, "&message=%s", platform->message);
	else if (!is_post) {
		buf_add_text(out, "&message=");
		add_base64(der, platform->carriage, out);
	}
	buf_add_format(out, " HTTP/1.%d\r\n", platform->is_http10 ? 0 : 1);
	if (!platform->is_http10)
		buf_add_text(out, "Host: localhost\r\n");
	if (platform->user_agent != NULL)
		buf_add_format(out, "User-Agent: %s\r\n", platform->user_agent);
	if (platform->headers != NULL && (is_post || platform->carriage != BY_POST))
		buf_add_text(out, platform->headers);
	if (is_post)
		buf_add_format(out, "Content-Length: %zu\r\n", der.len);
	buf_add_text(out, "\r\n");
	if (is_post)
		buf_add(out, der.data, der.len);
}

/* One request; true: 200, and its answer is there. */
static bool
ask(struct device *device, const char *operation, struct bytes der)
{
	unsigned port =
	    device->platform->is_tls ? device->server->tls_port : device->server->port;
	struct buf request = BUF_INIT;
	bool ok;

	write_request(device, operation, der, &request);
	if (!device->is_open)
		device->is_open = peer_open(&device->peer, port, device->tls);
	ok = device->is_open && peer_send(&device->peer, buf_bytes(&request)) &&
	     peer_receive(&device->peer, false, &device->answer) &&
	     device->answer.status == 200;
	buf_clear(&request);
	device->asked++;
	if (device->platform->is_http10 && device->is_open) {
		(void)peer_await_end(&device->peer);
		peer_close(&device->peer);
		device->is_open = false;
	}
	return ok;
}

static bool
is_caps_answer(const struct peer_answer *answer)
{
	static const char last[] = "DES3";

	return slice_is(peer_header(answer, "Content-Type"), "text/plain") &&
	       answer->body.len > strlen(last) &&
	       memcmp(answer->body.data + answer->body.len - strlen(last), last,
	           strlen(last)) == 0;
}

static void
play_steps(struct tap *tap, struct device *device)
{
	const struct platform *platform = device->platform;

	for (size_t i = 0; i < STEPS_MAX && platform->steps[i] != NULL; i++) {
		const char *step = platform->steps[i];
		bool ok = ask(device, step, (struct bytes){NULL, 0});

		if (ok && strcmp(step, "GetCACaps") == 0)
			ok = is_caps_answer(&device->answer);
		else if (ok)
			ok = slice_is(peer_header(&device->answer, "Content-Type"),
			         "application/x-x509-ca-ra-cert") &&
			     scep_client_set_ca(
			         device->client, buf_bytes(&device->answer.body));
		tap_check(tap, ok, "%s: %s", platform->name, step);
	}
}

static bool
has_certificate(const struct scep_reply *reply)
{
	return reply->is_cms && reply->message_type == 3 && reply->status == 0 &&
	       reply->leaf != NULL && reply->leaf_has_our_key && reply->leaf_from_ca;
}

/* The leaf; yours, NULL: none. Four checks. */
static X509 *
enrol(struct tap *tap, struct device *device, const char *challenge, const char *what)
{
	const struct platform *platform = device->platform;
	struct scep_request request = platform->request;
	struct buf der = BUF_INIT;
	struct scep_reply reply;
	X509 *leaf = NULL;

	request.challenge = challenge;
	bool ok = scep_client_request(device->client, &request, &der) &&
	          ask(device, "PKIOperation", buf_bytes(&der));
	tap_check(tap,
	    ok && slice_is(peer_header(&device->answer, "Content-Type"),
	              "application/x-pki-message"),
	    "%s: %s is answered", platform->name, what);
	scep_client_read_reply(device->client, buf_bytes(&device->answer.body), &reply);
	if (!tap_check(tap, has_certificate(&reply), "%s: %s gives a certificate",
	        platform->name, what))
		tap_note("pkiStatus %d, failInfo %d", reply.status, reply.fail_info);
	tap_check(tap,
	    reply.signature_ok && reply.transaction_ok && reply.recipient_nonce_ok,
	    "%s: %s is signed by the RA for this request", platform->name, what);
	if (!tap_check(tap, reply.cipher_nid == request.cipher_nid,
	        "%s: %s comes in the device's own cipher", platform->name, what))
		tap_note("%s instead of %s", OBJ_nid2sn(reply.cipher_nid),
		    OBJ_nid2sn(request.cipher_nid));
	if (reply.leaf != NULL && X509_up_ref(reply.leaf) == 1)
		leaf = reply.leaf;
	scep_reply_clear(&reply);
	buf_clear(&der);
	return leaf;
}

/* A PKCSReq without a challenge, signed with what was issued before. */
static void
renew(struct tap *tap, struct device *device, X509 *first)
{
	X509 *second = NULL;

	if (first != NULL)
		scep_client_adopt(device->client, first);
	second = enrol(tap, device, NULL, "renewal");
	tap_check(tap,
	    first != NULL && second != NULL &&
	        ASN1_INTEGER_cmp(
	            X509_get0_serialNumber(first), X509_get0_serialNumber(second)) != 0,
	    "%s: the renewal has a serial number of its own", device->platform->name);
	X509_free(second);
}

/* How IIS writes a user agent. */
static void
log_form(const char *user_agent, char *out, size_t size)
{
	snprintf(out, size, "%s", user_agent != NULL ? user_agent : "-");
	for (; *out != '\0'; out++)
		if (*out == ' ')
			*out = '+';
}

/* Lines of the log in which both stand. */
static size_t
count_lines(const struct winlog *log, const char *one, const char *other)
{
	const char *at = (const char *)log->text.data;
	const char *end = at + log->text.len;
	size_t count = 0;

	for (const char *stop; at < end && (stop = memchr(at, '\n', (size_t)(end - at)));
	     at = stop + 1) {
		size_t len = (size_t)(stop - at);

		if (memmem(at, len, one, strlen(one)) != NULL &&
		    memmem(at, len, other, strlen(other)) != NULL)
			count++;
	}
	return count;
}

/* The device's own lines, and those of the policy module for its two PKCSReq. */
static void
check_log(struct tap *tap, const struct device *device, struct winlogs *logs)
{
	const struct platform *platform = device->platform;
	struct winlog *log = &logs->iis;
	char agent[128];
	char end[160];
	bool ok;

	winlog_await(log, device->asked + 2 * PLUGIN_LINES, LOG_WAIT_MS);
	log_form(platform->user_agent, agent, sizeof(agent));
	snprintf(end, sizeof(end), " %s - 200 0 0 ", agent);
	ok = tap_check(tap, count_lines(log, platform->path, end) == device->asked,
	    "%s: the IIS log has each request with its agent", platform->name);
	ok &= tap_check(tap,
	    count_lines(log, PLUGIN_VERIFY, " 443 - 127.0.0.1 NDES_Plugin - 201 0 0 ") ==
	            2 &&
	        count_lines(
	            log, PLUGIN_NOTIFY, " 443 - 127.0.0.1 NDES_Plugin - 204 0 0 ") == 2,
	    "%s: and the calls of the policy module", platform->name);
	if (!ok)
		tap_note("%.*s", (int)log->text.len, (const char *)log->text.data);
}

static void
play(struct tap *tap, struct device *device)
{
	X509 *leaf;

	play_steps(tap, device);
	leaf = enrol(tap, device, device->server->challenge, "enrolment");
	renew(tap, device, leaf);
	X509_free(leaf);
}

/* False: nothing could be tried, err says why. */
static bool
try_platform(struct tap *tap, const char *program, const struct platform *platform,
    struct err *err)
{
	struct server_process server;
	struct device device = {
	    .platform = platform, .server = &server, .answer = PEER_ANSWER_INIT};
	struct winlogs logs;

	if (!winlogs_open(&logs, err))
		return false;
	const char *args[PLATFORM_ARGS] = {"--server-version", platform->version,
	    "--listen", "127.0.0.1:0", "--tls", "127.0.0.1:0", "--logs", logs.folder,
	    "--quiet", NULL};
	bool is_started = server_process_start(&server, program, args, err);
	if (is_started) {
		device.client = scep_client_new(&platform->identity);
		if (platform->is_tls)
			device.tls = peer_trust(server.ca_path, err);
		play(tap, &device);
		if (device.is_open)
			peer_close(&device.peer);
		check_log(tap, &device, &logs);
		server_process_stop(&server);
	}
	peer_answer_clear(&device.answer);
	scep_client_free(device.client);
	SSL_CTX_free(device.tls);
	winlogs_close(&logs);
	return is_started;
}

static size_t
checks_of(const struct platform *platform)
{
	size_t count = 4 + 4 + 1 + 2; /* enrolment, renewal, serial number, log */

	for (size_t i = 0; i < STEPS_MAX && platform->steps[i] != NULL; i++)
		count++;
	return count;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct tap tap;
	size_t count = 0;

	if (argc != 2)
		return tap_bail_out("usage: %s MOCKNDES", argv[0]);
	if (!ossl_load_providers(&err)) /* DES and MD5 are there for all clients */
		return tap_bail_out("%s", err.text);
	for (size_t i = 0; i < PLATFORMS; i++)
		count += checks_of(&platforms[i]);
	tap_plan(&tap, count);
	for (size_t i = 0; i < PLATFORMS; i++)
		if (!try_platform(&tap, argv[1], &platforms[i], &err))
			return tap_bail_out("%s", err.text);
	return tap_end(&tap);
}
