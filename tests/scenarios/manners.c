/*
 * manners: one request, and what HTTP.sys, IIS, mscep.dll or the registration point says
 * to it, and which log gets which line:
 *
 *	manners MOCKNDES
 *
 * The server is the healthy one in several settings. What no row can hold (two requests
 * at once, the interim 100) stands below the table.
 */
#include "scenarios/tap.h"
#include "scenarios/winlogs.h"
#include "support/peer.h"
#include "support/server_process.h"
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#define DLL         "/certsrv/mscep/mscep.dll"
#define ADMIN       "/certsrv/mscep_admin"
#define CRP         "/CertificateRegistrationSvc/Certificate/"
#define HOST        " HTTP/1.1\r\nHost: localhost\r\n"
#define END         HOST "\r\n"
#define EMPTY_POST  HOST "Content-Length: 0\r\n\r\n"
#define LOG_WAIT_MS 5000
#define ARGS_MAX    16
#define NOTE_BYTES  300 /* of a body, when it is not the right one */
#define LONG_BYTES  70000

enum server {
	INTUNE, /* as it is without options */
	NDES,
	DETAILED,
	DETAILED_500,
	DETAILED_404,
	WINDOWS_2012,
};
#define SERVER_COUNT 6

static const char *const server_options[SERVER_COUNT][5] = {
    [INTUNE] = {NULL},
    [NDES] = {"--profile", "ndes", NULL},
    [DETAILED] = {"--error-pages", "detailed", NULL},
    [DETAILED_500] = {"--error-pages", "detailed", "--scenario", "500", NULL},
    [DETAILED_404] = {"--error-pages", "detailed", "--scenario",
        "uri-too-long:limit=40,answer=404.15", NULL},
    [WINDOWS_2012] = {"--server-version", "2012r2", NULL},
};

struct manner {
	enum server server;
	const char *name;
	const char *request;
	char filler; /* stands for LONG_BYTES of itself in the request; 0: for nothing */
	unsigned status;
	const char *head;  /* stands in the head; NULL: whatever */
	const char *body;  /* stands in the body; "": it is empty; NULL: whatever */
	const char *utf16; /* stands in it as UTF-16LE; NULL: whatever */
	const char
	    *line; /* status substatus win32 of the IIS line, or HTTPERR's reason */
};

static const struct manner manners[] = {
    /* mscep.dll */
    {INTUNE, "the bare URL", "GET " DLL END, 0, 403, "\r\nX-Powered-By: ASP.NET\r\n",
        "<title>403 - Forbidden: Access is denied.</title>", NULL, "403 0 0"},
    {INTUNE, "HEAD of the bare URL", "HEAD " DLL END, 0, 403,
        "\r\nContent-Length: 1233\r\n", "", NULL, "403 0 0"},
    {INTUNE, "the default document", "GET /CertSrv/mscep/?operation=GetCACaps" END, 0,
        200, "\r\nContent-Type: text/plain\r\n", "POSTPKIOperation", NULL, "200 0 0"},
    {INTUNE, "the folder without a slash", "GET /certsrv/mscep?operation=GetCACaps" END,
        0, 301, "\r\nLocation: /certsrv/mscep/?operation=GetCACaps\r\n", "Object Moved",
        NULL, "301 0 0"},
    {INTUNE, "path info", "GET " DLL "/pkiclient.exe?operation=GetCACaps" END, 0, 200,
        NULL, "DES3", NULL, "200 0 0"},
    {INTUNE, "an absolute-form target",
        "GET http://localhost" DLL "?operation=GetCACaps" END, 0, 200, NULL, "DES3", NULL,
        "200 0 0"},
    {INTUNE, "HTTP/1.0 without Host", "GET " DLL "?operation=GetCACaps HTTP/1.0\r\n\r\n",
        0, 200, "\r\nConnection: close\r\n", "DES3", NULL, "200 0 0"},
    {INTUNE, "PUT", "PUT " DLL "?operation=GetCACaps" EMPTY_POST, 0, 200, NULL, "DES3",
        NULL, "200 0 0"},
    {INTUNE, "a verb of one's own", "FOO " DLL "?operation=GetCACaps" END, 0, 200, NULL,
        "DES3", NULL, "200 0 0"},
    {INTUNE, "GetCACerts, as Microsoft's script asks",
        "GET " DLL "?operation=GetCACerts&message=x" END, 0, 200,
        "\r\nContent-Type: application/x-x509-ca-ra-cert\r\n", NULL, NULL, "200 0 0"},
    {INTUNE, "GetCACert without message", "GET " DLL "?operation=GetCACert" END, 0, 200,
        "\r\nContent-Type: application/x-x509-ca-ra-cert\r\n", NULL, NULL, "200 0 0"},
    {INTUNE, "GetCACert with an odd message",
        "GET " DLL "?operation=GetCACert&message=%00%zz+%26" END, 0, 200,
        "\r\nContent-Type: application/x-x509-ca-ra-cert\r\n", NULL, NULL, "200 0 0"},
    {INTUNE, "GetNextCACert", "GET " DLL "?operation=GetNextCACert" END, 0, 403, NULL,
        NULL, NULL, "403 0 0"},
    {INTUNE, "an unknown operation", "GET " DLL "?operation=Dance" END, 0, 403, NULL,
        NULL, NULL, "403 0 0"},
    {INTUNE, "PKIOperation of garbage",
        "GET " DLL "?operation=PKIOperation&message=x" END, 0, 200, NULL, NULL, NULL,
        "200 0 0"},
    {INTUNE, "PKIOperation without a message", "GET " DLL "?operation=PKIOperation" END,
        0, 200, NULL, NULL, NULL, "200 0 0"},
    {INTUNE, "POST of nothing without operation", "POST " DLL EMPTY_POST, 0, 200, NULL,
        NULL, NULL, "200 0 0"},
    {WINDOWS_2012, "2012 R2", "GET " DLL "?operation=GetCACaps" END, 0, 200,
        "\r\nServer: Microsoft-IIS/8.5\r\n", "Renewal\nSHA-512", NULL, "200 0 0"},
    /* mscep_admin, open */
    {INTUNE, "mscep_admin without a slash", "GET " ADMIN END, 0, 301,
        "\r\nLocation: /certsrv/mscep_admin/\r\n", NULL, NULL, "301 0 0"},
    {NDES, "mscep_admin", "GET " ADMIN "/" END, 0, 200, "\r\nContent-Type: text/html\r\n",
        NULL, "The enrollment challenge password is: <B> ", "200 0 0"},
    {NDES, "mscep.dll of mscep_admin", "GET " ADMIN "/mscep.dll" END, 0, 200, NULL, NULL,
        "This password can be used only once", "200 0 0"},
    /* profile ndes */
    {NDES, "ndes: the bare URL", "GET " DLL END, 0, 200, NULL, NULL,
        "This URL is used by network devices to submit certificate requests.", "200 0 0"},
    {NDES, "ndes: an unknown operation", "GET " DLL "?operation=Dance" END, 0, 200, NULL,
        NULL, "This URL is used by network devices", "200 0 0"},
    {NDES, "ndes: no registration point", "POST " CRP "VerifyRequest" EMPTY_POST, 0, 404,
        NULL, NULL, NULL, "404 0 2"},
    /* the connector's registration point */
    {INTUNE, "VerifyRequest", "POST " CRP "VerifyRequest" EMPTY_POST, 0, 201, NULL, NULL,
        NULL, "201 0 0"},
    {INTUNE, "Notify", "POST " CRP "Notify" EMPTY_POST, 0, 204, NULL, "", NULL,
        "204 0 0"},
    {INTUNE, "GET of VerifyRequest", "GET " CRP "VerifyRequest" END, 0, 405,
        "\r\nAllow: POST\r\n", "<title>405 - ", NULL, "405 0 0"},
    /* IIS */
    {INTUNE, "another path", "GET /favicon.ico" END, 0, 404,
        "\r\nContent-Length: 1245\r\n",
        "<title>404 - File or directory not found.</title>", NULL, "404 0 2"},
    {DETAILED, "detailed: 403", "GET " DLL END, 0, 403, "\r\nCache-Control: private\r\n",
        "<title>IIS 10.0 Detailed Error - 403.0 - Forbidden</title>", NULL, "403 0 0"},
    {DETAILED, "detailed: 404", "GET /no" END, 0, 404, NULL,
        "HTTP Error 404.0 - Not Found", NULL, "404 0 2"},
    {DETAILED_500, "detailed: 500", "GET " DLL END, 0, 500, NULL,
        "HTTP Error 500.0 - Internal Server Error", NULL, "500 0 1346"},
    {DETAILED_404, "detailed: 404.15",
        "GET " DLL "?operation=PKIOperation&message=0123456789abcdef" END, 0, 404, NULL,
        "HTTP Error 404.15 - Not Found", NULL, "404 15 0"},
    /* HTTP.sys */
    {INTUNE, "HTTP/1.1 without Host", "GET " DLL " HTTP/1.1\r\n\r\n", 0, 400,
        "\r\nServer: Microsoft-HTTPAPI/2.0\r\n", "Bad Request - Invalid Hostname", NULL,
        "Hostname"},
    {INTUNE, "a verb that is none", "G(T " DLL END, 0, 400, NULL,
        "Bad Request - Invalid Verb", NULL, "Verb"},
    {INTUNE, "HTTP/3.0", "GET " DLL " HTTP/3.0\r\nHost: a\r\n\r\n", 0, 505, NULL, NULL,
        NULL, "Version_N/S"},
    {INTUNE, "a header without a name", "GET " DLL HOST ": x\r\n\r\n", 0, 400, NULL,
        "Bad Request - Invalid Header", NULL, "Header"},
    /* the limits are alike, so the head as a whole is over its own first */
    {INTUNE, "a long header", "GET " DLL HOST "X: ~\r\n\r\n", '~', 400, NULL,
        "Bad Request - Request Too Long", NULL, "RequestLength"},
    {INTUNE, "a long URL", "GET " DLL "?~" END, '~', 414, NULL, "Request URL Too Long",
        NULL, "URL_Length"},
    {INTUNE, "POST without a length", "POST " DLL END, 0, 411, NULL, "Length Required",
        NULL, "LengthRequired"},
    {INTUNE, "a length that is none", "POST " DLL HOST "Content-Length: x\r\n\r\n", 0,
        400, NULL, "Invalid Content Length", NULL, "Number"},
    {INTUNE, "a long body", "POST " DLL HOST "Content-Length: 30000001\r\n\r\n", 0, 413,
        NULL, "Request Entity Too Large", NULL, "EntityTooLarge"},
};

#define MANNERS (sizeof(manners) / sizeof(manners[0]))

/* Checks besides the table. */
#define ROW_CHECKS   2
#define EXTRA_CHECKS 3

static void
expand(const struct manner *manner, struct buf *out)
{
	for (const char *at = manner->request; *at != '\0'; at++)
		for (size_t n = *at == manner->filler ? LONG_BYTES : 1; n > 0; n--)
			buf_add_char(out, *at);
}

static bool
holds(const struct buf *buf, const char *text)
{
	return text == NULL ||
	       (buf->len > 0 && memmem(buf->data, buf->len, text, strlen(text)) != NULL);
}

static bool
holds_utf16(const struct buf *buf, const char *text)
{
	struct buf wide = BUF_INIT;
	bool found;

	if (text == NULL)
		return true;
	for (; *text != '\0'; text++) {
		buf_add_char(&wide, *text);
		buf_add_char(&wide, '\0');
	}
	found = buf->len > 0 && memmem(buf->data, buf->len, wide.data, wide.len) != NULL;
	buf_clear(&wide);
	return found;
}

static void
check_answer(
    struct tap *tap, const struct manner *manner, const struct peer_answer *answer)
{
	bool has_body = manner->body != NULL && manner->body[0] == '\0'
	                    ? answer->body.len == 0
	                    : holds(&answer->body, manner->body);

	if (!tap_check(tap,
	        answer->status == manner->status && has_body &&
	            holds(&answer->head, manner->head) &&
	            holds_utf16(&answer->body, manner->utf16),
	        "%s: %u", manner->name, manner->status))
		tap_note("%.*s%.*s", (int)answer->head.len,
		    (const char *)answer->head.data,
		    (int)(answer->body.len < NOTE_BYTES ? answer->body.len : NOTE_BYTES),
		    (const char *)answer->body.data);
}

static bool
has_line(struct winlogs *logs, const char *want)
{
	bool is_iis = want[0] >= '0' && want[0] <= '9';
	struct winlog *log = is_iis ? &logs->iis : &logs->httperr;
	char got[64];

	winlog_await(log, 1, LOG_WAIT_MS);
	if (!is_iis)
		return slice_is(winlog_field(log, "s-reason"), want);
	struct slice status = winlog_field(log, "sc-status");
	struct slice substatus = winlog_field(log, "sc-substatus");
	struct slice win32 = winlog_field(log, "sc-win32-status");
	snprintf(got, sizeof(got), "%.*s %.*s %.*s", (int)status.len, status.text,
	    (int)substatus.len, substatus.text, (int)win32.len, win32.text);
	return strcmp(got, want) == 0;
}

/* One line in the log of the layer that answered, and none in the other. */
static void
check_line(struct tap *tap, const struct manner *manner, struct winlogs *logs)
{
	bool ok = has_line(logs, manner->line);
	size_t count = winlog_look(&logs->iis) + winlog_look(&logs->httperr);

	if (!tap_check(
	        tap, ok && count == 1, "%s: logged as %s", manner->name, manner->line))
		tap_note("%zu lines; %.*s\n%.*s", count, (int)logs->iis.record.len,
		    logs->iis.record.text, (int)logs->httperr.record.len,
		    logs->httperr.record.text);
	winlog_settle(&logs->iis);
	winlog_settle(&logs->httperr);
}

static void
try_manner(
    struct tap *tap, const struct manner *manner, unsigned port, struct winlogs *logs)
{
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct buf request = BUF_INIT;
	struct peer peer;

	expand(manner, &request);
	if (peer_open(&peer, port, NULL)) {
		peer_send(
		    &peer, buf_bytes(&request)); /* may be answered before its end */
		/* the body of a 204 is as absent as that of an answer to HEAD */
		peer_receive(&peer,
		    manner->status == 204 || strncmp(manner->request, "HEAD", 4) == 0,
		    &answer);
	}
	peer_close(&peer);
	check_answer(tap, manner, &answer);
	check_line(tap, manner, logs);
	peer_answer_clear(&answer);
	buf_clear(&request);
}

static struct bytes
bytes_of(const char *text)
{
	return (struct bytes){(const unsigned char *)text, strlen(text)};
}

/* Three requests in one write are answered in order over one connection. */
static void
try_pipeline(struct tap *tap, unsigned port)
{
	static const char requests[] =
	    "GET " DLL "?operation=GetCACaps" END "GET /no" END "GET " DLL END;
	static const unsigned want[] = {200, 404, 403};
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct peer peer;
	bool ok = peer_open(&peer, port, NULL) && peer_send(&peer, bytes_of(requests));

	for (size_t i = 0; i < 3; i++)
		ok =
		    ok && peer_receive(&peer, false, &answer) && answer.status == want[i];
	tap_check(tap, ok, "three requests at once are answered in order");
	peer_close(&peer);
	peer_answer_clear(&answer);
}

/* The body is sent only when the server has said so; peer_receive skips the 100. */
static void
try_continue(struct tap *tap, unsigned port)
{
	static const char head[] =
	    "POST " DLL HOST "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n";
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
	struct peer_answer answer = PEER_ANSWER_INIT;
	char got[sizeof(interim)] = "";
	struct peer peer;
	bool ok = peer_open(&peer, port, NULL) && peer_send(&peer, bytes_of(head));

	for (size_t n = 0; ok && n < sizeof(interim) - 1;) {
		ssize_t some = recv(peer.fd, got + n, sizeof(interim) - 1 - n, 0);

		ok = some > 0;
		n += ok ? (size_t)some : 0;
	}
	tap_check(
	    tap, ok && strcmp(got, interim) == 0, "Expect: 100 comes before the body");
	ok = ok && peer_send(&peer, bytes_of("body")) &&
	     peer_receive(&peer, false, &answer) && answer.status == 200;
	tap_check(tap, ok, "Expect: and the answer behind it");
	peer_close(&peer);
	peer_answer_clear(&answer);
}

static void
play(struct tap *tap, enum server kind, unsigned port, struct winlogs *logs)
{
	for (size_t i = 0; i < MANNERS; i++)
		if (manners[i].server == kind)
			try_manner(tap, &manners[i], port, logs);
	if (kind == INTUNE) {
		try_pipeline(tap, port);
		try_continue(tap, port);
	}
}

/* False: nothing could be tried, err says why. */
static bool
try_server(struct tap *tap, const char *program, enum server kind, struct err *err)
{
	struct server_process server;
	struct winlogs logs;

	if (!winlogs_open(&logs, err))
		return false;
	const char *args[ARGS_MAX] = {
	    "--listen", "127.0.0.1:0", "--logs", logs.folder, "--quiet"};
	for (size_t i = 0; server_options[kind][i] != NULL; i++)
		args[5 + i] = server_options[kind][i];
	bool is_started = server_process_start(&server, program, args, err);
	if (is_started) {
		play(tap, kind, server.port, &logs);
		server_process_stop(&server);
	}
	winlogs_close(&logs);
	return is_started;
}

int
main(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct tap tap;

	if (argc != 2)
		return tap_bail_out("usage: %s MOCKNDES", argv[0]);
	tap_plan(&tap, MANNERS * ROW_CHECKS + EXTRA_CHECKS);
	for (int kind = 0; kind < SERVER_COUNT; kind++)
		if (!try_server(&tap, argv[1], (enum server)kind, &err))
			return tap_bail_out("%s", err.text);
	return tap_end(&tap);
}
