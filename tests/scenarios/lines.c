/*
 * lines: whole lines of the logs, character by character, for requests as the
 * documented devices send them:
 *
 *	lines MOCKNDES
 *
 * What differs from run to run (dates, addresses, ports, sizes, times) is checked for
 * its form and then stands as {name of the field} in the line that is compared.
 */
#include "base/mem.h"
#include "base/parse.h"
#include "scenarios/tap.h"
#include "scenarios/winlogs.h"
#include "support/peer.h"
#include "support/server_process.h"
#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WINDOWS "Mozilla/4.0 (compatible; Win32; NDES client)"
#define IOS     "profiled/1.0 CFNetwork/811.5.4 Darwin/16.6.0"
#define IOS12   "profiled/1.0 CFNetwork/975.0.3 Darwin/18.2.0"
#define ANDROID "Dalvik/2.1.0 (Linux; U; Android 5.0; P01M Build/LRX21V)"
#define MSCEP   "/certsrv/mscep/mscep.dll"
#define CLIENT  MSCEP "/pkiclient.exe"

#define LOG_WAIT_MS 5000

/* One request, and its line in the log with each of the field sets. */
struct sample {
	const char *name;
	const char *scenario;
	bool is_tls;
	const char *target;
	const char *user_agent;
	bool is_httperr; /* the line is in that log, the same with both field sets */
	const char *line;
	const char *line_with_bytes;
	bool has_size; /* that line has the documented sc-bytes: it is no variable */
};

static const struct sample samples[] = {
    {
        .name = "GetCACaps of a Windows client",
        .scenario = "healthy",
        .target = CLIENT "?operation=GetCACaps&message=default",
        .user_agent = WINDOWS,
        .line = "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll/pkiclient.exe "
                "operation=GetCACaps&message=default {s-port} - {c-ip} "
                "Mozilla/4.0+(compatible;+Win32;+NDES+client) - 200 0 0 {time-taken}",
        .line_with_bytes =
            "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll/pkiclient.exe "
            "operation=GetCACaps&message=default {s-port} - {c-ip} "
            "Mozilla/4.0+(compatible;+Win32;+NDES+client) - 200 0 0 186 "
            "{time-taken}",
        .has_size = true,
    },
    {
        .name = "GetCACert of a Windows client",
        .scenario = "healthy",
        .target = CLIENT "?operation=GetCACert&message=default",
        .user_agent = WINDOWS,
        .line = "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll/pkiclient.exe "
                "operation=GetCACert&message=default {s-port} - {c-ip} "
                "Mozilla/4.0+(compatible;+Win32;+NDES+client) - 200 0 0 {time-taken}",
        .line_with_bytes =
            "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll/pkiclient.exe "
            "operation=GetCACert&message=default {s-port} - {c-ip} "
            "Mozilla/4.0+(compatible;+Win32;+NDES+client) - 200 0 0 {sc-bytes} "
            "{time-taken}",
    },
    {
        .name = "GetCACaps of an iOS device",
        .scenario = "healthy",
        .is_tls = true,
        .target = MSCEP "?operation=GetCACaps&message=SCEP%20Authority",
        .user_agent = IOS12,
        .line = "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll "
                "operation=GetCACaps&message=SCEP%20Authority {s-port} - {c-ip} "
                "profiled/1.0+CFNetwork/975.0.3+Darwin/18.2.0 - 200 0 0 {time-taken}",
        .line_with_bytes =
            "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll "
            "operation=GetCACaps&message=SCEP%20Authority {s-port} - {c-ip} "
            "profiled/1.0+CFNetwork/975.0.3+Darwin/18.2.0 - 200 0 0 {sc-bytes} "
            "{time-taken}",
    },
    {
        .name = "GetCACert of an Android device",
        .scenario = "healthy",
        .is_tls = true,
        .target = MSCEP "?operation=GetCACert&message=ca",
        .user_agent = ANDROID,
        .line = "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll "
                "operation=GetCACert&message=ca {s-port} - {c-ip} "
                "Dalvik/2.1.0+(Linux;+U;+Android+5.0;+P01M+Build/LRX21V) - 200 0 0 "
                "{time-taken}",
        .line_with_bytes =
            "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll "
            "operation=GetCACert&message=ca {s-port} - {c-ip} "
            "Dalvik/2.1.0+(Linux;+U;+Android+5.0;+P01M+Build/LRX21V) - 200 0 0 "
            "{sc-bytes} {time-taken}",
    },
    {
        .name = "the 500 of an iOS device",
        .scenario = "impersonation",
        .is_tls = true,
        .target = MSCEP "?operation=GetCACert&message=SCEP%20Authority",
        .user_agent = IOS,
        .line = "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll "
                "operation=GetCACert&message=SCEP%20Authority {s-port} - {c-ip} "
                "profiled/1.0+CFNetwork/811.5.4+Darwin/16.6.0 - 500 0 1346 "
                "{time-taken}",
        .line_with_bytes =
            "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll "
            "operation=GetCACert&message=SCEP%20Authority {s-port} - {c-ip} "
            "profiled/1.0+CFNetwork/811.5.4+Darwin/16.6.0 - 500 0 1346 {sc-bytes} "
            "{time-taken}",
    },
    {
        .name = "the 500 of a Windows client",
        .scenario = "impersonation",
        .target = CLIENT "?operation=GetCACert&message=default",
        .user_agent = WINDOWS,
        .line = "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll/pkiclient.exe "
                "operation=GetCACert&message=default {s-port} - {c-ip} "
                "Mozilla/4.0+(compatible;+Win32;+NDES+client) - 500 0 1346 "
                "{time-taken}",
        .line_with_bytes =
            "{date} {time} {s-ip} GET /certsrv/mscep/mscep.dll/pkiclient.exe "
            "operation=GetCACert&message=default {s-port} - {c-ip} "
            "Mozilla/4.0+(compatible;+Win32;+NDES+client) - 500 0 1346 {sc-bytes} "
            "{time-taken}",
    },
    {
        .name = "the 414 of a Windows client",
        .scenario = "uri-too-long:limit=50",
        .target = CLIENT "?operation=PKIOperation&message=MIIIAAYJKoZIhvcNAQcCoIIH8",
        .user_agent = WINDOWS,
        .is_httperr = true,
        .line = "{date} {time} {c-ip} {c-port} {s-ip} {s-port} HTTP/1.1 GET "
                "/certsrv/mscep/mscep.dll/pkiclient.exe?operation=PKIOperation"
                "&message=MIIIAAYJKoZIhvcNAQcCoIIH8 414 - URL_Length -",
        .line_with_bytes = "{date} {time} {c-ip} {c-port} {s-ip} {s-port} HTTP/1.1 GET "
                           "/certsrv/mscep/mscep.dll/pkiclient.exe?operation=PKIOperation"
                           "&message=MIIIAAYJKoZIhvcNAQcCoIIH8 414 - URL_Length -",
    },
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static const char *const iis_heads[] = {
    "#Software: Microsoft Internet Information Services 8.5\r\n"
    "#Version: 1.0\r\n"
    "#Date: {date} {time}\r\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username "
    "c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status "
    "time-taken\r\n",
    "#Software: Microsoft Internet Information Services 8.5\r\n"
    "#Version: 1.0\r\n"
    "#Date: {date} {time}\r\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username "
    "c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status sc-bytes "
    "time-taken\r\n",
};
static const char httperr_head[] =
    "#Software: Microsoft HTTP API 2.0\r\n"
    "#Version: 1.0\r\n"
    "#Date: {date} {time}\r\n"
    "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status "
    "s-siteid s-reason s-queuename\r\n";

/* What is known of the request whose line is looked at. */
struct facts {
	unsigned port;
	size_t bytes; /* of the whole answer */
	bool has_size;
};

/* '0' in the form stands for a digit. */
static bool
has_form(struct slice text, const char *form)
{
	if (text.len != strlen(form))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (form[i] == '0' ? !isdigit((unsigned char)text.text[i])
		                   : form[i] != text.text[i])
			return false;
	return true;
}

static bool
is_number(struct slice text, size_t min, size_t max)
{
	size_t number;

	return parse_size(text, max, &number) && number >= min;
}

/* True: a field that differs from run to run, and this is a value it may have. */
static bool
is_variable(struct slice field, struct slice value, const struct facts *facts)
{
	if (slice_is(field, "date"))
		return has_form(value, "0000-00-00");
	if (slice_is(field, "time"))
		return has_form(value, "00:00:00");
	if (slice_is(field, "s-ip") || slice_is(field, "c-ip"))
		return slice_is(value, "127.0.0.1");
	if (slice_is(field, "s-port"))
		return is_number(value, facts->port, facts->port);
	if (slice_is(field, "c-port"))
		return is_number(value, 1, 65535);
	if (slice_is(field, "sc-bytes"))
		return !facts->has_size && is_number(value, facts->bytes, facts->bytes);
	return slice_is(field, "time-taken") && is_number(value, 0, 60000);
}

/* The record with {name} for what differs; yours. */
static char *
mask_record(const struct winlog *log, const struct facts *facts)
{
	struct buf out = BUF_INIT;
	struct slice value;

	for (size_t i = 0; (value = winlog_word(log->record, i)).len > 0; i++) {
		struct slice field = winlog_word(log->fields, i);

		if (i > 0)
			buf_add_char(&out, ' ');
		if (is_variable(field, value, facts))
			buf_add_format(&out, "{%.*s}", (int)field.len, field.text);
		else
			buf_add_slice(&out, value);
	}
	return buf_string(&out);
}

/* The head of the log with {date} {time} for what differs; yours. */
static char *
mask_head(const struct winlog *log)
{
	static const char key[] = "#Date: ";
	char *head = slice_string(log->head);
	char *date = strstr(head, key);
	char *ret = NULL;

	if (date != NULL && strlen(date) > strlen(key) + 19 &&
	    has_form((struct slice){date + strlen(key), 19}, "0000-00-00 00:00:00")) {
		date += strlen(key);
		ret = mem_format(
		    "%.*s{date} {time}%s", (int)(date - head), head, date + 19);
		free(head);
	}
	return ret != NULL ? ret : head;
}

static void
compare(struct tap *tap, const char *got, const char *want, const char *name,
    const char *fields)
{
	if (!tap_check(tap, strcmp(got, want) == 0, "%s, fields %s", name, fields))
		tap_note("want: %s\ngot:  %s", want, got);
}

/* Sends the sample's request; the size of its answer, 0: none came. */
static size_t
ask(const struct sample *sample, const struct server_process *server, unsigned port)
{
	struct err err = ERR_INIT;
	SSL_CTX *tls = sample->is_tls ? peer_trust(server->ca_path, &err) : NULL;
	struct peer_answer answer = PEER_ANSWER_INIT;
	struct buf request = BUF_INIT;
	struct peer peer;
	size_t size = 0;

	buf_add_format(&request,
	    "GET %s HTTP/1.1\r\nHost: localhost\r\nUser-Agent: %s\r\n"
	    "Cache-Control: no-cache\r\n\r\n",
	    sample->target, sample->user_agent);
	if (peer_open(&peer, port, tls) && peer_send(&peer, buf_bytes(&request)) &&
	    peer_receive(&peer, false, &answer))
		size = answer.head.len + answer.body.len;
	peer_close(&peer);
	peer_answer_clear(&answer);
	buf_clear(&request);
	SSL_CTX_free(tls);
	return size;
}

static void
check_lines(struct tap *tap, const struct sample *sample, struct winlogs *logs,
    const struct facts *facts, bool with_bytes)
{
	struct winlog *log = sample->is_httperr ? &logs->httperr : &logs->iis;
	const char *fields = with_bytes ? "sc-bytes" : "default";
	const char *want = with_bytes ? sample->line_with_bytes : sample->line;

	winlog_await(log, 1, LOG_WAIT_MS);
	char *line = mask_record(log, facts);
	char *head = mask_head(log);
	compare(tap, line, want, sample->name, fields);
	compare(tap, head, sample->is_httperr ? httperr_head : iis_heads[with_bytes],
	    "  the log's head", fields);
	free(line);
	free(head);
}

/* False: nothing could be tried, err says why. */
static bool
try_sample(struct tap *tap, const char *program, const struct sample *sample,
    bool with_bytes, struct err *err)
{
	struct server_process server;
	struct winlogs logs;
	struct facts facts = {.has_size = sample->has_size};

	if (!winlogs_open(&logs, err))
		return false;
	const char *args[] = {"--scenario", sample->scenario, "--server-version",
	    "2012r2", "--listen", "127.0.0.1:0", "--tls", "127.0.0.1:0", "--logs",
	    logs.folder, "--log-fields", with_bytes ? "sc-bytes" : "default", "--quiet",
	    NULL};
	bool is_started = server_process_start(&server, program, args, err);
	if (is_started) {
		facts.port = sample->is_tls ? server.tls_port : server.port;
		facts.bytes = ask(sample, &server, facts.port);
		check_lines(tap, sample, &logs, &facts, with_bytes);
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
	tap_plan(&tap, SAMPLES * 4);
	for (size_t i = 0; i < SAMPLES; i++)
		for (int with_bytes = 0; with_bytes < 2; with_bytes++)
			if (!try_sample(&tap, argv[1], &samples[i], with_bytes, &err))
				return tap_bail_out("%s", err.text);
	return tap_end(&tap);
}
