#include "logs/httperr.h"

#include "base/clock.h"
#include "base/mem.h"
#include "logs/field.h"
#include "logs/file.h"

#include <stdlib.h>

/* Windows begins httperr2.log when this one is full (1 MB); here it just grows. */
#define HTTPERR_PATH "Windows/System32/LogFiles/HTTPERR/httperr1.log"

/* Documented for cs-uri; taken for every text from the wire. */
#define HTTPERR_FIELD_MAX 4096

struct httperr_log {
	struct log_file file;
	enum httperr_fields fields;
	struct buf out;
};

static void
httperr_add_text(struct buf *out, struct slice text)
{
	buf_add_char(out, ' ');
	if (text.len == 0)
		buf_add_char(out, '-');
	else
		field_add(out, field_cut(text, HTTPERR_FIELD_MAX),
		    (struct field_style){'+', '+'});
}

static void
httperr_add_number(struct buf *out, unsigned number)
{
	buf_add_char(out, ' ');
	if (number == 0)
		buf_add_char(out, '-');
	else
		buf_add_size(out, number);
}

/*
 * What the newer fields hold. streamid numbers an HTTP/2 stream; a published line
 * of a 2016 server shows "-" for HTTP/1.1 ("... HTTP/1.1 GET / - 503 - N/A -").
 * For streamid_ex and transport no published line is known: "-" is taken over
 * from streamid; for transport "TCP", with and without TLS, since the other
 * transport of that version is QUIC. Both are assumptions.
 */
#define HTTPERR_STREAMID    " -"
#define HTTPERR_STREAMID_EX " -"
#define HTTPERR_TRANSPORT   " TCP"

static const struct {
	const char *after_uri_names, *after_uri;
	const char *last_name, *last;
} field_sets[] = {
    [HTTPERR_2012R2] = {"", "", "", ""},
    [HTTPERR_2016] = {" streamid", HTTPERR_STREAMID, "", ""},
    [HTTPERR_2022] = {" streamid streamid_ex", HTTPERR_STREAMID HTTPERR_STREAMID_EX,
        " transport", HTTPERR_TRANSPORT},
};

void
httperr_line(
    struct buf *out, const struct httperr_record *record, enum httperr_fields fields)
{
	char date[CLOCK_LOG_DATE_SIZE];

	clock_log_date(record->time, date);
	buf_add(out, date, sizeof(date) - 1);
	httperr_add_text(out, record->client_ip);
	httperr_add_number(out, record->client_port);
	httperr_add_text(out, record->server_ip);
	httperr_add_number(out, record->server_port);
	httperr_add_text(out, record->version);
	httperr_add_text(out, record->method);
	httperr_add_text(out, record->uri);
	buf_add_text(out, field_sets[fields].after_uri);
	httperr_add_number(out, record->status);
	httperr_add_number(out, record->has_site ? 1 : 0);
	httperr_add_text(out, slice_of(record->reason));
	httperr_add_text(out, slice_of(record->queue));
	buf_add_text(out, field_sets[fields].last);
	buf_add(out, "\r\n", 2);
}

void
httperr_head(struct buf *out, time_t now, enum httperr_fields fields)
{
	char date[CLOCK_LOG_DATE_SIZE];

	clock_log_date(now, date);
	buf_add_format(out,
	    "#Software: Microsoft HTTP API 2.0\r\n"
	    "#Version: 1.0\r\n"
	    "#Date: %s\r\n"
	    "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri%s"
	    " sc-status s-siteid s-reason s-queuename%s\r\n",
	    date, field_sets[fields].after_uri_names, field_sets[fields].last_name);
}

/* Writes the head if the file was opened just now, and the record if there is one. */
static bool
httperr_append(struct httperr_log *log, time_t now, const struct httperr_record *record,
    struct err *err)
{
	bool is_new;

	if (!log_file_attach(&log->file, now, &is_new, err))
		return false;
	buf_reset(&log->out);
	if (is_new)
		httperr_head(&log->out, now, log->fields);
	if (record != NULL)
		httperr_line(&log->out, record, log->fields);
	return log_file_write(&log->file, buf_bytes(&log->out), err);
}

struct httperr_log *
httperr_open(const char *dir, enum httperr_fields fields, time_t now, struct err *err)
{
	struct httperr_log *log = mem_alloc(sizeof(*log));

	log->fields = fields;
	log_file_init(&log->file, mem_format("%s/%s", dir, HTTPERR_PATH));
	if (!httperr_append(log, now, NULL, err)) {
		httperr_close(log);
		return NULL;
	}
	return log;
}

bool
httperr_write(
    struct httperr_log *log, const struct httperr_record *record, struct err *err)
{
	struct err failure = ERR_INIT;
	bool ok = httperr_append(log, record->time, record, &failure);

	return log_file_tell(&log->file, ok, &failure, err);
}

void
httperr_close(struct httperr_log *log)
{
	if (log == NULL)
		return;
	log_file_clear(&log->file);
	buf_clear(&log->out);
	free(log);
}
